/** What a balancer chooses among. */
export interface Weighted {
  readonly weight: number;
}

/**
 * Weighted round robin: each turn goes to the entry with the earliest deadline, which then moves
 * by the inverse of its weight, as in Envoy. Equal weights need no search.
 */
export class RoundRobin<Entry extends Weighted> {
  readonly #entries: readonly Entry[];
  readonly #isEven: boolean;
  readonly #deadlines: Float64Array;
  #turn: number;

  /** @param start A random number, so that workers do not all begin with the same entry. */
  constructor(entries: readonly Entry[], start: number) {
    this.#entries = entries;
    this.#isEven = entries.every((entry) => entry.weight === entries[0].weight);
    this.#deadlines = Float64Array.from(entries, (entry) => 1 / entry.weight);
    this.#turn = entries.length === 0 ? 0 : start % entries.length;
    if (!this.#isEven) for (let i = 0; i < this.#turn; i++) this.#pickByDeadline();
  }

  /** The entry whose turn it is, or `null` when there is none. Hot. */
  pick(): Entry | null {
    const count = this.#entries.length;
    if (count === 0) return null;
    if (!this.#isEven) return this.#pickByDeadline();
    const turn = this.#turn;
    this.#turn = turn + 1 === count ? 0 : turn + 1;
    return this.#entries[turn];
  }

  #pickByDeadline(): Entry {
    let earliest = 0;
    for (let i = 1; i < this.#deadlines.length; i++) {
      if (this.#deadlines[i] < this.#deadlines[earliest]) earliest = i;
    }
    const entry = this.#entries[earliest];
    this.#deadlines[earliest] += 1 / entry.weight;
    return entry;
  }
}
