/* Bodies of requests, and what else clients send, on their way upstream. */
import {
  FLAG_END,
  FLAG_MORE,
  FLAG_REQUEST_END,
  FLAG_CLOSE,
  STATE_KEEPS_BODY,
  STATE_MIRRORED,
  STATE_REQUEST_END,
  STATE_TUNNEL,
  STATE_UPGRADE,
} from "../../../api/engine/layout.ts";
import {
  FRAMING_CHUNKED,
  READ_DATA,
  READ_END,
  READ_ERROR,
  READ_MORE,
} from "../../../api/engine/http1.ts";
import { CLUSTER_FLAGS, CLUSTER_FLAG_TRAILERS } from "../../../api/engine/image.ts";
import { HeaderBlock } from "../../head/block.ts";
import { now } from "../../hcm/clock.ts";
import { readNext } from "../../http1/read-message.ts";
import { Reader } from "../../http1/reader.ts";
import {
  CHUNK_OVERHEAD_BYTES,
  lastChunkLength,
  writeChunk,
  writeLastChunk,
} from "../../http1/writer.ts";
import { Connection, advanceInput, keepInput } from "../connection.ts";
import { creditLane } from "../http2/lane.ts";
import { endLaneBody, sendLaneData } from "../http2/send.ts";
import { keepBody } from "./kept-body.ts";
import { endOutput, outputRoom, post } from "../mail.ts";
import { endMirrors, feedMirrors } from "../mirror-links.ts";
import { Stream } from "../stream.ts";

/** What is read of the body does not go to the upstream alone. */
const STATE_COPIES_BODY: i32 = STATE_KEEPS_BODY | STATE_MIRRORED;

/** Notes that nothing more of the request will come. */
export function markRequestEnd(stream: Stream): void {
  stream.state |= STATE_REQUEST_END;
  stream.requestEndMs = now;
}

/** True until the upstream has agreed to a tunnel: what it might read as a request is not sent. */
// @ts-ignore: decorator
@inline
export function isUpgrading(stream: Stream): bool {
  return (stream.state & (STATE_UPGRADE | STATE_TUNNEL)) == STATE_UPGRADE;
}

/** Fills the mailbox after `pumpBody`. */
export function postBody(connection: Connection, stream: Stream): void {
  keepInput(connection);
  let flags = connection.inputLength > 0 ? FLAG_MORE : 0;
  if ((stream.state & STATE_REQUEST_END) != 0) {
    flags |= FLAG_REQUEST_END | FLAG_END;
    // The end of a tunnel is the end of the connection.
    const isTunnel = (stream.state & STATE_TUNNEL) != 0;
    if (isTunnel && stream.requestFraming != FRAMING_CHUNKED) flags |= FLAG_CLOSE;
  }
  post(changetype<usize>(stream), flags);
}

/** Moves what the input holds of the body to the output. Returns an error number or 0. Hot. */
export function pumpBody(connection: Connection, stream: Stream): i32 {
  const reader = connection.reader;
  const isChunked = stream.requestFraming == FRAMING_CHUNKED;
  const lane = upstreamLane(stream);
  while ((stream.state & STATE_REQUEST_END) == 0) {
    const found = readNext(reader, connection.input, connection.inputLength);
    stream.downstreamWireReceived += reader.consumed;
    advanceInput(connection, reader.consumed);
    if (found == READ_MORE) break;
    if (found == READ_ERROR) return reader.error;
    if (found == READ_DATA) {
      stream.bytesReceived += reader.dataLength;
      if (connection.lane != 0) creditLane(connection, reader.dataLength);
      if ((stream.state & STATE_COPIES_BODY) != 0) copyBody(stream, reader);
      if (lane !== null) sendLaneData(lane, reader.data, reader.dataLength, false);
      else writePiece(reader, isChunked);
    } else if (found == READ_END) {
      markRequestEnd(stream);
      if (isChunked || lane !== null) endBody(stream, reader);
    }
  }
  return 0;
}

/** The upstream as a lane, or null where it speaks HTTP/1. */
// @ts-ignore: decorator
@inline
function upstreamLane(stream: Stream): Connection | null {
  const upstream = changetype<Connection>(stream.upstream);
  return upstream.lane == 0 ? null : upstream;
}

/** Writes what was read of a body, in HTTP/1. */
function writePiece(reader: Reader, isChunked: bool): void {
  const room = outputRoom(reader.dataLength + CHUNK_OVERHEAD_BYTES);
  if (isChunked) {
    endOutput(writeChunk(room, reader.data, reader.dataLength));
    return;
  }
  memory.copy(room, reader.data, reader.dataLength);
  endOutput(room + reader.dataLength);
}

/** The body goes elsewhere, too. */
function copyBody(stream: Stream, reader: Reader): void {
  keepBody(stream, reader.data, reader.dataLength);
  feedMirrors(stream, reader.data, reader.dataLength);
}

/** Ends a chunked request. Its trailers go on only where the cluster enables them, as in Envoy. */
function endBody(stream: Stream, reader: Reader): void {
  stream.requestTrailers = changetype<usize>(reader.trailers);
  endMirrors(stream, reader.trailers);
  writeBodyEnd(stream);
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
