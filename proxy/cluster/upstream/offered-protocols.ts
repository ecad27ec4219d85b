import type { HttpCodec } from "../../config/model.ts";

/** What Envoy offers by ALPN where the TLS of the cluster names nothing. */
const DEFAULTS: Readonly<Record<HttpCodec, readonly string[]>> = {
  http1: ["http/1.1"],
  http2: ["h2"],
  auto: ["h2", "http/1.1"],
};

/**
 * What a connection offers by ALPN: of what the cluster's TLS names, that which it can speak.
 *
 * @param codec Null for a connection that speaks no HTTP: it offers what is named, and no more.
 */
export function offeredProtocols(
  named: readonly string[],
  codec: HttpCodec | null,
): readonly string[] {
  if (codec === null) return named;
  if (named.length === 0) return DEFAULTS[codec];
  return named.filter((name) => {
    return name === "h2" ? codec !== "http1" : codec !== "http2" && name.startsWith("http/1.");
  });
}
