/*
 * The dynamic table of RFC 7541 §2.3.2: the newest field has index 62, the oldest makes room. Rows
 * are a ring; their texts lie one behind the other in the order of the rows, and are moved to the
 * front of their region when its end is reached. Both begin small and grow to what the size that
 * was agreed on can hold, so a connection that adds nothing has none, and one that adds the usual
 * fields has about as many bytes as they have.
 *
 *   row: | position u32 | nameLength u16 | valueLength u16 | id u8 | verdict u8 | next u16 |
 *        | hash u32 |
 *
 * The name of a row with a well-known number is not stored.
 */
import { nameBytes } from "../head/names.ts";
import { copyBytes } from "../memory/bytes.ts";
import { allocate, capacityOf, release } from "../memory/slab.ts";

/** What each field counts beside its texts. RFC 7541 §4.1. */
export const FIELD_OVERHEAD_BYTES: i32 = 32;
/** The size of a table before anything is agreed on. RFC 9113 §6.5.2. */
export const TABLE_BYTES_AT_FIRST: i32 = 4096;
/** The largest table: larger ones are neither offered to a peer nor made use of. */
export const TABLE_BYTES_MAX: i32 = 65536;

const ROW_BYTES: usize = 16;
/** With the prefix of their block they fill a power of two, and so do the rings that follow. */
const ROWS_AT_FIRST: i32 = 15;
const TEXT_BYTES_AT_FIRST: u32 = 496;

/** One field of the table. */
@unmanaged
export class DynamicRow {
  /** Where its texts begin, counted from the first that was ever added. */
  position: u32;
  nameLength: u16;
  valueLength: u16;
  /** The number of a well-known name, or 0. */
  id: u8;
  /** Of a decoder: what `checkField` says. */
  verdict: u8;
  /** Of an encoder: the count of the row before it with that hash, its low bits. */
  next: u16;
  hash: u32;
}

/** The table of one side of one direction. */
@unmanaged
export class DynamicTable {
  /** RFC 7541 §4.1. */
  size: i32;
  sizeMax: i32;
  /** Rows in use. */
  count: i32;
  /** How many rows were ever added. Wraps. */
  added: u32;
  /** The ring, or 0, how many rows it has room for, and the place of the newest. */
  rows: usize;
  capacity: i32;
  newest: i32;
  /** The region of texts, or 0. */
  texts: usize;
  textBytes: u32;
  /** Position of the first byte of the region, and of the byte behind the newest text. */
  textsFrom: u32;
  textsEnd: u32;
}

/** Makes an empty table, which owns no memory but its record. */
export function createTable(sizeMax: i32): DynamicTable {
  const table = changetype<DynamicTable>(allocate(offsetof<DynamicTable>()));
  memory.fill(changetype<usize>(table), 0, offsetof<DynamicTable>());
  table.sizeMax = sizeMax;
  return table;
}

/** Gives back all memory of a table. */
export function releaseTable(table: DynamicTable): void {
  releaseRows(table);
  release(changetype<usize>(table));
}

function releaseRows(table: DynamicTable): void {
  if (table.rows != 0) release(table.rows);
  if (table.texts != 0) release(table.texts);
  table.rows = 0;
  table.texts = 0;
  table.textBytes = 0;
  table.capacity = 0;
}

/** The row that is `age` rows older than the newest; `age` is below the count. */
// @ts-ignore: decorator
@inline
export function rowOf(table: DynamicTable, age: i32): DynamicRow {
  let place = table.newest - age;
  if (place < 0) place += table.capacity;
  return changetype<DynamicRow>(table.rows + <usize>place * ROW_BYTES);
}

/** Address of the name of a row. */
// @ts-ignore: decorator
@inline
export function rowName(table: DynamicTable, row: DynamicRow): usize {
  const id = <i32>row.id;
  return id != 0 ? nameBytes(id) : table.texts + <usize>(row.position - table.textsFrom);
}

/** Address of the value of a row. */
// @ts-ignore: decorator
@inline
export function rowValue(table: DynamicTable, row: DynamicRow): usize {
  const nameLength: u32 = row.id != 0 ? 0 : row.nameLength;
  return table.texts + <usize>(row.position - table.textsFrom + nameLength);
}

/** Changes the greatest size, which may put out rows. RFC 7541 §4.3. */
export function resizeTable(table: DynamicTable, sizeMax: i32): void {
  table.sizeMax = sizeMax;
  makeRoom(table, 0);
  if (sizeMax == 0) releaseRows(table);
}

/** Puts out the oldest rows until `size` more can be added. */
function makeRoom(table: DynamicTable, size: i32): void {
  while (table.count > 0 && table.size + size > table.sizeMax) {
    const row = rowOf(table, table.count - 1);
    table.size -= <i32>row.nameLength + <i32>row.valueLength + FIELD_OVERHEAD_BYTES;
    table.count--;
  }
}

/**
 * Adds a field, whose texts must not lie in the table. Returns its row, or null for one that is
 * larger than the whole table, which leaves it empty (RFC 7541 §4.4) and is not looked at.
 */
export function addRow(
  table: DynamicTable,
  id: i32,
  name: usize,
  nameLength: i32,
  value: usize,
  valueLength: i32,
): DynamicRow | null {
  const fits =
    nameLength <= table.sizeMax &&
    valueLength <= table.sizeMax - nameLength - FIELD_OVERHEAD_BYTES;
  if (!fits) {
    table.count = 0;
    table.size = 0;
    return null;
  }
  const size = nameLength + valueLength + FIELD_OVERHEAD_BYTES;
  makeRoom(table, size);
  const storedName = id != 0 ? 0 : nameLength;
  reserveTexts(table, storedName + valueLength);
  const row = addRecord(table);
  table.size += size;
  row.position = table.textsEnd;
  row.nameLength = <u16>nameLength;
  row.valueLength = <u16>valueLength;
  row.id = <u8>id;
  const texts = table.texts + <usize>(table.textsEnd - table.textsFrom);
  if (storedName > 0) copyBytes(texts, name, nameLength);
  copyBytes(texts + storedName, value, valueLength);
  table.textsEnd += storedName + valueLength;
  return row;
}

/** Sees to it that `length` bytes have room behind the newest text. */
function reserveTexts(table: DynamicTable, length: u32): void {
  if (table.textsEnd - table.textsFrom + length <= table.textBytes) return;
  const from = table.count > 0 ? rowOf(table, table.count - 1).position : table.textsEnd;
  const live = table.textsEnd - from;
  const old = table.texts + <usize>(from - table.textsFrom);
  // Moving what is in half of the region or less makes room for as much again.
  const isHalf = (live + length) << 1 <= table.textBytes;
  if (isHalf || isLargest(table)) memory.copy(table.texts, old, live);
  else growTexts(table, old, live, live + length);
  table.textsFrom = from;
}

/** Texts of at least one field are never longer than this. */
function isLargest(table: DynamicTable): bool {
  return table.textBytes >= <u32>(table.sizeMax - FIELD_OVERHEAD_BYTES);
}

function growTexts(table: DynamicTable, old: usize, live: u32, needed: u32): void {
  let wanted = table.textBytes == 0 ? TEXT_BYTES_AT_FIRST : table.textBytes << 1;
  while (wanted < needed) wanted <<= 1;
  const texts = allocate(wanted);
  memory.copy(texts, old, live);
  if (table.texts != 0) release(table.texts);
  table.texts = texts;
  table.textBytes = <u32>capacityOf(texts);
}

/** The record of a new row, the newest from now on. */
function addRecord(table: DynamicTable): DynamicRow {
  if (table.count == table.capacity) growRows(table);
  table.newest = table.newest + 1 == table.capacity ? 0 : table.newest + 1;
  table.count++;
  table.added++;
  return rowOf(table, 0);
}

function growRows(table: DynamicTable): void {
  const capacity = table.capacity == 0 ? ROWS_AT_FIRST : (table.capacity << 1) + 1;
  const rows = allocate(<usize>capacity * ROW_BYTES);
  for (let place = 0; place < table.count; place++) {
    const row = changetype<usize>(rowOf(table, table.count - 1 - place));
    memory.copy(rows + <usize>place * ROW_BYTES, row, ROW_BYTES);
  }
  if (table.rows != 0) release(table.rows);
  table.rows = rows;
  table.capacity = capacity;
  table.newest = table.count - 1;
}
