/** Something whose output is gathered before it is written. */
export interface Flushable {
  flush(): void;
}

/**
 * Writes at the end of a turn of the event loop what the turn has gathered, so that frames of many
 * streams share one write.
 */
export class FlushQueue {
  readonly #waiting = new Set<Flushable>();
  #isScheduled = false;

  /** Has `flush` called soon, once however often it is asked for. */
  add(flushable: Flushable): void {
    this.#waiting.add(flushable);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#run());
  }

  #run(): void {
    this.#isScheduled = false;
    const due = [...this.#waiting];
    this.#waiting.clear();
    for (const each of due) each.flush();
  }
}
