import { HCM_STREAM_IDLE_TIMEOUT_MS } from "../../../api/engine/image.ts";
import {
  HTTP_DOWNSTREAM_CX_IDLE_TIMEOUT,
  HTTP_DOWNSTREAM_RQ_HEADER_TIMEOUT,
  HTTP_DOWNSTREAM_RQ_IDLE_TIMEOUT,
  HTTP_DOWNSTREAM_RQ_TIMEOUT,
} from "../../../api/engine/stats.ts";
import type { HttpConnectionManagerModel } from "../../config/model.ts";
import type { Engine } from "../../engine/engine.ts";
import { Deadline, type DeadlineQueue } from "../../timer/deadline.ts";
import { type Failure, idleTimeout, REQUEST_HEADER_TIMEOUT, REQUEST_TIMEOUT } from "../failure.ts";

/** Who hears of the timer. */
export interface ConnectionTimerListener {
  /** No request came for `idle_timeout`. */
  onIdle(): void;
  /** A head did not come in full in time. */
  onHeadTimeout(failure: Failure): void;
  /** The peer did not close in time. */
  onCloseTimeout(): void;
  /** Adds one to a counter of the connection manager: `HTTP_*`. */
  count(counter: number): void;
}

/** What is still to be written to a connection that closes. */
interface Waiting {
  readonly waitingBytes: number;
}

/** What a connection waits for while it serves no request. */
type Phase = "none" | "idle" | "head" | "close";

/**
 * The one timer of a downstream connection between two requests: for a request to begin, for its
 * head to come in full, or for the peer to close.
 */
export class ConnectionTimer {
  readonly #deadlines: DeadlineQueue;
  readonly #listener: ConnectionTimerListener;
  readonly #deadline: Deadline;
  #phase: Phase = "none";
  #headStartMs = 0;
  #headFailure: Failure = REQUEST_HEADER_TIMEOUT;
  #headCounter = 0;
  #closeMs = 0;
  #waiting: Waiting | null = null;
  #waitingBytes = 0;

  constructor(deadlines: DeadlineQueue, listener: ConnectionTimerListener) {
    this.#deadlines = deadlines;
    this.#listener = listener;
    this.#deadline = new Deadline(() => this.#onExpire());
  }

  /** Waits for a request. Hot. */
  startIdle(manager: HttpConnectionManagerModel, nowMs: number): void {
    this.#phase = "idle";
    const idleMs = manager.idleTimeoutMs;
    if (idleMs > 0) this.#deadlines.start(this.#deadline, idleMs, nowMs);
  }

  /** Waits for a request, from the moment that this began. */
  keepIdle(manager: HttpConnectionManagerModel, nowMs: number): void {
    if (this.#phase !== "idle") this.startIdle(manager, nowMs);
  }

  /**
   * Waits for the rest of a head whose first byte is there: for the shortest of three times. Does
   * nothing when it waits for one already.
   *
   * @param record Address of the connection manager's record.
   */
  startHead(
    manager: HttpConnectionManagerModel,
    engine: Engine,
    record: number,
    nowMs: number,
  ): void {
    if (this.#phase === "head") return;
    this.#phase = "head";
    this.#headStartMs = nowMs;
    this.#deadline.cancel();
    let shortestMs = Number.POSITIVE_INFINITY;
    const consider = (ms: number, failure: Failure, counter: number): void => {
      if (ms === 0 || ms >= shortestMs) return;
      shortestMs = ms;
      this.#headFailure = failure;
      this.#headCounter = counter;
    };
    const { requestHeadersTimeoutMs, requestTimeoutMs } = manager;
    consider(requestHeadersTimeoutMs, REQUEST_HEADER_TIMEOUT, HTTP_DOWNSTREAM_RQ_HEADER_TIMEOUT);
    consider(requestTimeoutMs, REQUEST_TIMEOUT, HTTP_DOWNSTREAM_RQ_TIMEOUT);
    const idleMs = engine.field(record, HCM_STREAM_IDLE_TIMEOUT_MS);
    consider(idleMs, idleTimeout(false), HTTP_DOWNSTREAM_RQ_IDLE_TIMEOUT);
    if (shortestMs < Number.POSITIVE_INFINITY) {
      this.#deadlines.start(this.#deadline, shortestMs, nowMs);
    }
  }

  /** True while it waits for the rest of a head. */
  get isAtHead(): boolean {
    return this.#phase === "head";
  }

  /** A head is whole. Returns when its first byte came. Hot. */
  endHead(nowMs: number): number {
    const startMs = this.#phase === "head" ? this.#headStartMs : nowMs;
    this.#phase = "none";
    this.#deadline.cancel();
    return startMs;
  }

  /**
   * Waits for the peer to close, for `delayed_close_timeout` from the last time that it took some
   * of what waits to be written. Without that timeout a peer may take its time as an idle one may.
   */
  startClose(manager: HttpConnectionManagerModel, waiting: Waiting, nowMs: number): void {
    this.#phase = "close";
    this.#waiting = waiting;
    this.#waitingBytes = waiting.waitingBytes;
    const { delayedCloseTimeoutMs, idleTimeoutMs } = manager;
    this.#closeMs = delayedCloseTimeoutMs > 0 ? delayedCloseTimeoutMs : idleTimeoutMs;
    this.#deadline.cancel();
    if (this.#closeMs > 0) this.#deadlines.start(this.#deadline, this.#closeMs, nowMs);
  }

  /** Waits for nothing. */
  cancel(): void {
    this.#phase = "none";
    this.#deadline.cancel();
  }

  #onExpire(): void {
    const phase = this.#phase;
    if (phase === "close") {
      this.#onCloseExpired();
      return;
    }
    this.#phase = "none";
    if (phase === "head") {
      this.#listener.count(this.#headCounter);
      this.#listener.onHeadTimeout(this.#headFailure);
    } else {
      this.#listener.count(HTTP_DOWNSTREAM_CX_IDLE_TIMEOUT);
      this.#listener.onIdle();
    }
  }

  #onCloseExpired(): void {
    const left = this.#waiting?.waitingBytes ?? 0;
    if (left < this.#waitingBytes) {
      this.#waitingBytes = left;
      this.#deadlines.start(this.#deadline, this.#closeMs, performance.now());
      return;
    }
    this.#listener.onCloseTimeout();
  }
}
