import assert from "node:assert/strict";

/** Of 64 bits: the moment at which a bucket was empty, in microseconds. */
const MOMENT = 0;
/** Of 32 bits, behind it: a count of all workers, and then what each of them added. */
const TOTAL = 2;
const OWN = 3;

/**
 * Memory that all workers share for one filter: a count, and a moment. What a worker has counted
 * is kept beside the total, so that it can be taken off when the worker dies.
 */
export class SharedCell {
  readonly #moments: BigInt64Array;
  readonly #counts: Int32Array;
  readonly #own: number;

  /** @param worker Index of the worker that writes through this face. */
  constructor(memory: SharedArrayBuffer, worker: number) {
    this.#moments = new BigInt64Array(memory, 0, 1);
    this.#counts = new Int32Array(memory);
    this.#own = OWN + worker;
  }

  /** Makes the memory of a cell. */
  static create(workerCount: number): SharedArrayBuffer {
    return new SharedArrayBuffer(8 * Math.ceil((OWN + workerCount) / 2));
  }

  /** Counts one more. */
  add(): void {
    Atomics.add(this.#counts, this.#own, 1);
    Atomics.add(this.#counts, TOTAL, 1);
  }

  /** Counts one more if there are fewer than `most`. */
  addBelow(most: number): boolean {
    for (;;) {
      const total = Atomics.load(this.#counts, TOTAL);
      if (total >= most) return false;
      if (Atomics.compareExchange(this.#counts, TOTAL, total, total + 1) !== total) continue;
      Atomics.add(this.#counts, this.#own, 1);
      return true;
    }
  }

  /** Counts one less. */
  remove(): void {
    Atomics.sub(this.#counts, this.#own, 1);
    const before = Atomics.sub(this.#counts, TOTAL, 1);
    assert(before > 0, "more was taken off than was counted");
  }

  /** Takes off what a worker that died had counted. */
  clearOwn(): void {
    const own = Atomics.exchange(this.#counts, this.#own, 0);
    Atomics.sub(this.#counts, TOTAL, own);
  }

  /**
   * Takes a token out of a bucket that holds `most` and is filled evenly, as Envoy's is. A bucket
   * that nobody has used is full.
   *
   * @param nowUs Microseconds of a clock that all workers share; above 0.
   */
  takeToken(most: number, tokensPerUs: number, nowUs: bigint): boolean {
    for (;;) {
      const emptyUs = Atomics.load(this.#moments, MOMENT);
      const elapsed = emptyUs === 0n ? Number.POSITIVE_INFINITY : Number(nowUs - emptyUs);
      const tokens = Math.min(elapsed * tokensPerUs, most);
      if (tokens < 1) return false;
      const nextUs = nowUs - BigInt(Math.ceil((tokens - 1) / tokensPerUs));
      const known = Atomics.compareExchange(this.#moments, MOMENT, emptyUs, nextUs);
      if (known === emptyUs) return true;
    }
  }
}

/** Memory for each key, in their order: what is known stays, so that its count goes on. */
export function takeCells(
  keys: readonly string[],
  known: ReadonlyMap<string, SharedArrayBuffer>,
  workerCount: number,
): ReadonlyMap<string, SharedArrayBuffer> {
  return new Map(keys.map((key) => [key, known.get(key) ?? SharedCell.create(workerCount)]));
}
