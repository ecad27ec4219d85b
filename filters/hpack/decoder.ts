/*
 * Decodes header blocks: RFC 7541 §3. They become entries of a `HeaderBlock`, whose texts lie in
 * its arena, or in static memory where they are well known. What is wrong with the message, and
 * whether it is over a limit, is noted while decoding goes on: the tables of both sides have to
 * stay in step.
 */
import {
  E_HPACK_HUFFMAN,
  E_HPACK_INDEX,
  E_HPACK_TABLE_SIZE,
  E_HPACK_TABLE_SIZE_LATE,
  E_HPACK_TABLE_SIZE_MISSING,
  E_HPACK_TRUNCATED,
  HEAD_FITS,
  HEAD_TOO_LARGE,
  HEAD_TOO_MANY,
} from "../../api/engine/http2.ts";
import { H_AUTHORITY, H_HOST } from "../../api/engine/header-names.ts";
import { HeaderBlock, addHeader, keepBytes, reserveArena, setPseudo } from "../head/block.ts";
import { internName, nameBytes } from "../head/names.ts";
import {
  HeadCheck,
  PLACE_NONE,
  PLACE_ORDINARY,
  beginHead,
  checkField,
  createHeadCheck,
  finishHead,
  noteError,
  noteField,
  releaseHeadCheck,
} from "../http2/head/validate-head.ts";
import { allocate, release } from "../memory/slab.ts";
import {
  DynamicTable,
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
import { decodeHuffman, decodedLengthMax } from "./huffman.ts";
import { readContinuation } from "./integer.ts";
import { STATIC_COUNT, staticRow } from "./static-table.ts";

/** The longest name that an entry of a header block can have. */
const NAME_BYTES_MAX: i32 = 0xffff;

/** The decoder of one connection. */
@unmanaged
export class Decoder {
  table: DynamicTable;
  /** What is known of the message: its fault if it has one, its status, the length it gives. */
  check: HeadCheck;
  /** The largest table that the peer may ask for. */
  tableBytesMax: i32;
  /** What the next block must reduce the table to at least, or -1. */
  reducedBytes: i32;
  /**
   * Greatest sum of names and values in bytes. Envoy `max_request_headers_kb`, which does not count
   * the 32 bytes a field that SETTINGS_MAX_HEADER_LIST_SIZE does (RFC 9113 §6.5.2).
   */
  headBytesMax: i32;
  /** Greatest number of fields, pseudo-headers too. Envoy `max_headers_count`. */
  headerCountMax: i32;
  /** Of the message, up to where it is over a limit. */
  headBytes: i32;
  headerCount: i32;
  /** `HEAD_*`. */
  overflow: i32;
  /** The input that is not decoded yet. */
  at: usize;
  end: usize;
  /** The number that was read last. */
  number: i32;
  /** The text that was read last, which lies in the arena unless it was too long to be kept. */
  text: usize;
  textLength: i32;
  isCut: bool;
}

/** Makes a decoder; its owner sets the limits. */
export function createDecoder(): Decoder {
  const decoder = changetype<Decoder>(allocate(offsetof<Decoder>()));
  memory.fill(changetype<usize>(decoder), 0, offsetof<Decoder>());
  decoder.table = createTable(TABLE_BYTES_AT_FIRST);
  decoder.check = createHeadCheck();
  decoder.tableBytesMax = TABLE_BYTES_AT_FIRST;
  decoder.reducedBytes = -1;
  return decoder;
}

/** Gives back all memory of a decoder. */
export function releaseDecoder(decoder: Decoder): void {
  releaseTable(decoder.table);
  releaseHeadCheck(decoder.check);
  release(changetype<usize>(decoder));
}

/**
 * Says that the peer has acknowledged our SETTINGS_HEADER_TABLE_SIZE, which is TABLE_BYTES_MAX at
 * most. When that is less than it uses, its next block begins with what it uses from now on. RFC
 * 9113 §4.3.1.
 */
export function limitDecoderTable(decoder: Decoder, bytes: u32): void {
  const limit = <i32>min<u32>(bytes, TABLE_BYTES_MAX);
  decoder.tableBytesMax = limit;
  if (limit >= decoder.table.sizeMax) return;
  const isLess = decoder.reducedBytes < 0 || limit < decoder.reducedBytes;
  if (isLess) decoder.reducedBytes = limit;
}

/**
 * Decodes a whole header block into an empty block, whose number of pseudo-headers tells what it
 * is: a request, a response or trailers. Returns 0, or an `E_HPACK_*` that ends the connection. The
 * message is over a limit when `overflow` says so, and malformed when `check.error` does; only what
 * was right is in the block then. May look at 15 bytes behind the input.
 */
export function decodeBlock(
  decoder: Decoder,
  bytes: usize,
  length: i32,
  block: HeaderBlock,
): i32 {
  beginHead(decoder.check, block.pseudoCount);
  decoder.headBytes = 0;
  decoder.headerCount = 0;
  decoder.overflow = HEAD_FITS;
  decoder.at = bytes;
  decoder.end = bytes + <usize>length;
  let error = readTableSizes(decoder);
  while (error == 0 && decoder.at < decoder.end) {
    const first = <u32>load<u8>(decoder.at);
    error = first >= 0x80 ? readIndexed(decoder, block) : readLiteral(decoder, block, first);
  }
  if (error != 0) return error;
  finishHead(decoder.check);
  return 0;
}

/** Dynamic table size updates, which only the beginning of a block may have. RFC 7541 §4.2. */
function readTableSizes(decoder: Decoder): i32 {
  while (decoder.at < decoder.end && (load<u8>(decoder.at) & 0xe0) == 0x20) {
    const error = readNumber(decoder, 0x1f);
    if (error != 0) return error;
    const size = decoder.number;
    const isAbove = decoder.reducedBytes >= 0 && size > decoder.reducedBytes;
    if (size > decoder.tableBytesMax || isAbove) return E_HPACK_TABLE_SIZE;
    decoder.reducedBytes = -1;
    resizeTable(decoder.table, size);
  }
  return decoder.reducedBytes >= 0 ? E_HPACK_TABLE_SIZE_MISSING : 0;
}

/** Reads a number that begins in the low bits of a byte. RFC 7541 §5.1. */
// @ts-ignore: decorator
@inline
function readNumber(decoder: Decoder, prefix: u32): i32 {
  const value = load<u8>(decoder.at++) & prefix;
  decoder.number = value;
  return value == prefix ? readLongNumber(decoder, prefix) : 0;
}

function readLongNumber(decoder: Decoder, prefix: u32): i32 {
  const found = readContinuation(decoder.at, decoder.end, prefix);
  if (found < 0) return <i32>-found;
  decoder.number = <i32>found;
  decoder.at += <usize>(found >> 32);
  return 0;
}

/** A field that a table has. RFC 7541 §6.1. */
function readIndexed(decoder: Decoder, block: HeaderBlock): i32 {
  const error = readNumber(decoder, 0x7f);
  if (error != 0) return error;
  const index = <u32>decoder.number;
  if (index <= STATIC_COUNT) {
    if (index == 0) return E_HPACK_INDEX;
    const row = staticRow(index);
    if (admit(decoder, row.nameLength, row.valueLength, row.verdict)) {
      keep(decoder, block, row.id, row.name, row.nameLength, row.value, row.valueLength);
    }
    return 0;
  }
  const table = decoder.table;
  const age = index - STATIC_COUNT - 1;
  if (age >= <u32>table.count) return E_HPACK_INDEX;
  const row = rowOf(table, age);
  const nameLength = <i32>row.nameLength;
  const valueLength = <i32>row.valueLength;
  if (!admit(decoder, nameLength, valueLength, row.verdict)) return 0;
  const value = keepBytes(block, rowValue(table, row), valueLength);
  const id = <i32>row.id;
  const name = id != 0 ? nameBytes(id) : keepBytes(block, rowName(table, row), nameLength);
  keep(decoder, block, id, name, nameLength, value, valueLength);
  return 0;
}

/** A field whose value, and perhaps name, is spelled out. RFC 7541 §6.2. */
function readLiteral(decoder: Decoder, block: HeaderBlock, first: u32): i32 {
  const isAdded = (first & 0x40) != 0;
  if (!isAdded && (first & 0x20) != 0) return E_HPACK_TABLE_SIZE_LATE;
  const chunks = block.chunks;
  const arena = block.arena;
  const arenaEnd = block.arenaEnd;
  const table = decoder.table;
  // What is over the limit is read on for the table alone, and what is too long for that as well is
  // only measured.
  const room = decoder.overflow == HEAD_FITS ? decoder.headBytesMax - decoder.headBytes : 0;
  const keptMax = max(room, isAdded ? table.sizeMax : 0);
  let error = readNumber(decoder, isAdded ? 0x3f : 0x0f);
  if (error != 0) return error;
  let id = 0;
  if (decoder.number == 0) {
    error = readText(decoder, block, keptMax);
    if (error == 0 && !decoder.isCut) {
      id = internName(decoder.text, decoder.textLength);
      if (id != 0) block.arena = decoder.text;
    }
  } else {
    error = takeName(decoder, block, <u32>decoder.number);
    id = decoder.number;
  }
  if (error != 0) return error;
  const name = id != 0 ? nameBytes(id) : decoder.text;
  const nameLength = decoder.textLength;
  const isNameCut = decoder.isCut;
  error = readText(decoder, block, keptMax);
  if (error != 0) return error;
  const value = decoder.text;
  const valueLength = decoder.textLength;
  const isWhole = !isNameCut && !decoder.isCut;
  const verdict = isWhole ? checkField(id, name, nameLength, value, valueLength) : 0;
  if (isAdded) {
    const row = addRow(table, id, name, nameLength, value, valueLength);
    if (row !== null) row.verdict = <u8>verdict;
  }
  if (admit(decoder, nameLength, valueLength, verdict)) {
    keep(decoder, block, id, name, nameLength, value, valueLength);
  } else {
    rewindArena(block, chunks, arena, arenaEnd);
  }
  return 0;
}

/**
 * Takes the name of a row as the text that was read last; its number, or 0, as the number. A name
 * without a number is copied, since the row may make room for the field that has it.
 */
function takeName(decoder: Decoder, block: HeaderBlock, index: u32): i32 {
  decoder.isCut = false;
  if (index <= STATIC_COUNT) {
    const row = staticRow(index);
    decoder.number = row.id;
    decoder.text = row.name;
    decoder.textLength = row.nameLength;
    return 0;
  }
  const table = decoder.table;
  const age = index - STATIC_COUNT - 1;
  if (age >= <u32>table.count) return E_HPACK_INDEX;
  const row = rowOf(table, age);
  decoder.number = row.id;
  decoder.textLength = row.nameLength;
  if (row.id == 0) decoder.text = keepBytes(block, rowName(table, row), row.nameLength);
  return 0;
}

/** Reads a text into the arena. One longer than `keptMax` is cut, but measured. RFC 7541 §5.2. */
function readText(decoder: Decoder, block: HeaderBlock, keptMax: i32): i32 {
  if (decoder.at == decoder.end) return E_HPACK_TRUNCATED;
  const isHuffman = load<u8>(decoder.at) >= 0x80;
  const error = readNumber(decoder, 0x7f);
  if (error != 0) return error;
  const length = decoder.number;
  const bytes = decoder.at;
  if (<usize>length > decoder.end - bytes) return E_HPACK_TRUNCATED;
  decoder.at = bytes + <usize>length;
  if (!isHuffman) {
    decoder.textLength = length;
    decoder.isCut = length > keptMax;
    if (!decoder.isCut) decoder.text = keepBytes(block, bytes, length);
    return 0;
  }
  const reserved = min(decodedLengthMax(length), keptMax);
  const text = reserveArena(block, reserved);
  const decoded = decodeHuffman(text, reserved, bytes, length);
  if (decoded < 0) return E_HPACK_HUFFMAN;
  decoder.text = text;
  decoder.textLength = decoded;
  decoder.isCut = decoded > reserved;
  block.arena = text + <usize>min(decoded, reserved);
  return 0;
}

/** Counts a field. True when it is to be kept: within the limits, and right by itself. */
function admit(decoder: Decoder, nameLength: i32, valueLength: i32, verdict: i32): bool {
  if (decoder.overflow != HEAD_FITS) return false;
  decoder.headBytes += nameLength + valueLength;
  decoder.headerCount++;
  if (decoder.headBytes > decoder.headBytesMax || nameLength > NAME_BYTES_MAX) {
    decoder.overflow = HEAD_TOO_LARGE;
    return false;
  }
  if (decoder.headerCount > decoder.headerCountMax) {
    decoder.overflow = HEAD_TOO_MANY;
    return false;
  }
  if (verdict != 0) noteError(decoder.check, verdict);
  return verdict == 0;
}

/** Puts a field into the block. */
function keep(
  decoder: Decoder,
  block: HeaderBlock,
  id: i32,
  name: usize,
  nameLength: i32,
  value: usize,
  valueLength: i32,
): void {
  const place = noteField(decoder.check, id, value, valueLength);
  if (place == PLACE_ORDINARY) {
    addHeader(block, <u16>id, name, nameLength, value, valueLength);
  } else if (place != PLACE_NONE) {
    setPseudo(block, place, id == H_HOST ? H_AUTHORITY : id, value, valueLength);
  }
}

/** Takes back what was reserved in the arena since it was as given. */
function rewindArena(block: HeaderBlock, chunks: usize, arena: usize, arenaEnd: usize): void {
  while (block.chunks != chunks) {
    const chunk = block.chunks;
    block.chunks = <usize>load<u32>(chunk);
    release(chunk);
  }
  block.arena = arena;
  block.arenaEnd = arenaEnd;
}
