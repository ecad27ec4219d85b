import {
  TCP_IDLE_TIMEOUT,
  TCP_MAX_DOWNSTREAM_CONNECTION_DURATION,
} from "../../api/engine/network/tcp-stats.ts";
import { RESPONSE_FLAG_DT } from "../../api/engine/response-flags.ts";
import type { TcpProxyModel } from "../config/model.ts";
import { Deadline, type DeadlineQueue } from "../timer/deadline.ts";

/** Who hears of the timer. */
export interface TcpTimerListener {
  /** A time is over, also while the connection closes: a `TCP_*`, a `RESPONSE_FLAG_*` or -1. */
  onLate(counter: number, flag: number): void;
  /** A line is to be logged of the connection, which lives on. */
  onLogDue(): void;
}

/** The times of one connection in TCP. */
export class TcpTimer {
  readonly #deadlines: DeadlineQueue;
  readonly #proxy: TcpProxyModel;
  readonly #idle: Deadline;
  readonly #duration: Deadline;
  readonly #log: Deadline;

  constructor(deadlines: DeadlineQueue, proxy: TcpProxyModel, listener: TcpTimerListener) {
    this.#deadlines = deadlines;
    this.#proxy = proxy;
    this.#idle = new Deadline(() => listener.onLate(TCP_IDLE_TIMEOUT, -1));
    this.#duration = new Deadline(() => {
      listener.onLate(TCP_MAX_DOWNSTREAM_CONNECTION_DURATION, RESPONSE_FLAG_DT);
    });
    this.#log = new Deadline(() => {
      listener.onLogDue();
      this.#deadlines.start(this.#log, this.#proxy.logIntervalMs, performance.now());
    });
  }

  /** The connection begins. */
  start(nowMs: number): void {
    const { durationMaxMs, logIntervalMs } = this.#proxy;
    this.touch(nowMs);
    if (durationMaxMs > 0) this.#deadlines.start(this.#duration, durationMaxMs, nowMs);
    if (logIntervalMs > 0) this.#deadlines.start(this.#log, logIntervalMs, nowMs);
  }

  /** Something moved: the idle time begins again. Hot. */
  touch(nowMs: number): void {
    const { idleTimeoutMs } = this.#proxy;
    if (idleTimeoutMs > 0) this.#deadlines.start(this.#idle, idleTimeoutMs, nowMs);
  }

  /** No more is logged of the connection; its peer has the same times to take what is left. */
  startClose(): void {
    this.#log.cancel();
    this.touch(performance.now());
  }

  /** Waits for nothing. */
  close(): void {
    this.#idle.cancel();
    this.#duration.cancel();
    this.#log.cancel();
  }
}
