import type { Cluster } from "./cluster.ts";

/** A loaded snapshot, as connections see it. */
export interface SnapshotUse {
  /** Address of the engine image. */
  readonly image: number;
  readonly clusters: readonly Cluster[];
  use(): void;
  leave(): void;
}
