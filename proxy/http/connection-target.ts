import type { SnapshotUse } from "../cluster/snapshot-use.ts";
import type { HttpConnectionManagerModel } from "../config/model.ts";

/** What a connection runs with: a snapshot and one connection manager in it. */
export interface ConnectionTarget {
  readonly snapshot: SnapshotUse;
  readonly manager: HttpConnectionManagerModel;
}
