/*
 * How long a request may take: the times of its route, or what internal clients and filters of the
 * chain ask for in headers. Envoy FilterUtility::finalTimeout and what the router does around it.
 */
import {
  H_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS,
  H_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT,
  H_X_ENVOY_MAX_RETRIES,
  H_X_ENVOY_RETRIABLE_HEADER_NAMES,
  H_X_ENVOY_RETRIABLE_STATUS_CODES,
  H_X_ENVOY_RETRY_GRPC_ON,
  H_X_ENVOY_RETRY_ON,
  H_X_ENVOY_UPSTREAM_ALT_STAT_NAME,
  H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS,
  H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE,
  H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS,
  H_X_ENVOY_UPSTREAM_STREAM_DURATION_MS,
} from "../../api/engine/header-names.ts";
import {
  HCM_FLAGS,
  HCM_RESPECT_EXPECTED_TIMEOUT,
  HCM_SUPPRESS_ENVOY_HEADERS,
} from "../../api/engine/image.ts";
import { STATE_TIMEOUT_NO_CONTENT, TIMEOUT_MS_MAX } from "../../api/engine/layout.ts";
import { ROUTE_ACTION } from "../../api/engine/route-image.ts";
import { HeaderBlock, mayHave, removeKnown, reserveArena, setKnown } from "../head/block.ts";
import { joinLines } from "../hcm/list-header.ts";
import { equalBytes, writeDecimal } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { isGrpcRequest } from "../grpc/grpc-reply.ts";
import { Stream } from "../stream/stream.ts";
import { naturalRead, readNatural } from "./match/integer.ts";
import { grpcTimeout, limitsGrpc, writeGrpcTimeout } from "./timeout/grpc-timeout.ts";

/** Headers that say how long something may take. All have ids below 64. */
const STEERING: u64 =
  ((<u64>1) << H_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT) |
  ((<u64>1) << H_X_ENVOY_UPSTREAM_ALT_STAT_NAME) |
  ((<u64>1) << H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS) |
  ((<u64>1) << H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE) |
  ((<u64>1) << H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS) |
  ((<u64>1) << H_X_ENVOY_UPSTREAM_STREAM_DURATION_MS);

/** Headers that steer an attempt or the next one, by ids below 64 and above. */
const RETRYING: u64 =
  ((<u64>1) << H_X_ENVOY_RETRY_ON) |
  ((<u64>1) << H_X_ENVOY_RETRY_GRPC_ON) |
  ((<u64>1) << H_X_ENVOY_MAX_RETRIES) |
  ((<u64>1) << H_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT) |
  ((<u64>1) << H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS) |
  ((<u64>1) << H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE) |
  ((<u64>1) << H_X_ENVOY_UPSTREAM_STREAM_DURATION_MS);
const RETRIABLE: u64 =
  ((<u64>1) << (H_X_ENVOY_RETRIABLE_HEADER_NAMES - 64)) |
  ((<u64>1) << (H_X_ENVOY_RETRIABLE_STATUS_CODES - 64));

const TRUE = staticText("true");
/** Room for the longest time. */
const TIME_TEXT_BYTES: i32 = 19;

/**
 * Sets the times of a stream whose route is chosen, and tells the upstream how long it has. The
 * headers that are obeyed go. Hot.
 */
export function settleTimeouts(stream: Stream): void {
  const block = stream.request;
  const flags = load<i32>(stream.hcm, HCM_FLAGS);
  const respects =
    (flags & HCM_RESPECT_EXPECTED_TIMEOUT) != 0 && mayHave(block, H_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS);
  const isSteered = respects || (block.present0 & STEERING) != 0;
  const action = stream.image + <usize>load<u32>(stream.route, ROUTE_ACTION);
  const isGrpc = limitsGrpc(action) && isGrpcRequest(block);
  let timeoutMs = isGrpc ? grpcTimeout(block, action) : <u64>stream.timeoutMs;
  if (isGrpc) stream.timeoutMs = toField(timeoutMs);
  if (isSteered) timeoutMs = obeyHeaders(stream, timeoutMs, respects);
  if (timeoutMs == 0) return;
  if (isGrpc) writeGrpcTimeout(block, timeoutMs);
  if ((flags & HCM_SUPPRESS_ENVOY_HEADERS) != 0) return;
  const digits = reserveArena(block, TIME_TEXT_BYTES);
  setKnown(block, H_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS, digits, writeDecimal(digits, timeoutMs));
}

/**
 * Sets the times from headers, where the route says `routeMs`. Returns what the upstream is told; 0
 * is nothing.
 */
function obeyHeaders(stream: Stream, routeMs: u64, respects: bool): u64 {
  const block = stream.request;
  let timeoutMs = routeMs;
  if (respects) {
    timeoutMs = readTime(block, H_X_ENVOY_EXPECTED_RQ_TIMEOUT_MS, timeoutMs);
  } else {
    timeoutMs = takeTime(block, H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_MS, timeoutMs);
  }
  let tryMs = takeTime(block, H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS, 0);
  // One that is no shorter than the whole is none.
  if (timeoutMs != 0 && tryMs >= timeoutMs) tryMs = 0;
  // With hedging, an attempt that took too long would go on beside the next one.
  if (takeHedging(block)) tryMs = 0;
  const durationMs = takeTime(block, H_X_ENVOY_UPSTREAM_STREAM_DURATION_MS, 0);
  stream.timeoutMs = toField(timeoutMs);
  stream.tryTimeoutMs = toField(tryMs);
  stream.tryDurationMaxMs = toField(durationMs);
  if (mayHave(block, H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE)) {
    stream.state |= STATE_TIMEOUT_NO_CONTENT;
    removeKnown(block, H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE);
  }
  removeKnown(block, H_X_ENVOY_UPSTREAM_ALT_STAT_NAME);
  return tryMs == 0 ? timeoutMs : tryMs;
}

/** Reads a time and removes it. */
function takeTime(block: HeaderBlock, id: i32, fallback: u64): u64 {
  const time = readTime(block, id, fallback);
  removeKnown(block, id);
  return time;
}

/** The time that a header says in whole milliseconds, or `fallback` when it says none. */
function readTime(block: HeaderBlock, id: i32, fallback: u64): u64 {
  const entry = joinLines(block, id);
  if (entry === null || !readNatural(entry.value, entry.valueLength)) return fallback;
  const time = naturalRead();
  return time > <u64>i64.MAX_VALUE ? fallback : time;
}

function takeHedging(block: HeaderBlock): bool {
  const entry = joinLines(block, H_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT);
  if (entry === null) return false;
  const hedges = entry.valueLength == 4 && equalBytes(entry.value, TRUE, 4);
  removeKnown(block, H_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT);
  return hedges;
}

/** What fits a field of the stream: 24 days. */
function toField(timeMs: u64): i32 {
  return <i32>min<u64>(timeMs, TIMEOUT_MS_MAX);
}

/**
 * Removes what steers retries and the like, whoever added it: the upstream shall not obey it once
 * more. Hot.
 */
export function dropRetryHeaders(block: HeaderBlock): void {
  if ((block.present0 & RETRYING) == 0 && (block.present1 & RETRIABLE) == 0) return;
  removeKnown(block, H_X_ENVOY_RETRY_ON);
  removeKnown(block, H_X_ENVOY_RETRY_GRPC_ON);
  removeKnown(block, H_X_ENVOY_MAX_RETRIES);
  removeKnown(block, H_X_ENVOY_HEDGE_ON_PER_TRY_TIMEOUT);
  removeKnown(block, H_X_ENVOY_RETRIABLE_HEADER_NAMES);
  removeKnown(block, H_X_ENVOY_RETRIABLE_STATUS_CODES);
  removeKnown(block, H_X_ENVOY_UPSTREAM_RQ_PER_TRY_TIMEOUT_MS);
  removeKnown(block, H_X_ENVOY_UPSTREAM_RQ_TIMEOUT_ALT_RESPONSE);
  removeKnown(block, H_X_ENVOY_UPSTREAM_STREAM_DURATION_MS);
}
