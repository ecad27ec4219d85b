/* Heads and trailers on their way out: HEADERS, and CONTINUATION where one frame is too short. */
import {
  FRAME_CONTINUATION,
  FRAME_END_HEADERS,
  FRAME_END_STREAM,
  FRAME_HEADERS,
} from "../../../api/engine/http2.ts";
import { HeaderBlock, releaseBlock } from "../../head/block.ts";
import { encodeBlock, encodedLengthMax } from "../../hpack/encoder.ts";
import { FRAME_HEADER_BYTES, FRAME_PAYLOAD_BYTES_MAX, writeFrameHeader } from "../frame.ts";
import { H2Stream, H2_ENDED, H2_END_PENDING } from "../h2-stream.ts";
import { endOut, outRoom } from "../output.ts";
import { H2Connection } from "../h2-connection.ts";

/** Writes the head of a message, or an interim one. */
export function sendHead(
  connection: H2Connection,
  stream: H2Stream,
  block: HeaderBlock,
  isEnd: bool,
): void {
  const most = encodedLengthMax(block);
  const frames = most / FRAME_PAYLOAD_BYTES_MAX + 1;
  const room = outRoom(connection, most + frames * FRAME_HEADER_BYTES);
  const payload = room + FRAME_HEADER_BYTES;
  const length = <i32>(encodeBlock(connection.encoder, block, payload) - payload);
  const flags = isEnd ? FRAME_END_STREAM : 0;
  if (isEnd) stream.state |= H2_ENDED;
  if (length <= FRAME_PAYLOAD_BYTES_MAX) {
    writeFrameHeader(room, length, FRAME_HEADERS, flags | FRAME_END_HEADERS, stream.id);
    endOut(connection, payload + length);
    return;
  }
  endOut(connection, split(stream, room, length, flags));
}

/** Moves the pieces of a long header block apart, from the last to the first. Returns the end. */
function split(stream: H2Stream, room: usize, length: i32, flags: i32): usize {
  const payload = room + FRAME_HEADER_BYTES;
  const last = (length - 1) / FRAME_PAYLOAD_BYTES_MAX;
  for (let i = last; i > 0; i--) {
    const from = i * FRAME_PAYLOAD_BYTES_MAX;
    const size = i == last ? length - from : FRAME_PAYLOAD_BYTES_MAX;
    const target = payload + from + i * FRAME_HEADER_BYTES;
    memory.copy(target, payload + from, size);
    const ends = i == last ? FRAME_END_HEADERS : 0;
    writeFrameHeader(target - FRAME_HEADER_BYTES, size, FRAME_CONTINUATION, ends, stream.id);
  }
  writeFrameHeader(room, FRAME_PAYLOAD_BYTES_MAX, FRAME_HEADERS, flags, stream.id);
  return payload + length + last * FRAME_HEADER_BYTES;
}

/** Sends trailers, which end the stream: behind what waits, if something does. Takes the block. */
export function sendTrailers(
  connection: H2Connection,
  stream: H2Stream,
  trailers: HeaderBlock,
): void {
  stream.trailersToSend = trailers;
  if (stream.pendingLength > 0) stream.state |= H2_END_PENDING;
  else writeTrailers(connection, stream);
}

/** Writes the trailers of a stream whose body is sent. */
export function writeTrailers(connection: H2Connection, stream: H2Stream): void {
  const trailers = stream.trailersToSend;
  if (trailers === null) return;
  stream.trailersToSend = null;
  sendHead(connection, stream, trailers, true);
  releaseBlock(trailers);
}
