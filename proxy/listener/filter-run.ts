import type { FilterVerdict, ListenerFilter } from "./filter/listener-filter.ts";

/** How far the filters of a connection are. */
export type RunState = "done" | "more" | "close";

const NOTHING = new Uint8Array(0);

/**
 * The listener filters of one connection, one after the other, over the bytes that it has sent so
 * far. How these were split does not matter. Does no I/O.
 */
export class FilterRun {
  readonly #filters: readonly ListenerFilter[];
  #turn = 0;
  #isWaiting = false;
  #bytes: Uint8Array = NOTHING;

  constructor(filters: readonly ListenerFilter[]) {
    this.#filters = filters;
  }

  /** What was received and belongs to the connection. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Begins, with a connection that was just accepted. */
  start(): RunState {
    return this.#run();
  }

  /** Goes on with more bytes, of which it keeps a copy. */
  receive(bytes: Uint8Array): RunState {
    const all = new Uint8Array(this.#bytes.length + bytes.length);
    all.set(this.#bytes);
    all.set(bytes, this.#bytes.length);
    this.#bytes = all;
    return this.#run();
  }

  #run(): RunState {
    for (; this.#turn < this.#filters.length; this.#turn++) {
      const filter = this.#filters[this.#turn];
      const verdict = this.#ask(filter);
      if (verdict !== "next") return verdict;
      this.#isWaiting = false;
      if (filter.takenBytes > 0) this.#bytes = this.#bytes.subarray(filter.takenBytes);
    }
    return "done";
  }

  #ask(filter: ListenerFilter): FilterVerdict {
    if (!this.#isWaiting) {
      const verdict = filter.onAccept();
      if (verdict !== "more") return verdict;
      this.#isWaiting = true;
    }
    return this.#bytes.length === 0 ? "more" : filter.onBytes(this.#bytes);
  }
}
