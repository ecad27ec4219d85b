/*
 * Reads the frames of a connection from bytes that arrive in any pieces. Sans-IO: the caller offers
 * what it has, the reader says what it found and how much of it is used up; what is not must be
 * offered again with more behind it. DATA is passed on as it comes, other frames when they are
 * whole. RFC 9113 §4 to §6.
 */
import {
  FOUND_DATA,
  FOUND_ERROR,
  FOUND_MORE,
  FRAME_ACK,
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_END_STREAM,
  FRAME_GOAWAY,
  FRAME_HEADERS,
  FRAME_PADDED,
  FRAME_PING,
  FRAME_PRIORITY,
  FRAME_PUSH_PROMISE,
  FRAME_RST_STREAM,
  FRAME_SETTINGS,
  FRAME_WINDOW_UPDATE,
  H2_FLOW_CONTROL_ERROR,
  H2_FRAME_SIZE_ERROR,
  H2_PROTOCOL_ERROR,
  H2_STREAM_CLOSED,
  REASON_CONTENT_LENGTH,
  REASON_FRAME_SIZE,
  REASON_PADDING,
  REASON_PREFACE,
  REASON_STREAM_CLOSED,
  REASON_STREAM_ID,
  REASON_UNEXPECTED_FRAME,
  REASON_WINDOW,
} from "../../api/engine/http2.ts";
import { staticText } from "../memory/text.ts";
import {
  readGoAway,
  readPing,
  readPriority,
  readReset,
  readSettings,
  readWindowUpdate,
} from "./control-frames.ts";
import { failConnection } from "./fail.ts";
import { failStream } from "./fail-stream.ts";
import { isEmptyFlood } from "./flood.ts";
import { creditConnection, creditStream } from "./flow.ts";
import {
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_BYTES_MAX,
  frameFlags,
  frameStream,
  frameType,
  payloadLength,
} from "./frame.ts";
import { H2Stream, H2_HEAD_READ, H2_PEER_ENDED, isLengthKept } from "./h2-stream.ts";
import { readContinuation, readHeaders } from "./head/read-head.ts";
import {
  PHASE_DATA,
  PHASE_DEAD,
  PHASE_FRAME,
  PHASE_PREFACE,
  CONNECTION_H2_DATA_ENDS,
  CONNECTION_H2_SETTLED,
  H2Connection,
  isIdleStream,
  isRefused,
  wasReset,
} from "./h2-connection.ts";
import { PREFACE_BYTES } from "./settings.ts";
import { findStream } from "./stream-table.ts";

const PREFACE = staticText("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Looks for the next thing of interest in `length` bytes: `FOUND_*`. Hot. */
export function readFrames(connection: H2Connection, bytes: usize, length: i32): i32 {
  let at = 0;
  while (true) {
    let found = FOUND_MORE;
    const left = length - at;
    if (connection.phase == PHASE_FRAME) {
      if (left < FRAME_HEADER_BYTES) break;
      found = readFrame(connection, bytes + at, left);
      if (found == NEED_WHOLE) break;
    } else if (connection.phase == PHASE_DATA) {
      if (left == 0 && connection.dataRemaining + connection.padRemaining > 0) break;
      found = readData(connection, bytes + at, left);
    } else if (connection.phase == PHASE_PREFACE) {
      found = readPreface(connection, bytes + at, left);
      if (found == NEED_WHOLE) break;
    } else {
      found = FOUND_ERROR;
    }
    at += connection.consumed;
    if (found == FOUND_MORE) continue;
    connection.consumed = at;
    return found;
  }
  connection.consumed = at;
  return FOUND_MORE;
}

/** More bytes are needed before anything can be done. */
const NEED_WHOLE: i32 = -1;

function readPreface(connection: H2Connection, bytes: usize, length: i32): i32 {
  const seen = min(length, PREFACE_BYTES);
  if (memory.compare(bytes, PREFACE, seen) != 0) {
    return failConnection(connection, H2_PROTOCOL_ERROR, REASON_PREFACE);
  }
  if (seen < PREFACE_BYTES) return NEED_WHOLE;
  connection.phase = PHASE_FRAME;
  connection.consumed = PREFACE_BYTES;
  return FOUND_MORE;
}

function readFrame(connection: H2Connection, frame: usize, length: i32): i32 {
  const size = payloadLength(frame);
  const type = frameType(frame);
  connection.consumed = 0;
  connection.stream = 0;
  if (size > FRAME_PAYLOAD_BYTES_MAX) {
    return failConnection(connection, H2_FRAME_SIZE_ERROR, REASON_FRAME_SIZE);
  }
  if (!isExpected(connection, type, frameFlags(frame), frameStream(frame))) {
    return failConnection(connection, H2_PROTOCOL_ERROR, REASON_UNEXPECTED_FRAME);
  }
  if (type == FRAME_DATA) return beginData(connection, frame, size, length);
  if (length < FRAME_HEADER_BYTES + size) return NEED_WHOLE;
  connection.consumed = FRAME_HEADER_BYTES + size;
  return takeFrame(connection, frame, type, size);
}

/** The first frame is SETTINGS, and nothing comes between the pieces of a head. */
function isExpected(connection: H2Connection, type: i32, flags: i32, id: u32): bool {
  const isSettled = (connection.flags & CONNECTION_H2_SETTLED) != 0;
  if (!isSettled) return type == FRAME_SETTINGS && (flags & FRAME_ACK) == 0;
  if (connection.headStream == 0) return type != FRAME_CONTINUATION;
  return type == FRAME_CONTINUATION && id == connection.headStream;
}

function takeFrame(connection: H2Connection, frame: usize, type: i32, size: i32): i32 {
  const id = frameStream(frame);
  const flags = frameFlags(frame);
  const payload = frame + FRAME_HEADER_BYTES;
  switch (type) {
    case FRAME_HEADERS:
      return readHeaders(connection, id, flags, payload, size);
    case FRAME_CONTINUATION:
      return readContinuation(connection, flags, payload, size);
    case FRAME_SETTINGS:
      return readSettings(connection, id, flags, payload, size);
    case FRAME_WINDOW_UPDATE:
      return readWindowUpdate(connection, id, payload, size);
    case FRAME_PING:
      return readPing(connection, id, flags, payload, size);
    case FRAME_RST_STREAM:
      return readReset(connection, id, payload, size);
    case FRAME_GOAWAY:
      return readGoAway(connection, id, payload, size);
    case FRAME_PRIORITY:
      return readPriority(connection, id, payload, size);
    case FRAME_PUSH_PROMISE:
      // Nobody may push to a server, and we tell servers not to.
      return failConnection(connection, H2_PROTOCOL_ERROR, REASON_UNEXPECTED_FRAME);
    default:
      return FOUND_MORE;
  }
}

/** Takes the header of a DATA frame, and the length of its padding. */
function beginData(connection: H2Connection, frame: usize, size: i32, length: i32): i32 {
  const flags = frameFlags(frame);
  const id = frameStream(frame);
  const isPadded = (flags & FRAME_PADDED) != 0;
  if (isPadded && size == 0) {
    return failConnection(connection, H2_FRAME_SIZE_ERROR, REASON_FRAME_SIZE);
  }
  const head = FRAME_HEADER_BYTES + <i32>isPadded;
  if (length < head) return NEED_WHOLE;
  const padding = isPadded ? <i32>load<u8>(frame, 9) : 0;
  const body = size - <i32>isPadded - padding;
  if (body < 0) return failConnection(connection, H2_PROTOCOL_ERROR, REASON_PADDING);
  const ends = (flags & FRAME_END_STREAM) != 0;
  if (isEmptyFlood(connection, size > 0 || ends)) return FOUND_ERROR;
  connection.consumed = head;
  connection.dataStream = 0;
  const found = admitData(connection, id, size);
  if (found == FOUND_ERROR) return found;
  connection.dataRemaining = body;
  connection.padRemaining = padding;
  connection.phase = PHASE_DATA;
  if (ends) connection.flags |= CONNECTION_H2_DATA_ENDS;
  else connection.flags &= ~CONNECTION_H2_DATA_ENDS;
  // The byte that says how long the padding is counts, too, and is consumed by now.
  if (isPadded) creditUnread(connection, 1);
  return found;
}

/** Checks whether DATA may come for a stream, and counts it against the windows. */
function admitData(connection: H2Connection, id: u32, size: i32): i32 {
  if (id == 0) return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  connection.receiveWindow -= size;
  if (connection.receiveWindow < 0) {
    return failConnection(connection, H2_FLOW_CONTROL_ERROR, REASON_WINDOW);
  }
  const stream = findStream(connection.table, id);
  if (stream === null) return admitLate(connection, id);
  if ((stream.state & H2_PEER_ENDED) != 0) {
    return failConnection(connection, H2_STREAM_CLOSED, REASON_STREAM_CLOSED);
  }
  if ((stream.state & H2_HEAD_READ) == 0) {
    return failConnection(connection, H2_PROTOCOL_ERROR, REASON_UNEXPECTED_FRAME);
  }
  stream.receiveWindow -= size;
  if (stream.receiveWindow < 0) {
    return failStream(connection, stream, H2_FLOW_CONTROL_ERROR, REASON_WINDOW);
  }
  connection.dataStream = changetype<usize>(stream);
  return FOUND_MORE;
}

/** DATA for a stream that is not open: harmless if it was reset here, since it was under way. */
function admitLate(connection: H2Connection, id: u32): i32 {
  const isIdle = isIdleStream(connection, id);
  if (isIdle) return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  if (wasReset(connection, id) || isRefused(connection, id)) return FOUND_MORE;
  return failConnection(connection, H2_STREAM_CLOSED, REASON_STREAM_CLOSED);
}

/** Bytes of the DATA frame that nobody is given are consumed at once. */
function creditUnread(connection: H2Connection, bytes: i32): void {
  if (connection.dataStream == 0) creditConnection(connection, bytes);
  else creditStream(connection, changetype<H2Stream>(connection.dataStream), bytes);
}

function readData(connection: H2Connection, bytes: usize, length: i32): i32 {
  connection.consumed = 0;
  const body = min(length, connection.dataRemaining);
  const padding = min(length - body, connection.padRemaining);
  connection.dataRemaining -= body;
  connection.padRemaining -= padding;
  connection.consumed = body + padding;
  const isDone = connection.dataRemaining == 0 && connection.padRemaining == 0;
  if (isDone) connection.phase = PHASE_FRAME;
  const isWanted = connection.dataStream != 0;
  const unread = isWanted ? padding : body + padding;
  if (unread > 0) creditUnread(connection, unread);
  if (!isWanted) return FOUND_MORE;
  const stream = changetype<H2Stream>(connection.dataStream);
  connection.stream = connection.dataStream;
  const ends = isDone && (connection.flags & CONNECTION_H2_DATA_ENDS) != 0;
  stream.received += body;
  if (!isLengthKept(stream, ends)) {
    // What is left of the frame belongs to nobody.
    connection.dataStream = 0;
    creditConnection(connection, body);
    return failStream(connection, stream, H2_PROTOCOL_ERROR, REASON_CONTENT_LENGTH);
  }
  if (body == 0 && !ends) return FOUND_MORE;
  if (ends) stream.state |= H2_PEER_ENDED;
  connection.data = bytes;
  connection.dataLength = body;
  connection.isEnd = ends;
  return FOUND_DATA;
}
