import type { ImageWriter } from "../../image/image-writer.ts";

const encoder = new TextEncoder();
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Slots for each entry: at most half of a table is in use. */
const SLOTS_PER_ENTRY = 2;

/** ASCII lower case; other characters stay. */
export function toAsciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** FNV-1a over the UTF-8 bytes of a text, as the engine has it. */
export function hashText(text: string, seed: number = FNV_OFFSET): number {
  let hash = seed;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/** Bytes that a text takes in the image. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** An open hash table in the image. */
export interface HashTable {
  readonly offset: number;
  /** Number of slots less one. */
  readonly mask: number;
}

/** Writes an open hash table with linear probing: each hash goes to its slot or one behind it. */
export function writeHashTable(
  writer: ImageWriter,
  hashes: readonly number[],
  slotBytes: number,
  writeSlot: (offset: number, entry: number) => void,
): HashTable {
  let slots = 4;
  while (slots < hashes.length * SLOTS_PER_ENTRY) slots *= 2;
  const offset = writer.reserve(slots * slotBytes);
  const isTaken = new Uint8Array(slots);
  hashes.forEach((hash, entry) => {
    let slot = slotOf(hash, slots - 1);
    while (isTaken[slot] === 1) slot = (slot + 1) & (slots - 1);
    isTaken[slot] = 1;
    writeSlot(offset + slot * slotBytes, entry);
  });
  return { offset, mask: slots - 1 };
}

/** The slot at which the search for a hash begins. */
function slotOf(hash: number, mask: number): number {
  return (hash ^ (hash >>> 15)) & mask;
}
