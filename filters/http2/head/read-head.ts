/*
 * Heads and trailers on their way in: HEADERS and the CONTINUATION frames behind it, decoded when
 * they are whole. The header table must be kept in step, so that a head is decoded even when nobody
 * wants it any more. RFC 9113 §6.2, §6.10, §8.
 */
import {
  FOUND_ERROR,
  FOUND_HEAD,
  FOUND_MORE,
  FOUND_TRAILERS,
  FRAME_END_HEADERS,
  FRAME_END_STREAM,
  FRAME_PADDED,
  FRAME_PRIORITY_FIELDS,
  H2_COMPRESSION_ERROR,
  H2_ENHANCE_YOUR_CALM,
  H2_FRAME_SIZE_ERROR,
  H2_INTERNAL_ERROR,
  H2_OPTION_FLAGS,
  H2_OPTION_FLAG_STREAM_ERRORS,
  H2_OPTION_HEAD_BYTES_MAX,
  H2_OPTION_STREAMS_MAX,
  H2_PROTOCOL_ERROR,
  H2_REFUSED_STREAM,
  H2_STREAM_CLOSED,
  REASON_COMPRESSION,
  REASON_CONTENT_LENGTH,
  REASON_CONTINUATION_FLOOD,
  REASON_FRAME_SIZE,
  REASON_HEAD,
  REASON_NONE,
  REASON_PADDING,
  REASON_PRIORITY,
  REASON_REFUSED,
  REASON_STREAM_CLOSED,
  REASON_STREAM_ID,
} from "../../../api/engine/http2.ts";
import {
  HTTP2_RX_MESSAGING_ERROR,
  HTTP2_STREAM_REFUSED_ERRORS,
  HTTP2_TRAILERS,
} from "../../../api/engine/http2-stats.ts";
import { HeaderBlock, clearBlock, createBlock, releaseBlock } from "../../head/block.ts";
import { allocate, capacityOf, release } from "../../memory/slab.ts";
import { count } from "../../observe/counters.ts";
import { failConnection } from "../fail.ts";
import { failStream } from "../fail-stream.ts";
import { isEmptyFlood, isOutboundFlood } from "../flood.ts";
import { FRAME_PAYLOAD_BYTES_MAX, readUint31 } from "../frame.ts";
import { H2Stream, H2_HEAD_READ, H2_PEER_ENDED, isLengthKept } from "../h2-stream.ts";
import { DECODED, DECODED_BROKEN, decodeHead, decodeTrailers } from "./head-codec.ts";
import { writeReset } from "../output.ts";
import {
  CONNECTION_H2_CLIENT,
  H2Connection,
  isIdleStream,
  isRefused,
  rememberReset,
  wasReset,
} from "../h2-connection.ts";
import { findStream } from "../stream-table.ts";
import { openStreamOf } from "../streams.ts";

/** CONTINUATION frames beyond those that the greatest head needs. */
const CONTINUATIONS_SPARE: i32 = 8;

/** HEADERS. §6.2 */
export function readHeaders(
  connection: H2Connection,
  id: u32,
  flags: i32,
  payload: usize,
  size: i32,
): i32 {
  // Streams of servers, which have even ids, exist only where push is allowed.
  if ((id & 1) == 0) {
    return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  }
  const hasPriority = (flags & FRAME_PRIORITY_FIELDS) != 0;
  const isPadded = (flags & FRAME_PADDED) != 0;
  const fixed = <i32>isPadded + (hasPriority ? 5 : 0);
  if (size < fixed) return failConnection(connection, H2_FRAME_SIZE_ERROR, REASON_FRAME_SIZE);
  const padding = isPadded ? <i32>load<u8>(payload) : 0;
  const length = size - fixed - padding;
  if (length < 0) return failConnection(connection, H2_PROTOCOL_ERROR, REASON_PADDING);
  const ends = (flags & FRAME_END_STREAM) != 0;
  if (isEmptyFlood(connection, length > 0 || ends)) return FOUND_ERROR;
  if (hasPriority && readUint31(payload + <usize>isPadded) == id) {
    return failConnection(connection, H2_PROTOCOL_ERROR, REASON_PRIORITY);
  }
  connection.headStream = id;
  connection.headFlags = flags;
  connection.headLength = 0;
  connection.continuationCount = 0;
  const fragment = payload + fixed;
  if ((flags & FRAME_END_HEADERS) != 0) return takeHead(connection, fragment, length);
  return collect(connection, fragment, length);
}

/** CONTINUATION of the head being collected. §6.10 */
export function readContinuation(
  connection: H2Connection,
  flags: i32,
  payload: usize,
  size: i32,
): i32 {
  const ends = (flags & FRAME_END_HEADERS) != 0;
  if (isEmptyFlood(connection, size > 0 || ends)) return FOUND_ERROR;
  const most = load<i32>(connection.options, H2_OPTION_HEAD_BYTES_MAX);
  const allowed = most / FRAME_PAYLOAD_BYTES_MAX + CONTINUATIONS_SPARE;
  if (++connection.continuationCount > allowed) {
    return failConnection(connection, H2_ENHANCE_YOUR_CALM, REASON_CONTINUATION_FLOOD);
  }
  const found = collect(connection, payload, size);
  if (found != FOUND_MORE || !ends) return found;
  return takeHead(connection, connection.head, connection.headLength);
}

/** Keeps a piece of a head. Its size is bounded by the number of frames. */
function collect(connection: H2Connection, bytes: usize, length: i32): i32 {
  const total = connection.headLength + length;
  if (connection.head == 0) connection.head = allocate(max(total, 1024));
  else if (<usize>total > capacityOf(connection.head)) {
    const larger = allocate(<usize>total << 1);
    memory.copy(larger, connection.head, connection.headLength);
    release(connection.head);
    connection.head = larger;
  }
  memory.copy(connection.head + connection.headLength, bytes, length);
  connection.headLength = total;
  return FOUND_MORE;
}

/** A head is whole: finds out whose it is, decodes it, and says so. */
function takeHead(connection: H2Connection, bytes: usize, length: i32): i32 {
  const id = connection.headStream;
  connection.headStream = 0;
  const found = dispatch(connection, id, bytes, length);
  if (connection.head != 0) release(connection.head);
  connection.head = 0;
  return found;
}

function dispatch(connection: H2Connection, id: u32, bytes: usize, length: i32): i32 {
  const stream = findStream(connection.table, id);
  if (stream !== null) {
    if ((stream.state & H2_PEER_ENDED) != 0) {
      return failConnection(connection, H2_STREAM_CLOSED, REASON_STREAM_CLOSED);
    }
    const isTrailers = (stream.state & H2_HEAD_READ) != 0;
    if (isTrailers) return takeTrailers(connection, stream, bytes, length);
    return takeMessage(connection, stream, changetype<HeaderBlock>(stream.block), bytes, length);
  }
  if (!isIdleStream(connection, id)) {
    // After the last GOAWAY the client sends new streams again elsewhere.
    if (!wasReset(connection, id) && !isRefused(connection, id)) {
      return failConnection(connection, H2_STREAM_CLOSED, REASON_STREAM_CLOSED);
    }
    return passOver(connection, bytes, length);
  }
  if ((connection.flags & CONNECTION_H2_CLIENT) != 0) {
    return failConnection(connection, H2_PROTOCOL_ERROR, REASON_STREAM_ID);
  }
  return takeRequest(connection, id, bytes, length);
}

/** A new stream: a request. */
function takeRequest(connection: H2Connection, id: u32, bytes: usize, length: i32): i32 {
  connection.lastPeerStream = id;
  // Answers that the peer does not read.
  if (isOutboundFlood(connection)) return FOUND_ERROR;
  if (<u32>connection.table.count >= load<u32>(connection.options, H2_OPTION_STREAMS_MAX)) {
    writeReset(connection, id, H2_REFUSED_STREAM);
    rememberReset(connection, id);
    connection.reason = REASON_REFUSED;
    count(connection.stats, HTTP2_STREAM_REFUSED_ERRORS);
    if (isOutboundFlood(connection)) return FOUND_ERROR;
    return passOver(connection, bytes, length);
  }
  const stream = openStreamOf(connection, id);
  return takeMessage(connection, stream, connection.block, bytes, length);
}

function takeMessage(
  connection: H2Connection,
  stream: H2Stream,
  block: HeaderBlock,
  bytes: usize,
  length: i32,
): i32 {
  const outcome = decodeHead(connection, stream, block, bytes, length);
  if (outcome == DECODED_BROKEN) {
    return failConnection(connection, H2_COMPRESSION_ERROR, REASON_COMPRESSION);
  }
  if (outcome != DECODED) return refuseHead(connection, stream, block);
  // Requests over a limit are answered; of an answer that is cut off nobody may see the rest.
  if (connection.reason != REASON_NONE && (connection.flags & CONNECTION_H2_CLIENT) != 0) {
    clearBlock(block, block.pseudoCount);
    return failStream(connection, stream, H2_INTERNAL_ERROR, connection.reason);
  }
  const ends = (connection.headFlags & FRAME_END_STREAM) != 0;
  // An interim response is followed by another.
  if (ends && (stream.state & H2_HEAD_READ) == 0) return refuseHead(connection, stream, block);
  if (ends) {
    stream.state |= H2_PEER_ENDED;
    if (!isLengthKept(stream, true)) {
      clearBlock(block, block.pseudoCount);
      return refuseLength(connection, stream);
    }
  }
  connection.stream = changetype<usize>(stream);
  connection.isEnd = ends;
  return FOUND_HEAD;
}

/** A head that is no HTTP: the stream ends, or the connection, as the options say. */
function refuseHead(connection: H2Connection, stream: H2Stream, block: HeaderBlock): i32 {
  clearBlock(block, block.pseudoCount);
  const flags = load<i32>(connection.options, H2_OPTION_FLAGS);
  if ((flags & H2_OPTION_FLAG_STREAM_ERRORS) == 0) {
    return failConnection(connection, H2_PROTOCOL_ERROR, REASON_HEAD);
  }
  return failStream(connection, stream, H2_PROTOCOL_ERROR, REASON_HEAD);
}

/** The body is not as long as it was said to be. Envoy counts that of a head, not of DATA. */
function refuseLength(connection: H2Connection, stream: H2Stream): i32 {
  count(connection.stats, HTTP2_RX_MESSAGING_ERROR);
  return failStream(connection, stream, H2_PROTOCOL_ERROR, REASON_CONTENT_LENGTH);
}

/** §8.1: trailers end the message. */
function takeTrailers(connection: H2Connection, stream: H2Stream, bytes: usize, length: i32): i32 {
  // Envoy counts those of requests.
  const isServer = (connection.flags & CONNECTION_H2_CLIENT) == 0;
  if (isServer) count(connection.stats, HTTP2_TRAILERS);
  const trailers = createBlock();
  stream.trailers = trailers;
  const outcome = decodeTrailers(connection, trailers, bytes, length);
  if (outcome == DECODED_BROKEN) {
    return failConnection(connection, H2_COMPRESSION_ERROR, REASON_COMPRESSION);
  }
  const ends = (connection.headFlags & FRAME_END_STREAM) != 0;
  if (outcome != DECODED || !ends) return refuseHead(connection, stream, trailers);
  stream.state |= H2_PEER_ENDED;
  if (!isLengthKept(stream, true)) {
    return refuseLength(connection, stream);
  }
  connection.stream = changetype<usize>(stream);
  connection.isEnd = true;
  return FOUND_TRAILERS;
}

/** Decodes a head that nobody wants. */
function passOver(connection: H2Connection, bytes: usize, length: i32): i32 {
  const block = createBlock();
  const outcome = decodeTrailers(connection, block, bytes, length);
  releaseBlock(block);
  if (outcome != DECODED_BROKEN) return FOUND_MORE;
  return failConnection(connection, H2_COMPRESSION_ERROR, REASON_COMPRESSION);
}
