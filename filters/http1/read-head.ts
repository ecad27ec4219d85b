/*
 * Message heads and trailers: lines that end in CR LF, read once whatever pieces they arrive in.
 * Entries point at the bytes as offered; when the head is whole it is copied into the arena of the
 * block and the entries are moved along, since the input is reused at once.
 */
import {
  E_HEADER_NAME,
  E_HEADER_VALUE,
  E_HEAD_TOO_LARGE,
  E_LINE_END,
  E_OBS_FOLD,
  E_STATUS_LINE,
  E_TOO_MANY_HEADERS,
  E_TRAILER,
  READER_HEAD_FLAGS,
  READER_IN_MESSAGE,
  READER_KEEP_CASE,
  READER_KEEP_CASE_PROPER,
  READER_KEEP_TRAILERS,
  READER_RESPONSE,
} from "../../api/engine/http1.ts";
import {
  H_CONNECTION,
  H_CONTENT_LENGTH,
  H_HOST,
  H_KEEP_ALIVE,
  H_TE,
  H_TRANSFER_ENCODING,
  H_UPGRADE,
} from "../../api/engine/header-names.ts";
import { HeaderBlock, addHeader, entryAt, reserveArena } from "../head/block.ts";
import { CASING_PROPER_BESIDE, keepName, startCasing } from "../head/casing.ts";
import { internName } from "../head/names.ts";
import { findControl, isBlank, tokenByte } from "./characters.ts";
import { decideFraming, noteHeader } from "./framing.ts";
import { Reader, dropTrailers } from "./reader.ts";
import { readRequestLine, readStatusLine } from "./start-line.ts";

/** Greatest length of the empty lines before a request line. */
const EMPTY_LINE_BYTES_MAX: i32 = 64;

/**
 * Reads a head. Returns the number of bytes it takes, 0 when more are needed, or an error number
 * below 0.
 */
export function readHead(reader: Reader, bytes: usize, length: i32): i32 {
  let from = 0;
  if ((reader.flags & READER_IN_MESSAGE) == 0) {
    if (length == 0) return 0;
    from = skipEmptyLines(reader, bytes, length);
    if (from < 0) return from;
    if (from == length) return 0;
    startHead(reader);
  }
  // Bytes before the start line belong to the head until it is whole; they are few.
  if (reader.lineStart < from) {
    reader.lineStart = from;
    reader.scanned = from;
  }
  const found = readLines(reader, reader.block, bytes, length, false);
  if (found <= 0) return found;
  reader.headBytes = found;
  const error = decideFraming(reader);
  return error == 0 ? found : -error;
}

function startHead(reader: Reader): void {
  dropTrailers(reader);
  reader.flags = (reader.flags & ~READER_HEAD_FLAGS) | READER_IN_MESSAGE;
  reader.base = 0;
  reader.lineStart = 0;
  reader.scanned = 0;
  reader.contentLength = -1;
  reader.hostCount = 0;
  reader.namedCount = 0;
  reader.transferEncoding = 0;
  reader.version = 0;
  reader.status = 0;
  reader.fieldBytes = 0;
  if ((reader.flags & READER_KEEP_CASE) == 0) return;
  const isProper = (reader.flags & READER_KEEP_CASE_PROPER) != 0;
  startCasing(reader.block, isProper ? CASING_PROPER_BESIDE : 0);
}

/**
 * RFC 9112 §2.2: a few empty lines before a request line are ignored; before a status line there
 * may be none. Returns where the start line begins, `length` when that is not known yet, or an
 * error number below 0.
 */
export function skipEmptyLines(reader: Reader, bytes: usize, length: i32): i32 {
  if ((reader.flags & READER_RESPONSE) != 0) return load<u8>(bytes) == 13 ? -E_STATUS_LINE : 0;
  let at = 0;
  while (at < length && load<u8>(bytes + at) == 13) {
    if (at == EMPTY_LINE_BYTES_MAX) return -E_LINE_END;
    if (at + 1 == length) return length;
    if (load<u8>(bytes + at + 1) != 10) return -E_LINE_END;
    at += 2;
  }
  return at;
}

/** Reads lines until the empty one. Returns like `readHead`. */
export function readLines(
  reader: Reader,
  block: HeaderBlock,
  bytes: usize,
  length: i32,
  isTrailer: bool,
): i32 {
  if (reader.base != bytes) {
    if (reader.base != 0) moveEntries(block, bytes - reader.base);
    reader.base = bytes;
  }
  while (true) {
    const end = findControl(bytes, reader.scanned, length);
    // Wherever the line ends, its CR LF is still to be counted: so a head is refused at the same
    // byte in whatever pieces it arrives.
    if (end + 2 > reader.headBytesMax) return -E_HEAD_TOO_LARGE;
    if (end + 1 >= length) {
      reader.scanned = end;
      if (end == length || load<u8>(bytes + end) == 13) return 0;
    }
    if (load<u16>(bytes + end) != 0x0a0d) return -lineError(load<u8>(bytes + end));
    const start = reader.lineStart;
    reader.lineStart = end + 2;
    reader.scanned = end + 2;
    if (end == start) {
      keepLines(reader, block, bytes, end + 2);
      return end + 2;
    }
    const error =
      !isTrailer && reader.version == 0
        ? readStartLine(reader, bytes + start, end - start)
        : readField(reader, block, bytes + start, end - start, isTrailer);
    if (error != 0) return -error;
  }
}

function lineError(byte: u32): i32 {
  return byte == 10 || byte == 13 ? E_LINE_END : E_HEADER_VALUE;
}

function readStartLine(reader: Reader, line: usize, length: i32): i32 {
  return (reader.flags & READER_RESPONSE) != 0
    ? readStatusLine(reader, line, length)
    : readRequestLine(reader, line, length);
}

/** One `name: value` line without its line end. Lower-cases the name where it stands. */
function readField(
  reader: Reader,
  block: HeaderBlock,
  line: usize,
  length: i32,
  isTrailer: bool,
): i32 {
  if (block.casing != 0) keepName(block, line, tokenLength(line, length));
  let at = 0;
  let byte: u32 = 0;
  for (; at < length; at++) {
    byte = load<u8>(line + at);
    const lower = tokenByte(byte);
    if (lower == 0) break;
    store<u8>(line + at, <u8>lower);
  }
  if (at == length || byte != 58 || at == 0) {
    return at == 0 && (byte == 32 || byte == 9) ? E_OBS_FOLD : E_HEADER_NAME;
  }
  if (at > 0xffff) return E_HEAD_TOO_LARGE;
  let from = at + 1;
  let end = length;
  while (from < end && isBlank(load<u8>(line + from))) from++;
  while (end > from && isBlank(load<u8>(line + end - 1))) end--;
  const id = internName(line, at);
  // What is dropped is not counted, as in Envoy.
  const isDropped = isTrailer && (reader.flags & READER_KEEP_TRAILERS) == 0;
  if (isDropped) return isForbiddenTrailer(id) ? E_TRAILER : 0;
  if (block.count - block.pseudoCount >= reader.headerCountMax) return E_TOO_MANY_HEADERS;
  addHeader(block, id, line, at, line + from, end - from);
  reader.fieldBytes += at + end - from + 3;
  if (isTrailer) return isForbiddenTrailer(id) ? E_TRAILER : 0;
  return id == 0 ? 0 : noteHeader(reader, id, line + from, end - from);
}

function tokenLength(bytes: usize, length: i32): i32 {
  let at = 0;
  while (at < length && tokenByte(load<u8>(bytes + at)) != 0) at++;
  return at;
}

/** Fields that change framing or routing may never stand in trailers. RFC 9110 §6.5.1. */
function isForbiddenTrailer(id: i32): bool {
  return (
    id == H_CONTENT_LENGTH ||
    id == H_TRANSFER_ENCODING ||
    id == H_HOST ||
    id == H_CONNECTION ||
    id == H_KEEP_ALIVE ||
    id == H_TE ||
    id == H_UPGRADE
  );
}

/** Copies a whole head, or whole trailers, into the arena of its block. */
function keepLines(reader: Reader, block: HeaderBlock, bytes: usize, length: i32): void {
  const kept = reserveArena(block, length);
  memory.copy(kept, bytes, length);
  moveEntries(block, kept - bytes);
  reader.base = 0;
}

/** Adds `by` to each address that points into the input. Static text does not move. */
function moveEntries(block: HeaderBlock, by: usize): void {
  for (let i = 0; i < block.pseudoCount; i++) {
    const entry = entryAt(block, i);
    if (entry.valueLength > 0) entry.value += by;
  }
  for (let i = block.pseudoCount; i < block.count; i++) {
    const entry = entryAt(block, i);
    entry.name += by;
    entry.value += by;
  }
}
