import type { ClusterModel } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import type { FlushQueue } from "../engine/flush-queue.ts";
import type { DeadlineQueue } from "../timer/deadline.ts";
import type { ClientTls } from "../tls/client-tls.ts";
import type { InternalDialer } from "./internal-dial.ts";

/** A cluster as its endpoints and connections see it. */
export interface ClusterView {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  readonly model: ClusterModel;
  /** Writes at the end of a turn. */
  readonly flushes: FlushQueue;
  /** Null for plain text. */
  readonly tls: ClientTls | null;
  readonly internal: InternalDialer;
  /** Address of the engine's record. Another one after the cluster moved to another snapshot. */
  readonly record: number;
  /** Adds to a counter or gauge: `UPSTREAM_*`. */
  count(counter: number, by: number): void;
  /** Records milliseconds in a histogram: `UPSTREAM_H_*`. */
  recordTime(histogram: number, valueMs: number): void;
  /** Adds to a count behind the circuit breakers: `BREAKER_*`. */
  addBreaker(column: number, by: number): void;
  /** Whether another connection is allowed. */
  mayConnect(): boolean;
  /** Whether another request may wait for a connection. */
  mayWait(): boolean;
  /** Whether another request may be sent. */
  mayRequest(): boolean;
  /** TLVs did not fit into the PROXY header of a connection. */
  countCutHeader(): void;
  /** A connection closed: requests that wait elsewhere for room may get one. */
  onConnectionClosed(): void;
}
