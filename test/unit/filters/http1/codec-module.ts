import { openGuest } from "../../../support/guest-module.ts";

/** What the module under test is: the codec, and the least that it takes to drive it. */
const ENTRY = `
import { buildCharacters, findControl } from "./filters/http1/characters";
import { buildMethods } from "./filters/http1/methods";
import { settleLength } from "./filters/http1/framing";
import { isAtEnd, dropHead, isRestRead, readClose, readNext } from "./filters/http1/read-message";
import { Reader, createReader, releaseReader } from "./filters/http1/reader";
import { REQUEST_PSEUDO, RESPONSE_PSEUDO } from "./filters/http1/start-line";
import { statusLine, statusLineLength } from "./filters/http1/status-line";
import {
  formatNames,
  headersLength,
  lastChunkLength,
  writeChunk,
  writeHeaders,
  writeLastChunk,
} from "./filters/http1/writer";
import { HeaderBlock, clearBlock, createBlock, entryAt, releaseBlock } from "./filters/head/block";
import { keptReason, keptReasonLength } from "./filters/head/casing";
import { buildNames } from "./filters/head/names";

export { allocate, release, bytesInUse } from "./filters/memory/slab";
export { findControl, statusLine, statusLineLength };

export function start(): void {
  buildCharacters();
  buildMethods();
  buildNames();
}

export function open(flags: i32, isResponse: bool, headBytesMax: i32, headerCountMax: i32): usize {
  const reader = createReader(flags);
  reader.block = createBlock();
  reader.headBytesMax = headBytesMax;
  reader.headerCountMax = headerCountMax;
  clearBlock(reader.block, isResponse ? RESPONSE_PSEUDO : REQUEST_PSEUDO);
  return changetype<usize>(reader);
}

export function close(reader: usize): void {
  releaseBlock(changetype<Reader>(reader).block);
  releaseReader(changetype<Reader>(reader));
}

/** Empties the block, as the owner does between messages. */
export function clear(reader: usize): void {
  const block = changetype<Reader>(reader).block;
  clearBlock(block, block.pseudoCount);
}

export function read(reader: usize, bytes: usize, length: i32): i32 {
  return readNext(changetype<Reader>(reader), bytes, length);
}

export function end(reader: usize): i32 {
  return readClose(changetype<Reader>(reader));
}

export function drop(reader: usize): void {
  dropHead(changetype<Reader>(reader));
}

export function isEmpty(reader: usize): bool {
  return isAtEnd(changetype<Reader>(reader));
}

export function field(reader: usize, number: i32): i32 {
  const it = changetype<Reader>(reader);
  switch (number) {
    case 0: return it.consumed;
    case 1: return <i32>it.data;
    case 2: return it.dataLength;
    case 3: return it.error;
    case 4: return it.framing;
    case 5: return it.flags;
    case 6: return it.version;
    case 7: return it.status;
    case 8: return it.headBytes;
    default: return -1;
  }
}

export function contentLength(reader: usize): i64 {
  return changetype<Reader>(reader).contentLength;
}

function blockOf(reader: usize, isTrailers: bool): HeaderBlock | null {
  const it = changetype<Reader>(reader);
  return isTrailers ? it.trailers : it.block;
}

export function skip(reader: usize, bytes: usize, length: i32): bool {
  return isRestRead(changetype<Reader>(reader), bytes, length);
}

/** Writes the entries of a block, each as its id and a line. Returns the length. */
export function dump(reader: usize, isTrailers: bool, target: usize): i32 {
  const block = blockOf(reader, isTrailers);
  if (block === null) return 0;
  const begin = target;
  for (let i = 0; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (entry.nameLength == 0) continue;
    memory.copy(target, entry.name, entry.nameLength);
    target += entry.nameLength;
    store<u16>(target, 0x203a);
    memory.copy(target + 2, entry.value, entry.valueLength);
    target += entry.valueLength + 2;
    store<u8>(target++, 10);
  }
  return <i32>(target - begin);
}

export function settle(reader: usize, framing: i32, length: i64): void {
  settleLength(changetype<Reader>(reader).block, framing, length);
}

export function roomForHeaders(reader: usize): i32 {
  return headersLength(changetype<Reader>(reader).block);
}

export function putHeaders(reader: usize, target: usize): usize {
  return writeHeaders(target, changetype<Reader>(reader).block);
}

export function putFormatted(reader: usize, target: usize, isProper: bool): usize {
  const block = changetype<Reader>(reader).block;
  const end = writeHeaders(target, block);
  formatNames(target, end, block, isProper);
  return end;
}

export function properCase(from: usize, end: usize): void {
  const block = createBlock();
  formatNames(from, end, block, true);
  releaseBlock(block);
}

export function putReason(reader: usize, target: usize): usize {
  const block = changetype<Reader>(reader).block;
  const length = keptReasonLength(block);
  if (length > 0) memory.copy(target, keptReason(block), length);
  return target + length;
}

export function putChunk(target: usize, bytes: usize, length: i32): usize {
  return writeChunk(target, bytes, length);
}

export function roomForLastChunk(reader: usize): i32 {
  return lastChunkLength(changetype<Reader>(reader).trailers);
}

export function putLastChunk(reader: usize, target: usize): usize {
  return writeLastChunk(target, changetype<Reader>(reader).trailers);
}
`;

/** The exports of the module under test. */
export interface CodecExports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  allocate(size: number): number;
  release(block: number): void;
  bytesInUse(): number;
  findControl(bytes: number, from: number, length: number): number;
  properCase(from: number, end: number): void;
  statusLine(status: number): number;
  statusLineLength(status: number): number;
  open(flags: number, isResponse: number, headBytesMax: number, headerCountMax: number): number;
  close(reader: number): void;
  clear(reader: number): void;
  read(reader: number, bytes: number, length: number): number;
  end(reader: number): number;
  drop(reader: number): void;
  isEmpty(reader: number): number;
  skip(reader: number, bytes: number, length: number): number;
  field(reader: number, number: number): number;
  contentLength(reader: number): bigint;
  dump(reader: number, isTrailers: number, target: number): number;
  settle(reader: number, framing: number, length: bigint): void;
  roomForHeaders(reader: number): number;
  putHeaders(reader: number, target: number): number;
  putFormatted(reader: number, target: number, isProper: number): number;
  putReason(reader: number, target: number): number;
  putChunk(target: number, bytes: number, length: number): number;
  roomForLastChunk(reader: number): number;
  putLastChunk(reader: number, target: number): number;
}

/** Numbers of the fields of a reader, for `field`. */
export const FIELD = {
  consumed: 0,
  data: 1,
  dataLength: 2,
  error: 3,
  framing: 4,
  flags: 5,
  version: 6,
  status: 7,
  headBytes: 8,
} as const;

/** Compiles the module under test, unless `build/` has it already, and instantiates it. */
export async function openCodecModule(): Promise<CodecExports> {
  const codec = await openGuest<CodecExports>("http1", ENTRY);
  codec.start();
  return codec;
}
