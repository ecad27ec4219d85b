import type { SnapshotUse } from "../cluster/snapshot-use.ts";
import type { TcpProxyModel } from "../config/model.ts";

/** What a connection runs with: a snapshot and one TCP proxy in it. */
export interface TcpTarget {
  readonly snapshot: SnapshotUse;
  readonly proxy: TcpProxyModel;
}
