/* envoy.filters.http.grpc_stats: counts calls and messages of gRPC. It changes nothing. */
import {
  GRPC_STATS_FLAGS,
  GRPC_STATS_FLAG_ALL_METHODS,
  GRPC_STATS_FLAG_REPLACE_DOTS,
  GRPC_STATS_FLAG_UPSTREAM,
  GRPC_STATS_METHODS,
  GRPC_STATS_METHODS_MASK,
  LISTED_METHOD_BYTES,
  LISTED_METHOD_HASH,
  LISTED_METHOD_TEXT,
} from "../../api/engine/chain-image.ts";
import {
  GRPC_HISTOGRAMS_AT,
  GRPC_REQUEST_MESSAGE_COUNT,
  GRPC_RESPONSE_MESSAGE_COUNT,
} from "../../api/engine/grpc-stats.ts";
import { H_CONTENT_TYPE, H_GRPC_STATUS } from "../../api/engine/header-names.ts";
import { CLUSTER_STATS } from "../../api/engine/image.ts";
import { STATE_GRPC, STATE_GRPC_RESPONSE } from "../../api/engine/layout.ts";
import { countMessages } from "../grpc/frames.ts";
import {
  addMethod,
  countStatus,
  dropMethod,
  finishMethodName,
  methodHash,
  methodStats,
  methodText,
  methodTextLength,
  startMethodName,
} from "../grpc/method-stats.ts";
import { HeaderBlock, entryAt, findKnown, mayHave } from "../head/block.ts";
import { now } from "../hcm/clock.ts";
import { REQUEST_PATH } from "../http1/start-line.ts";
import { equalBytes } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { addTo, record } from "../observe/counters.ts";
import { slotOf } from "../route/hash-search.ts";
import { isGrpcRequest } from "../grpc/grpc-reply.ts";
import { Stream } from "../stream/stream.ts";

const PREFIX = staticText("grpc");
const PREFIX_BYTES: i32 = 4;

/** Finds out whether the request is gRPC, and where it counts. */
export function watchRequest(stream: Stream, config: usize): void {
  stream.grpcConfig = config;
  if (!isGrpcRequest(stream.request)) return;
  stream.state |= STATE_GRPC;
  if (stream.clusterRecord == 0) return;
  const flags = load<i32>(config, GRPC_STATS_FLAGS);
  const path = entryAt(stream.request, REQUEST_PATH);
  startMethodName(PREFIX, PREFIX_BYTES);
  // What is no path of gRPC does not count.
  if (!addMethod(path.value, path.valueLength)) return;
  const isNamed = (flags & GRPC_STATS_FLAG_ALL_METHODS) != 0 || isListed(stream.image, config);
  if (isNamed) finishMethodName((flags & GRPC_STATS_FLAG_REPLACE_DOTS) != 0);
  else dropMethod();
  stream.grpcStats = methodStats(load<u32>(stream.clusterRecord, CLUSTER_STATS));
}

/** Whether the method is one of `individual_method_stats_allowlist`. */
function isListed(image: usize, config: usize): bool {
  const table = load<u32>(config, GRPC_STATS_METHODS);
  if (table == 0) return false;
  const mask = load<u32>(config, GRPC_STATS_METHODS_MASK);
  const hash = methodHash();
  const length = methodTextLength();
  let slot = slotOf(hash, mask);
  while (true) {
    const entry = image + <usize>table + <usize>slot * LISTED_METHOD_BYTES;
    const text = load<u32>(entry, LISTED_METHOD_TEXT);
    if (text == 0) break;
    const isSame =
      load<u32>(entry, LISTED_METHOD_HASH) == hash &&
      load<i32>(entry, LISTED_METHOD_TEXT + 4) == length;
    if (isSame && equalBytes(image + <usize>text, methodText(), length)) return true;
    slot = (slot + 1) & mask;
  }
  return false;
}

/** Looks at the head of the response. `isEnd` says that nothing follows it. */
export function watchResponse(stream: Stream, isEnd: bool): void {
  if (isGrpcResponse(stream, isEnd)) stream.state |= STATE_GRPC_RESPONSE;
  if (stream.grpcStats == 0) return;
  countStatus(stream.grpcStats, findKnown(stream.response, H_GRPC_STATUS));
  if (isEnd) recordUpstream(stream);
}

/** Envoy `Grpc::Common::isGrpcResponseHeaders`. */
function isGrpcResponse(stream: Stream, isEnd: bool): bool {
  if (isEnd) return mayHave(stream.response, H_GRPC_STATUS);
  const isTyped = mayHave(stream.response, H_CONTENT_TYPE) && isGrpcRequest(stream.response);
  return isTyped && stream.status == 200;
}

/** Counts the messages of a piece of the request. Hot. */
export function watchRequestBody(stream: Stream, data: usize, length: i32): void {
  const place = changetype<usize>(stream) + offsetof<Stream>("requestFrameLeft");
  const begun = countMessages(place, data, length);
  if (begun == 0) return;
  stream.requestMessages += begun;
  if (stream.grpcStats != 0) addTo(stream.grpcStats, GRPC_REQUEST_MESSAGE_COUNT, begun);
}

/** The same for a piece of the response. Hot. */
export function watchResponseBody(stream: Stream, data: usize, length: i32): void {
  const place = changetype<usize>(stream) + offsetof<Stream>("responseFrameLeft");
  const begun = countMessages(place, data, length);
  if (begun == 0) return;
  stream.responseMessages += begun;
  if (stream.grpcStats != 0) addTo(stream.grpcStats, GRPC_RESPONSE_MESSAGE_COUNT, begun);
}

/** The response ends with these trailers. */
export function watchTrailers(stream: Stream, trailers: HeaderBlock): void {
  if (stream.grpcStats == 0 || trailers.count == 0) return;
  countStatus(stream.grpcStats, findKnown(trailers, H_GRPC_STATUS));
  recordUpstream(stream);
}

/** From the last byte of the request that went to the upstream to the last that came. */
function recordUpstream(stream: Stream): void {
  if ((load<i32>(stream.grpcConfig, GRPC_STATS_FLAGS) & GRPC_STATS_FLAG_UPSTREAM) == 0) return;
  if (stream.upstreamSentMs == 0 || stream.upstreamFirstMs == 0) return;
  record(stream.grpcStats + GRPC_HISTOGRAMS_AT, now - stream.upstreamSentMs);
}
