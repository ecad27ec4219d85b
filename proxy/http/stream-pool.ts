import type { Engine } from "../engine/engine.ts";
import type { DeadlineQueue } from "../timer/deadline.ts";
import { FlushQueue } from "../engine/flush-queue.ts";
import { HttpStream, type StreamSetting } from "./http-stream.ts";
import { openMirrors } from "./mirror.ts";
import type { OpenMirrors } from "./mirrors.ts";

/** Streams kept for reuse at most; more are left to the collector. */
const POOL_STREAMS_MAX = 4096;

/** The streams of a worker, and what they share. */
export class StreamPool implements StreamSetting {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  /** Called after each stream, when its access-log lines are in the engine's buffers. */
  afterStream: () => void = () => {};
  readonly openMirrors: OpenMirrors = (target, record, nowMs) => {
    return openMirrors(this, target, record, nowMs);
  };
  /** Health checks are failed on purpose: clients are to go elsewhere with their next request. */
  isHealthFailed = false;
  /** Connections with output that is written at the end of the turn. */
  readonly flushes = new FlushQueue();
  readonly #free: HttpStream[] = [];

  constructor(engine: Engine, deadlines: DeadlineQueue) {
    this.engine = engine;
    this.deadlines = deadlines;
  }

  /** A stream that is not in use. Hot. */
  take(): HttpStream {
    return this.#free.pop() ?? new HttpStream(this);
  }

  /** Takes back a stream whose request is over. Hot. */
  giveBack(stream: HttpStream): void {
    if (this.#free.length < POOL_STREAMS_MAX) this.#free.push(stream);
  }
}
