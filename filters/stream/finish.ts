/* The end of a stream: statistics, the access log, and what becomes of its connections. */
import {
  CLUSTER_STATS,
  HCM_ACCESS_LOGS,
  HCM_STATS,
} from "../../api/engine/image.ts";
import {
  CONNECTION_CLOSING,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_END,
  FLAG_MORE,
  STATE_INTERNAL,
  STATE_LOCAL_REPLY,
  STATE_MIRROR,
  STATE_MIRRORED,
  STATE_REQUEST_END,
} from "../../api/engine/layout.ts";
import {
  RESPONSE_FLAG_LR,
  RESPONSE_FLAG_UC,
  RESPONSE_FLAG_UF,
  RESPONSE_FLAG_UH,
  RESPONSE_FLAG_UO,
  RESPONSE_FLAG_UPE,
  RESPONSE_FLAG_UR,
  RESPONSE_FLAG_UT,
} from "../../api/engine/response-flags.ts";
import {
  HTTP_CODES_AT,
  HTTP_DOWNSTREAM_RQ_1XX,
  HTTP_DOWNSTREAM_RQ_ACTIVE,
  HTTP_DOWNSTREAM_RQ_COMPLETED,
  HTTP_HISTOGRAMS_AT,
  HTTP_H_DOWNSTREAM_RQ_TIME,
  UPSTREAM_CODES_AT,
  UPSTREAM_EXTERNAL_UPSTREAM_RQ_2XX,
  UPSTREAM_EXTERNAL_UPSTREAM_RQ_COMPLETED,
  UPSTREAM_HISTOGRAMS_AT,
  UPSTREAM_H_UPSTREAM_RQ_TIME,
  UPSTREAM_INTERNAL_UPSTREAM_RQ_2XX,
  UPSTREAM_INTERNAL_UPSTREAM_RQ_COMPLETED,
  UPSTREAM_UPSTREAM_RQ_1XX,
  UPSTREAM_UPSTREAM_RQ_COMPLETED,
} from "../../api/engine/stats.ts";
import { now } from "../hcm/clock.ts";
import { dropTrailers } from "../http1/reader.ts";
import { addTo, count, countCode, record } from "../observe/counters.ts";
import { logStream } from "../observe/access-log.ts";
import { Connection, keepInput } from "./connection.ts";
import { forgetBody } from "./kept-body.ts";
import { post } from "./mail.ts";
import { leaveMirrors } from "./mirror-links.ts";
import { Stream, closeStream } from "./stream.ts";

/** What the router counts as an answer of the upstream, although there was none. */
export const UPSTREAM_FAILURES: u64 =
  ((<u64>1) << RESPONSE_FLAG_UH) |
  ((<u64>1) << RESPONSE_FLAG_UO) |
  ((<u64>1) << RESPONSE_FLAG_UF) |
  ((<u64>1) << RESPONSE_FLAG_UC) |
  ((<u64>1) << RESPONSE_FLAG_UR) |
  ((<u64>1) << RESPONSE_FLAG_LR) |
  ((<u64>1) << RESPONSE_FLAG_UPE) |
  ((<u64>1) << RESPONSE_FLAG_UT);

/**
 * Ends a stream, whatever became of it. Fills the mailbox with FLAG_COMPLETE and what the
 * downstream connection should do; the output stays as it is.
 */
export function finishStream(stream: Stream): void {
  const connection = changetype<Connection>(stream.downstream);
  if (stream.status != 0) {
    const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
    count(stats, HTTP_DOWNSTREAM_RQ_COMPLETED);
    countClass(stats, HTTP_DOWNSTREAM_RQ_1XX, stream.status);
  }
  if (stream.clusterRecord != 0) chargeCluster(stream);
  leave(stream);
  connection.stream = 0;
  dropTrailers(connection.reader);
  let flags = FLAG_COMPLETE | FLAG_END;
  if ((connection.flags & CONNECTION_CLOSING) != 0 || (stream.state & STATE_REQUEST_END) == 0) {
    connection.flags |= CONNECTION_CLOSING;
    connection.inputLength = 0;
    flags |= FLAG_CLOSE;
  } else if (connection.inputLength > 0) {
    flags |= FLAG_MORE;
  }
  // The next request may be in the input region, which another connection uses before `proceed`.
  keepInput(connection);
  post(changetype<usize>(stream), flags);
  closeStream(stream);
}

/**
 * Ends a stream whose request goes on in another one. The downstream connection stays as it is,
 * and so does the record, until `closeStream`.
 */
export function finishRedirected(stream: Stream): void {
  leave(stream);
}

/** What comes with the end of every stream. */
function leave(stream: Stream): void {
  stream.responseEndMs = now;
  const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
  addTo(stats, HTTP_DOWNSTREAM_RQ_ACTIVE, -1);
  record(stats + HTTP_HISTOGRAMS_AT + (HTTP_H_DOWNSTREAM_RQ_TIME << 2), now - stream.startMs);
  if (load<u32>(stream.hcm, HCM_ACCESS_LOGS + 4) != 0) logStream(stream);
  if ((stream.state & (STATE_MIRRORED | STATE_MIRROR)) != 0) leaveMirrors(stream);
  if (stream.kept != 0) forgetBody(stream);
  if (stream.upstream == 0) return;
  const upstream = changetype<Connection>(stream.upstream);
  upstream.stream = 0;
  dropTrailers(upstream.reader);
}

/** Counts in the class of a status: `first` is the counter of 1xx. */
function countClass(stats: usize, first: i32, status: i32): void {
  if (status >= 100 && status <= 599) count(stats, first + status / 100 - 1);
}

/**
 * What the router counts for the cluster that was chosen: the upstream's answers, and its own
 * failures to get one by the status that they have before a mapper or gRPC changes it.
 */
function chargeCluster(stream: Stream): void {
  const stats = <usize>load<u32>(stream.clusterRecord, CLUSTER_STATS);
  const isLocal = (stream.state & STATE_LOCAL_REPLY) != 0;
  if (isLocal && (stream.responseFlags & UPSTREAM_FAILURES) == 0) return;
  const status = isLocal ? stream.replyStatus : stream.status;
  if (status == 0) return;
  count(stats, UPSTREAM_UPSTREAM_RQ_COMPLETED);
  countClass(stats, UPSTREAM_UPSTREAM_RQ_1XX, status);
  countCode(stats + UPSTREAM_CODES_AT, status);
  const isInternal = (stream.state & STATE_INTERNAL) != 0;
  count(
    stats,
    isInternal ? UPSTREAM_INTERNAL_UPSTREAM_RQ_COMPLETED : UPSTREAM_EXTERNAL_UPSTREAM_RQ_COMPLETED,
  );
  if (status >= 200 && status <= 599) {
    const internal = UPSTREAM_INTERNAL_UPSTREAM_RQ_2XX + status / 100 - 2;
    const external = UPSTREAM_EXTERNAL_UPSTREAM_RQ_2XX + status / 100 - 2;
    count(stats, isInternal ? internal : external);
  }
  if (stream.upstreamFirstMs > 0) {
    const since = stream.requestEndMs > 0 ? stream.requestEndMs : stream.startMs;
    record(stats + UPSTREAM_HISTOGRAMS_AT + (UPSTREAM_H_UPSTREAM_RQ_TIME << 2), now - since);
  }
}
