import type { DownstreamOrigin } from "../cluster/variant/downstream-origin.ts";
import type { SnapshotUse } from "../cluster/snapshot-use.ts";
import type { Engine } from "../engine/engine.ts";
import type { DeadlineQueue } from "../timer/deadline.ts";
import type { TcpTarget } from "./tcp-target.ts";

/** What a connection is told when it is accepted. */
export interface TcpSetup {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  readonly target: TcpTarget;
  /** What upstreams may be told of it. */
  readonly origin: DownstreamOrigin;
  /** Address of the engine's connection record. */
  readonly record: number;
  /** Address of the TCP proxy's statistics. */
  readonly stats: number;
  readonly bufferBytesMax: number;
  /** Lines may have been added to the access logs. */
  readonly afterLog: () => void;
  /** The connection is closed; the engine's record is still there. */
  readonly onClosing: (snapshot: SnapshotUse, receivedBytes: number, sentBytes: number) => void;
  /** The connection is gone, after so many milliseconds. */
  readonly onClose: (lengthMs: number) => void;
}
