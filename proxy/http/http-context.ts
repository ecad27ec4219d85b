import { E_EARLY_END } from "../../api/engine/http1.ts";
import type { Engine } from "../engine/engine.ts";
import type { DeadlineQueue } from "../timer/deadline.ts";
import type { Failure } from "./failure.ts";
import { HttpStream } from "./http-stream.ts";

/** Streams kept for reuse at most; more are left to the collector. */
const POOL_STREAMS_MAX = 4096;

/** What the streams and connections of a worker share, and the pool of streams. */
export class HttpContext {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  /** Called after each stream, when its access-log lines are in the engine's buffers. */
  afterStream: () => void = () => {};
  readonly #pool: HttpStream[] = [];

  constructor(engine: Engine, deadlines: DeadlineQueue) {
    this.engine = engine;
    this.deadlines = deadlines;
  }

  /** A stream that is not in use. Hot. */
  takeStream(): HttpStream {
    return this.#pool.pop() ?? new HttpStream(this);
  }

  /** Takes back a stream whose request is over. Hot. */
  giveBack(stream: HttpStream): void {
    if (this.#pool.length < POOL_STREAMS_MAX) this.#pool.push(stream);
  }

  /** Has the engine write a local reply to its output. The stream's record is gone afterwards. */
  reply(record: number, failure: Failure, nowMs: number): void {
    const { address, lengths } = this.engine.placeTexts([failure.details, failure.body]);
    const { status, flag } = failure;
    const [details, body] = lengths;
    this.engine.calls.replyLocally(record, status, flag, address, details, body, nowMs);
  }

  /** Has the engine end a stream without an answer. The stream's record is gone afterwards. */
  abandon(record: number, failure: Failure): void {
    const { address, lengths } = this.engine.placeTexts([failure.details]);
    this.engine.calls.abandon(record, failure.flag, address, lengths[0], performance.now());
  }

  /** Whether the last codec error was a message that ended before its time. */
  isEarlyEnd(): boolean {
    return this.engine.mailError === E_EARLY_END;
  }
}
