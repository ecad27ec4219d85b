/* What a response, or an interim one, adds to the statistics: see docs/statistics.md. */
import { CLUSTER_STATS } from "../../api/engine/image.ts";
import { STATE_INTERNAL, STATE_LOCAL_REPLY } from "../../api/engine/layout.ts";
import {
  RESPONSE_FLAG_LR,
  RESPONSE_FLAG_UC,
  RESPONSE_FLAG_UF,
  RESPONSE_FLAG_UH,
  RESPONSE_FLAG_UMSDR,
  RESPONSE_FLAG_UO,
  RESPONSE_FLAG_UPE,
  RESPONSE_FLAG_UR,
  RESPONSE_FLAG_UT,
} from "../../api/engine/response-flags.ts";
import {
  HTTP_DOWNSTREAM_RQ_1XX,
  HTTP_DOWNSTREAM_RQ_COMPLETED,
  UPSTREAM_CODES_AT,
  UPSTREAM_EXTERNAL_CODES_AT,
  UPSTREAM_EXTERNAL_UPSTREAM_RQ_1XX,
  UPSTREAM_EXTERNAL_UPSTREAM_RQ_2XX,
  UPSTREAM_EXTERNAL_UPSTREAM_RQ_COMPLETED,
  UPSTREAM_HISTOGRAMS_AT,
  UPSTREAM_H_EXTERNAL_UPSTREAM_RQ_TIME,
  UPSTREAM_H_INTERNAL_UPSTREAM_RQ_TIME,
  UPSTREAM_H_UPSTREAM_RQ_TIME,
  UPSTREAM_INTERNAL_CODES_AT,
  UPSTREAM_INTERNAL_UPSTREAM_RQ_1XX,
  UPSTREAM_INTERNAL_UPSTREAM_RQ_2XX,
  UPSTREAM_INTERNAL_UPSTREAM_RQ_COMPLETED,
  UPSTREAM_UPSTREAM_RQ_1XX,
  UPSTREAM_UPSTREAM_RQ_COMPLETED,
} from "../../api/engine/stats.ts";
import { now } from "../hcm/clock.ts";
import { Stream } from "./stream.ts";
import { count, countCode, record } from "../observe/counters.ts";

/** What the router counts as an answer of the upstream, although there was none. */
const UPSTREAM_FAILURES: u64 =
  ((<u64>1) << RESPONSE_FLAG_UH) |
  ((<u64>1) << RESPONSE_FLAG_UO) |
  ((<u64>1) << RESPONSE_FLAG_UF) |
  ((<u64>1) << RESPONSE_FLAG_UC) |
  ((<u64>1) << RESPONSE_FLAG_UR) |
  ((<u64>1) << RESPONSE_FLAG_LR) |
  ((<u64>1) << RESPONSE_FLAG_UPE) |
  ((<u64>1) << RESPONSE_FLAG_UT);

/** What the router says of its own failures. */
export const ROUTER_FLAGS: u64 = UPSTREAM_FAILURES | ((<u64>1) << RESPONSE_FLAG_UMSDR);

/** Counts a response, or an interim one, that goes to a client. */
export function chargeClient(stats: usize, status: i32): void {
  count(stats, HTTP_DOWNSTREAM_RQ_COMPLETED);
  countClass(stats, HTTP_DOWNSTREAM_RQ_1XX, status);
}

/**
 * Counts what a request to a cluster ends with: the upstream's answer, or the router's failure to
 * get one, by the status that it has before a mapper or gRPC changes it.
 */
export function chargeAnswer(stream: Stream): void {
  const isLocal = (stream.state & STATE_LOCAL_REPLY) != 0;
  if (!isLocal) chargeCluster(stream, stream.status);
  else if ((stream.responseFlags & UPSTREAM_FAILURES) != 0) {
    chargeCluster(stream, stream.replyStatus);
  }
}

/** Counts a response of a cluster, or an interim one, or one in its place. */
export function chargeCluster(stream: Stream, status: i32): void {
  const stats = <usize>load<u32>(stream.clusterRecord, CLUSTER_STATS);
  count(stats, UPSTREAM_UPSTREAM_RQ_COMPLETED);
  countClass(stats, UPSTREAM_UPSTREAM_RQ_1XX, status);
  countCode(stats + UPSTREAM_CODES_AT, status);
  if ((stream.state & STATE_INTERNAL) != 0) {
    count(stats, UPSTREAM_INTERNAL_UPSTREAM_RQ_COMPLETED);
    if (status < 200) count(stats, UPSTREAM_INTERNAL_UPSTREAM_RQ_1XX);
    else countClass(stats, UPSTREAM_INTERNAL_UPSTREAM_RQ_2XX - 1, status);
    countCode(stats + UPSTREAM_INTERNAL_CODES_AT, status);
  } else {
    count(stats, UPSTREAM_EXTERNAL_UPSTREAM_RQ_COMPLETED);
    if (status < 200) count(stats, UPSTREAM_EXTERNAL_UPSTREAM_RQ_1XX);
    else countClass(stats, UPSTREAM_EXTERNAL_UPSTREAM_RQ_2XX - 1, status);
    countCode(stats + UPSTREAM_EXTERNAL_CODES_AT, status);
  }
}

/** Records how long a cluster took for a response that is whole, from the end of the request. */
export function chargeTime(stream: Stream): void {
  if (stream.requestEndMs == 0) return;
  const histograms =
    <usize>load<u32>(stream.clusterRecord, CLUSTER_STATS) + UPSTREAM_HISTOGRAMS_AT;
  const tookMs = now - stream.requestEndMs;
  record(histograms + (UPSTREAM_H_UPSTREAM_RQ_TIME << 2), tookMs);
  const isInternal = (stream.state & STATE_INTERNAL) != 0;
  const side = isInternal
    ? UPSTREAM_H_INTERNAL_UPSTREAM_RQ_TIME
    : UPSTREAM_H_EXTERNAL_UPSTREAM_RQ_TIME;
  record(histograms + (<usize>side << 2), tookMs);
}

/** Counts in the class of a status: `first` is the counter of 1xx. */
function countClass(stats: usize, first: i32, status: i32): void {
  if (status >= 100 && status <= 599) count(stats, first + status / 100 - 1);
}
