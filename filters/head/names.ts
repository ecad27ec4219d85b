/*
 * Well-known header names as small numbers. A hash table from name to number is built once at
 * start; the names themselves are kept as ASCII, so that encoders can copy them.
 */
import { HEADER_NAMES } from "../../api/engine/header-names.ts";
import { allocate } from "../memory/slab.ts";
import { equalBytes } from "../memory/bytes.ts";

/** Slots of the hash table: a power of two, several times the number of names. */
const SLOTS: u32 = 1024;
/** Bytes of one row of `rows`: the address of the text and its length. */
const ROW_BYTES: usize = 8;

let slots: usize = 0;
let rows: usize = 0;

/** Builds the tables. Called once when the module starts. */
export function buildNames(): void {
  const count = HEADER_NAMES.length;
  slots = allocate(SLOTS << 1);
  memory.fill(slots, 0, SLOTS << 1);
  rows = allocate(<usize>count * ROW_BYTES);
  store<u64>(rows, 0);
  for (let id = 1; id < count; id++) addName(id, HEADER_NAMES[id]);
}

function addName(id: i32, text: string): void {
  const length = text.length;
  // Readers may load up to 16 bytes past the end of a name.
  const bytes = allocate(<usize>length + 16);
  for (let i = 0; i < length; i++) store<u8>(bytes + i, <u8>text.charCodeAt(i));
  store<u32>(rows + <usize>id * ROW_BYTES, <u32>bytes);
  store<u32>(rows + <usize>id * ROW_BYTES, <u32>length, 4);
  let slot = hashName(bytes, length);
  while (load<u16>(slots + (slot << 1)) != 0) slot = (slot + 1) & (SLOTS - 1);
  store<u16>(slots + (slot << 1), <u16>id);
}

/** The number of a lower-case name, or 0. Hot: once per header. */
export function internName(name: usize, length: i32): u16 {
  let slot = hashName(name, length);
  while (true) {
    const id = load<u16>(slots + (slot << 1));
    if (id == 0) return 0;
    const row = rows + <usize>id * ROW_BYTES;
    if (load<i32>(row, 4) == length && equalBytes(load<u32>(row), name, length)) return id;
    slot = (slot + 1) & (SLOTS - 1);
  }
}

/** Address of the ASCII text of a well-known name. */
// @ts-ignore: decorator
@inline
export function nameBytes(id: i32): usize {
  return load<u32>(rows + <usize>id * ROW_BYTES);
}

/** Length of the text of a well-known name. */
// @ts-ignore: decorator
@inline
export function nameLength(id: i32): i32 {
  return load<i32>(rows + <usize>id * ROW_BYTES, 4);
}

/** Length, first, middle and last two bytes tell almost all known names apart. */
function hashName(name: usize, length: i32): u32 {
  if (length == 0) return 0;
  const first = <u32>load<u8>(name);
  const middle = <u32>load<u8>(name + (length >> 1));
  const last = <u32>load<u8>(name + length - 1);
  const hash = (<u32>length * 0x9e5f) ^ (first * 0x3d1) ^ (middle * 0x1f35) ^ (last * 0x71);
  return (hash ^ (hash >> 7)) & (SLOTS - 1);
}
