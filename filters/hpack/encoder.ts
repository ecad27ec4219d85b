/*
 * Encodes header blocks: RFC 7541 §6. The encoder finds a field in its dynamic table by a hash of
 * name and value, whose rows are chained from the newest to the oldest; a name, by a table of the
 * newest row of each. Both may miss what is there, which costs bytes and nothing else.
 */
import { H_PROTOCOL } from "../../api/engine/header-names.ts";
import { ENTRY_BYTES, HeaderBlock, HeaderEntry, mayHave } from "../head/block.ts";
import { copyBytes, equalBytes } from "../memory/bytes.ts";
import { allocate, release } from "../memory/slab.ts";
import {
  DynamicRow,
  DynamicTable,
  FIELD_OVERHEAD_BYTES,
  TABLE_BYTES_AT_FIRST,
  TABLE_BYTES_MAX,
  addRow,
  createTable,
  releaseTable,
  resizeTable,
  rowName,
  rowOf,
  rowValue,
} from "./dynamic-table.ts";
import { hashKnown, hashText } from "./hash.ts";
import { encodeHuffman } from "./huffman.ts";
import { INDEX, INDEX_NAME, INDEX_NEVER, indexingOf } from "./indexing.ts";
import { writeNumber } from "./integer.ts";
import { STATIC_COUNT, staticIndexOf, staticIndexOfName, staticMatch } from "./static-table.ts";

/** Bytes that a field takes beside its texts at most: three numbers, and what Huffman may touch. */
const FIELD_ROOM_BYTES: i32 = 32;
/** Bytes of two table sizes. */
const TABLE_SIZE_ROOM_BYTES: i32 = 16;

/** Slots, each a power of two: rows by field, and rows by name. */
const FIELD_SLOTS: u32 = 128;
const NAME_SLOTS: u32 = 64;
/** Bits of what was met, a power of two in bytes. */
const SEEN_BYTES: u32 = 512;
const NAMES_AT: usize = FIELD_SLOTS << 1;
const SEEN_AT: usize = NAMES_AT + (NAME_SLOTS << 1);
const LOOKUP_BYTES: usize = SEEN_AT + SEEN_BYTES;

/** Fields and names that are remembered; they set an eighth of the bits. */
const SEEN_COUNT_MAX: i32 = 256;

/** Rows that are looked at for one field. */
const CHAIN_ROWS_MAX: i32 = 32;

/** First bits of a field, and the bits behind them for an index. RFC 7541 §6. */
const INDEXED: u32 = 0x80;
const LITERAL_ADDED: u32 = 0x40;
const LITERAL_NEVER: u32 = 0x10;
const LITERAL: u32 = 0;
const TABLE_SIZE: u32 = 0x20;

/** The encoder of one connection. */
@unmanaged
export class Encoder {
  table: DynamicTable;
  /** The largest table that we care for. Envoy `hpack_table_size`. */
  tableBytesMax: i32;
  /** The smallest size since the last block, or -1 when it did not change. */
  smallestBytes: i32;
  /** Slots and bits, or 0 until the first field that could be added. */
  lookup: usize;
  /** How many fields and names the bits remember. */
  seenCount: i32;
}

/** Makes an encoder whose table has `tableBytesMax` bytes at most, or TABLE_BYTES_MAX. */
export function createEncoder(tableBytesMax: u32): Encoder {
  const encoder = changetype<Encoder>(allocate(offsetof<Encoder>()));
  encoder.table = createTable(TABLE_BYTES_AT_FIRST);
  encoder.tableBytesMax = <i32>min<u32>(tableBytesMax, TABLE_BYTES_MAX);
  encoder.smallestBytes = -1;
  encoder.lookup = 0;
  encoder.seenCount = 0;
  limitEncoderTable(encoder, TABLE_BYTES_AT_FIRST);
  return encoder;
}

/** Gives back all memory of an encoder. */
export function releaseEncoder(encoder: Encoder): void {
  if (encoder.lookup != 0) release(encoder.lookup);
  releaseTable(encoder.table);
  release(changetype<usize>(encoder));
}

/** Takes the peer's SETTINGS_HEADER_TABLE_SIZE. The next block says what is made of it. */
export function limitEncoderTable(encoder: Encoder, bytes: u32): void {
  const size = <i32>min<u32>(bytes, encoder.tableBytesMax);
  if (size == encoder.table.sizeMax) return;
  const isLess = encoder.smallestBytes < 0 || size < encoder.smallestBytes;
  if (isLess) encoder.smallestBytes = size;
  resizeTable(encoder.table, size);
}

/** Bytes that must have room where a block is encoded to. */
export function encodedLengthMax(block: HeaderBlock): i32 {
  let length = TABLE_SIZE_ROOM_BYTES;
  const end = block.entries + (<usize>block.count << 4);
  for (let at = block.entries; at < end; at += ENTRY_BYTES) {
    const entry = changetype<HeaderEntry>(at);
    length += <i32>entry.nameLength + entry.valueLength + FIELD_ROOM_BYTES;
  }
  return length;
}

/**
 * Encodes all fields of a block, `:protocol` behind the other pseudo-headers. The target has room
 * for `encodedLengthMax`. Returns the end.
 */
export function encodeBlock(encoder: Encoder, block: HeaderBlock, target: usize): usize {
  if (encoder.smallestBytes >= 0) target = writeTableSizes(encoder, target);
  const first = block.entries + (<usize>block.pseudoCount << 4);
  const end = block.entries + (<usize>block.count << 4);
  target = encodeEntries(encoder, block.entries, first, false, target);
  const hasProtocol = mayHave(block, H_PROTOCOL);
  if (hasProtocol) target = encodeProtocol(encoder, first, end, target);
  return encodeEntries(encoder, first, end, hasProtocol, target);
}

/** RFC 7541 §4.2: the smallest size since the last block, and then the one it is now. */
function writeTableSizes(encoder: Encoder, target: usize): usize {
  const size = encoder.table.sizeMax;
  if (encoder.smallestBytes < size) {
    target = writeNumber(target, TABLE_SIZE, 0x1f, encoder.smallestBytes);
  }
  encoder.smallestBytes = -1;
  return writeNumber(target, TABLE_SIZE, 0x1f, size);
}

function encodeProtocol(encoder: Encoder, first: usize, end: usize, target: usize): usize {
  for (let at = first; at < end; at += ENTRY_BYTES) {
    const entry = changetype<HeaderEntry>(at);
    if (entry.id == H_PROTOCOL && entry.nameLength != 0) {
      target = encodeField(encoder, entry, target);
    }
  }
  return target;
}

function encodeEntries(
  encoder: Encoder,
  first: usize,
  end: usize,
  skipsProtocol: bool,
  target: usize,
): usize {
  for (let at = first; at < end; at += ENTRY_BYTES) {
    const entry = changetype<HeaderEntry>(at);
    if (entry.nameLength == 0 || (skipsProtocol && entry.id == H_PROTOCOL)) continue;
    target = encodeField(encoder, entry, target);
  }
  return target;
}

/** Encodes one field. Hot. */
function encodeField(encoder: Encoder, field: HeaderEntry, target: usize): usize {
  const id = <i32>field.id;
  const nameLength = <i32>field.nameLength;
  const valueLength = field.valueLength;
  const nameHash = id != 0 ? hashKnown(id) : hashText(field.name, nameLength);
  let name = id != 0 ? staticIndexOf(id) : staticIndexOfName(nameHash, field.name, nameLength);
  if (name != 0) {
    const index = staticMatch(name, field.value, valueLength);
    if (index != 0) return writeNumber(target, INDEXED, 0x7f, index);
  }
  const rule = indexingOf(id, field.value, valueLength);
  if (rule == INDEX_NEVER) return writeLiteral(target, LITERAL_NEVER, 0x0f, name, field);
  const table = encoder.table;
  // One field may not put out nearly all others.
  const sizeMax = table.sizeMax - (table.sizeMax >> 2);
  const isLarge = nameLength + valueLength > sizeMax - FIELD_OVERHEAD_BYTES;
  if (isLarge || (rule == INDEX_NAME && name != 0)) {
    return writeLiteral(target, LITERAL, 0x0f, name, field);
  }
  if (encoder.lookup == 0) prepareLookup(encoder);
  let hash: u32 = 0;
  if (rule == INDEX) {
    hash = rotl(nameHash, 5) ^ hashText(field.value, valueLength);
    const index = findField(encoder, hash, field);
    if (index != 0) return writeNumber(target, INDEXED, 0x7f, index);
  }
  let isWanted = rule == INDEX && isSeen(encoder, hash);
  if (name == 0) {
    name = findName(encoder, nameHash, field);
    // For its name alone it is added once, even where another name takes over the slot.
    if (name == 0 && isSeen(encoder, nameHash) && !isSeen(encoder, ~nameHash)) isWanted = true;
  }
  if (!isWanted) return writeLiteral(target, LITERAL, 0x0f, name, field);
  target = writeLiteral(target, LITERAL_ADDED, 0x3f, name, field);
  addField(encoder, hash, nameHash, field);
  return target;
}

function prepareLookup(encoder: Encoder): void {
  encoder.lookup = allocate(LOOKUP_BYTES);
  memory.fill(encoder.lookup, 0, LOOKUP_BYTES);
}

/** The index of a field in the dynamic table, or 0. */
function findField(encoder: Encoder, hash: u32, field: HeaderEntry): u32 {
  const table = encoder.table;
  let added = <u32>load<u16>(encoder.lookup + ((hash & (FIELD_SLOTS - 1)) << 1));
  let age = ageOf(table, added);
  for (let rows = 0; rows < CHAIN_ROWS_MAX && age < <u32>table.count; rows++) {
    const row = rowOf(table, age);
    if (row.hash == hash && isField(table, row, field)) return STATIC_COUNT + 1 + age;
    const older = (added - row.next) & 0xffff;
    // A row that is in no table any more may be chained to anything; each step goes back.
    if (older == 0) return 0;
    age += older;
    added = row.next;
  }
  return 0;
}

/** How many rows are newer than the one that was the `added`th, of which the low bits are known. */
// @ts-ignore: decorator
@inline
function ageOf(table: DynamicTable, added: u32): u32 {
  return (table.added - added) & 0xffff;
}

function isField(table: DynamicTable, row: DynamicRow, field: HeaderEntry): bool {
  const valueLength = field.valueLength;
  if (<i32>row.valueLength != valueLength || !hasName(table, row, field)) return false;
  return equalBytes(rowValue(table, row), field.value, valueLength);
}

function hasName(table: DynamicTable, row: DynamicRow, field: HeaderEntry): bool {
  if (<u16>row.id != field.id) return false;
  if (field.id != 0) return true;
  const length = field.nameLength;
  return row.nameLength == length && equalBytes(rowName(table, row), field.name, length);
}

/** The index of the newest row of a name, or 0. */
function findName(encoder: Encoder, hash: u32, field: HeaderEntry): u32 {
  const table = encoder.table;
  const age = ageOf(table, load<u16>(nameSlot(encoder, hash)));
  if (age >= <u32>table.count || !hasName(table, rowOf(table, age), field)) return 0;
  return STATIC_COUNT + 1 + age;
}

// @ts-ignore: decorator
@inline
function nameSlot(encoder: Encoder, hash: u32): usize {
  return encoder.lookup + NAMES_AT + ((hash & (NAME_SLOTS - 1)) << 1);
}

/**
 * True when the hash was met before. It is remembered by two bits; when many are set, all are
 * forgotten, so that hardly any hash is taken for others.
 */
function isSeen(encoder: Encoder, hash: u32): bool {
  const first = seenByte(encoder, hash);
  const second = seenByte(encoder, hash >> 16);
  const firstBit: u32 = 1 << (hash & 7);
  const secondBit: u32 = 1 << ((hash >> 16) & 7);
  if ((load<u8>(first) & firstBit) != 0 && (load<u8>(second) & secondBit) != 0) return true;
  if (++encoder.seenCount > SEEN_COUNT_MAX) {
    encoder.seenCount = 0;
    memory.fill(encoder.lookup + SEEN_AT, 0, SEEN_BYTES);
  }
  store<u8>(first, load<u8>(first) | firstBit);
  store<u8>(second, load<u8>(second) | secondBit);
  return false;
}

// @ts-ignore: decorator
@inline
function seenByte(encoder: Encoder, hash: u32): usize {
  return encoder.lookup + SEEN_AT + ((hash >> 3) & (SEEN_BYTES - 1));
}

function addField(encoder: Encoder, hash: u32, nameHash: u32, field: HeaderEntry): void {
  const table = encoder.table;
  const nameLength = <i32>field.nameLength;
  const row = addRow(table, field.id, field.name, nameLength, field.value, field.valueLength);
  if (row === null) return;
  const slot = encoder.lookup + ((hash & (FIELD_SLOTS - 1)) << 1);
  row.hash = hash;
  row.next = load<u16>(slot);
  store<u16>(slot, <u16>table.added);
  store<u16>(nameSlot(encoder, nameHash), <u16>table.added);
}

/** Writes a field with its value, and its name unless `name` is the index of one. */
function writeLiteral(
  target: usize,
  pattern: u32,
  prefix: u32,
  name: u32,
  field: HeaderEntry,
): usize {
  target = writeNumber(target, pattern, prefix, name);
  if (name == 0) target = writeText(target, field.name, field.nameLength);
  return writeText(target, field.value, field.valueLength);
}

/** Writes a text, in Huffman code when that is shorter. RFC 7541 §5.2. */
function writeText(target: usize, bytes: usize, length: i32): usize {
  // What is shorter than `length` has no longer number for its own length.
  const room: usize = length < 127 ? 1 : length < 255 ? 2 : 6;
  const text = target + room;
  const end = encodeHuffman(text, text + <usize>length, bytes, length);
  if (end == 0) {
    target = writeNumber(target, 0, 0x7f, length);
    copyBytes(target, bytes, length);
    return target + <usize>length;
  }
  const encoded = <i32>(end - text);
  target = writeNumber(target, 0x80, 0x7f, encoded);
  if (target != text) memory.copy(target, text, encoded);
  return target + <usize>encoded;
}
