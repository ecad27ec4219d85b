import type { HttpProtocol } from "../../config/model.ts";
import type { ConnectionEnds, ConnectionSource } from "../../engine/ends.ts";
import type { ProxyTlv } from "../../proxy-protocol/proxy-header.ts";

/** What upstream connections take from the downstream connection that they are made for. */
export interface DownstreamOrigin {
  /** Who is really at its ends, as far as is known. */
  readonly ends: ConnectionEnds;
  /** Where upstream connections are to come from; null for this machine. */
  readonly source: ConnectionSource | null;
  /** TLVs of the PROXY header that it began with, as far as they are to be passed on. */
  readonly tlvs: readonly ProxyTlv[];
}

/** Whom an upstream connection is for, as far as that decides which may serve. */
export interface PoolClient {
  /** What its request came in; null where it came in none. */
  readonly protocol: HttpProtocol | null;
  /** What upstream connections take from its connection; null where there is none. */
  readonly origin: DownstreamOrigin | null;
}
