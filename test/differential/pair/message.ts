/** Header lines in the order they came: name and value. */
export type HeaderLines = readonly (readonly [string, string])[];

/** A request as the backend saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  /** Names as they were written. */
  readonly headers: HeaderLines;
  readonly framing: "none" | "length" | "chunked";
  readonly body: string;
  readonly trailers: HeaderLines;
}

/** A response as the client saw it. */
export interface SeenResponse {
  readonly line: string;
  readonly status: number;
  readonly headers: HeaderLines;
  readonly body: string;
  readonly trailers: HeaderLines;
  /** False when the connection ended before the body did. */
  readonly isWhole: boolean;
}

interface Body {
  readonly body: string;
  readonly trailers: HeaderLines;
  readonly length: number;
  readonly isWhole: boolean;
}

/** Reads the request at the front of `text`; `null` when its head is not whole. */
export function readRequest(
  text: string,
): { request: SeenRequest; length: number; isWhole: boolean } | null {
  const head = readHead(text);
  if (head === null) return null;
  const [method, target] = head.line.split(" ");
  const framing = framingOf(head.headers);
  const { body, trailers, length, isWhole } = readBody(text.slice(head.length), head.headers);
  const request = { method, target, headers: head.headers, framing, body, trailers };
  return { request, length: head.length + length, isWhole };
}

/**
 * Reads the response at the front of `text`; `null` when its head is not whole.
 *
 * @param isBodyless True for a response to HEAD.
 * @param hasEnded True when no more will come.
 */
export function readResponse(
  text: string,
  isBodyless: boolean,
  hasEnded: boolean,
): { response: SeenResponse; length: number } | null {
  const head = readHead(text);
  if (head === null) return null;
  const { line, headers } = head;
  const status = Number(line.split(" ")[1]);
  const rest = text.slice(head.length);
  if (isBodyless || status < 200 || status === 204 || status === 304) {
    const empty = { body: "", trailers: [], isWhole: true };
    return { response: { line, status, headers, ...empty }, length: head.length };
  }
  const isUntilClose = framingOf(headers) === "none";
  const found = isUntilClose
    ? { body: rest, trailers: [], length: rest.length, isWhole: hasEnded }
    : readBody(rest, headers);
  const { body, trailers, length, isWhole } = found;
  return {
    response: { line, status, headers, body, trailers, isWhole },
    length: head.length + length,
  };
}

/** The value of the first header of a lower-case name. */
export function headerOf(headers: HeaderLines, name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

function readHead(text: string): { line: string; headers: HeaderLines; length: number } | null {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [line, ...lines] = text.slice(0, end).split("\r\n");
  return { line, headers: lines.map(splitLine), length: end + 4 };
}

function splitLine(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function framingOf(headers: HeaderLines): SeenRequest["framing"] {
  if (headerOf(headers, "transfer-encoding") !== undefined) return "chunked";
  return headerOf(headers, "content-length") === undefined ? "none" : "length";
}

function readBody(text: string, headers: HeaderLines): Body {
  const framing = framingOf(headers);
  if (framing === "none") return { body: "", trailers: [], length: 0, isWhole: true };
  if (framing === "chunked") return readChunks(text);
  const wanted = Number(headerOf(headers, "content-length"));
  const body = text.slice(0, wanted);
  return { body, trailers: [], length: body.length, isWhole: body.length === wanted };
}

function readChunks(text: string): Body {
  let body = "";
  let at = 0;
  for (;;) {
    const end = text.indexOf("\r\n", at);
    if (end < 0) return { body, trailers: [], length: at, isWhole: false };
    const size = Number.parseInt(text.slice(at, end), 16);
    at = end + 2;
    if (size === 0) break;
    body += text.slice(at, at + size);
    at += size + 2;
    if (at > text.length) return { body, trailers: [], length: text.length, isWhole: false };
  }
  if (text.startsWith("\r\n", at)) return { body, trailers: [], length: at + 2, isWhole: true };
  const end = text.indexOf("\r\n\r\n", at);
  if (end < 0) return { body, trailers: [], length: at, isWhole: false };
  const trailers = text.slice(at, end).split("\r\n").map(splitLine);
  return { body, trailers, length: end + 4, isWhole: true };
}
