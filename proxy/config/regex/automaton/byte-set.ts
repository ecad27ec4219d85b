import type { ByteRange } from "./utf8-trie.ts";

/** Bytes of one set: one bit for each byte value. */
const BYTE_SET_BYTES = 32;

/** Sets of byte values, each kept once. */
export class ByteSetTable {
  /** The sets, by index. */
  readonly sets: Uint8Array[] = [];
  private readonly indexes = new Map<string, number>();

  /** The index of the set of all bytes in `ranges`. */
  add(ranges: readonly ByteRange[]): number {
    const set = new Uint8Array(BYTE_SET_BYTES);
    for (const [low, high] of ranges) {
      for (let byte = low; byte <= high; byte++) set[byte >> 3] |= 1 << (byte & 7);
    }
    const key = set.join();
    let index = this.indexes.get(key);
    if (index === undefined) {
      index = this.sets.push(set) - 1;
      this.indexes.set(key, index);
    }
    return index;
  }
}

/** Whether `byte` is in `set`. */
export function hasByte(set: Uint8Array, byte: number): boolean {
  return ((set[byte >> 3] >> (byte & 7)) & 1) === 1;
}
