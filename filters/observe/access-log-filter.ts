/* Filters of access logs and of local reply mappers. */
import {
  COMPARE_AT_LEAST,
  COMPARE_AT_MOST,
  COMPARE_EQUAL,
  FILTER_ALWAYS,
  FILTER_AND,
  FILTER_BITS,
  FILTER_COMPARE,
  FILTER_DURATION,
  FILTER_FLAGS,
  FILTER_LOG_TYPE,
  FILTER_GRPC,
  FILTER_HEADERS,
  FILTER_KIND,
  FILTER_LIST,
  FILTER_NOT_HEALTH_CHECK,
  FILTER_OR,
  FILTER_RANDOM,
  FILTER_STATUS,
  FILTER_VALUE,
} from "../../api/engine/format-image.ts";
import { H_X_REQUEST_ID } from "../../api/engine/header-names.ts";
import { STATE_HEALTH_CHECK } from "../../api/engine/layout.ts";
import { nextRandom } from "../hcm/random.ts";
import { findKnown } from "../head/block.ts";
import { hexDigit } from "../memory/bytes.ts";
import { matchHeaders } from "../route/match/match-header.ts";
import { logTypeOf } from "./format/format-words.ts";
import { Stream } from "../stream/stream.ts";
import { durationMs } from "./format/format-duration.ts";
import { grpcStatusOf } from "./format/format-words.ts";

/** Hexadecimal digits of a request id that decide on sampling. */
const ID_DIGITS: i32 = 8;
const UNKNOWN_STATUS: i32 = 2;

/** True when a stream passes a filter. `filter` is the address of its record. */
export function passesFilter(filter: usize, stream: Stream): bool {
  switch (load<i32>(filter, FILTER_KIND)) {
    case FILTER_STATUS: return compares(filter, stream.status);
    case FILTER_DURATION: return compares(filter, durationMs(stream));
    case FILTER_NOT_HEALTH_CHECK: return (stream.state & STATE_HEALTH_CHECK) == 0;
    case FILTER_RANDOM: return isSampled(filter, stream);
    case FILTER_AND: return passesList(filter, stream, false);
    case FILTER_OR: return passesList(filter, stream, true);
    case FILTER_HEADERS: return matchHeaders(filter + FILTER_LIST, stream.image, stream.request);
    case FILTER_FLAGS: return (stream.responseFlags & load<u64>(filter, FILTER_BITS)) != 0;
    case FILTER_GRPC: return passesGrpc(filter, stream);
    case FILTER_LOG_TYPE: return ((load<u64>(filter, FILTER_BITS) >> logTypeOf(stream)) & 1) != 0;
    default: return load<i32>(filter, FILTER_KIND) == FILTER_ALWAYS;
  }
}

function compares(filter: usize, value: i64): bool {
  const wanted = <i64>load<u32>(filter, FILTER_VALUE);
  switch (load<i32>(filter, FILTER_COMPARE)) {
    case COMPARE_EQUAL: return value == wanted;
    case COMPARE_AT_LEAST: return value >= wanted;
    case COMPARE_AT_MOST: return value <= wanted;
    default: return value != wanted;
  }
}

/** Goes on until one passes (`any`), or until one does not. */
function passesList(filter: usize, stream: Stream, any: bool): bool {
  const list = stream.image + <usize>load<u32>(filter, FILTER_LIST);
  const count = load<i32>(filter, FILTER_LIST + 4);
  for (let i = 0; i < count; i++) {
    const member = stream.image + <usize>load<u32>(list + (<usize>i << 2));
    if (passesFilter(member, stream) == any) return any;
  }
  return !any;
}

/**
 * A share of all streams: by the request id, so that all proxies on the way pick the same, or by
 * chance.
 */
function isSampled(filter: usize, stream: Stream): bool {
  const isIndependent = load<u64>(filter, FILTER_BITS) != 0;
  const fromId = isIndependent ? -1 : readId(stream);
  const chosen = fromId < 0 ? nextRandom() : <u64>fromId;
  const numerator = <u64>load<u32>(filter, FILTER_VALUE);
  return chosen % <u64>load<u32>(filter, FILTER_COMPARE) < numerator;
}

/** The number that the request id begins with, or -1. */
function readId(stream: Stream): i64 {
  const id = findKnown(stream.request, H_X_REQUEST_ID);
  if (id === null || id.valueLength < ID_DIGITS) return -1;
  let value: i64 = 0;
  for (let i = 0; i < ID_DIGITS; i++) {
    const digit = hexDigit(load<u8>(id.value + i));
    if (digit < 0) return -1;
    value = (value << 4) | digit;
  }
  return value;
}

function passesGrpc(filter: usize, stream: Stream): bool {
  const found = grpcStatusOf(stream);
  // A status that is no number is none of those that can be listed; no answer at all is UNKNOWN.
  const status = found < 0 && stream.status == 0 ? UNKNOWN_STATUS : found;
  const isBit = status >= 0 && status < 64;
  const isListed = isBit && ((load<u64>(filter, FILTER_BITS) >> status) & 1) != 0;
  return isListed != (load<i32>(filter, FILTER_VALUE) != 0);
}
