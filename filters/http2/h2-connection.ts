/*
 * What one side knows of an HTTP/2 connection between two calls. The same record serves both
 * roles: towards a downstream we are the server, towards an upstream the client.
 */
import {
  H2_OPTION_CONNECTION_WINDOW,
  H2_OPTION_FLAGS,
  H2_OPTION_FLAG_CONNECT,
  H2_OPTION_HEADER_COUNT_MAX,
  H2_OPTION_HEAD_BYTES_MAX,
  H2_OPTION_STATS,
  H2_OPTION_STREAM_WINDOW,
  H2_OPTION_TABLE_BYTES,
} from "../../api/engine/http2.ts";
import { now } from "../hcm/clock.ts";
import { HeaderBlock } from "../head/block.ts";
import { Decoder, createDecoder, limitDecoderTable, releaseDecoder } from "../hpack/decoder.ts";
import { Encoder, createEncoder, releaseEncoder } from "../hpack/encoder.ts";
import { allocate, release } from "../memory/slab.ts";
import { FRAME_PAYLOAD_BYTES_MAX } from "./frame.ts";
import { StreamTable, createTable, releaseTable } from "./stream-table.ts";

/** Window of a connection and of a stream that nobody has changed. RFC 9113 §6.9.2. */
export const WINDOW_BYTES_DEFAULT: i32 = 65535;
/** Size of a header table before anything is agreed on. RFC 9113 §6.5.2. */
export const TABLE_BYTES_DEFAULT: u32 = 4096;
/** Streams that were reset here a short while ago are remembered, for what is still under way. */
const RESETS_REMEMBERED: i32 = 128;

/** Where in the input a connection stands. */
export const PHASE_PREFACE: i32 = 0;
export const PHASE_FRAME: i32 = 1;
export const PHASE_DATA: i32 = 2;
export const PHASE_DEAD: i32 = 3;

/** Bits of `flags`. We are the client. */
export const CONNECTION_H2_CLIENT: i32 = 1;
/** The peer's first SETTINGS came. */
export const CONNECTION_H2_SETTLED: i32 = 2;
/** The peer has acknowledged our SETTINGS. */
export const CONNECTION_H2_ACKNOWLEDGED: i32 = 4;
/** GOAWAY with the greatest stream id went out: no new streams are wanted. */
export const CONNECTION_H2_DRAINING: i32 = 8;
/** GOAWAY with the last stream id went out: streams above it are not served. */
export const CONNECTION_H2_CLOSING: i32 = 16;
/** The peer has said GOAWAY. */
export const CONNECTION_H2_PEER_CLOSING: i32 = 32;
/** The peer takes extended CONNECT. RFC 8441 §3. */
export const CONNECTION_H2_PEER_CONNECT: i32 = 64;
/** The DATA frame being read ends its stream. */
export const CONNECTION_H2_DATA_ENDS: i32 = 128;

/** One HTTP/2 connection. */
@unmanaged
export class H2Connection {
  /** Address of the `H2_OPTION_*` record. */
  options: usize;
  /** Address of the statistics: `HTTP2_*`. */
  stats: usize;
  flags: i32;
  phase: i32;

  // What the last call of `readFrames` found.
  consumed: i32;
  /** Address of the H2Stream that it is about, or 0. */
  stream: usize;
  /** A piece of a body, and whether it is the last one. */
  data: usize;
  dataLength: i32;
  isEnd: bool;
  /** HTTP/2 error code, and `REASON_*`. */
  error: i32;
  reason: i32;
  /** FOUND_HEAD of a response: its status. Of a malformed head: `E_HEAD_*`. */
  status: i32;
  headError: i32;
  /** FOUND_GOAWAY: the last stream that the peer will serve. */
  lastStream: u32;

  // The DATA frame being read, and the stream that its body goes to, or 0.
  dataStream: usize;
  dataRemaining: i32;
  padRemaining: i32;

  // The head being collected; `headStream` 0 is none.
  head: usize;
  headLength: i32;
  headStream: u32;
  headFlags: i32;
  continuationCount: i32;
  /** Where the next request head goes. Set by the owner. Of a server only. */
  block: HeaderBlock;
  decoder: Decoder;
  encoder: Encoder;

  // Flow control of the connection, and what both sides said of streams.
  sendWindow: i32;
  receiveWindow: i32;
  /** Bytes consumed but not yet announced with WINDOW_UPDATE. */
  credit: i32;
  receiveWindowMax: i32;
  /** By how much that is larger than at first. */
  grownBytes: i32;
  /** When the window was opened again. */
  creditedMs: f64;
  /** When our SETTINGS went out, and how long they took to be acknowledged; -1 before that. */
  startedMs: f64;
  turnMs: f64;
  peerStreamWindow: i32;
  peerFrameBytesMax: i32;
  peerStreamsMax: u32;
  peerHeadBytesMax: u32;

  table: StreamTable;
  /** Greatest stream id that the peer opened, and the next that we open. */
  lastPeerStream: u32;
  nextStream: u32;
  /** Ring of ids that were reset here: a block of RESETS_REMEMBERED u32, or 0. */
  resets: usize;
  resetCount: i32;
  /** The greatest id that made room in the ring for another. */
  resetForgotten: u32;
  /** First and last stream of those that have something to send and may. */
  readyFirst: usize;
  readyLast: usize;

  // Output that the socket has not taken.
  out: usize;
  outLength: i32;
  outCapacity: i32;
  outFrames: i32;
  outControlFrames: i32;
  /** What of these the gauges show. */
  outFramesNoted: i32;
  outControlFramesNoted: i32;

  // Counts against floods.
  emptyFrames: i32;
  priorityFrames: i32;
  windowUpdates: i32;
  dataFramesSent: i32;
  streamsOpened: i32;
  streamsClosed: i32;
  earlyResets: i32;
  /** Answers to our PINGs. */
  pingsAnswered: i32;
}

/**
 * Makes a connection; `options`, an `H2_OPTION_*` record, outlives it. Nothing is sent before
 * `startConnection`.
 */
export function createH2Connection(options: usize, flags: i32): H2Connection {
  const connection = changetype<H2Connection>(allocate(offsetof<H2Connection>()));
  memory.fill(changetype<usize>(connection), 0, offsetof<H2Connection>());
  connection.options = options;
  connection.stats = load<u32>(options, H2_OPTION_STATS);
  connection.flags = flags;
  const isClient = (flags & CONNECTION_H2_CLIENT) != 0;
  connection.phase = isClient ? PHASE_FRAME : PHASE_PREFACE;
  connection.nextStream = isClient ? 1 : 2;
  connection.sendWindow = WINDOW_BYTES_DEFAULT;
  connection.receiveWindow = WINDOW_BYTES_DEFAULT;
  const window = load<i32>(options, H2_OPTION_CONNECTION_WINDOW);
  connection.receiveWindowMax = max(window, WINDOW_BYTES_DEFAULT);
  connection.peerStreamWindow = WINDOW_BYTES_DEFAULT;
  connection.peerFrameBytesMax = FRAME_PAYLOAD_BYTES_MAX;
  connection.peerStreamsMax = 0x7fffffff;
  connection.peerHeadBytesMax = 0xffffffff;
  connection.startedMs = now;
  connection.turnMs = -1;
  connection.table = createTable();
  connection.decoder = createDecoder();
  connection.encoder = createEncoder(load<u32>(options, H2_OPTION_TABLE_BYTES));
  limitHeads(connection);
  return connection;
}

function limitHeads(connection: H2Connection): void {
  const options = connection.options;
  const decoder = connection.decoder;
  const flags = load<i32>(options, H2_OPTION_FLAGS);
  decoder.headBytesMax = load<i32>(options, H2_OPTION_HEAD_BYTES_MAX);
  decoder.headerCountMax = load<i32>(options, H2_OPTION_HEADER_COUNT_MAX);
  decoder.check.allowsProtocol = (flags & H2_OPTION_FLAG_CONNECT) != 0;
  // Until our SETTINGS are acknowledged the peer may use the default, so less is asked for later.
  const table = load<u32>(options, H2_OPTION_TABLE_BYTES);
  if (table > TABLE_BYTES_DEFAULT) limitDecoderTable(decoder, table);
}

/** The peer has acknowledged our SETTINGS. */
export function settle(connection: H2Connection): void {
  if (connection.turnMs < 0) {
    connection.turnMs = now - connection.startedMs;
    connection.creditedMs = now;
  }
  connection.flags |= CONNECTION_H2_ACKNOWLEDGED;
  limitDecoderTable(connection.decoder, load<u32>(connection.options, H2_OPTION_TABLE_BYTES));
}

/** Gives back all memory of a connection. Its streams must be closed. */
export function destroyH2Connection(connection: H2Connection): void {
  releaseTable(connection.table);
  releaseDecoder(connection.decoder);
  releaseEncoder(connection.encoder);
  if (connection.head != 0) release(connection.head);
  if (connection.resets != 0) release(connection.resets);
  if (connection.out != 0) release(connection.out);
  release(changetype<usize>(connection));
}

/** The window that we give to each stream. */
// @ts-ignore: decorator
@inline
export function streamWindowOf(connection: H2Connection): i32 {
  return load<i32>(connection.options, H2_OPTION_STREAM_WINDOW);
}

/** Remembers that a stream was reset here. */
export function rememberReset(connection: H2Connection, id: u32): void {
  if (connection.resets == 0) connection.resets = allocate(<usize>RESETS_REMEMBERED << 2);
  const count = connection.resetCount++;
  const place = connection.resets + (<usize>(count & (RESETS_REMEMBERED - 1)) << 2);
  if (count >= RESETS_REMEMBERED) {
    connection.resetForgotten = max(connection.resetForgotten, load<u32>(place));
  }
  store<u32>(place, id);
}

/**
 * True for a stream that was reset here. Of one that is older than some of those that are forgotten
 * nobody knows, so that it counts as one: what is under way to it breaks no rule.
 */
export function wasReset(connection: H2Connection, id: u32): bool {
  if (id <= connection.resetForgotten) return true;
  const count = min(connection.resetCount, RESETS_REMEMBERED);
  for (let i = 0; i < count; i++) {
    if (load<u32>(connection.resets + (<usize>i << 2)) == id) return true;
  }
  return false;
}

/** True for an id that nobody has used so far. */
export function isIdleStream(connection: H2Connection, id: u32): bool {
  // Ids of the peer are those of the other parity than ours.
  const isOurs = (id & 1) == (connection.nextStream & 1);
  if (isOurs) return id >= connection.nextStream;
  return id > connection.lastPeerStream && !isRefused(connection, id);
}

/** True for a stream of the peer that came after our last word, GOAWAY. */
export function isRefused(connection: H2Connection, id: u32): bool {
  if ((connection.flags & CONNECTION_H2_CLOSING) == 0) return false;
  return (id & 1) != (connection.nextStream & 1) && id > connection.lastPeerStream;
}
