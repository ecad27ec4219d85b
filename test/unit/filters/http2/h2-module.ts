import { openGuest } from "../../../support/guest-module.ts";

/** What the module under test is: the HTTP/2 codec, and the least that it takes to drive it. */
const ENTRY = `
import { buildCharacters } from "./filters/http1/characters";
import { buildNames, internName } from "./filters/head/names";
import { buildHuffman } from "./filters/hpack/huffman-tables";
import { buildIndexing } from "./filters/hpack/indexing";
import { buildStaticTable } from "./filters/hpack/static-table";
import { setClockOffset, setNow } from "./filters/hcm/clock";
import {
  HeaderBlock,
  addHeader,
  clearBlock,
  createBlock,
  entryAt,
  releaseBlock,
  setPseudo,
} from "./filters/head/block";
import { creditStream, sendData, sendReady } from "./filters/http2/flow";
import { shrinkConnectionWindow } from "./filters/http2/grow-window";
import {
  H2Connection,
  createH2Connection,
  destroyH2Connection,
} from "./filters/http2/h2-connection";
import { H2Stream } from "./filters/http2/h2-stream";
import { clearOut, writePing } from "./filters/http2/output";
import { readFrames } from "./filters/http2/read-frames";
import { sendHead, sendTrailers } from "./filters/http2/head/send-head";
import { startConnection } from "./filters/http2/settings";
import {
  announceEnd,
  closeStreamOf,
  isOver,
  mayOpenStream,
  openLocalStream,
  refuseFurther,
  resetStreamOf,
} from "./filters/http2/streams";
import { noteOut } from "./filters/http2/tally";
import { buildHeadChecks } from "./filters/http2/head/validate-head";

export { allocate, release, bytesInUse } from "./filters/memory/slab";
export { setNow };

export function start(): void {
  buildCharacters();
  buildNames();
  buildHeadChecks();
  buildHuffman();
  buildStaticTable();
  buildIndexing();
  setClockOffset(0);
}

function connectionAt(address: usize): H2Connection {
  return changetype<H2Connection>(address);
}

function streamAt(address: usize): H2Stream {
  return changetype<H2Stream>(address);
}

function blockAt(address: usize): HeaderBlock {
  return changetype<HeaderBlock>(address);
}

export function openBlock(pseudoCount: i32): usize {
  const block = createBlock();
  clearBlock(block, pseudoCount);
  return changetype<usize>(block);
}

export function clear(block: usize, pseudoCount: i32): void {
  clearBlock(blockAt(block), pseudoCount);
}

export function closeBlock(block: usize): void {
  releaseBlock(blockAt(block));
}

export function put(
  block: usize,
  place: i32,
  name: usize,
  nameLength: i32,
  value: usize,
  length: i32,
): void {
  const id = internName(name, nameLength);
  if (place >= 0) setPseudo(blockAt(block), place, id, value, length);
  else addHeader(blockAt(block), id, name, nameLength, value, length);
}

/** Writes the entries of a block, each as a line. Returns the length. */
export function dump(address: usize, target: usize): i32 {
  const block = blockAt(address);
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

export function open(options: usize, isClient: bool): usize {
  const connection = createH2Connection(options, isClient ? 1 : 0);
  connection.block = blockAt(openBlock(4));
  startConnection(connection);
  return changetype<usize>(connection);
}

export function close(address: usize): void {
  const connection = connectionAt(address);
  const table = connection.table;
  for (let slot: u32 = 0; slot <= table.mask; slot++) {
    while (true) {
      const first = load<u32>(table.slots + (<usize>slot << 2));
      if (first == 0) break;
      closeStreamOf(connection, streamAt(first));
    }
  }
  shrinkConnectionWindow(connection);
  releaseBlock(connection.block);
  destroyH2Connection(connection);
}

export function read(connection: usize, bytes: usize, length: i32): i32 {
  return readFrames(connectionAt(connection), bytes, length);
}

export function field(address: usize, number: i32): i32 {
  const connection = connectionAt(address);
  switch (number) {
    case 0: return connection.consumed;
    case 1: return <i32>connection.stream;
    case 2: return <i32>connection.data;
    case 3: return connection.dataLength;
    case 4: return connection.isEnd ? 1 : 0;
    case 5: return connection.error;
    case 6: return connection.reason;
    case 7: return connection.status;
    case 8: return <i32>connection.lastStream;
    case 9: return <i32>changetype<usize>(connection.block);
    case 10: return <i32>connection.out;
    case 11: return connection.outLength;
    case 12: return connection.table.count;
    case 13: return connection.pingsAnswered;
    case 14: return connection.sendWindow;
    default: return -1;
  }
}

export function streamField(address: usize, number: i32): i32 {
  const stream = streamAt(address);
  switch (number) {
    case 0: return <i32>stream.id;
    case 1: return stream.pendingLength;
    case 2: return <i32>changetype<usize>(stream.trailers);
    case 3: return isOver(stream) ? 1 : 0;
    case 4: return stream.sendWindow;
    default: return -1;
  }
}

export function own(stream: usize, owner: usize, block: usize): void {
  streamAt(stream).owner = owner;
  streamAt(stream).block = block;
}

export function openStream(connection: usize): usize {
  if (!mayOpenStream(connectionAt(connection))) return 0;
  return changetype<usize>(openLocalStream(connectionAt(connection)));
}

export function head(connection: usize, stream: usize, block: usize, isEnd: bool): void {
  sendHead(connectionAt(connection), streamAt(stream), blockAt(block), isEnd);
}

export function body(
  connection: usize,
  stream: usize,
  bytes: usize,
  length: i32,
  isEnd: bool,
): void {
  sendData(connectionAt(connection), streamAt(stream), bytes, length, isEnd);
}

export function trailers(connection: usize, stream: usize, block: usize): void {
  sendTrailers(connectionAt(connection), streamAt(stream), blockAt(block));
}

export function ready(connection: usize): usize {
  return changetype<usize>(sendReady(connectionAt(connection)));
}

export function credit(connection: usize, stream: usize, bytes: i32): void {
  creditStream(connectionAt(connection), streamAt(stream), bytes);
}

export function closeStream(connection: usize, stream: usize): void {
  closeStreamOf(connectionAt(connection), streamAt(stream));
}

export function reset(connection: usize, stream: usize, error: i32): void {
  resetStreamOf(connectionAt(connection), streamAt(stream), error);
}

export function ping(connection: usize, bytes: u64): void {
  writePing(connectionAt(connection), bytes, 0);
}

export function note(connection: usize): void {
  noteOut(connectionAt(connection));
}

export function announce(connection: usize): void {
  announceEnd(connectionAt(connection), 0);
}

export function refuse(connection: usize): void {
  refuseFurther(connectionAt(connection), 0);
}

export function written(connection: usize): void {
  clearOut(connectionAt(connection));
}
`;

/** The exports of the module under test. */
export interface H2Exports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  setNow(nowMs: number): void;
  allocate(size: number): number;
  release(block: number): void;
  bytesInUse(): number;
  openBlock(pseudoCount: number): number;
  clear(block: number, pseudoCount: number): void;
  closeBlock(block: number): void;
  put(
    block: number,
    place: number,
    name: number,
    nameLength: number,
    value: number,
    valueLength: number,
  ): void;
  dump(block: number, target: number): number;
  open(options: number, isClient: boolean): number;
  close(connection: number): void;
  read(connection: number, bytes: number, length: number): number;
  field(connection: number, number: number): number;
  streamField(stream: number, number: number): number;
  own(stream: number, owner: number, block: number): void;
  openStream(connection: number): number;
  head(connection: number, stream: number, block: number, isEnd: boolean): void;
  body(connection: number, stream: number, bytes: number, length: number, isEnd: boolean): void;
  trailers(connection: number, stream: number, block: number): void;
  ready(connection: number): number;
  credit(connection: number, stream: number, bytes: number): void;
  closeStream(connection: number, stream: number): void;
  reset(connection: number, stream: number, error: number): void;
  ping(connection: number, bytes: bigint): void;
  note(connection: number): void;
  announce(connection: number): void;
  refuse(connection: number): void;
  written(connection: number): void;
}

/** Numbers of the fields of a connection, for `field`. */
export const FIELD = {
  consumed: 0,
  stream: 1,
  data: 2,
  dataLength: 3,
  isEnd: 4,
  error: 5,
  reason: 6,
  status: 7,
  lastStream: 8,
  block: 9,
  out: 10,
  outLength: 11,
  streamCount: 12,
  pingsAnswered: 13,
  sendWindow: 14,
} as const;

/** Numbers of the fields of a stream, for `streamField`. */
export const STREAM_FIELD = { id: 0, pending: 1, trailers: 2, isOver: 3, sendWindow: 4 } as const;

/** As much memory as the engine has: windows grow only where some is to spare. */
const PAGES = 4096;

/** Compiles the module under test, unless `build/` has it already, and instantiates it. */
export async function openH2Module(): Promise<H2Exports> {
  const module = await openGuest<H2Exports>("http2", ENTRY, "quick", PAGES);
  module.start();
  return module;
}
