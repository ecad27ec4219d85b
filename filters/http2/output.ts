/*
 * What a connection has to send: one block that grows, and that the socket empties in one write.
 * The owner asks for it at the end of a turn of the event loop, so many streams share a write.
 */
import {
  FRAME_GOAWAY,
  FRAME_PING,
  FRAME_RST_STREAM,
  FRAME_SETTINGS,
  FRAME_WINDOW_UPDATE,
  H2_OPTION_OUTBOUND_CONTROL_FRAMES_MAX,
  H2_OPTION_OUTBOUND_FRAMES_MAX,
} from "../../api/engine/http2.ts";
import { HTTP2_TX_RESET } from "../../api/engine/http2-stats.ts";
import { allocate, capacityOf, release } from "../memory/slab.ts";
import { FRAME_HEADER_BYTES, writeFrameHeader, writeUint32 } from "./frame.ts";
import { count } from "../observe/counters.ts";
import { PHASE_DEAD, H2Connection } from "./h2-connection.ts";
import { noteOut } from "./tally.ts";

/** Block of a connection that has something to send. */
const OUT_BYTES_AT_FIRST: usize = 4096 - 16;
/** Bodies are not framed while more than this waits for the socket. */
export const OUT_BYTES_FULL: i32 = 131072;

/** Room for `bytes` more behind the output. Returns its address; `endOut` says how much is used. */
export function outRoom(connection: H2Connection, bytes: i32): usize {
  const need = connection.outLength + bytes + 16;
  if (need > connection.outCapacity) growOut(connection, need);
  return connection.out + connection.outLength;
}

function growOut(connection: H2Connection, need: i32): void {
  const wanted = max(<usize>need << 1, OUT_BYTES_AT_FIRST);
  const block = allocate(wanted);
  if (connection.out != 0) {
    memory.copy(block, connection.out, connection.outLength);
    release(connection.out);
  }
  connection.out = block;
  connection.outCapacity = <i32>capacityOf(block);
}

/** Says where the output ends now, and that it has one frame more. */
// @ts-ignore: decorator
@inline
export function endOut(connection: H2Connection, end: usize): void {
  connection.outLength = <i32>(end - connection.out);
  connection.outFrames++;
}

/** The socket has taken all output. */
export function clearOut(connection: H2Connection): void {
  connection.outLength = 0;
  connection.outFrames = 0;
  connection.outControlFrames = 0;
  noteOut(connection);
  // A large block is given back, since the next output is most likely small.
  if (connection.outCapacity > OUT_BYTES_FULL << 1) dropOut(connection);
}

function dropOut(connection: H2Connection): void {
  release(connection.out);
  connection.out = 0;
  connection.outCapacity = 0;
}

/** True when frames pile up that the peer makes us send but does not read. Envoy's two limits. */
export function isFlooded(connection: H2Connection): bool {
  const options = connection.options;
  return (
    connection.outFrames > load<i32>(options, H2_OPTION_OUTBOUND_FRAMES_MAX) ||
    isControlFlooded(connection)
  );
}

/** True when these are control frames. */
export function isControlFlooded(connection: H2Connection): bool {
  const most = load<i32>(connection.options, H2_OPTION_OUTBOUND_CONTROL_FRAMES_MAX);
  return connection.outControlFrames > most;
}

/** Writes RST_STREAM, unless the connection is over with all its streams. */
export function writeReset(connection: H2Connection, id: u32, error: i32): void {
  if (connection.phase == PHASE_DEAD) return;
  const room = outRoom(connection, FRAME_HEADER_BYTES + 4);
  const payload = writeFrameHeader(room, 4, FRAME_RST_STREAM, 0, id);
  writeUint32(payload, error);
  endOut(connection, payload + 4);
  connection.outControlFrames++;
  count(connection.stats, HTTP2_TX_RESET);
}

/** Writes GOAWAY without debug data. */
export function writeGoAway(connection: H2Connection, lastStream: u32, error: i32): void {
  const room = outRoom(connection, FRAME_HEADER_BYTES + 8);
  const payload = writeFrameHeader(room, 8, FRAME_GOAWAY, 0, 0);
  writeUint32(payload, lastStream);
  writeUint32(payload + 4, error);
  endOut(connection, payload + 8);
}

/** Writes WINDOW_UPDATE for a stream, or for the connection with id 0. */
export function writeWindowUpdate(connection: H2Connection, id: u32, bytes: i32): void {
  const room = outRoom(connection, FRAME_HEADER_BYTES + 4);
  const payload = writeFrameHeader(room, 4, FRAME_WINDOW_UPDATE, 0, id);
  writeUint32(payload, bytes);
  endOut(connection, payload + 4);
}

/** Writes PING with eight bytes of the caller. */
export function writePing(connection: H2Connection, bytes: u64, flags: i32): void {
  const room = outRoom(connection, FRAME_HEADER_BYTES + 8);
  const payload = writeFrameHeader(room, 8, FRAME_PING, flags, 0);
  store<u64>(payload, bytes);
  endOut(connection, payload + 8);
  connection.outControlFrames++;
}

/** Begins a SETTINGS frame of `count` settings. Returns where the first goes. */
export function beginSettings(connection: H2Connection, count: i32, flags: i32): usize {
  const room = outRoom(connection, FRAME_HEADER_BYTES + count * 6);
  connection.outControlFrames++;
  return writeFrameHeader(room, count * 6, FRAME_SETTINGS, flags, 0);
}
