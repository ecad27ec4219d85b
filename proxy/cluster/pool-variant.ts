import type { HttpProtocol } from "../config/model.ts";
import type { StateEntry } from "./filter-state.ts";

/** What sets the connections of one pool apart from those of others to the same endpoint. */
export interface PoolVariant {
  /** Equal for requests that may share connections. */
  readonly key: string;
  /** The connections speak no HTTP, and each serves once. */
  readonly isRaw: boolean;
  /** What the connections speak, where that is not the cluster's `codec`. */
  readonly codec: HttpProtocol | null;
  /** What connections within the worker carry along. */
  readonly state: readonly StateEntry[];
}

/** Connections as the cluster's configuration has them. */
export const PLAIN_VARIANT: PoolVariant = { key: "", isRaw: false, codec: null, state: [] };

/** Connections that carry payload alone. */
export const RAW_VARIANT: PoolVariant = { key: "raw", isRaw: true, codec: null, state: [] };

/** Connections in another version of HTTP than the cluster's own. */
export const PROTOCOL_VARIANTS: Readonly<Record<HttpProtocol, PoolVariant>> = {
  http1: { key: "http1", isRaw: false, codec: "http1", state: [] },
  http2: { key: "http2", isRaw: false, codec: "http2", state: [] },
};
