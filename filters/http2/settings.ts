/* SETTINGS, ours and the peer's, and the preface that comes before them. RFC 9113 §3.4, §6.5. */
import {
  FRAME_ACK,
  H2_FLOW_CONTROL_ERROR,
  H2_NO_ERROR,
  H2_OPTION_CONNECTION_WINDOW,
  H2_OPTION_FLAGS,
  H2_OPTION_FLAG_CONNECT,
  H2_OPTION_HEAD_BYTES_MAX,
  H2_OPTION_STREAMS_MAX,
  H2_OPTION_TABLE_BYTES,
  H2_PROTOCOL_ERROR,
  SETTINGS_ENABLE_CONNECT_PROTOCOL,
  SETTINGS_ENABLE_PUSH,
  SETTINGS_HEADER_TABLE_SIZE,
  SETTINGS_INITIAL_WINDOW_SIZE,
  SETTINGS_MAX_CONCURRENT_STREAMS,
  SETTINGS_MAX_FRAME_SIZE,
  SETTINGS_MAX_HEADER_LIST_SIZE,
} from "../../api/engine/http2.ts";
import { limitEncoderTable } from "../hpack/encoder.ts";
import { writeAscii } from "../memory/bytes.ts";
import { moveWindows } from "./flow.ts";
import { writeUint32 } from "./frame.ts";
import { beginSettings, endOut, outRoom, writeWindowUpdate } from "./output.ts";
import {
  CONNECTION_H2_CLIENT,
  CONNECTION_H2_PEER_CONNECT,
  H2Connection,
  TABLE_BYTES_DEFAULT,
  WINDOW_BYTES_DEFAULT,
  streamWindowOf,
} from "./h2-connection.ts";

/** Bytes of the client's preface. */
export const PREFACE_BYTES: i32 = 24;
/** Settings of one frame that are read; a longer one is abuse. */
export const SETTINGS_COUNT_MAX: i32 = 64;

/** Writes the preface of a client, and the settings and window of either side. */
export function startConnection(connection: H2Connection): void {
  if ((connection.flags & CONNECTION_H2_CLIENT) != 0) {
    const room = outRoom(connection, PREFACE_BYTES);
    endOut(connection, room + writeAscii(room, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  }
  writeSettings(connection);
  const extra = load<i32>(connection.options, H2_OPTION_CONNECTION_WINDOW) - WINDOW_BYTES_DEFAULT;
  if (extra > 0) {
    writeWindowUpdate(connection, 0, extra);
    connection.receiveWindow += extra;
  }
}

let place: usize = 0;

/** Writes those of our settings that differ from what the peer assumes. */
function writeSettings(connection: H2Connection): void {
  const options = connection.options;
  const isClient = (connection.flags & CONNECTION_H2_CLIENT) != 0;
  const table = load<u32>(options, H2_OPTION_TABLE_BYTES);
  const connects = (load<i32>(options, H2_OPTION_FLAGS) & H2_OPTION_FLAG_CONNECT) != 0;
  const streams = load<u32>(options, H2_OPTION_STREAMS_MAX);
  const window = <u32>streamWindowOf(connection);
  const hasTable = table != TABLE_BYTES_DEFAULT;
  const hasStreams = !isClient && streams != 0x7fffffff;
  const hasWindow = window != <u32>WINDOW_BYTES_DEFAULT;
  const count =
    1 +
    <i32>isClient +
    <i32>hasTable +
    <i32>hasStreams +
    <i32>hasWindow +
    <i32>(connects && !isClient);
  place = beginSettings(connection, count, 0);
  if (hasTable) put(SETTINGS_HEADER_TABLE_SIZE, table);
  if (isClient) put(SETTINGS_ENABLE_PUSH, 0);
  if (hasStreams) put(SETTINGS_MAX_CONCURRENT_STREAMS, streams);
  if (hasWindow) put(SETTINGS_INITIAL_WINDOW_SIZE, window);
  put(SETTINGS_MAX_HEADER_LIST_SIZE, load<u32>(options, H2_OPTION_HEAD_BYTES_MAX));
  if (connects && !isClient) put(SETTINGS_ENABLE_CONNECT_PROTOCOL, 1);
  endOut(connection, place);
}

function put(id: i32, value: u32): void {
  store<u16>(place, bswap<u16>(<u16>id));
  writeUint32(place + 2, value);
  place += 6;
}

/** Takes the peer's settings and acknowledges them. Returns an HTTP/2 error code. */
export function takeSettings(connection: H2Connection, payload: usize, length: i32): i32 {
  for (let at = 0; at < length; at += 6) {
    const id = <i32>bswap<u16>(load<u16>(payload + at));
    const error = takeSetting(connection, id, bswap<u32>(load<u32>(payload + at + 2)));
    if (error != H2_NO_ERROR) return error;
  }
  endOut(connection, beginSettings(connection, 0, FRAME_ACK));
  return H2_NO_ERROR;
}

function takeSetting(connection: H2Connection, id: i32, value: u32): i32 {
  switch (id) {
    case SETTINGS_HEADER_TABLE_SIZE:
      limitEncoderTable(connection.encoder, value);
      return H2_NO_ERROR;
    case SETTINGS_ENABLE_PUSH:
      return takePush(connection, value);
    case SETTINGS_MAX_CONCURRENT_STREAMS:
      connection.peerStreamsMax = value;
      return H2_NO_ERROR;
    case SETTINGS_INITIAL_WINDOW_SIZE:
      if (value > 0x7fffffff) return H2_FLOW_CONTROL_ERROR;
      return moveWindows(connection, <i32>value);
    case SETTINGS_MAX_FRAME_SIZE:
      if (value < 16384 || value > 16777215) return H2_PROTOCOL_ERROR;
      connection.peerFrameBytesMax = <i32>value;
      return H2_NO_ERROR;
    case SETTINGS_MAX_HEADER_LIST_SIZE:
      connection.peerHeadBytesMax = value;
      return H2_NO_ERROR;
    case SETTINGS_ENABLE_CONNECT_PROTOCOL:
      return takeConnect(connection, value);
    default:
      return H2_NO_ERROR;
  }
}

/** A server may say 0 alone. */
function takePush(connection: H2Connection, value: u32): i32 {
  const most: u32 = (connection.flags & CONNECTION_H2_CLIENT) != 0 ? 0 : 1;
  return value > most ? H2_PROTOCOL_ERROR : H2_NO_ERROR;
}

/** What was offered once may not be taken back. RFC 8441 §3. */
function takeConnect(connection: H2Connection, value: u32): i32 {
  if (value > 1) return H2_PROTOCOL_ERROR;
  if (value == 1) connection.flags |= CONNECTION_H2_PEER_CONNECT;
  else if ((connection.flags & CONNECTION_H2_PEER_CONNECT) != 0) return H2_PROTOCOL_ERROR;
  return H2_NO_ERROR;
}
