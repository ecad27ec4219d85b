import { HTTP_DOWNSTREAM_CX_MAX_DURATION_REACHED } from "../../../api/engine/stats.ts";
import type { HttpConnectionManagerModel } from "../../config/model.ts";
import { Deadline, type DeadlineQueue } from "../../timer/deadline.ts";

/** A connection that may grow too old. */
export interface AgingConnection {
  readonly manager: HttpConnectionManagerModel;
  /** Has answers say `Connection: close`; closes an idle connection, if it shall. */
  drain(closesIdle: boolean): void;
  /** Adds to a counter of the connection manager: `HTTP_*`. */
  count(counter: number, by: number): void;
}

/**
 * `max_connection_duration` of a downstream connection. When it is over, a connection that was used
 * has `drain_timeout` to be told so by an answer, since the client may be writing a request just
 * now.
 */
export class ConnectionLifetime {
  readonly #deadlines: DeadlineQueue;
  readonly #connection: AgingConnection;
  readonly #deadline: Deadline;
  /** A request was answered. */
  #wasUsed = false;
  #isOver = false;

  constructor(deadlines: DeadlineQueue, connection: AgingConnection) {
    this.#deadlines = deadlines;
    this.#connection = connection;
    this.#deadline = new Deadline(() => this.#onEnd());
  }

  /** The connection begins. */
  start(nowMs: number): void {
    const durationMs = this.#connection.manager.connectionDurationMaxMs;
    if (durationMs > 0) this.#deadlines.start(this.#deadline, durationMs, nowMs);
  }

  /** A request was answered. Hot. */
  onUsed(): void {
    this.#wasUsed = true;
  }

  /** The connection is gone. */
  cancel(): void {
    this.#deadline.cancel();
  }

  #onEnd(): void {
    const connection = this.#connection;
    if (!this.#isOver) connection.count(HTTP_DOWNSTREAM_CX_MAX_DURATION_REACHED, 1);
    const { drainTimeoutMs } = connection.manager;
    const waits = !this.#isOver && this.#wasUsed && drainTimeoutMs > 0;
    this.#isOver = true;
    connection.drain(!waits);
    if (waits) this.#deadlines.start(this.#deadline, drainTimeoutMs, performance.now());
  }
}
