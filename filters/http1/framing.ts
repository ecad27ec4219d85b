/*
 * Where a body ends, and whether the connection can be used again: RFC 9112 §6 and §9. Anything
 * that a second implementation could read in another way is an error, which is what stops request
 * smuggling.
 */
import {
  E_CONNECTION_HEADER,
  E_CONTENT_LENGTH,
  E_HOST,
  E_HOST_MISSING,
  E_LENGTH_AND_CHUNKED,
  E_TRANSFER_CODING_UNKNOWN,
  E_TRANSFER_ENCODING,
  E_TRANSFER_ENCODING_HTTP10,
  FRAMING_CHUNKED,
  FRAMING_CLOSE,
  FRAMING_LENGTH,
  FRAMING_NONE,
  READER_CHUNKED_LENGTH,
  READER_CLOSE,
  READER_CONNECTION_NAMES,
  READER_EXPECT_CONTINUE,
  READER_KEEP_ALIVE,
  READER_NO_BODY,
  READER_RESPONSE,
  READER_UPGRADE,
} from "../../api/engine/http1.ts";
import {
  H_CONNECTION,
  H_CONTENT_LENGTH,
  H_EXPECT,
  H_HOST,
  H_TRANSFER_ENCODING,
  H_UPGRADE,
} from "../../api/engine/header-names.ts";
import {
  HeaderBlock,
  addKnown,
  entryAt,
  mayHave,
  removeKnown,
  reserveArena,
} from "../head/block.ts";
import { lowerByte, readDecimal, writeDecimal } from "../memory/bytes.ts";
import { isBlank, tokenByte } from "./characters.ts";
import { Reader } from "./reader.ts";

const CODING_NONE: i32 = 0;
const CODING_CHUNKED: i32 = 1;
/** A registered coding that we do not undo. */
const CODING_KNOWN: i32 = 2;
const CODING_ODD: i32 = 3;

/** Set beside `READER_*` while a head is read: `Connection` holds the token "upgrade". */
const SAW_UPGRADE_TOKEN: i32 = 1 << 20;
/** `Connection` holds the token "keep-alive". */
const SAW_KEEP_ALIVE: i32 = 1 << 21;

/** As many named headers are refused, as by Envoy. */
const NAMED_COUNT_MAX: i32 = 10;

/** Looks at one well-known header while the head is read. Returns an error number or 0. */
export function noteHeader(reader: Reader, id: i32, value: usize, length: i32): i32 {
  switch (id) {
    case H_CONTENT_LENGTH: {
      if (reader.contentLength >= 0) return E_CONTENT_LENGTH;
      reader.contentLength = readDecimal(value, length);
      return reader.contentLength < 0 ? E_CONTENT_LENGTH : 0;
    }
    case H_TRANSFER_ENCODING: {
      if (reader.transferEncoding != CODING_NONE) return E_TRANSFER_ENCODING;
      reader.transferEncoding = codingOf(value, length);
      return 0;
    }
    case H_HOST:
      return ++reader.hostCount > 1 && !isResponse(reader) ? E_HOST : 0;
    case H_CONNECTION:
      return noteConnection(reader, value, length);
    case H_EXPECT:
      if (isWord(value, length, "100-continue")) reader.flags |= READER_EXPECT_CONTINUE;
      return 0;
    default:
      return 0;
  }
}

function codingOf(value: usize, length: i32): i32 {
  if (isWord(value, length, "chunked")) return CODING_CHUNKED;
  const isKnown =
    isWord(value, length, "gzip") ||
    isWord(value, length, "deflate") ||
    isWord(value, length, "compress") ||
    isWord(value, length, "identity") ||
    isWord(value, length, "gzip, chunked") ||
    isWord(value, length, "deflate, chunked") ||
    isWord(value, length, "compress, chunked");
  return isKnown ? CODING_KNOWN : CODING_ODD;
}

/** True when the range is `word` (lower case) but for ASCII case. */
export function isWord(value: usize, length: i32, word: string): bool {
  if (length != word.length) return false;
  for (let i = 0; i < length; i++) {
    if (lowerByte(load<u8>(value + i)) != <u32>word.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * Reads the comma-separated options of one Connection field. Returns an error number or 0: what a
 * request names is removed from it, so it must be clear, short and harmless to remove.
 */
function noteConnection(reader: Reader, value: usize, length: i32): i32 {
  let from = 0;
  for (let at = 0; at <= length; at++) {
    if (at < length && load<u8>(value + at) != 44) continue;
    let end = at;
    while (from < end && isBlank(load<u8>(value + from))) from++;
    while (end > from && isBlank(load<u8>(value + end - 1))) end--;
    if (end > from && !noteOption(reader, value + from, end - from)) return E_CONNECTION_HEADER;
    from = at + 1;
  }
  return 0;
}

/** Notes one connection option. Returns false when a request may not name it. */
function noteOption(reader: Reader, option: usize, length: i32): bool {
  if (isWord(option, length, "close")) reader.flags |= READER_CLOSE;
  else if (isWord(option, length, "keep-alive")) reader.flags |= SAW_KEEP_ALIVE;
  else if (isWord(option, length, "upgrade")) reader.flags |= SAW_UPGRADE_TOKEN;
  else {
    reader.flags |= READER_CONNECTION_NAMES;
    if (isResponse(reader)) return true;
    if (++reader.namedCount >= NAMED_COUNT_MAX) return false;
    return isToken(option, length) && !isProtected(option, length);
  }
  return true;
}

function isToken(bytes: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    if (tokenByte(load<u8>(bytes + i)) == 0) return false;
  }
  return true;
}

/**
 * Fields that the next hop needs to find the end of the request, to route it, or to know who sent
 * it. Envoy refuses to remove the latter, too.
 */
function isProtected(name: usize, length: i32): bool {
  return (
    isWord(name, length, "content-length") ||
    isWord(name, length, "transfer-encoding") ||
    isWord(name, length, "host") ||
    isWord(name, length, "x-forwarded-for") ||
    isWord(name, length, "x-forwarded-host") ||
    isWord(name, length, "x-forwarded-proto")
  );
}

// @ts-ignore: decorator
@inline
function isResponse(reader: Reader): bool {
  return (reader.flags & READER_RESPONSE) != 0;
}

/** Decides framing and persistence when the head is whole. Returns an error number or 0. */
export function decideFraming(reader: Reader): i32 {
  const flags = reader.flags;
  const isPersistent = reader.version == 11 || (flags & SAW_KEEP_ALIVE) != 0;
  if (isPersistent && (flags & READER_CLOSE) == 0) reader.flags |= READER_KEEP_ALIVE;
  if ((flags & SAW_UPGRADE_TOKEN) != 0 && mayHave(reader.block, H_UPGRADE)) {
    reader.flags |= READER_UPGRADE;
  }
  reader.flags &= ~(SAW_UPGRADE_TOKEN | SAW_KEEP_ALIVE);
  const error = checkCodings(reader);
  if (error != 0) return error;
  return isResponse(reader) ? frameResponse(reader) : frameRequest(reader);
}

function checkCodings(reader: Reader): i32 {
  const coding = reader.transferEncoding;
  if (coding == CODING_NONE) return 0;
  if (coding == CODING_ODD) return E_TRANSFER_ENCODING;
  if (coding == CODING_KNOWN) return E_TRANSFER_CODING_UNKNOWN;
  if (reader.version == 10) return E_TRANSFER_ENCODING_HTTP10;
  if (reader.contentLength < 0) return 0;
  if ((reader.flags & READER_CHUNKED_LENGTH) == 0) return E_LENGTH_AND_CHUNKED;
  // RFC 9112 §6.3: who sends both may be smuggling, so the connection carries nothing further.
  reader.flags &= ~READER_KEEP_ALIVE;
  return 0;
}

function frameRequest(reader: Reader): i32 {
  if (reader.transferEncoding != CODING_NONE) reader.framing = FRAMING_CHUNKED;
  else if (reader.contentLength >= 0) reader.framing = FRAMING_LENGTH;
  else reader.framing = FRAMING_NONE;
  return reader.version == 11 && reader.hostCount == 0 ? E_HOST_MISSING : 0;
}

/** RFC 9112 §6.3, in its order. */
function frameResponse(reader: Reader): i32 {
  const status = reader.status;
  if (status < 200 || status == 204) {
    // RFC 9110 §8.6 and RFC 9112 §6.1 forbid both headers; a length of 0 passes, as in Envoy.
    if (reader.transferEncoding != CODING_NONE) return E_TRANSFER_ENCODING;
    if (reader.contentLength > 0) return E_CONTENT_LENGTH;
    removeKnown(reader.block, H_CONTENT_LENGTH);
  }
  const isBodyless =
    (reader.flags & READER_NO_BODY) != 0 || status < 200 || status == 204 || status == 304;
  if (isBodyless) reader.framing = FRAMING_NONE;
  else if (reader.transferEncoding != CODING_NONE) reader.framing = FRAMING_CHUNKED;
  else if (reader.contentLength >= 0) reader.framing = FRAMING_LENGTH;
  else {
    reader.framing = FRAMING_CLOSE;
    reader.flags &= ~READER_KEEP_ALIVE;
  }
  return 0;
}

/**
 * Makes a head that is to be sent say how its body really ends, whatever was done to its headers:
 * one Content-Length for FRAMING_LENGTH, none where the body ends in another way. The one who
 * writes the head adds `Transfer-Encoding: chunked`. A head without body keeps its length, since
 * the answer to HEAD tells that of GET.
 */
export function settleLength(block: HeaderBlock, framing: i32, length: i64): void {
  if (mayHave(block, H_TRANSFER_ENCODING)) removeKnown(block, H_TRANSFER_ENCODING);
  if (framing == FRAMING_NONE) return;
  if (framing == FRAMING_LENGTH && saysOnce(block, length)) return;
  removeKnown(block, H_CONTENT_LENGTH);
  if (framing != FRAMING_LENGTH) return;
  const digits = reserveArena(block, 20);
  addKnown(block, H_CONTENT_LENGTH, digits, writeDecimal(digits, length));
}

/** True when the one Content-Length of a block is `length`. */
function saysOnce(block: HeaderBlock, length: i64): bool {
  let found = 0;
  for (let i = block.pseudoCount; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (entry.id != H_CONTENT_LENGTH || entry.nameLength == 0) continue;
    if (++found > 1 || readDecimal(entry.value, entry.valueLength) != length) return false;
  }
  return found == 1;
}
