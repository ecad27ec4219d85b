import { HEADER_NAMES } from "../../../../api/engine/header-names.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { toAsciiLowerCase } from "./hash-table.ts";

const IDS = new Map(HEADER_NAMES.map((name, id) => [name, id]));

/** Which way a message goes. */
export type Direction = "request" | "response";

/**
 * Headers of which Envoy keeps one line: a further value goes behind a comma. It has others as
 * separate lines, `cookie` and `set-cookie` among them. As seen with Envoy 1.40.
 */
const JOINED: Readonly<Record<Direction, ReadonlySet<string>>> = {
  request: new Set([
    ...["accept", "accept-encoding", "authorization", "cache-control", "connection"],
    ...["content-encoding", "content-length", "content-type", "expect", "grpc-accept-encoding"],
    ...["grpc-timeout", "if-match", "if-modified-since", "if-none-match", "if-range"],
    ...["if-unmodified-since", "keep-alive", "origin", "pragma", "proxy-connection"],
    ...["proxy-status", "referer", "te", "transfer-encoding", "upgrade", "user-agent", "via"],
    ...["access-control-request-headers", "access-control-request-method"],
    ...["access-control-request-private-network", "x-client-trace-id", "x-request-id"],
    ...["x-forwarded-client-cert", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port"],
    ...["x-forwarded-proto", "x-envoy-attempt-count", "x-envoy-decorator-operation"],
    ...["x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node"],
    ...["x-envoy-expected-rq-timeout-ms", "x-envoy-external-address", "x-envoy-force-trace"],
    ...["x-envoy-hedge-on-per-try-timeout", "x-envoy-internal", "x-envoy-ip-tags"],
    ...["x-envoy-is-timeout-retry", "x-envoy-max-retries", "x-envoy-original-host"],
    ...["x-envoy-original-path", "x-envoy-retriable-header-names"],
    ...["x-envoy-retriable-status-codes", "x-envoy-retry-grpc-on", "x-envoy-retry-on"],
    ...["x-envoy-upstream-alt-stat-name", "x-envoy-upstream-rq-per-try-timeout-ms"],
    ...["x-envoy-upstream-rq-timeout-alt-response", "x-envoy-upstream-rq-timeout-ms"],
    "x-envoy-upstream-stream-duration-ms",
  ]),
  response: new Set([
    ...["age", "cache-control", "connection", "content-encoding", "content-length"],
    ...["content-type", "date", "etag", "expires", "grpc-message", "grpc-status", "keep-alive"],
    ...["last-modified", "location", "proxy-connection", "proxy-status", "server"],
    ...["transfer-encoding", "upgrade", "vary", "via", "x-request-id"],
    ...["access-control-allow-credentials", "access-control-allow-headers"],
    ...["access-control-allow-methods", "access-control-allow-origin"],
    ...["access-control-allow-private-network", "access-control-expose-headers"],
    ...["access-control-max-age", "x-envoy-attempt-count", "x-envoy-decorator-operation"],
    ...["x-envoy-degraded", "x-envoy-immediate-health-check-fail", "x-envoy-ratelimited"],
    ...["x-envoy-upstream-canary", "x-envoy-upstream-healthchecked-cluster"],
    "x-envoy-upstream-service-time",
  ]),
};

/** Whether several values of a header are one line, joined by commas. */
export function isJoined(name: string, direction: Direction): boolean {
  return JOINED[direction].has(toAsciiLowerCase(name));
}

/** The name by which the engine knows a header: in lower case, `:authority` for `host`. */
function engineHeaderName(name: string): string {
  const lower = toAsciiLowerCase(name);
  return lower === "host" ? ":authority" : lower;
}

/** Writes the name of a header as a text at `field`, and its number at `idField`. */
export function writeHeaderName(
  writer: ImageWriter,
  field: number,
  idField: number,
  name: string,
): void {
  const known = engineHeaderName(name);
  writer.setText(field, known);
  writer.setUint32(idField, IDS.get(known) ?? 0);
}
