/** An ambiguous request, and the only answer to it. */
export interface Attack {
  readonly name: string;
  readonly bytes: string;
  /** 400 unless said otherwise. */
  readonly status?: number;
  /** Envoy RESPONSE_CODE_DETAILS. */
  readonly details: string;
}

/** What should never become a request of its own. */
export const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: b\r\n\r\n";

/** The end of a chunked body. */
export const EMPTY_CHUNKED = "0\r\n\r\n";

/** Details of what the codec has no special name for. */
export const CODEC = "http1.codec_error";

/** Details of bytes where they may not be. */
export const CHARACTERS = "http1.invalid_characters";

/** A request head with a Host. */
export function toHead(fields: readonly string[], start = "POST / HTTP/1.1"): string {
  return [start, "Host: b", ...fields, "", ""].join("\r\n");
}
