/*
 * Flow control, both ways. RFC 9113 §5.2, §6.9.
 *
 * What a peer sends counts against two windows, its stream's and the connection's; both are opened
 * again by what the owner has consumed, in steps of half a window. What we send waits on its stream
 * while a window is closed or the socket has not taken the output; those that may send take turns.
 */
import {
  FRAME_DATA,
  FRAME_END_STREAM,
  H2_FLOW_CONTROL_ERROR,
  H2_NO_ERROR,
} from "../../api/engine/http2.ts";
import { HTTP2_PENDING_SEND_BYTES } from "../../api/engine/http2-stats.ts";
import { allocate, capacityOf, release } from "../memory/slab.ts";
import { addTo } from "../observe/counters.ts";
import { FRAME_HEADER_BYTES, FRAME_PAYLOAD_BYTES_MAX, writeFrameHeader } from "./frame.ts";
import { growConnectionWindow, growStreamWindow } from "./grow-window.ts";
import { H2Stream, H2_ENDED, H2_END_PENDING, H2_PEER_ENDED, H2_READY } from "./h2-stream.ts";
import { OUT_BYTES_FULL, endOut, outRoom, writeWindowUpdate } from "./output.ts";
import { writeTrailers } from "./head/send-head.ts";
import { H2Connection } from "./h2-connection.ts";

/** A body of the peer was consumed: opens the windows again. */
export function creditStream(connection: H2Connection, stream: H2Stream, bytes: i32): void {
  creditConnection(connection, bytes);
  if ((stream.state & H2_PEER_ENDED) != 0) return;
  stream.credit += bytes;
  if (stream.credit < stream.window >> 1) return;
  stream.credit += growStreamWindow(connection, stream);
  writeWindowUpdate(connection, stream.id, stream.credit);
  stream.receiveWindow += stream.credit;
  stream.credit = 0;
}

/** The same for bytes that belong to no stream any more. */
export function creditConnection(connection: H2Connection, bytes: i32): void {
  connection.credit += bytes;
  if (connection.credit < connection.receiveWindowMax >> 1) return;
  connection.credit += growConnectionWindow(connection);
  writeWindowUpdate(connection, 0, connection.credit);
  connection.receiveWindow += connection.credit;
  connection.credit = 0;
}

/** Sends a piece of a body: at once as far as the windows allow; the rest waits. */
export function sendData(
  connection: H2Connection,
  stream: H2Stream,
  bytes: usize,
  length: i32,
  isEnd: bool,
): void {
  // The peer may have given the stream up while what it sent before still waits for its reader.
  if ((stream.state & H2_ENDED) != 0) return;
  let at = bytes;
  let left = length;
  if (stream.pendingLength == 0) {
    while (left > 0) {
      const piece = min(left, roomFor(connection, stream));
      if (piece <= 0) break;
      writeData(connection, stream, at, piece, isEnd && piece == left);
      at += piece;
      left -= piece;
    }
  }
  if (left > 0) keepPending(connection, stream, at, left);
  if (!isEnd || (stream.state & H2_ENDED) != 0) return;
  if (stream.pendingLength > 0) stream.state |= H2_END_PENDING;
  else writeData(connection, stream, at, 0, true);
}

/** Bytes that may be sent on a stream now, in one frame. */
function roomFor(connection: H2Connection, stream: H2Stream): i32 {
  if (connection.outLength >= OUT_BYTES_FULL) return 0;
  return min(min(connection.sendWindow, stream.sendWindow), FRAME_PAYLOAD_BYTES_MAX);
}

function writeData(
  connection: H2Connection,
  stream: H2Stream,
  bytes: usize,
  length: i32,
  isEnd: bool,
): void {
  const room = outRoom(connection, FRAME_HEADER_BYTES + length);
  const flags = isEnd ? FRAME_END_STREAM : 0;
  const payload = writeFrameHeader(room, length, FRAME_DATA, flags, stream.id);
  memory.copy(payload, bytes, length);
  endOut(connection, payload + length);
  connection.dataFramesSent++;
  connection.sendWindow -= length;
  stream.sendWindow -= length;
  if (isEnd) stream.state |= H2_ENDED;
}

function keepPending(connection: H2Connection, stream: H2Stream, bytes: usize, length: i32): void {
  const total = stream.pendingLength + length;
  if (stream.pending == 0) stream.pending = allocate(total);
  else if (<usize>(stream.pendingStart + total) > capacityOf(stream.pending)) {
    makeRoom(stream, total);
  }
  memory.copy(stream.pending + stream.pendingStart + stream.pendingLength, bytes, length);
  stream.pendingLength = total;
  addTo(connection.stats, HTTP2_PENDING_SEND_BYTES, length);
  markReady(connection, stream);
}

function makeRoom(stream: H2Stream, total: i32): void {
  const old = stream.pending;
  const isFitting = <usize>total <= capacityOf(old);
  const target = isFitting ? old : allocate(<usize>total << 1);
  memory.copy(target, old + stream.pendingStart, stream.pendingLength);
  if (!isFitting) release(old);
  stream.pending = target;
  stream.pendingStart = 0;
}

/** Puts a stream at the end of those that wait for their turn to send. */
function markReady(connection: H2Connection, stream: H2Stream): void {
  if ((stream.state & H2_READY) != 0 || stream.sendWindow <= 0) return;
  stream.state |= H2_READY;
  stream.nextReady = 0;
  const address = changetype<usize>(stream);
  if (connection.readyLast == 0) connection.readyFirst = address;
  else changetype<H2Stream>(connection.readyLast).nextReady = address;
  connection.readyLast = address;
}

/** Takes a stream out of the list, wherever it stands. */
export function leaveReady(connection: H2Connection, stream: H2Stream): void {
  if ((stream.state & H2_READY) == 0) return;
  stream.state &= ~H2_READY;
  const address = changetype<usize>(stream);
  let before: usize = 0;
  let at = connection.readyFirst;
  while (at != address) {
    before = at;
    at = changetype<H2Stream>(at).nextReady;
  }
  if (before == 0) connection.readyFirst = stream.nextReady;
  else changetype<H2Stream>(before).nextReady = stream.nextReady;
  if (connection.readyLast == address) connection.readyLast = before;
}

/**
 * Sends what waits, a frame of each stream in turn, as far as windows and socket allow. Returns the
 * next stream of which nothing waits any more, or null: call it until then.
 */
export function sendReady(connection: H2Connection): H2Stream | null {
  while (connection.readyFirst != 0) {
    const stream = changetype<H2Stream>(connection.readyFirst);
    const piece = min(stream.pendingLength, roomFor(connection, stream));
    if (piece <= 0 && stream.sendWindow > 0) return null;
    leaveReady(connection, stream);
    if (piece <= 0) continue;
    const ends = (stream.state & H2_END_PENDING) != 0 && piece == stream.pendingLength;
    const hasTrailers = stream.trailersToSend !== null;
    const from = stream.pending + stream.pendingStart;
    writeData(connection, stream, from, piece, ends && !hasTrailers);
    stream.pendingStart += piece;
    stream.pendingLength -= piece;
    addTo(connection.stats, HTTP2_PENDING_SEND_BYTES, -piece);
    if (stream.pendingLength > 0) {
      markReady(connection, stream);
      continue;
    }
    release(stream.pending);
    stream.pending = 0;
    stream.pendingStart = 0;
    if (ends && hasTrailers) writeTrailers(connection, stream);
    return stream;
  }
  return null;
}

/** WINDOW_UPDATE for a stream: false when the window would grow beyond its greatest size. */
export function openStreamWindow(connection: H2Connection, stream: H2Stream, bytes: i32): bool {
  if (stream.sendWindow > 0x7fffffff - bytes) return false;
  stream.sendWindow += bytes;
  if (stream.pendingLength > 0) markReady(connection, stream);
  return true;
}

/** The peer's initial window changed: those of all streams move with it (§6.9.2). */
export function moveWindows(connection: H2Connection, bytes: i32): i32 {
  const by = <i64>bytes - <i64>connection.peerStreamWindow;
  connection.peerStreamWindow = bytes;
  const table = connection.table;
  for (let i: u32 = 0; i <= table.mask; i++) {
    let at = <usize>load<u32>(table.slots + (<usize>i << 2));
    while (at != 0) {
      const stream = changetype<H2Stream>(at);
      const moved = <i64>stream.sendWindow + by;
      if (moved > 0x7fffffff) return H2_FLOW_CONTROL_ERROR;
      stream.sendWindow = <i32>moved;
      if (stream.pendingLength > 0) markReady(connection, stream);
      at = stream.next;
    }
  }
  return H2_NO_ERROR;
}
