import {
  DURATION_OVER,
  STATE_REQUEST_END,
  STREAM_DURATION_MAX_MS,
  STREAM_IDLE_TIMEOUT_MS,
  STREAM_STATE,
} from "../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_RQ_IDLE_TIMEOUT,
  HTTP_DOWNSTREAM_RQ_MAX_DURATION_REACHED,
  HTTP_DOWNSTREAM_RQ_TIMEOUT,
} from "../../api/engine/stats.ts";
import { Deadline, type DeadlineQueue } from "../timer/deadline.ts";
import { durationTimeout, type Failure, idleTimeout, REQUEST_TIMEOUT } from "./failure.ts";

/** Where the times of a request are: the engine. */
interface Fields {
  field(record: number, offset: number): number;
}

/** Who hears of the timer: how the stream fails, and a counter of the manager: `HTTP_*`. */
export type OnDownstreamLate = (failure: Failure, counter: number) => void;

/** What a request may take in all, whatever its upstream does. Made ready again by `open`. */
export class DownstreamTimer {
  readonly #engine: Fields;
  readonly #deadlines: DeadlineQueue;
  readonly #idle: Deadline;
  readonly #duration: Deadline;
  readonly #request: Deadline;
  #record = 0;
  /** Ends a request that has no time at all. */
  #over: NodeJS.Immediate | null = null;

  constructor(engine: Fields, deadlines: DeadlineQueue, onLate: OnDownstreamLate) {
    this.#engine = engine;
    this.#deadlines = deadlines;
    this.#idle = new Deadline(() => {
      onLate(idleTimeout(this.#isRequestWhole), HTTP_DOWNSTREAM_RQ_IDLE_TIMEOUT);
    });
    this.#duration = new Deadline(() => {
      onLate(durationTimeout(this.#isRequestWhole), HTTP_DOWNSTREAM_RQ_MAX_DURATION_REACHED);
    });
    this.#request = new Deadline(() => onLate(REQUEST_TIMEOUT, HTTP_DOWNSTREAM_RQ_TIMEOUT));
  }

  /** The request with that record begins. Hot. */
  open(record: number, nowMs: number): void {
    this.#record = record;
    this.touch(nowMs);
    const durationMs = this.#engine.field(record, STREAM_DURATION_MAX_MS);
    if (durationMs > 0) this.#deadlines.start(this.#duration, durationMs, nowMs);
    // Before any upstream can have answered, as in Envoy.
    else if (durationMs === DURATION_OVER) this.#over = setImmediate(this.#duration.onExpire);
  }

  /** The rest of the request is to come in so many milliseconds from its first byte; 0 is ever. */
  expectRest(requestMs: number, startMs: number): void {
    if (requestMs > 0) this.#deadlines.start(this.#request, requestMs, startMs);
  }

  /** Something moved: the idle time begins again. Hot. */
  touch(nowMs: number): void {
    const idleMs = this.#engine.field(this.#record, STREAM_IDLE_TIMEOUT_MS);
    if (idleMs > 0) this.#deadlines.start(this.#idle, idleMs, nowMs);
  }

  /** The request is whole. */
  onRequestWhole(): void {
    this.#request.cancel();
  }

  /** The request is over. */
  close(): void {
    this.#idle.cancel();
    this.#duration.cancel();
    this.#request.cancel();
    if (this.#over !== null) clearImmediate(this.#over);
    this.#over = null;
  }

  get #isRequestWhole(): boolean {
    return (this.#engine.field(this.#record, STREAM_STATE) & STATE_REQUEST_END) !== 0;
  }
}
