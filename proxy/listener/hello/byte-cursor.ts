/**
 * Reads numbers and vectors with a length in front (RFC 8446 §3) from the front of bytes. Past the
 * end it reads zeros and empty vectors, and remembers that: `isBroken` is asked once, at the end.
 */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  #at = 0;
  #isBroken = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** True when more was asked for than there is. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** True when nothing is left. */
  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Reads a big-endian number of so many bytes, at most four. */
  number(size: number): number {
    return this.take(size).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** Reads so many bytes; returns a view. */
  take(size: number): Uint8Array {
    const end = this.#at + size;
    if (end > this.#bytes.length) {
      this.#isBroken = true;
      this.#at = this.#bytes.length;
      return this.#bytes.subarray(0, 0);
    }
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** Reads a vector whose length stands in front in so many bytes. */
  vector(lengthSize: number): Uint8Array {
    return this.take(this.number(lengthSize));
  }
}
