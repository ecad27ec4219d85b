/*
 * The header `grpc-timeout`: what it says, what routes make of it, and what the upstream is told.
 * Envoy Grpc::Common::getGrpcTimeout and toGrpcTimeout.
 */
import { H_GRPC_TIMEOUT } from "../../../api/engine/header-names.ts";
import { DURATION_OVER, TIMEOUT_MS_MAX } from "../../../api/engine/layout.ts";
import {
  FORWARD_GRPC_TIMEOUT_MAX_MS,
  FORWARD_GRPC_TIMEOUT_OFFSET_MS,
  FORWARD_MAX_GRPC_TIMEOUT_MS,
  FORWARD_MAX_GRPC_TIMEOUT_OFFSET_MS,
} from "../../../api/engine/route-image.ts";
import { joinLines } from "../../hcm/list-header.ts";
import { HeaderBlock, mayHave, reserveArena, setKnown } from "../../head/block.ts";
import { writeDecimal } from "../../memory/bytes.ts";
import { isGrpcRequest } from "../../grpc/grpc-reply.ts";
import { Stream } from "../../stream/stream.ts";
import { integerRead, readInteger } from "../match/integer.ts";

/** gRPC over HTTP/2: a time has at most 8 digits. */
const TIME_MAX: i64 = 99_999_999;
/** Eight digits and the unit. */
const TEXT_BYTES: i32 = 9;
const NONE: i64 = -1;

const UNIT_HOUR: u8 = 72;
const UNIT_MINUTE: u8 = 77;
const UNIT_SECOND: u8 = 83;
const UNIT_MILLISECOND: u8 = 109;
const UNIT_MICROSECOND: u8 = 117;
const UNIT_NANOSECOND: u8 = 110;

/** Whole milliseconds that the header says, rounded up, or -1 when it says none. */
function readGrpcTimeout(block: HeaderBlock): i64 {
  const entry = joinLines(block, H_GRPC_TIMEOUT);
  if (entry === null || entry.valueLength < 2) return NONE;
  const last = entry.valueLength - 1;
  if (!readInteger(entry.value, last)) return NONE;
  const time = integerRead();
  if (time < 0 || time > TIME_MAX) return NONE;
  switch (load<u8>(entry.value + last)) {
    case UNIT_HOUR: return time * 3_600_000;
    case UNIT_MINUTE: return time * 60_000;
    case UNIT_SECOND: return time * 1000;
    case UNIT_MILLISECOND: return time;
    case UNIT_MICROSECOND: return (time + 999) / 1000;
    case UNIT_NANOSECOND: return (time + 999_999) / 1_000_000;
    default: return NONE;
  }
}

/** Puts a time into the header, in the smallest unit in which it has no more than 8 digits. */
export function writeGrpcTimeout(block: HeaderBlock, timeMs: u64): void {
  let time = timeMs;
  let unit = UNIT_MILLISECOND;
  if (time > <u64>TIME_MAX) {
    time /= 1000;
    unit = UNIT_SECOND;
  }
  if (time > <u64>TIME_MAX) {
    time /= 60;
    unit = UNIT_MINUTE;
  }
  if (time > <u64>TIME_MAX) {
    time = min<u64>(time / 60, <u64>TIME_MAX);
    unit = UNIT_HOUR;
  }
  const text = reserveArena(block, TEXT_BYTES);
  const digits = writeDecimal(text, time);
  store<u8>(text + digits, unit);
  setKnown(block, H_GRPC_TIMEOUT, text, digits + 1);
}

/**
 * How long the stream may live: `durationMs` (0 is for ever), or what the header says where
 * `max_stream_duration.grpc_timeout_header_max` is set. Returns milliseconds, or DURATION_OVER when
 * nothing is left. The upstream of a gRPC request is told the same. Envoy `refreshDurationTimeout`.
 */
export function grpcDuration(stream: Stream, action: usize, durationMs: i32): i32 {
  const block = stream.request;
  const longest = load<i32>(action, FORWARD_GRPC_TIMEOUT_MAX_MS);
  // Joins lines, so it is read in any case.
  let time = mayHave(block, H_GRPC_TIMEOUT) ? readGrpcTimeout(block) : NONE;
  if (longest < 0) time = NONE;
  if (time < 0) {
    if (durationMs > 0 && isGrpcRequest(block)) writeGrpcTimeout(block, <u64>durationMs);
    return durationMs;
  }
  if (longest > 0) time = min<i64>(time, longest);
  // -1 is no offset.
  time = max<i64>(0, time - max<i32>(0, load<i32>(action, FORWARD_GRPC_TIMEOUT_OFFSET_MS)));
  if (isGrpcRequest(block)) writeGrpcTimeout(block, <u64>time);
  return time == 0 ? DURATION_OVER : <i32>min<i64>(time, TIMEOUT_MS_MAX);
}

/** Whether the action says how long gRPC requests may take: `max_grpc_timeout`. */
export function limitsGrpc(action: usize): bool {
  return load<i32>(action, FORWARD_MAX_GRPC_TIMEOUT_MS) >= 0;
}

/**
 * How long the upstream may take for a gRPC request where `max_grpc_timeout` is set, in
 * milliseconds; 0 is for ever. Envoy `FilterUtility::finalTimeout`.
 */
export function grpcTimeout(block: HeaderBlock, action: usize): u64 {
  const told = mayHave(block, H_GRPC_TIMEOUT) ? readGrpcTimeout(block) : NONE;
  let time = max<i64>(told, 0);
  // -1 is no offset. One that would leave nothing is passed over, since nothing means for ever.
  const offset = load<i32>(action, FORWARD_MAX_GRPC_TIMEOUT_OFFSET_MS);
  if (offset > 0 && offset < time) time -= offset;
  const limit = load<i32>(action, FORWARD_MAX_GRPC_TIMEOUT_MS);
  if (limit > 0 && (time == 0 || time > limit)) time = limit;
  return <u64>time;
}
