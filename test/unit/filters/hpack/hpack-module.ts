import { openGuest } from "../../../support/guest-module.ts";

/** What the module under test is: HPACK, and the least that it takes to drive it. */
export const HPACK_ENTRY = `
import { buildCharacters } from "./filters/http1/characters";
import {
  HeaderBlock,
  addHeader,
  addKnown,
  clearBlock,
  createBlock,
  entryAt,
  releaseBlock,
  setPseudo,
} from "./filters/head/block";
import { buildNames, internName } from "./filters/head/names";
import { buildHpack } from "./filters/hpack/build";
import {
  Decoder,
  createDecoder,
  decodeBlock,
  limitDecoderTable,
  releaseDecoder,
} from "./filters/hpack/decoder";
import { DynamicTable, rowName, rowOf, rowValue } from "./filters/hpack/dynamic-table";
import {
  Encoder,
  createEncoder,
  encodeBlock,
  encodedLengthMax,
  limitEncoderTable,
  releaseEncoder,
} from "./filters/hpack/encoder";
import { hashText } from "./filters/hpack/hash";
import { decodeHuffman, encodeHuffman } from "./filters/hpack/huffman";
import { readContinuation, writeNumber } from "./filters/hpack/integer";
import { STATIC_COUNT, staticRow } from "./filters/hpack/static-table";
import { joinCookies } from "./filters/http2/head/join-cookies";

export { allocate, release, bytesInUse } from "./filters/memory/slab";
export { hashText, decodeHuffman, encodeHuffman, readContinuation, writeNumber };

export function start(): void {
  buildCharacters();
  buildNames();
  buildHpack();
}

export function newBlock(pseudoCount: i32): usize {
  const block = createBlock();
  clearBlock(block, pseudoCount);
  return changetype<usize>(block);
}

export function clear(block: usize, pseudoCount: i32): void {
  clearBlock(changetype<HeaderBlock>(block), pseudoCount);
}

export function freeBlock(block: usize): void {
  releaseBlock(changetype<HeaderBlock>(block));
}

/** Adds a header to a block, or sets a pseudo-header. The text of both lies at name. */
export function add(
  block: usize,
  place: i32,
  name: usize,
  nameLength: i32,
  valueLength: i32,
): void {
  const it = changetype<HeaderBlock>(block);
  const value = name + nameLength;
  const id = internName(name, nameLength);
  if (place >= 0) setPseudo(it, place, id, value, valueLength);
  else if (id != 0) addKnown(it, id, value, valueLength);
  else addHeader(it, 0, name, nameLength, value, valueLength);
}

export function join(block: usize): void {
  joinCookies(changetype<HeaderBlock>(block));
}

function put(target: usize, bytes: usize, length: i32): usize {
  store<i32>(target, length);
  memory.copy(target + 4, bytes, length);
  return target + 4 + length;
}

/** Writes name and value of each entry, each behind its length. */
export function dump(block: usize, target: usize): usize {
  const it = changetype<HeaderBlock>(block);
  for (let i = 0; i < it.count; i++) {
    const entry = entryAt(it, i);
    if (entry.nameLength == 0) continue;
    if (entry.id != internName(entry.name, entry.nameLength)) unreachable();
    target = put(target, entry.name, entry.nameLength);
    target = put(target, entry.value, entry.valueLength);
  }
  return target;
}

function dumpRows(table: DynamicTable, target: usize): usize {
  for (let age = 0; age < table.count; age++) {
    const row = rowOf(table, age);
    target = put(target, rowName(table, row), row.nameLength);
    target = put(target, rowValue(table, row), row.valueLength);
  }
  return target;
}

export function staticName(index: i32): usize { return staticRow(index).name; }
export function staticNameLength(index: i32): i32 { return staticRow(index).nameLength; }
export function staticValue(index: i32): usize { return staticRow(index).value; }
export function staticValueLength(index: i32): i32 { return staticRow(index).valueLength; }
export function staticCount(): i32 { return STATIC_COUNT; }

export function newDecoder(headBytesMax: i32, headerCountMax: i32, allowsProtocol: bool): usize {
  const decoder = createDecoder();
  decoder.headBytesMax = headBytesMax;
  decoder.headerCountMax = headerCountMax;
  decoder.check.allowsProtocol = allowsProtocol;
  return changetype<usize>(decoder);
}

export function freeDecoder(decoder: usize): void {
  releaseDecoder(changetype<Decoder>(decoder));
}

export function limitDecoder(decoder: usize, bytes: u32): void {
  limitDecoderTable(changetype<Decoder>(decoder), bytes);
}

export function decode(decoder: usize, bytes: usize, length: i32, block: usize): i32 {
  return decodeBlock(changetype<Decoder>(decoder), bytes, length, changetype<HeaderBlock>(block));
}

export function overflow(decoder: usize): i32 { return changetype<Decoder>(decoder).overflow; }
export function headError(decoder: usize): i32 { return changetype<Decoder>(decoder).check.error; }
export function status(decoder: usize): i32 { return changetype<Decoder>(decoder).check.status; }
export function contentLength(decoder: usize): i64 {
  return changetype<Decoder>(decoder).check.contentLength;
}
export function decoderRows(decoder: usize, target: usize): usize {
  return dumpRows(changetype<Decoder>(decoder).table, target);
}
export function decoderSize(decoder: usize): i32 { return changetype<Decoder>(decoder).table.size; }

export function newEncoder(tableBytesMax: u32): usize {
  return changetype<usize>(createEncoder(tableBytesMax));
}

export function freeEncoder(encoder: usize): void {
  releaseEncoder(changetype<Encoder>(encoder));
}

export function limitEncoder(encoder: usize, bytes: u32): void {
  limitEncoderTable(changetype<Encoder>(encoder), bytes);
}

export function roomFor(block: usize): i32 {
  return encodedLengthMax(changetype<HeaderBlock>(block));
}

export function encode(encoder: usize, block: usize, target: usize): usize {
  return encodeBlock(changetype<Encoder>(encoder), changetype<HeaderBlock>(block), target);
}

export function encoderRows(encoder: usize, target: usize): usize {
  return dumpRows(changetype<Encoder>(encoder).table, target);
}
export function encoderSize(encoder: usize): i32 { return changetype<Encoder>(encoder).table.size; }
`;

/** The exports of the module under test. */
export interface HpackExports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  allocate(size: number): number;
  release(block: number): void;
  bytesInUse(): number;
  hashText(bytes: number, length: number): number;
  decodeHuffman(target: number, lengthMax: number, bytes: number, length: number): number;
  encodeHuffman(target: number, limit: number, bytes: number, length: number): number;
  readContinuation(bytes: number, end: number, prefix: number): bigint;
  writeNumber(target: number, pattern: number, prefix: number, value: number): number;
  newBlock(pseudoCount: number): number;
  clear(block: number, pseudoCount: number): void;
  freeBlock(block: number): void;
  add(block: number, place: number, name: number, nameLength: number, valueLength: number): void;
  join(block: number): void;
  dump(block: number, target: number): number;
  staticName(index: number): number;
  staticNameLength(index: number): number;
  staticValue(index: number): number;
  staticValueLength(index: number): number;
  staticCount(): number;
  newDecoder(headBytesMax: number, headerCountMax: number, allowsProtocol: number): number;
  freeDecoder(decoder: number): void;
  limitDecoder(decoder: number, bytes: number): void;
  decode(decoder: number, bytes: number, length: number, block: number): number;
  overflow(decoder: number): number;
  headError(decoder: number): number;
  status(decoder: number): number;
  contentLength(decoder: number): bigint;
  decoderRows(decoder: number, target: number): number;
  decoderSize(decoder: number): number;
  newEncoder(tableBytesMax: number): number;
  freeEncoder(encoder: number): void;
  limitEncoder(encoder: number, bytes: number): void;
  roomFor(block: number): number;
  encode(encoder: number, block: number, target: number): number;
  encoderRows(encoder: number, target: number): number;
  encoderSize(encoder: number): number;
}

/** Compiles the module under test, unless `build/` has it already, and instantiates it. */
export async function openHpackModule(): Promise<HpackExports> {
  const hpack = await openGuest<HpackExports>("hpack", HPACK_ENTRY);
  hpack.start();
  return hpack;
}
