import type { StateEntry } from "./filter-state.ts";

/** What sets the connections of one pool apart from those of others to the same endpoint. */
export interface PoolVariant {
  /** Equal for requests that may share connections. */
  readonly key: string;
  /** The connections speak no HTTP, and each serves once. */
  readonly isRaw: boolean;
  /** What connections within the worker carry along. */
  readonly state: readonly StateEntry[];
}

/** Connections as the cluster's configuration has them. */
export const PLAIN_VARIANT: PoolVariant = { key: "", isRaw: false, state: [] };

/** Connections that carry payload alone. */
export const RAW_VARIANT: PoolVariant = { key: "raw", isRaw: true, state: [] };
