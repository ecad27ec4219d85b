/** Something whose output is gathered before it is written. */
export interface Flushable {
  flush(): void;
}

/** How often what a turn writes may cause more to be written in the same turn. */
const ROUNDS_MAX = 16;

/**
 * Writes at the end of a turn of the event loop what the turn has gathered, so that frames of many
 * streams share one write. What goes to connections within the worker is delivered first, since it
 * may add to what is written.
 */
export class FlushQueue {
  readonly #waiting = new Set<Flushable>();
  readonly #deliveries = new Set<Flushable>();
  #isScheduled = false;

  /** Has `flush` called soon, once however often it is asked for. */
  add(flushable: Flushable): void {
    this.#waiting.add(flushable);
    this.#schedule();
  }

  /** The same, before those that were added. */
  deliver(flushable: Flushable): void {
    this.#deliveries.add(flushable);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    this.#isScheduled = false;
    for (let round = 0; round < ROUNDS_MAX && this.#deliveries.size > 0; round++) {
      flushAll(this.#deliveries);
    }
    flushAll(this.#waiting);
    // What the last round asked for waits for others to have their turn.
    if (this.#deliveries.size > 0 || this.#waiting.size > 0) this.#schedule();
  }
}

function flushAll(set: Set<Flushable>): void {
  const due = [...set];
  set.clear();
  for (const each of due) each.flush();
}
