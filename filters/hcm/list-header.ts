/* Headers whose value is a list: RFC 9110 §5.3 lets several lines of a name stand for one. */
import {
  HeaderBlock,
  HeaderEntry,
  addKnown,
  entryAt,
  findKnown,
  reserveArena,
} from "../head/block.ts";
import { copyBytes } from "../memory/bytes.ts";

/** Makes one line of all lines of a well-known name, and returns it; null when there is none. */
export function joinLines(block: HeaderBlock, id: i32): HeaderEntry | null {
  const first = findKnown(block, id);
  if (first === null) return null;
  for (let i = block.pseudoCount; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (<i32>entry.id != id || entry.nameLength == 0 || entry === first) continue;
    join(block, first, entry.value, entry.valueLength, 1);
    entry.nameLength = 0;
  }
  return first;
}

/**
 * Adds an item to a comma-separated header, or makes the header. `gap` is 1 for a bare comma, 2 for
 * a comma with a space behind it.
 */
export function appendToList(
  block: HeaderBlock,
  id: i32,
  item: usize,
  length: i32,
  gap: i32,
): void {
  const entry = joinLines(block, id);
  if (entry === null) {
    addKnown(block, id, item, length);
  } else if (entry.valueLength == 0) {
    entry.value = item;
    entry.valueLength = length;
  } else {
    join(block, entry, item, length, gap);
  }
}

function join(block: HeaderBlock, entry: HeaderEntry, item: usize, length: i32, gap: i32): void {
  const total = entry.valueLength + gap + length;
  const joined = reserveArena(block, total);
  copyBytes(joined, entry.value, entry.valueLength);
  store<u16>(joined + entry.valueLength, 0x202c);
  copyBytes(joined + entry.valueLength + gap, item, length);
  entry.value = joined;
  entry.valueLength = total;
}
