import type { DownstreamOrigin } from "../../cluster/variant/downstream-origin.ts";
import type { HttpConnectionManagerModel } from "../../config/model.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ConnectionTarget } from "../connection-target.ts";
import type { StreamPool } from "../stream-pool.ts";
import type { ConnectionTimer } from "./connection-timer.ts";

/** A downstream connection as its codec sees it: the socket, its times and its statistics. */
export interface ConnectionHost {
  readonly streams: StreamPool;
  readonly engine: Engine;
  readonly timer: ConnectionTimer;
  readonly reading: Transport;
  /** Address of the engine's record; 0 once closed. */
  readonly record: number;
  /** What upstreams may be told of it. */
  readonly origin: DownstreamOrigin;
  /** What it runs with. */
  readonly target: ConnectionTarget;
  readonly manager: HttpConnectionManagerModel;
  /** How much may wait to be written before no more is read for it. */
  readonly bufferBytesMax: number;
  /** True when so much waits to be written that no more should be read for it. */
  readonly isFull: boolean;
  /** True when no more requests are served. */
  readonly isClosing: boolean;
  /** Runs with another snapshot from now on. */
  move(target: ConnectionTarget): void;
  /** Writes the engine's output. Hot. */
  writeOutput(): void;
  /** Goes on reading. */
  resumeReading(): void;
  /** Stops reading what cannot be sent on. */
  pushBack(): void;
  /** A request was answered. Hot. */
  onUsed(): void;
  /** Sends what waits, then closes: the peer gets `delayed_close_timeout` to close first. */
  close(): void;
  /** The same where nobody can lose anything by it. */
  closeCleanly(): void;
  /** The peer closed, or broke the connection. */
  onPeerGone(): void;
  /** Closes at once. */
  destroy(): void;
  /** Adds to a counter of the connection manager: `HTTP_*`. */
  count(counter: number, by: number): void;
}

/** A codec of HTTP/2 as its lanes see it. */
export interface LaneHost {
  readonly connection: ConnectionHost;
  /** Writes soon what the engine has gathered. */
  flushLater(): void;
  /** The request of the lane with that record is over, or given up. */
  endLane(record: number, nowMs: number): void;
}
