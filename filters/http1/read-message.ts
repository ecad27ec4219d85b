/*
 * Reads HTTP/1 messages (RFC 9112), requests or responses, from bytes that arrive in any pieces.
 * Sans-IO: the caller offers what it has, the reader says what it found and how much of it is
 * used up (`consumed`). Bytes that are not used up must be offered again, with more behind them,
 * as the reader left them: it puts header names into lower case where they stand. It may look at
 * 16 bytes behind the input.
 *
 * Whatever two implementations could understand differently is refused: bare CR or LF, folded
 * lines, space before a colon, repeated or odd lengths, both lengths, unknown codings.
 */
import {
  E_CHUNK_END,
  E_CHUNK_EXTENSION,
  E_CHUNK_SIZE,
  E_EARLY_END,
  FRAMING_CHUNKED,
  FRAMING_CLOSE,
  FRAMING_LENGTH,
  FRAMING_NONE,
  READER_IN_MESSAGE,
  READER_KEEP_TRAILERS,
  READER_RAW_END,
  READ_DATA,
  READ_END,
  READ_ERROR,
  READ_HEAD,
  READ_MORE,
} from "../../api/engine/http1.ts";
import { clearBlock, createBlock } from "../head/block.ts";
import { hexDigit } from "../memory/bytes.ts";
import { readHead, readLines } from "./read-head.ts";
import { Reader, dropTrailers } from "./reader.ts";

/** Where in a message the reader stands. */
const PHASE_HEAD: i32 = 0;
const PHASE_LENGTH: i32 = 1;
const PHASE_CHUNK_SIZE: i32 = 2;
const PHASE_CHUNK_EXTENSION: i32 = 3;
const PHASE_CHUNK_LINE_END: i32 = 4;
const PHASE_CHUNK_DATA: i32 = 5;
const PHASE_CHUNK_CR: i32 = 6;
const PHASE_CHUNK_LF: i32 = 7;
const PHASE_TRAILERS: i32 = 8;
const PHASE_CLOSE: i32 = 9;
const PHASE_END: i32 = 10;
const PHASE_DEAD: i32 = 11;
const PHASE_RAW: i32 = 12;

/** Longest chunk-size line, extensions included, in bytes. */
const CHUNK_LINE_BYTES_MAX: i32 = 4096;
/** Most hexadecimal digits of a chunk size that count: 2^52 bytes. */
const CHUNK_DIGITS_MAX: i32 = 13;
/** Bytes of chunk extensions allowed in one message. */
const CHUNK_EXTENSION_BYTES_MAX: i64 = 16384;

/** Makes ready for the next message on the connection. */
export function nextMessage(reader: Reader): void {
  reader.phase = PHASE_HEAD;
  reader.flags &= ~READER_IN_MESSAGE;
}

/**
 * Forgets what was read of a head that will not become whole. Its entries point into input that is
 * not kept, so nobody may look at them.
 */
export function dropHead(reader: Reader): void {
  if (reader.phase == PHASE_HEAD) clearBlock(reader.block, reader.block.pseudoCount);
}

/** Looks for the next event in `length` bytes. Never allocates but for trailers. Hot. */
export function readNext(reader: Reader, bytes: usize, length: i32): i32 {
  reader.consumed = 0;
  switch (reader.phase) {
    case PHASE_HEAD:
      return nextHead(reader, bytes, length);
    case PHASE_LENGTH:
      return nextCounted(reader, bytes, length);
    case PHASE_CLOSE:
      return length == 0 ? READ_MORE : giveData(reader, bytes, length);
    case PHASE_END:
      nextMessage(reader);
      return READ_END;
    case PHASE_DEAD:
      return READ_ERROR;
    case PHASE_RAW:
      return nextRaw(reader, bytes, length);
    default:
      return nextChunked(reader, bytes, length);
  }
}

/** The peer will send no more. READ_END when that ends the message, READ_MORE between messages. */
export function readClose(reader: Reader): i32 {
  if (reader.phase == PHASE_CLOSE) {
    nextMessage(reader);
    return READ_END;
  }
  if (reader.phase == PHASE_HEAD && (reader.flags & READER_IN_MESSAGE) == 0) return READ_MORE;
  return fail(reader, E_EARLY_END);
}

function nextHead(reader: Reader, bytes: usize, length: i32): i32 {
  const found = readHead(reader, bytes, length);
  if (found < 0) return fail(reader, -found);
  if (found == 0) return READ_MORE;
  reader.consumed = reader.headBytes;
  startBody(reader);
  return READ_HEAD;
}

/** Makes ready for the body whose framing and length the reader has. */
export function startBody(reader: Reader): void {
  if (reader.framing == FRAMING_NONE) reader.phase = PHASE_END;
  else if (reader.framing == FRAMING_LENGTH) {
    reader.remaining = reader.contentLength;
    reader.phase = reader.remaining == 0 ? PHASE_END : PHASE_LENGTH;
  } else if (reader.framing == FRAMING_CHUNKED) {
    reader.extensionBytes = 0;
    startChunk(reader);
  } else {
    reader.phase = PHASE_CLOSE;
  }
}

/**
 * Makes ready for a body that another codec has taken out of its frames: what is offered is the
 * body, up to where READER_RAW_END is set.
 */
export function startRawBody(reader: Reader): void {
  reader.flags &= ~READER_RAW_END;
  reader.phase = PHASE_RAW;
}

/** Makes ready for bytes of another protocol, which go on to the end of the connection. */
export function startTunnel(reader: Reader): void {
  reader.framing = FRAMING_CLOSE;
  reader.phase = PHASE_CLOSE;
}

/** True when nothing is to come of the message whose head or body was read. */
// @ts-ignore: decorator
@inline
export function isAtEnd(reader: Reader): bool {
  return reader.phase == PHASE_END;
}

/**
 * Reads over the rest of a message whose head was read. True when all of it is here and nothing
 * behind it.
 */
export function isRestRead(reader: Reader, bytes: usize, length: i32): bool {
  let at = 0;
  while (true) {
    const found = readNext(reader, bytes + at, length - at);
    at += reader.consumed;
    if (found == READ_END) return at == length;
    if (found != READ_DATA) return false;
  }
}

function giveData(reader: Reader, bytes: usize, length: i32): i32 {
  reader.data = bytes;
  reader.dataLength = length;
  reader.consumed += length;
  return READ_DATA;
}

function nextRaw(reader: Reader, bytes: usize, length: i32): i32 {
  if (length > 0) return giveData(reader, bytes, length);
  if ((reader.flags & READER_RAW_END) == 0) return READ_MORE;
  nextMessage(reader);
  return READ_END;
}

function nextCounted(reader: Reader, bytes: usize, length: i32): i32 {
  if (length == 0) return READ_MORE;
  const take = <i64>length < reader.remaining ? length : <i32>reader.remaining;
  reader.remaining -= take;
  if (reader.remaining == 0) reader.phase = PHASE_END;
  return giveData(reader, bytes, take);
}

function startChunk(reader: Reader): void {
  reader.phase = PHASE_CHUNK_SIZE;
  reader.remaining = 0;
  reader.chunkDigits = 0;
  reader.chunkLineBytes = 0;
}

function nextChunked(reader: Reader, bytes: usize, length: i32): i32 {
  let at = 0;
  while (at < length && reader.phase < PHASE_TRAILERS) {
    if (reader.phase == PHASE_CHUNK_DATA) {
      reader.consumed = at;
      const left = length - at;
      const take = <i64>left < reader.remaining ? left : <i32>reader.remaining;
      reader.remaining -= take;
      if (reader.remaining == 0) reader.phase = PHASE_CHUNK_CR;
      return giveData(reader, bytes + at, take);
    }
    const error = chunkByte(reader, load<u8>(bytes + at));
    if (error != 0) return fail(reader, error);
    at++;
  }
  reader.consumed = at;
  if (reader.phase != PHASE_TRAILERS) return READ_MORE;
  return nextTrailers(reader, bytes + at, length - at);
}

/** Takes one byte of chunk framing. Returns an error number or 0. */
function chunkByte(reader: Reader, byte: u32): i32 {
  switch (reader.phase) {
    case PHASE_CHUNK_SIZE:
      return chunkSizeByte(reader, byte);
    case PHASE_CHUNK_EXTENSION:
      return chunkExtensionByte(reader, byte);
    case PHASE_CHUNK_LINE_END:
      if (byte != 10) return E_CHUNK_SIZE;
      if (reader.remaining > 0) reader.phase = PHASE_CHUNK_DATA;
      else startTrailers(reader);
      return 0;
    case PHASE_CHUNK_CR:
      reader.phase = PHASE_CHUNK_LF;
      return byte == 13 ? 0 : E_CHUNK_END;
    default:
      startChunk(reader);
      return byte == 10 ? 0 : E_CHUNK_END;
  }
}

function chunkSizeByte(reader: Reader, byte: u32): i32 {
  const digit = hexDigit(byte);
  if (digit >= 0) {
    // Leading zeros are digits too: the line has a limit, the value another.
    if (++reader.chunkDigits > CHUNK_DIGITS_MAX) return E_CHUNK_SIZE;
    reader.remaining = (reader.remaining << 4) | digit;
    return 0;
  }
  if (reader.chunkDigits == 0) return E_CHUNK_SIZE;
  if (byte == 13) reader.phase = PHASE_CHUNK_LINE_END;
  else if (byte == 59) reader.phase = PHASE_CHUNK_EXTENSION;
  else return E_CHUNK_SIZE;
  return 0;
}

function chunkExtensionByte(reader: Reader, byte: u32): i32 {
  if (byte == 13) {
    reader.phase = PHASE_CHUNK_LINE_END;
    return 0;
  }
  if ((byte < 32 && byte != 9) || byte == 127) return E_CHUNK_EXTENSION;
  if (++reader.extensionBytes > CHUNK_EXTENSION_BYTES_MAX) return E_CHUNK_EXTENSION;
  return ++reader.chunkLineBytes > CHUNK_LINE_BYTES_MAX ? E_CHUNK_EXTENSION : 0;
}

function startTrailers(reader: Reader): void {
  reader.phase = PHASE_TRAILERS;
  reader.lineStart = 0;
  reader.scanned = 0;
  reader.base = 0;
}

function nextTrailers(reader: Reader, bytes: usize, length: i32): i32 {
  let trailers = reader.trailers;
  if (trailers === null) {
    // Most chunked messages have none, and then need no block for them.
    if (length == 0) return READ_MORE;
    const isEmpty = load<u8>(bytes) == 13;
    if (isEmpty && length == 1) return READ_MORE;
    if (isEmpty && load<u8>(bytes + 1) == 10) {
      reader.consumed += 2;
      nextMessage(reader);
      return READ_END;
    }
    trailers = createBlock();
    reader.trailers = trailers;
  }
  const found = readLines(reader, trailers, bytes, length, true);
  if (found < 0) return fail(reader, -found);
  if (found == 0) return READ_MORE;
  reader.consumed += found;
  if ((reader.flags & READER_KEEP_TRAILERS) == 0) dropTrailers(reader);
  nextMessage(reader);
  return READ_END;
}

function fail(reader: Reader, error: i32): i32 {
  reader.error = error;
  dropHead(reader);
  dropTrailers(reader);
  reader.phase = PHASE_DEAD;
  return READ_ERROR;
}
