/** Random numbers that a seed repeats. The method is Tommy Ettinger's mulberry32. */
export class Random {
  #value: number;

  /** @param seed Any whole number; the lower 32 bits count. */
  constructor(seed: number) {
    this.#value = seed >>> 0;
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    this.#value = (this.#value + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#value ^ (this.#value >>> 15), this.#value | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  /** One of the values. */
  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)];
  }

  /** Bytes cut into pieces at random places. */
  split(bytes: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    // Either a few large pieces, or many small ones.
    const longest = this.oneIn(3) ? 4 : bytes.length + 1;
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + this.below(longest);
      pieces.push(bytes.subarray(at, at + length));
      at += length;
    }
    return pieces;
  }
}
