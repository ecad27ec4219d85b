import {
  STATE_REQUEST_END,
  STATE_RESPONSE_BEGUN,
  STATE_TIMEOUT_NO_CONTENT,
  STREAM_STATE,
  STREAM_TIMEOUT_MS,
  STREAM_TRY_DURATION_MAX_MS,
  STREAM_TRY_TIMEOUT_MS,
} from "../../api/engine/layout.ts";
import {
  UPSTREAM_UPSTREAM_RQ_MAX_DURATION_REACHED,
  UPSTREAM_UPSTREAM_RQ_PER_TRY_TIMEOUT,
  UPSTREAM_UPSTREAM_RQ_TIMEOUT,
} from "../../api/engine/stats.ts";
import { Deadline, type DeadlineQueue } from "../timer/deadline.ts";
import {
  type Failure,
  RESPONSE_TIMEOUT,
  TRY_TIMEOUT,
  tryDurationTimeout,
  withoutContent,
} from "./failure.ts";

/** Where the fields of a stream are read. */
interface Fields {
  field(record: number, offset: number): number;
}

/** Who hears of the timer: how the stream fails, and a counter of the cluster: `UPSTREAM_*`. */
export type OnUpstreamLate = (failure: Failure, counter: number) => void;

/**
 * How long the upstream of a stream may take: in all, from the end of the request on, and for one
 * attempt. Pooled with its stream.
 */
export class UpstreamTimer {
  readonly #fields: Fields;
  readonly #deadlines: DeadlineQueue;
  readonly #onLate: OnUpstreamLate;
  readonly #timeout: Deadline;
  readonly #try: Deadline;
  readonly #tryDuration: Deadline;
  #record = 0;

  constructor(fields: Fields, deadlines: DeadlineQueue, onLate: OnUpstreamLate) {
    this.#fields = fields;
    this.#deadlines = deadlines;
    this.#onLate = onLate;
    this.#timeout = new Deadline(() => this.#onTimeout());
    this.#try = new Deadline(() => this.#onTryTimeout());
    this.#tryDuration = new Deadline(() => this.#onTryTooLong());
  }

  /** Takes the stream whose record is at `record`. */
  open(record: number): void {
    this.#record = record;
  }

  /** The request is whole, on a connection or before it has one. Hot. */
  onRequestWhole(nowMs: number): void {
    if (!this.#timeout.isStarted) this.#start(this.#timeout, STREAM_TIMEOUT_MS, nowMs);
  }

  /** An attempt has a connection. Hot. */
  onAttempt(nowMs: number): void {
    this.#start(this.#tryDuration, STREAM_TRY_DURATION_MAX_MS, nowMs);
  }

  /** The request is whole and on a connection. Hot. */
  onAttemptWhole(nowMs: number): void {
    this.#start(this.#try, STREAM_TRY_TIMEOUT_MS, nowMs);
  }

  /** The attempt is over, the stream is not. */
  endAttempt(): void {
    this.#try.cancel();
    this.#tryDuration.cancel();
  }

  /** The stream is over. */
  close(): void {
    this.#timeout.cancel();
    this.endAttempt();
  }

  #start(deadline: Deadline, field: number, nowMs: number): void {
    const ms = this.#fields.field(this.#record, field);
    if (ms > 0) this.#deadlines.start(deadline, ms, nowMs);
  }

  #has(state: number): boolean {
    return (this.#fields.field(this.#record, STREAM_STATE) & state) !== 0;
  }

  #onTimeout(): void {
    this.#onLate(this.#chosen(RESPONSE_TIMEOUT), UPSTREAM_UPSTREAM_RQ_TIMEOUT);
  }

  #onTryTimeout(): void {
    // A response that has begun may go on for as long as the whole may take.
    if (this.#has(STATE_RESPONSE_BEGUN)) return;
    this.#onLate(this.#chosen(TRY_TIMEOUT), UPSTREAM_UPSTREAM_RQ_PER_TRY_TIMEOUT);
  }

  #onTryTooLong(): void {
    const failure = tryDurationTimeout(this.#has(STATE_REQUEST_END));
    this.#onLate(failure, UPSTREAM_UPSTREAM_RQ_MAX_DURATION_REACHED);
  }

  /** `x-envoy-upstream-rq-timeout-alt-response` changes how a timeout is answered. */
  #chosen(failure: Failure): Failure {
    return this.#has(STATE_TIMEOUT_NO_CONTENT) ? withoutContent(failure) : failure;
  }
}
