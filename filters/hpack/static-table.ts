/*
 * The static table of RFC 7541 Appendix A. Its texts are in static memory, so that header blocks
 * may point at them.
 */
import { internName, nameBytes } from "../head/names.ts";
import { checkField } from "../http2/head/validate-head.ts";
import { equalBytes } from "../memory/bytes.ts";
import { allocate } from "../memory/slab.ts";
import { staticText } from "../memory/text.ts";
import { hashText } from "./hash.ts";

/** Names, each with its value behind a blank when it has one; the first has index 1. */
const FIELDS = [
  ":authority",
  ":method GET",
  ":method POST",
  ":path /",
  ":path /index.html",
  ":scheme http",
  ":scheme https",
  ":status 200",
  ":status 204",
  ":status 206",
  ":status 304",
  ":status 400",
  ":status 404",
  ":status 500",
  "accept-charset",
  "accept-encoding gzip, deflate",
  "accept-language",
  "accept-ranges",
  "accept",
  "access-control-allow-origin",
  "age",
  "allow",
  "authorization",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-range",
  "content-type",
  "cookie",
  "date",
  "etag",
  "expect",
  "expires",
  "from",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "last-modified",
  "link",
  "location",
  "max-forwards",
  "proxy-authenticate",
  "proxy-authorization",
  "range",
  "referer",
  "refresh",
  "retry-after",
  "server",
  "set-cookie",
  "strict-transport-security",
  "transfer-encoding",
  "user-agent",
  "vary",
  "via",
  "www-authenticate",
];

/** The last index of the static table. */
export const STATIC_COUNT: u32 = 61;

/** One field of the static table. */
@unmanaged
export class StaticRow {
  name: usize;
  value: usize;
  nameLength: u16;
  valueLength: u16;
  /** The number of the name, or 0. */
  id: u8;
  /** What `checkField` says. */
  verdict: u8;
  /** How many rows from here on have this name. */
  count: u16;
}

const ROW_BYTES: usize = 16;
/** Slots for names without a number: a power of two, several times as many. */
const SLOTS: u32 = 128;

let rows: usize = 0;
/** By number of a name: the index of its first row, or 0. */
const firsts: usize = memory.data(256);
/** By hash of a name without a number: its index, or 0. */
const slots: usize = memory.data(128);

/** Builds the table. Called once when the module starts, after the names. */
export function buildStaticTable(): void {
  rows = allocate(<usize>(STATIC_COUNT + 1) * ROW_BYTES);
  for (let index = <i32>STATIC_COUNT; index > 0; index--) addRow(index, FIELDS[index - 1]);
}

/** Rows are added from the last to the first, so that each can count those behind it. */
function addRow(index: i32, field: string): void {
  const blank = field.indexOf(" ");
  const length = blank < 0 ? field.length : blank;
  const text = staticText(field);
  const row = staticRow(index);
  const id = <i32>internName(text, length);
  row.id = <u8>id;
  row.name = id == 0 ? text : nameBytes(id);
  row.nameLength = <u16>length;
  row.value = blank < 0 ? text + <usize>length : text + <usize>length + 1;
  row.valueLength = <u16>(blank < 0 ? 0 : field.length - length - 1);
  row.verdict = <u8>checkField(id, row.name, length, row.value, row.valueLength);
  row.count = 1;
  if (id != 0) {
    const next = load<u8>(firsts + id);
    if (next != 0) row.count += staticRow(next).count;
    store<u8>(firsts + id, <u8>index);
  } else {
    let slot = hashText(text, length) & (SLOTS - 1);
    while (load<u8>(slots + slot) != 0) slot = (slot + 1) & (SLOTS - 1);
    store<u8>(slots + slot, <u8>index);
  }
}

/** The row of an index from 1 to STATIC_COUNT. */
// @ts-ignore: decorator
@inline
export function staticRow(index: u32): StaticRow {
  return changetype<StaticRow>(rows + <usize>index * ROW_BYTES);
}

/** The first index with the name of a number, or 0. */
// @ts-ignore: decorator
@inline
export function staticIndexOf(id: i32): u32 {
  return load<u8>(firsts + id);
}

/** The first index with a name that has no number, or 0. `hash` is its hash. */
export function staticIndexOfName(hash: u32, name: usize, length: i32): u32 {
  let slot = hash & (SLOTS - 1);
  while (true) {
    const index = <u32>load<u8>(slots + slot);
    if (index == 0) return 0;
    const row = staticRow(index);
    if (<i32>row.nameLength == length && equalBytes(row.name, name, length)) return index;
    slot = (slot + 1) & (SLOTS - 1);
  }
}

/** The index of a field whose name has its first row at `first`, or 0. */
export function staticMatch(first: u32, value: usize, length: i32): u32 {
  const end = first + staticRow(first).count;
  for (let index = first; index < end; index++) {
    const row = staticRow(index);
    if (<i32>row.valueLength == length && equalBytes(row.value, value, length)) return index;
  }
  return 0;
}
