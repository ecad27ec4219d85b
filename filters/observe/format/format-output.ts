/* Where formats write: a region that grows, and text escaped for JSON. */
import { copyBytes, writeDecimal } from "../../memory/bytes.ts";
import { allocate, capacityOf, release } from "../../memory/slab.ts";

const OUTPUT_BYTES: usize = 8192;
/** Bytes that a write may go beyond what it asked for. */
const SLACK_BYTES: usize = 32;
/** Longest escape: backslash, u, four digits. */
const ESCAPE_BYTES: i32 = 6;
const DECIMAL_BYTES: i32 = 20;

let output: usize = 0;
let outputEnd: usize = 0;
let cursor: usize = 0;

/** Begins the output of a format. */
// @ts-ignore: decorator
@inline
export function beginFormat(): void {
  if (output == 0) newOutput(OUTPUT_BYTES);
  cursor = output;
}

/** Where the output of the last format is, until the next format. */
export function formatOutput(): usize {
  return output;
}

/** Bytes written so far. */
// @ts-ignore: decorator
@inline
export function writtenLength(): i32 {
  return <i32>(cursor - output);
}

/** Takes back what was written after `length` bytes. */
export function rewind(length: i32): void {
  cursor = output + <usize>length;
}

/** The last byte written, or 0. */
export function lastByte(): u8 {
  return cursor == output ? 0 : load<u8>(cursor - 1);
}

function newOutput(size: usize): void {
  output = allocate(size);
  outputEnd = output + capacityOf(output) - SLACK_BYTES;
}

// @ts-ignore: decorator
@inline
function makeRoom(length: i32): void {
  if (cursor + <usize>length > outputEnd) grow(length);
}

function grow(length: i32): void {
  const used = cursor - output;
  const old = output;
  newOutput((used + <usize>length + SLACK_BYTES) << 1);
  memory.copy(output, old, used);
  cursor = output + used;
  release(old);
}

/** Writes one byte. */
export function writeByte(byte: u8): void {
  makeRoom(1);
  store<u8>(cursor++, byte);
}

/** Writes bytes as they are. */
// @ts-ignore: decorator
@inline
export function writeBytes(bytes: usize, length: i32): void {
  makeRoom(length);
  copyBytes(cursor, bytes, length);
  cursor += <usize>length;
}

/** Writes a number in decimal. */
export function writeNumber(value: i64): void {
  makeRoom(DECIMAL_BYTES + 1);
  if (value < 0) store<u8>(cursor++, 45);
  cursor += <usize>writeDecimal(cursor, <u64>(value < 0 ? -value : value));
}

/**
 * Writes a text as it stands in a JSON string. A text that is no UTF-8 is taken as Latin-1, and
 * then all but ASCII is escaped, as Envoy does.
 */
export function writeEscaped(bytes: usize, length: i32): void {
  if (isPlain(bytes, length)) {
    writeBytes(bytes, length);
    return;
  }
  makeRoom(length * ESCAPE_BYTES);
  if (isUtf8(bytes, length)) {
    for (let i = 0; i < length; i++) escapeByte(load<u8>(bytes + i));
    return;
  }
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(bytes + i);
    if (byte < 32 || byte == 34 || byte == 92 || byte >= 128) escapeAsNumber(byte);
    else store<u8>(cursor++, byte);
  }
}

/** True when nothing needs escaping and all is ASCII. */
function isPlain(bytes: usize, length: i32): bool {
  let i = 0;
  for (; i + 16 <= length; i += 16) {
    const part = v128.load(bytes + i);
    // Signed, so that bytes from 128 on count as small too.
    const odd = v128.or(
      i8x16.lt_s(part, i8x16.splat(32)),
      v128.or(i8x16.eq(part, i8x16.splat(34)), i8x16.eq(part, i8x16.splat(92))),
    );
    if (v128.any_true(odd)) return false;
  }
  for (; i < length; i++) {
    const byte = load<u8>(bytes + i);
    if (byte < 32 || byte == 34 || byte == 92 || byte >= 128) return false;
  }
  return true;
}

function escapeByte(byte: u8): void {
  if (byte >= 32 && byte != 34 && byte != 92) {
    store<u8>(cursor++, byte);
    return;
  }
  const letter = shortEscape(byte);
  if (letter == 0) {
    escapeAsNumber(byte);
    return;
  }
  store<u8>(cursor, 92);
  store<u8>(cursor, letter, 1);
  cursor += 2;
}

/** The letter after the backslash, or 0. RFC 8259 §7. */
function shortEscape(byte: u8): u8 {
  switch (byte) {
    case 8: return 98;
    case 9: return 116;
    case 10: return 110;
    case 12: return 102;
    case 13: return 114;
    case 34: return 34;
    case 92: return 92;
    default: return 0;
  }
}

function escapeAsNumber(byte: u8): void {
  store<u32>(cursor, 0x3030755c);
  store<u8>(cursor, hexDigitOf(byte >> 4), 4);
  store<u8>(cursor, hexDigitOf(byte & 15), 5);
  cursor += ESCAPE_BYTES;
}

function hexDigitOf(value: u8): u8 {
  return value < 10 ? 48 + value : 87 + value;
}

/** RFC 3629 §4: well-formed, shortest form, no surrogates. */
export function isUtf8(bytes: usize, length: i32): bool {
  let i = 0;
  while (i < length) {
    const lead = <u32>load<u8>(bytes + i++);
    if (lead < 0x80) continue;
    if (lead < 0xc2 || lead > 0xf4) return false;
    const rest = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (i + rest > length) return false;
    const second = <u32>load<u8>(bytes + i);
    const lowest: u32 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const highest: u32 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < lowest || second > highest) return false;
    for (let k = 1; k < rest; k++) {
      if ((load<u8>(bytes + i + k) & 0xc0) != 0x80) return false;
    }
    i += rest;
  }
  return true;
}
