/*
 * The header block: one message head as a table of ranges over bytes in this memory. Names are in
 * lower case. Pseudo-headers (`:method`, `:path`, `:authority`, `:scheme`, or `:status`) are the
 * first entries, at fixed places, as in HTTP/2; encoders of HTTP/1 skip them.
 *
 *   entry: | name u32 | value u32 | nameLength u16 | id u16 | valueLength i32 |   16 bytes
 *
 * A range may lie in the arena of the block (the head as received, text made by filters), in the
 * engine image, or in static memory: all of them outlive the stream.
 */
import { copyBytes, equalBytes } from "../memory/bytes.ts";
import { allocate, release } from "../memory/slab.ts";
import { internName, nameBytes, nameLength } from "./names.ts";

/** One header. `nameLength` is 0 for a removed one. */
@unmanaged
export class HeaderEntry {
  name: usize;
  value: usize;
  nameLength: u16;
  id: u16;
  valueLength: i32;
}

/** Bytes of one entry. */
export const ENTRY_BYTES: usize = 16;
const ENTRIES_AT_FIRST: i32 = 40;
const ARENA_BYTES_AT_FIRST: usize = 3072;

/** A message head. Made with `createBlock`, reused for many messages. */
@unmanaged
export class HeaderBlock {
  entries: usize;
  /** Entries in use, removed ones included. */
  count: i32;
  capacity: i32;
  /** How many leading entries are pseudo-headers. */
  pseudoCount: i32;
  arena: usize;
  arenaEnd: usize;
  /** Arena blocks, newest first; each begins with the address of the next. */
  chunks: usize;
  /** Bit `id` is set when an entry of that well-known id was added. */
  present0: u64;
  present1: u64;
  /** Names as the peer wrote them, or 0: see `casing.ts`. */
  casing: usize;
}

/** Makes an empty block. */
export function createBlock(): HeaderBlock {
  const block = changetype<HeaderBlock>(allocate(offsetof<HeaderBlock>()));
  addEntries(block);
  block.chunks = 0;
  addChunk(block, ARENA_BYTES_AT_FIRST);
  clearBlock(block, 0);
  return block;
}

/** Gives back the memory that only a large message needs. Its entries are void then. */
export function trimBlock(block: HeaderBlock): void {
  if (block.capacity > ENTRIES_AT_FIRST) {
    release(block.entries);
    addEntries(block);
  }
  let chunk = block.chunks;
  for (let next = <usize>load<u32>(chunk); next != 0; next = <usize>load<u32>(chunk)) {
    release(chunk);
    chunk = next;
  }
  block.chunks = chunk;
  block.arena = chunk + 8;
  block.arenaEnd = chunk + ARENA_BYTES_AT_FIRST;
}

/** Empties a block and keeps its first arena block. */
export function clearBlock(block: HeaderBlock, pseudoCount: i32): void {
  trimBlock(block);
  block.pseudoCount = pseudoCount;
  block.count = pseudoCount;
  block.present0 = 0;
  block.present1 = 0;
  block.casing = 0;
  memory.fill(block.entries, 0, <usize>pseudoCount * ENTRY_BYTES);
}

/** Fills an empty block with copies of all headers of another, bytes included. */
export function copyHeaders(target: HeaderBlock, source: HeaderBlock): void {
  for (let i = 0; i < source.count; i++) {
    const from = entryAt(source, i);
    if (from.nameLength == 0) continue;
    const value = keepBytes(target, from.value, from.valueLength);
    const id = <i32>from.id;
    if (i < source.pseudoCount) {
      setPseudo(target, i, id, value, from.valueLength);
    } else if (id != 0) {
      addKnown(target, id, value, from.valueLength);
    } else {
      const name = keepBytes(target, from.name, <i32>from.nameLength);
      addHeader(target, 0, name, <i32>from.nameLength, value, from.valueLength);
    }
  }
}

/** Gives back all memory of a block. */
export function releaseBlock(block: HeaderBlock): void {
  for (let chunk = block.chunks; chunk != 0; ) {
    const next = <usize>load<u32>(chunk);
    release(chunk);
    chunk = next;
  }
  release(block.entries);
  release(changetype<usize>(block));
}

/** Room for `length` bytes that live as long as the message, plus 16 that readers may touch. */
export function reserveArena(block: HeaderBlock, length: i32): usize {
  if (block.arena + <usize>length + 16 > block.arenaEnd) {
    const wanted = <usize>length + 16 + 8;
    addChunk(block, wanted > ARENA_BYTES_AT_FIRST ? wanted : ARENA_BYTES_AT_FIRST);
  }
  const bytes = block.arena;
  block.arena = bytes + <usize>length;
  return bytes;
}

function addEntries(block: HeaderBlock): void {
  block.capacity = ENTRIES_AT_FIRST;
  block.entries = allocate(<usize>ENTRIES_AT_FIRST * ENTRY_BYTES);
}

function addChunk(block: HeaderBlock, size: usize): void {
  const chunk = allocate(size);
  store<u32>(chunk, <u32>block.chunks);
  block.chunks = chunk;
  block.arena = chunk + 8;
  block.arenaEnd = chunk + size;
}

/** Copies bytes into the arena. */
export function keepBytes(block: HeaderBlock, bytes: usize, length: i32): usize {
  const kept = reserveArena(block, length);
  copyBytes(kept, bytes, length);
  return kept;
}

/** The entry at a place, removed or not. */
// @ts-ignore: decorator
@inline
export function entryAt(block: HeaderBlock, index: i32): HeaderEntry {
  return changetype<HeaderEntry>(block.entries + (<usize>index << 4));
}

/** True when a header of that well-known id may be present (removal by name leaves the bit). */
// @ts-ignore: decorator
@inline
export function mayHave(block: HeaderBlock, id: i32): bool {
  const word = id < 64 ? block.present0 : block.present1;
  return ((word >> (id & 63)) & 1) != 0;
}

/** Appends a header; the ranges are kept, not copied. `name` must be in lower case. */
export function addHeader(
  block: HeaderBlock,
  id: u16,
  name: usize,
  nameLength: i32,
  value: usize,
  valueLength: i32,
): void {
  if (block.count == block.capacity) growEntries(block);
  const entry = entryAt(block, block.count++);
  entry.name = name;
  entry.value = value;
  entry.nameLength = <u16>nameLength;
  entry.id = id;
  entry.valueLength = valueLength;
  if (id < 64) block.present0 |= (<u64>1) << id;
  else block.present1 |= (<u64>1) << (id & 63);
}

function growEntries(block: HeaderBlock): void {
  const capacity = block.capacity << 1;
  const entries = allocate(<usize>capacity * ENTRY_BYTES);
  memory.copy(entries, block.entries, <usize>block.count * ENTRY_BYTES);
  release(block.entries);
  block.entries = entries;
  block.capacity = capacity;
}

/** Appends a well-known header. */
export function addKnown(block: HeaderBlock, id: i32, value: usize, valueLength: i32): void {
  addHeader(block, <u16>id, nameBytes(id), nameLength(id), value, valueLength);
}

/** The first header with a well-known id, or null. */
export function findKnown(block: HeaderBlock, id: i32): HeaderEntry | null {
  if (!mayHave(block, id)) return null;
  const end = block.entries + (<usize>block.count << 4);
  const first = block.entries + (<usize>block.pseudoCount << 4);
  for (let at = first; at < end; at += ENTRY_BYTES) {
    const entry = changetype<HeaderEntry>(at);
    if (<i32>entry.id == id && entry.nameLength != 0) return entry;
  }
  return null;
}

/** Index of the next live header of that name at or after `from`, or -1. `id` may be 0. */
export function nextByName(
  block: HeaderBlock,
  from: i32,
  id: i32,
  name: usize,
  length: i32,
): i32 {
  if (id != 0 && !mayHave(block, id)) return -1;
  for (let i = from; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (<i32>entry.id != id || <i32>entry.nameLength != length) continue;
    if (id != 0 || equalBytes(entry.name, name, length)) return i;
  }
  return -1;
}

/** Removes every header with a well-known id. */
export function removeKnown(block: HeaderBlock, id: i32): void {
  if (!mayHave(block, id)) return;
  for (let i = block.pseudoCount; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (<i32>entry.id == id) entry.nameLength = 0;
  }
  if (id < 64) block.present0 &= ~((<u64>1) << id);
  else block.present1 &= ~((<u64>1) << (id & 63));
}

/** Removes every header of a lower-case name; pseudo-headers stay. */
export function removeName(block: HeaderBlock, name: usize, length: i32): void {
  const id = internName(name, length);
  if (id != 0) {
    removeKnown(block, id);
    return;
  }
  for (let i = block.pseudoCount; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (<i32>entry.nameLength != length || entry.id != 0) continue;
    if (equalBytes(entry.name, name, length)) entry.nameLength = 0;
  }
}

/** Gives a well-known header exactly one value, which is kept, not copied. */
export function setKnown(block: HeaderBlock, id: i32, value: usize, valueLength: i32): void {
  const entry = findKnown(block, id);
  if (entry === null) {
    addKnown(block, id, value, valueLength);
    return;
  }
  const at = changetype<usize>(entry);
  removeLater(block, at, entry.id);
  entry.value = value;
  entry.valueLength = valueLength;
}

function removeLater(block: HeaderBlock, after: usize, id: u16): void {
  const end = block.entries + (<usize>block.count << 4);
  for (let at = after + ENTRY_BYTES; at < end; at += ENTRY_BYTES) {
    const entry = changetype<HeaderEntry>(at);
    if (entry.id == id) entry.nameLength = 0;
  }
}

/** Sets a pseudo-header. */
// @ts-ignore: decorator
@inline
export function setPseudo(
  block: HeaderBlock,
  place: i32,
  id: i32,
  value: usize,
  length: i32,
): void {
  const entry = entryAt(block, place);
  entry.name = nameBytes(id);
  entry.nameLength = <u16>nameLength(id);
  entry.id = <u16>id;
  entry.value = value;
  entry.valueLength = length;
  if (id < 64) block.present0 |= (<u64>1) << id;
}
