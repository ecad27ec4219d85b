import { openGuest } from "../../../support/guest-module.ts";

/** 128 MiB, since bodies are kept only while much memory is left. */
const PAGES = 2048;

/** What the module under test is: streams that are copied, kept and sent elsewhere. */
const ENTRY = `
import { H_LOCATION } from "./api/engine/header-names";
import { READ_DATA, READ_END } from "./api/engine/http1";
import { CONNECTION_UPSTREAM } from "./api/engine/layout";
import { FORWARD_INTERNAL_REDIRECT, ROUTE_ACTION } from "./api/engine/route-image";
import {
  HeaderBlock,
  addHeader,
  clearBlock,
  entryAt,
  findKnown,
  setPseudo,
} from "./filters/head/block";
import { buildNames, internName } from "./filters/head/names";
import { buildCharacters } from "./filters/http1/characters";
import { readNext, startBody } from "./filters/http1/read-message";
import { createReader } from "./filters/http1/reader";
import { RESPONSE_PSEUDO } from "./filters/http1/start-line";
import { retarget } from "./filters/route/redirect/target";
import { selectRoute } from "./filters/route/select";
import {
  Connection,
  advanceInput,
  createConnection,
  destroyConnection,
  keepInput,
} from "./filters/stream/connection";
import {
  forgetBody,
  isRepeatable,
  keepBody,
  startKeeping,
  writeKeptBody,
} from "./filters/stream/attempt/kept-body";
import { beginOutput, buildMail, mailAddress, post } from "./filters/stream/mail";
import { mirrorCount, openMirrorStream } from "./filters/stream/mirror";
import { endMirrors, feedMirrors, leaveMirrors } from "./filters/stream/mirror-links";
import { Stream, closeStream, openStream } from "./filters/stream/stream";

export { allocate, release, bytesInUse, bytesLeft } from "./filters/memory/slab";

export function start(): void {
  buildNames();
  buildCharacters();
  buildMail();
}

export function open(image: usize, hcm: usize, flags: i32, framing: i32, length: i64): usize {
  const reader = createReader(0);
  reader.headBytesMax = 4096;
  reader.headerCountMax = 100;
  reader.framing = framing;
  reader.contentLength = length;
  const connection = createConnection(flags, reader);
  const stream = openStream();
  stream.downstream = changetype<usize>(connection);
  stream.upstream = changetype<usize>(createConnection(CONNECTION_UPSTREAM, createReader(0)));
  stream.image = image;
  stream.hcm = hcm;
  stream.requestFraming = framing;
  reader.block = stream.request;
  startBody(reader);
  return changetype<usize>(stream);
}

export function close(address: usize): void {
  const stream = changetype<Stream>(address);
  leaveMirrors(stream);
  forgetBody(stream);
  destroyConnection(changetype<Connection>(stream.downstream));
  if (stream.upstream != 0) destroyConnection(changetype<Connection>(stream.upstream));
  closeStream(stream);
}

export function put(
  stream: usize,
  isResponse: bool,
  name: usize,
  length: i32,
  value: usize,
  valueLength: i32,
): void {
  const record = changetype<Stream>(stream);
  const block = isResponse ? record.response : record.request;
  addHeader(block, internName(name, length), name, length, value, valueLength);
}

export function putPseudo(stream: usize, place: i32, id: i32, value: usize, length: i32): void {
  setPseudo(changetype<Stream>(stream).request, place, id, value, length);
}

export function select(stream: usize): i32 {
  return selectRoute(changetype<Stream>(stream));
}

/** Writes a block as lines, name and value parted by a space. Returns the length. */
function writeBlock(block: HeaderBlock, target: usize): i32 {
  const begin = target;
  for (let i = 0; i < block.count; i++) {
    const entry = entryAt(block, i);
    if (entry.nameLength == 0) continue;
    memory.copy(target, entry.name, entry.nameLength);
    target += entry.nameLength;
    store<u8>(target++, 32);
    memory.copy(target, entry.value, entry.valueLength);
    target += entry.valueLength;
    store<u8>(target++, 10);
  }
  return <i32>(target - begin);
}

export function dump(stream: usize, target: usize): i32 {
  return writeBlock(changetype<Stream>(stream).request, target);
}

export function keepFrom(stream: usize): void {
  startKeeping(changetype<Stream>(stream));
}

export function keep(stream: usize, bytes: usize, length: i32): void {
  keepBody(changetype<Stream>(stream), bytes, length);
}

export function forget(stream: usize): void {
  forgetBody(changetype<Stream>(stream));
}

export function mayRepeat(stream: usize): bool {
  return isRepeatable(changetype<Stream>(stream));
}

/** Writes what is kept; the mailbox says where it is. */
export function writeKept(stream: usize): usize {
  beginOutput();
  writeKeptBody(changetype<Stream>(stream));
  post(0, 0);
  return mailAddress();
}

export function mirrors(stream: usize): i32 {
  return mirrorCount(changetype<Stream>(stream));
}

export function mirror(stream: usize, place: i32): usize {
  return openMirrorStream(changetype<Stream>(stream), place);
}

export function leave(stream: usize): void {
  leaveMirrors(changetype<Stream>(stream));
}

export function feed(stream: usize, bytes: usize, length: i32): void {
  feedMirrors(changetype<Stream>(stream), bytes, length);
}

export function end(stream: usize): void {
  endMirrors(changetype<Stream>(stream), null);
}

/** Reads a chunked body from the connection's own reader, and gives it to the mirrors. */
export function readAll(address: usize, bytes: usize, length: i32, flags: i32): void {
  const stream = changetype<Stream>(address);
  const reader = changetype<Connection>(stream.downstream).reader;
  reader.flags |= flags;
  for (let at = 0; at < length; ) {
    const found = readNext(reader, bytes + at, length - at);
    at += reader.consumed;
    if (found == READ_DATA) feedMirrors(stream, reader.data, reader.dataLength);
    else if (found == READ_END) endMirrors(stream, reader.trailers);
    else break;
  }
}

/** Reads what a mirror got; returns the bytes of its body, or -1 when that is not whole. */
export function readMirror(address: usize, target: usize): i32 {
  const connection = changetype<Connection>(changetype<Stream>(address).downstream);
  const reader = connection.reader;
  let total = 0;
  while (true) {
    const found = readNext(reader, connection.input, connection.inputLength);
    if (found == READ_DATA) {
      memory.copy(target + total, reader.data, reader.dataLength);
      total += reader.dataLength;
    }
    advanceInput(connection, reader.consumed);
    if (found == READ_END) break;
    if (found != READ_DATA) return -1;
  }
  keepInput(connection);
  return total;
}

/** Writes the trailers that a mirror got. */
export function dumpTrailers(address: usize, target: usize): i32 {
  const trailers = changetype<Connection>(changetype<Stream>(address).downstream).reader.trailers;
  return trailers === null ? 0 : writeBlock(trailers, target);
}

export function redirect(address: usize): bool {
  const stream = changetype<Stream>(address);
  const action = stream.image + <usize>load<u32>(stream.route, ROUTE_ACTION);
  const policy = stream.image + <usize>load<u32>(action, FORWARD_INTERNAL_REDIRECT);
  const location = findKnown(stream.response, H_LOCATION);
  return location !== null && retarget(stream, policy, location);
}

export function field(address: usize, number: i32): i32 {
  const stream = changetype<Stream>(address);
  switch (number) {
    case 0: return stream.state;
    case 1: return stream.keptLength;
    case 2: return stream.keptBytesMax;
    case 3: return stream.cluster;
    case 4: return stream.requestFraming;
    case 5: return stream.timeoutMs;
    default: return changetype<Connection>(stream.downstream).pendingLength;
  }
}

export function setState(address: usize, state: i32): void {
  changetype<Stream>(address).state = state;
}

export function setRandom(address: usize, random: i32): void {
  changetype<Stream>(address).random = random;
}

/** Makes room for another response. */
export function forgetResponse(address: usize): void {
  clearBlock(changetype<Stream>(address).response, RESPONSE_PSEUDO);
}

/** The request went on to where a redirect led. */
export function follow(address: usize): void {
  const stream = changetype<Stream>(address);
  stream.redirectCount++;
  selectRoute(stream);
}
`;

/** The exports of the module under test. */
export interface StreamExports {
  readonly memory: WebAssembly.Memory;
  start(): void;
  allocate(size: number): number;
  release(block: number): void;
  bytesInUse(): number;
  bytesLeft(): number;
  open(image: number, hcm: number, flags: number, framing: number, length: bigint): number;
  close(stream: number): void;
  put(
    stream: number,
    isResponse: number,
    name: number,
    nameLength: number,
    value: number,
    valueLength: number,
  ): void;
  putPseudo(stream: number, place: number, id: number, value: number, length: number): void;
  select(stream: number): number;
  dump(stream: number, target: number): number;
  keepFrom(stream: number): void;
  keep(stream: number, bytes: number, length: number): void;
  forget(stream: number): void;
  mayRepeat(stream: number): number;
  writeKept(stream: number): number;
  mirrors(stream: number): number;
  mirror(stream: number, place: number): number;
  leave(stream: number): void;
  feed(stream: number, bytes: number, length: number): void;
  end(stream: number): void;
  readAll(stream: number, bytes: number, length: number, flags: number): void;
  readMirror(mirror: number, target: number): number;
  dumpTrailers(mirror: number, target: number): number;
  redirect(stream: number): number;
  field(stream: number, number: number): number;
  setState(stream: number, state: number): void;
  setRandom(stream: number, random: number): void;
  forgetResponse(stream: number): void;
  follow(stream: number): void;
}

/** Numbers for `field`. */
export const FIELD = {
  state: 0,
  keptLength: 1,
  keptBytesMax: 2,
  cluster: 3,
  framing: 4,
  timeoutMs: 5,
  pendingLength: 6,
} as const;

/** Compiles the module under test, unless `build/` has it already, and instantiates it. */
export async function openStreamModule(): Promise<StreamExports> {
  const exports = await openGuest<StreamExports>("stream", ENTRY, "quick", PAGES);
  exports.start();
  return exports;
}
