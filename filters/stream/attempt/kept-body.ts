/* The part of a request's body that was sent upstream, kept so that it can be sent once more. */
import { FRAMING_CHUNKED, FRAMING_NONE } from "../../../api/engine/http1.ts";
import { CLUSTER_STATS, HCM_BUFFER_BYTES_MAX } from "../../../api/engine/image.ts";
import { STATE_KEEPS_BODY, STATE_REQUEST_END } from "../../../api/engine/layout.ts";
import { ROUTE_BUFFER_BYTES_MAX, VHOST_BUFFER_BYTES_MAX } from "../../../api/engine/route-image.ts";
import { UPSTREAM_RETRY_OR_SHADOW_ABANDONED } from "../../../api/engine/stats.ts";
import { CHUNK_OVERHEAD_BYTES, writeChunk } from "../../http1/writer.ts";
import { allocate, capacityOf, hasSpare, release } from "../../memory/slab.ts";
import { count } from "../../observe/counters.ts";
import { Connection } from "../connection.ts";
import { sendLaneData } from "../http2/send.ts";
import { endOutput, outputRoom } from "../mail.ts";
import { Stream } from "../stream.ts";

const UNSET: u32 = 0xffffffff;

/** Has what will be read of the body kept, as far as the limits allow. */
export function startKeeping(stream: Stream): void {
  if (stream.requestFraming == FRAMING_NONE) return;
  stream.state |= STATE_KEEPS_BODY;
  const own = load<u32>(stream.route, ROUTE_BUFFER_BYTES_MAX);
  const above = load<u32>(stream.virtualHost, VHOST_BUFFER_BYTES_MAX);
  const most = own != UNSET ? own : above;
  const listener = load<u32>(stream.hcm, HCM_BUFFER_BYTES_MAX);
  stream.keptBytesMax = <i32>min(min(most, listener), <u32>0x7fffffff);
  // A redirect may have brought more than this route lets be kept. It is sent all the same.
  if (stream.keptLength > stream.keptBytesMax) countAbandoned(stream);
}

/** Keeps a piece of the body; gives up the whole of it when it grows beyond what may be kept. */
export function keepBody(stream: Stream, bytes: usize, length: i32): void {
  if ((stream.state & STATE_KEEPS_BODY) == 0) return;
  const isTooMuch = length > stream.keptBytesMax - stream.keptLength;
  const total = stream.keptLength + length;
  if (isTooMuch || !hasSpare(<usize>total << 1)) {
    forgetBody(stream);
    countAbandoned(stream);
    return;
  }
  if (stream.kept == 0) stream.kept = allocate(total);
  else if (<usize>total > capacityOf(stream.kept)) grow(stream, total);
  memory.copy(stream.kept + stream.keptLength, bytes, length);
  stream.keptLength = total;
}

function countAbandoned(stream: Stream): void {
  count(<usize>load<u32>(stream.clusterRecord, CLUSTER_STATS), UPSTREAM_RETRY_OR_SHADOW_ABANDONED);
}

function grow(stream: Stream, total: i32): void {
  // Blocks are powers of two, so this at least doubles it.
  const larger = allocate(total);
  memory.copy(larger, stream.kept, stream.keptLength);
  release(stream.kept);
  stream.kept = larger;
}

/** Keeps no more, and gives back what was kept. */
export function forgetBody(stream: Stream): void {
  if (stream.kept != 0) release(stream.kept);
  stream.kept = 0;
  stream.keptLength = 0;
  stream.state &= ~STATE_KEEPS_BODY;
}

/** True when the whole request is here, so that it can be sent again. */
export function isRepeatable(stream: Stream): bool {
  if ((stream.state & STATE_REQUEST_END) == 0) return false;
  if (stream.requestFraming == FRAMING_NONE) return true;
  return (stream.state & STATE_KEEPS_BODY) != 0 && stream.keptLength <= stream.keptBytesMax;
}

/** Writes what was kept of the body to the output. */
export function writeKeptBody(stream: Stream): void {
  const length = stream.keptLength;
  if (length == 0) return;
  const upstream = changetype<Connection>(stream.upstream);
  if (upstream.lane != 0) {
    sendLaneData(upstream, stream.kept, length, false);
    return;
  }
  const room = outputRoom(length + CHUNK_OVERHEAD_BYTES);
  if (stream.requestFraming == FRAMING_CHUNKED) {
    endOutput(writeChunk(room, stream.kept, length));
    return;
  }
  memory.copy(room, stream.kept, length);
  endOutput(room + length);
}
