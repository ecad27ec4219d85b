import type { Cluster } from "../cluster/cluster.ts";
import type { HttpConnectionManagerModel } from "../config/model.ts";

/** A loaded snapshot, as connections see it. */
export interface SnapshotUse {
  /** Address of the engine image. */
  readonly image: number;
  readonly clusters: readonly Cluster[];
  use(): void;
  leave(): void;
}

/** What a connection runs with: a snapshot and one connection manager in it. */
export interface ConnectionTarget {
  readonly snapshot: SnapshotUse;
  readonly manager: HttpConnectionManagerModel;
}
