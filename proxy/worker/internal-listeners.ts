import type { InternalDialer, InternalOrigin } from "../cluster/internal-dial.ts";
import type { Engine } from "../engine/engine.ts";
import type { FlushQueue } from "../engine/flush-queue.ts";
import { InternalTransport } from "../engine/internal-transport.ts";
import type { Listener } from "./listener.ts";

/** Connects clusters of a worker to its listeners. */
export class InternalListeners implements InternalDialer {
  readonly #engine: Engine;
  readonly #flushes: FlushQueue;
  readonly #find: (name: string) => Listener | undefined;

  /** @param find The listener of a name that runs now. */
  constructor(engine: Engine, flushes: FlushQueue, find: (name: string) => Listener | undefined) {
    this.#engine = engine;
    this.#flushes = flushes;
    this.#find = find;
  }

  dial(name: string, origin: InternalOrigin): InternalTransport | null {
    const listener = this.#find(name);
    if (listener === undefined || this.#engine.isScarce) return null;
    const [near, far] = InternalTransport.pair(this.#engine, this.#flushes);
    return listener.acceptInternal(far, origin) ? near : null;
  }
}
