/* Pieces of a request's body on their way to the upstream, and to all others who see them. */
import { E_BASE64, E_BASE64_LENGTH, FRAMING_CHUNKED } from "../../../api/engine/http1.ts";
import { CLUSTER_FLAGS, CLUSTER_FLAG_TRAILERS } from "../../../api/engine/image.ts";
import {
  CONNECTION_RAW,
  STATE_GRPC,
  STATE_GRPC_WEB_TEXT,
  STATE_KEEPS_BODY,
  STATE_MIRRORED,
} from "../../../api/engine/layout.ts";
import { watchRequestBody } from "../../chain/grpc-stats.ts";
import { decodeBase64, isBase64Whole } from "../../grpc/base64.ts";
import { HeaderBlock } from "../../head/block.ts";
import { Reader } from "../../http1/reader.ts";
import {
  CHUNK_OVERHEAD_BYTES,
  lastChunkLength,
  writeChunk,
  writeLastChunk,
} from "../../http1/writer.ts";
import { Connection } from "../connection.ts";
import { endLaneBody, sendLaneData } from "../http2/send.ts";
import { endOutput, outputRoom } from "../mail.ts";
import { endMirrors, feedMirrors } from "../mirror-links.ts";
import { Stream } from "../stream.ts";
import { keepBody } from "./kept-body.ts";

/** What is read of the body does not go to the upstream alone. */
const STATE_SHOWS_BODY: i32 = STATE_KEEPS_BODY | STATE_MIRRORED | STATE_GRPC;
/** Characters of base64 that are decoded at a time. */
const TEXT_BYTES: i32 = 8192;

const decoded: usize = memory.data(8208);

/** Passes on what was just read of the body. Returns an error number or 0. Hot. */
export function passData(stream: Stream, reader: Reader): i32 {
  if ((stream.state & STATE_GRPC_WEB_TEXT) != 0) return passText(stream, reader);
  passPiece(stream, reader.data, reader.dataLength);
  return 0;
}

/** The body was read to its end. Returns an error number or 0. */
export function passEnd(stream: Stream, reader: Reader): i32 {
  if ((stream.state & STATE_GRPC_WEB_TEXT) != 0 && !isBase64Whole(textState(stream))) {
    return E_BASE64_LENGTH;
  }
  if (stream.requestFraming != FRAMING_CHUNKED && upstreamLane(stream) === null) return 0;
  // Its trailers go on only where the cluster enables them, as in Envoy.
  stream.requestTrailers = changetype<usize>(reader.trailers);
  endMirrors(stream, reader.trailers);
  if (!isRaw(stream)) writeBodyEnd(stream);
  return 0;
}

/** gRPC-Web in base64: what is decoded goes on. */
function passText(stream: Stream, reader: Reader): i32 {
  let data = reader.data;
  let left = reader.dataLength;
  while (left > 0) {
    const step = min<i32>(left, TEXT_BYTES);
    const length = decodeBase64(textState(stream), data, step, decoded);
    if (length < 0) return E_BASE64;
    if (length > 0) passPiece(stream, decoded, length);
    data += step;
    left -= step;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function textState(stream: Stream): usize {
  return changetype<usize>(stream) + offsetof<Stream>("requestBits");
}

function passPiece(stream: Stream, data: usize, length: i32): void {
  if ((stream.state & STATE_SHOWS_BODY) != 0) showBody(stream, data, length);
  const lane = upstreamLane(stream);
  if (lane !== null) {
    sendLaneData(lane, data, length, false);
    return;
  }
  const room = outputRoom(length + CHUNK_OVERHEAD_BYTES);
  if (stream.requestFraming == FRAMING_CHUNKED && !isRaw(stream)) {
    endOutput(writeChunk(room, data, length));
    return;
  }
  memory.copy(room, data, length);
  endOutput(room + length);
}

function showBody(stream: Stream, data: usize, length: i32): void {
  if ((stream.state & STATE_GRPC) != 0) watchRequestBody(stream, data, length);
  keepBody(stream, data, length);
  feedMirrors(stream, data, length);
}

/** The upstream as a lane, or null where it speaks HTTP/1. */
// @ts-ignore: decorator
@inline
function upstreamLane(stream: Stream): Connection | null {
  const upstream = changetype<Connection>(stream.upstream);
  return upstream.lane == 0 ? null : upstream;
}

/** Whether the upstream gets the body without any framing. */
// @ts-ignore: decorator
@inline
export function isRaw(stream: Stream): bool {
  return (changetype<Connection>(stream.upstream).flags & CONNECTION_RAW) != 0;
}

/** Writes the end of a chunked request, or of any to a lane. */
export function writeBodyEnd(stream: Stream): void {
  const lane = upstreamLane(stream);
  if (lane !== null) {
    endLaneBody(lane, changetype<HeaderBlock | null>(stream.requestTrailers));
    return;
  }
  const passes = (load<i32>(stream.clusterRecord, CLUSTER_FLAGS) & CLUSTER_FLAG_TRAILERS) != 0;
  const trailers = passes ? changetype<HeaderBlock | null>(stream.requestTrailers) : null;
  endOutput(writeLastChunk(outputRoom(lastChunkLength(trailers)), trailers));
}
