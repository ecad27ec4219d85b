/* Bodies of responses on their way downstream, and what gRPC-Web makes of them and of trailers. */
import { FRAMING_CHUNKED } from "../../api/engine/http1.ts";
import { H_GRPC_STATUS } from "../../api/engine/header-names.ts";
import { Web } from "../chain/grpc-web.ts";
import { encodeBase64, encodedLength, flushBase64 } from "../grpc/base64.ts";
import { countStatus } from "../grpc/method-stats.ts";
import { HeaderBlock, entryAt, findKnown, reserveArena } from "../head/block.ts";
import { CHUNK_OVERHEAD_BYTES, writeChunk } from "../http1/writer.ts";
import { copyBytes } from "../memory/bytes.ts";
import { Connection } from "./connection.ts";
import { sendLaneData } from "./http2/send.ts";
import { endOutput, outputRoom } from "./mail.ts";
import { Stream } from "./stream.ts";

/** What becomes `grpc-message` of the body of an answer without gRPC. As in Envoy. */
const HELD_BYTES_MAX: i32 = 16384;
/** Bytes that are encoded at a time, and the room for their text. */
const STEP_BYTES: i32 = 3000;
const ENCODED_BYTES: i32 = 8192;
/** Flag, and length. */
const PREFIX_BYTES: i32 = 5;
const TRAILER_FLAG: u8 = 0x80;

const encoded: usize = memory.data(8192);
let encodedBytes: i32 = 0;

/** Writes a piece of a body. Hot. */
export function writePiece(stream: Stream, data: usize, length: i32, isEnd: bool): void {
  stream.bytesSent += length;
  const downstream = changetype<Connection>(stream.downstream);
  if (downstream.lane != 0) {
    sendLaneData(downstream, data, length, isEnd);
    return;
  }
  const room = outputRoom(length + CHUNK_OVERHEAD_BYTES);
  if (stream.responseFraming == FRAMING_CHUNKED) {
    endOutput(writeChunk(room, data, length));
    return;
  }
  memory.copy(room, data, length);
  endOutput(room + length);
}

/** Takes a piece of a body that goes downstream in base64, or not at all. */
export function takeWebData(stream: Stream, data: usize, length: i32): void {
  if ((stream.grpcWeb & Web.Held) != 0) hold(stream, data, length);
  else encodeMessages(stream, data, length);
}

function hold(stream: Stream, data: usize, length: i32): void {
  if (stream.held == 0) stream.held = reserveArena(stream.response, HELD_BYTES_MAX);
  const taken = min<i32>(length, HELD_BYTES_MAX - stream.heldLength);
  memory.copy(stream.held + stream.heldLength, data, taken);
  stream.heldLength += taken;
}

/** Encodes each message by itself, so that each ends with its padding. */
function encodeMessages(stream: Stream, data: usize, length: i32): void {
  encodedBytes = 0;
  while (length > 0) {
    let step = 1;
    if (stream.webFrameSeen < PREFIX_BYTES) {
      if (stream.webFrameSeen > 0) {
        stream.webFrameLeft = (stream.webFrameLeft << 8) | load<u8>(data);
      }
      stream.webFrameSeen++;
    } else {
      step = <i32>min<u32>(stream.webFrameLeft, <u32>min<i32>(length, STEP_BYTES));
      stream.webFrameLeft -= step;
    }
    if (encodedBytes + encodedLength(step) > ENCODED_BYTES) writeEncoded(stream);
    encodedBytes += encodeBase64(stateOf(stream), data, step, encoded + encodedBytes);
    data += step;
    length -= step;
    if (stream.webFrameSeen < PREFIX_BYTES || stream.webFrameLeft > 0) continue;
    stream.webFrameSeen = 0;
    encodedBytes += flushBase64(stateOf(stream), encoded + encodedBytes);
  }
  writeEncoded(stream);
}

function writeEncoded(stream: Stream): void {
  if (encodedBytes > 0) writePiece(stream, encoded, encodedBytes, false);
  encodedBytes = 0;
}

// @ts-ignore: decorator
@inline
function stateOf(stream: Stream): usize {
  return changetype<usize>(stream) + offsetof<Stream>("responseBits");
}

/** Writes the trailers as the last message of the body, and what waits of the one before it. */
export function endWebBody(stream: Stream, trailers: HeaderBlock | null): void {
  const isText = (stream.grpcWeb & Web.TextResponse) != 0;
  encodedBytes = isText ? flushBase64(stateOf(stream), encoded) : 0;
  writeEncoded(stream);
  if (trailers === null || trailers.count == 0) return;
  if (stream.grpcWebStats != 0) {
    countStatus(stream.grpcWebStats, findKnown(trailers, H_GRPC_STATUS));
  }
  const length = PREFIX_BYTES + trailersLength(trailers);
  const frame = reserveArena(stream.response, length);
  writeTrailers(frame, trailers, length);
  if (!isText) {
    writePiece(stream, frame, length, false);
    return;
  }
  const text = reserveArena(stream.response, encodedLength(length));
  const whole = encodeBase64(stateOf(stream), frame, length, text);
  const rest = flushBase64(stateOf(stream), text + whole);
  writePiece(stream, text, whole + rest, false);
}

function trailersLength(trailers: HeaderBlock): i32 {
  let length = 0;
  for (let i = 0; i < trailers.count; i++) {
    const entry = entryAt(trailers, i);
    if (entry.nameLength != 0) length += <i32>entry.nameLength + entry.valueLength + 3;
  }
  return length;
}

function writeTrailers(frame: usize, trailers: HeaderBlock, length: i32): void {
  store<u8>(frame, TRAILER_FLAG);
  store<u32>(frame, bswap<u32>(<u32>(length - PREFIX_BYTES)), 1);
  let to = frame + PREFIX_BYTES;
  for (let i = 0; i < trailers.count; i++) {
    const entry = entryAt(trailers, i);
    if (entry.nameLength == 0) continue;
    copyBytes(to, entry.name, <i32>entry.nameLength);
    to += entry.nameLength;
    store<u8>(to++, 58);
    copyBytes(to, entry.value, entry.valueLength);
    to += entry.valueLength;
    store<u16>(to, 0x0a0d);
    to += 2;
  }
}
