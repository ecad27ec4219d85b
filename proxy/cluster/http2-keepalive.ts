import type { KeepaliveModel } from "../config/model.ts";
import { Deadline, type DeadlineQueue } from "../timer/deadline.ts";

/** A connection of HTTP/2, as those see it who want to know whether its peer is still there. */
export interface KeepaliveConnection {
  /** Sends PING. */
  ping(): void;
  /** How many answers to PING came. */
  readonly pingsAnswered: number;
  /** No answer came, and nothing else. */
  onSilent(): void;
}

/** How long a peer has to acknowledge our SETTINGS, in milliseconds. RFC 9113 §6.5.3 names none. */
export const ACKNOWLEDGE_MS = 30_000;
/** Lengths of the interval that jitter makes: each has a timer. */
const JITTER_STEPS = 16;

/**
 * Envoy's `connection_keepalive` of one connection: asks now and then whether the peer is there,
 * and gives the connection up when nothing comes.
 */
export class Http2Keepalive {
  readonly #model: KeepaliveModel;
  readonly #deadlines: DeadlineQueue;
  readonly #connection: KeepaliveConnection;
  readonly #interval: Deadline;
  readonly #timeout: Deadline;
  /** Answers before the one that is waited for. */
  #answeredBefore = 0;
  #lastReadMs: number;
  readonly #random: () => number;

  /** Begins with the first interval. */
  constructor(
    model: KeepaliveModel,
    deadlines: DeadlineQueue,
    connection: KeepaliveConnection,
    nowMs: number,
    random: () => number = Math.random,
  ) {
    this.#model = model;
    this.#deadlines = deadlines;
    this.#connection = connection;
    this.#interval = new Deadline(() => this.#ask(performance.now()));
    this.#timeout = new Deadline(() => connection.onSilent());
    this.#lastReadMs = nowMs;
    this.#random = random;
    this.#startInterval(nowMs);
  }

  /** Something came, and was worked on. Hot. */
  onRead(nowMs: number): void {
    this.#lastReadMs = nowMs;
    if (!this.#timeout.isStarted) return;
    if (this.#connection.pingsAnswered > this.#answeredBefore) {
      this.#timeout.cancel();
      this.#startInterval(nowMs);
    } else {
      // The answer may be behind what came.
      this.#deadlines.start(this.#timeout, this.#model.timeoutMs, nowMs);
    }
  }

  /** A stream is about to be opened. */
  onStream(nowMs: number): void {
    const { idleIntervalMs } = this.#model;
    if (idleIntervalMs > 0 && nowMs - this.#lastReadMs > idleIntervalMs) this.#ask(nowMs);
  }

  /** The connection is gone. */
  cancel(): void {
    this.#interval.cancel();
    this.#timeout.cancel();
  }

  #startInterval(nowMs: number): void {
    const { intervalMs, jitterRatio } = this.#model;
    if (intervalMs === 0) return;
    const step = Math.floor(this.#random() * JITTER_STEPS) / JITTER_STEPS;
    const jitterMs = Math.floor(step * jitterRatio * intervalMs);
    this.#deadlines.start(this.#interval, intervalMs + jitterMs, nowMs);
  }

  #ask(nowMs: number): void {
    if (this.#timeout.isStarted) return;
    this.#answeredBefore = this.#connection.pingsAnswered;
    this.#connection.ping();
    this.#deadlines.start(this.#timeout, this.#model.timeoutMs, nowMs);
  }
}
