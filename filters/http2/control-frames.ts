/* Frames that carry no message. RFC 9113 §6.3 to §6.9. */
import {
  FOUND_ERROR,
  FOUND_GOAWAY,
  FOUND_MORE,
  FOUND_RESET,
  FOUND_SETTINGS,
  FRAME_ACK,
  H2_ENHANCE_YOUR_CALM,
  H2_FLOW_CONTROL_ERROR,
  H2_FRAME_SIZE_ERROR,
  H2_NO_ERROR,
  H2_PROTOCOL_ERROR,
  REASON_FRAME_SIZE,
  REASON_PEER,
  REASON_PRIORITY,
  REASON_SETTINGS,
  REASON_SETTINGS_FLOOD,
  REASON_STREAM_ID,
  REASON_WINDOW,
} from "../../api/engine/http2.ts";
import { HTTP2_RX_RESET } from "../../api/engine/http2-stats.ts";
import { count } from "../observe/counters.ts";
import { failConnection } from "./fail.ts";
import { failStream } from "./fail-stream.ts";
import {
  isOutboundFlood,
  isPriorityFlood,
  isResetFlood,
  isWindowUpdateFlood,
} from "./flood.ts";
import { openStreamWindow } from "./flow.ts";
import { readUint31 } from "./frame.ts";
import { writePing, writeReset } from "./output.ts";
import {
  CONNECTION_H2_PEER_CLOSING,
  CONNECTION_H2_SETTLED,
  H2Connection,
  isIdleStream,
  settle,
} from "./h2-connection.ts";
import { SETTINGS_COUNT_MAX, takeSettings } from "./settings.ts";
import { findStream } from "./stream-table.ts";
import { closeStreamOf } from "./streams.ts";

/** SETTINGS. §6.5 */
export function readSettings(
  connection: H2Connection,
  id: u32,
  flags: i32,
  payload: usize,
  size: i32,
): i32 {
  if (id != 0) return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  if ((flags & FRAME_ACK) != 0) {
    if (size != 0) return failConnection(connection, H2_FRAME_SIZE_ERROR, REASON_FRAME_SIZE);
    settle(connection);
    return FOUND_MORE;
  }
  if (size % 6 != 0) return failConnection(connection, H2_FRAME_SIZE_ERROR, REASON_FRAME_SIZE);
  if (size / 6 > SETTINGS_COUNT_MAX) {
    return failConnection(connection, H2_ENHANCE_YOUR_CALM, REASON_SETTINGS_FLOOD);
  }
  connection.flags |= CONNECTION_H2_SETTLED;
  const error = takeSettings(connection, payload, size);
  if (error != H2_NO_ERROR) return failConnection(connection, error, REASON_SETTINGS);
  return isOutboundFlood(connection) ? FOUND_ERROR : FOUND_SETTINGS;
}

/** PING. §6.7. An answer to ours is told by `connection.pingsAnswered`. */
export function readPing(
  connection: H2Connection,
  id: u32,
  flags: i32,
  payload: usize,
  size: i32,
): i32 {
  if (id != 0) return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  if (size != 8) return failConnection(connection, H2_FRAME_SIZE_ERROR, REASON_FRAME_SIZE);
  if ((flags & FRAME_ACK) != 0) {
    connection.pingsAnswered++;
    return FOUND_MORE;
  }
  writePing(connection, load<u64>(payload), FRAME_ACK);
  return isOutboundFlood(connection) ? FOUND_ERROR : FOUND_MORE;
}

/** RST_STREAM. §6.4 */
export function readReset(connection: H2Connection, id: u32, payload: usize, size: i32): i32 {
  if (size != 4) return failConnection(connection, H2_FRAME_SIZE_ERROR, REASON_FRAME_SIZE);
  if (id == 0 || isIdleStream(connection, id)) {
    return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  }
  const stream = findStream(connection.table, id);
  if (stream === null) return FOUND_MORE;
  count(connection.stats, HTTP2_RX_RESET);
  if (isResetFlood(connection, stream)) return FOUND_ERROR;
  connection.error = <i32>bswap<u32>(load<u32>(payload));
  connection.reason = REASON_PEER;
  if (stream.owner == 0) {
    closeStreamOf(connection, stream);
    return FOUND_MORE;
  }
  connection.stream = changetype<usize>(stream);
  return FOUND_RESET;
}

/** GOAWAY. §6.8 */
export function readGoAway(connection: H2Connection, id: u32, payload: usize, size: i32): i32 {
  if (id != 0) return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  if (size < 8) return failConnection(connection, H2_FRAME_SIZE_ERROR, REASON_FRAME_SIZE);
  const last = readUint31(payload);
  // A peer may lower the number, never raise it.
  const wasSaid = (connection.flags & CONNECTION_H2_PEER_CLOSING) != 0;
  connection.lastStream = wasSaid ? min(last, connection.lastStream) : last;
  connection.flags |= CONNECTION_H2_PEER_CLOSING;
  connection.error = <i32>bswap<u32>(load<u32>(payload, 4));
  connection.reason = REASON_PEER;
  return FOUND_GOAWAY;
}

/** WINDOW_UPDATE. §6.9 */
export function readWindowUpdate(
  connection: H2Connection,
  id: u32,
  payload: usize,
  size: i32,
): i32 {
  if (size != 4) return failConnection(connection, H2_FRAME_SIZE_ERROR, REASON_FRAME_SIZE);
  if (isWindowUpdateFlood(connection)) return FOUND_ERROR;
  const bytes = <i32>readUint31(payload);
  if (id == 0) {
    if (bytes == 0) return failConnection(connection, H2_PROTOCOL_ERROR, REASON_WINDOW);
    if (connection.sendWindow > 0x7fffffff - bytes) {
      return failConnection(connection, H2_FLOW_CONTROL_ERROR, REASON_WINDOW);
    }
    connection.sendWindow += bytes;
    return FOUND_MORE;
  }
  if (isIdleStream(connection, id)) {
    return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  }
  const stream = findStream(connection.table, id);
  if (stream === null) return FOUND_MORE;
  if (bytes == 0) return failStream(connection, stream, H2_PROTOCOL_ERROR, REASON_WINDOW);
  if (openStreamWindow(connection, stream, bytes)) return FOUND_MORE;
  return failStream(connection, stream, H2_FLOW_CONTROL_ERROR, REASON_WINDOW);
}

/** PRIORITY, of which nothing is used but its form. §5.3.2, §6.3 */
export function readPriority(connection: H2Connection, id: u32, payload: usize, size: i32): i32 {
  if (id == 0) return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  if (isPriorityFlood(connection)) return FOUND_ERROR;
  const isWhole = size == 5;
  if (isWhole && readUint31(payload) != id) return FOUND_MORE;
  const error = isWhole ? H2_PROTOCOL_ERROR : H2_FRAME_SIZE_ERROR;
  const reason = isWhole ? REASON_PRIORITY : REASON_FRAME_SIZE;
  const stream = findStream(connection.table, id);
  if (stream !== null) return failStream(connection, stream, error, reason);
  writeReset(connection, id, error);
  return isOutboundFlood(connection) ? FOUND_ERROR : FOUND_MORE;
}
