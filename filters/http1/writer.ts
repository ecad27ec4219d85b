/* Writes HTTP/1.1 heads, bodies and trailers. All targets have room; callers reserve it. */
import { ENTRY_BYTES, HeaderBlock, HeaderEntry } from "../head/block.ts";
import { isProperBeside, keptName } from "../head/casing.ts";
import { copyBytes, indexOfByte, writeHex } from "../memory/bytes.ts";

/** ": " and CR LF as little-endian numbers. */
const COLON_SPACE: u16 = 0x203a;
const CRLF: u16 = 0x0a0d;
/** Bytes that one chunk adds: eight digits and two line ends. */
export const CHUNK_OVERHEAD_BYTES: i32 = 16;

/** Upper bound of the bytes that the headers of a block take. */
export function headersLength(block: HeaderBlock): i32 {
  let length = 0;
  const end = block.entries + (<usize>block.count << 4);
  for (let at = block.entries; at < end; at += ENTRY_BYTES) {
    const entry = changetype<HeaderEntry>(at);
    length += <i32>entry.nameLength + entry.valueLength + 4;
  }
  return length;
}

/** Writes the headers behind the pseudo-headers. Returns the end. Hot. */
export function writeHeaders(target: usize, block: HeaderBlock): usize {
  const end = block.entries + (<usize>block.count << 4);
  const first = block.entries + (<usize>block.pseudoCount << 4);
  for (let at = first; at < end; at += ENTRY_BYTES) {
    const entry = changetype<HeaderEntry>(at);
    const nameLength = <i32>entry.nameLength;
    if (nameLength == 0) continue;
    target = writeHeader(target, entry.name, nameLength, entry.value, entry.valueLength);
  }
  return target;
}

/** Writes one `name: value` line. Returns the end. */
// @ts-ignore: decorator
@inline
export function writeHeader(
  target: usize,
  name: usize,
  nameLength: i32,
  value: usize,
  valueLength: i32,
): usize {
  copyBytes(target, name, nameLength);
  target += nameLength;
  store<u16>(target, COLON_SPACE);
  target += 2;
  copyBytes(target, value, valueLength);
  target += valueLength;
  store<u16>(target, CRLF);
  return target + 2;
}

/**
 * Puts the names of a block's headers, as they were written, into the case that they are to have:
 * that of the peer where it was kept, else Train-Case if `isProper`.
 */
export function formatNames(from: usize, end: usize, block: HeaderBlock, isProper: bool): void {
  if (block.casing != 0) restoreCase(from, end, block);
  else if (isProper) properCase(from, end);
}

function restoreCase(from: usize, end: usize, block: HeaderBlock): void {
  const isProper = isProperBeside(block);
  while (from < end) {
    const lineLength = indexOfByte(from, <i32>(end - from), 10) + 1;
    const length = indexOfByte(from, lineLength, 58);
    if (length < 0) return;
    const kept = keptName(block, from, length);
    if (kept != 0) copyBytes(from, kept, length);
    else if (isProper) properCase(from, from + length);
    from += lineLength;
  }
}

/** Turns the header names in a written head into Train-Case. Envoy `proper_case_words`. */
function properCase(from: usize, end: usize): void {
  let isName = true;
  let isFirst = true;
  for (let at = from; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte == 10) {
      isName = true;
      isFirst = true;
    } else if (isName) {
      if (byte == 58) isName = false;
      else if (isFirst && byte - 97 < 26) store<u8>(at, <u8>(byte - 32));
      isFirst = !(byte - 97 < 26 || byte - 65 < 26 || byte - 48 < 10);
    }
  }
}

/** Writes a piece of a chunked body. Returns the end. */
export function writeChunk(target: usize, bytes: usize, length: i32): usize {
  target += writeHex(target, length);
  store<u16>(target, CRLF);
  memory.copy(target + 2, bytes, length);
  target += length + 2;
  store<u16>(target, CRLF);
  return target + 2;
}

/** Writes the last chunk and the trailers, if any. Returns the end. */
export function writeLastChunk(target: usize, trailers: HeaderBlock | null): usize {
  store<u8>(target, 48);
  store<u16>(target + 1, CRLF);
  target += 3;
  if (trailers !== null) target = writeHeaders(target, trailers);
  store<u16>(target, CRLF);
  return target + 2;
}

/** Room that `writeLastChunk` needs. */
export function lastChunkLength(trailers: HeaderBlock | null): i32 {
  return trailers === null ? CHUNK_OVERHEAD_BYTES : headersLength(trailers) + CHUNK_OVERHEAD_BYTES;
}
