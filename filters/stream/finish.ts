/* The end of a stream: statistics, the access log, and what becomes of its connections. */
import { HCM_ACCESS_LOGS, HCM_STATS } from "../../api/engine/image.ts";
import {
  CONNECTION_CLOSING,
  FLAG_CLEAN,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_END,
  FLAG_MORE,
  STATE_CONNECTION_CLOSE,
  STATE_MIRROR,
  STATE_MIRRORED,
  STATE_REQUEST_END,
  STATE_RESPONSE_END,
  STATE_TCP,
  STATE_UPGRADE,
} from "../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_CX_UPGRADES_ACTIVE,
  HTTP_DOWNSTREAM_RQ_ACTIVE,
  HTTP_DOWNSTREAM_RQ_RX_RESET,
  HTTP_HISTOGRAMS_AT,
  HTTP_H_DOWNSTREAM_RQ_TIME,
} from "../../api/engine/stats.ts";
import { now } from "../hcm/clock.ts";
import { dropTrailers } from "../http1/reader.ts";
import { addTo, count, record } from "../observe/counters.ts";
import { logStream } from "../observe/access-log.ts";
import { chargeAnswer, chargeClient, chargeTime } from "./charge.ts";
import { Connection, keepInput } from "./connection.ts";
import { dropLaneInput } from "./http2/lane.ts";
import { forgetBody } from "./attempt/kept-body.ts";
import { post } from "./mail.ts";
import { leaveMirrors } from "./mirror-links.ts";
import { Stream, closeStream } from "./stream.ts";

/**
 * Ends a stream, whatever became of it. Fills the mailbox with FLAG_COMPLETE and what the
 * downstream connection should do; the output stays as it is.
 */
export function finishStream(stream: Stream): void {
  const connection = changetype<Connection>(stream.downstream);
  const whole = STATE_RESPONSE_END | STATE_REQUEST_END;
  const isWhole = (stream.state & whole) == whole;
  if ((stream.state & STATE_TCP) == 0) charge(stream, isWhole);
  leave(stream);
  connection.stream = 0;
  dropTrailers(connection.reader);
  let flags = FLAG_COMPLETE | FLAG_END;
  if (connection.lane != 0) dropLaneInput(connection);
  if ((connection.flags & CONNECTION_CLOSING) != 0 || (stream.state & STATE_REQUEST_END) == 0) {
    connection.flags |= CONNECTION_CLOSING;
    connection.inputLength = 0;
    flags |= FLAG_CLOSE;
    if (isWhole && (stream.state & STATE_CONNECTION_CLOSE) == 0) flags |= FLAG_CLEAN;
  } else if (connection.inputLength > 0) {
    flags |= FLAG_MORE;
  }
  // The next request may be in the input region, which another connection uses before `proceed`.
  keepInput(connection);
  post(changetype<usize>(stream), flags);
  closeStream(stream);
}

/** What HTTP counts of a stream that is over. */
function charge(stream: Stream, isWhole: bool): void {
  if (stream.status != 0) {
    chargeClient(<usize>load<u32>(stream.hcm, HCM_STATS), stream.status);
    if (stream.clusterRecord != 0) chargeAnswer(stream);
  }
  if ((stream.state & STATE_RESPONSE_END) != 0) recordTime(stream);
  if (stream.upstreamLastMs > 0) chargeTime(stream);
  // As in Envoy, where a stream that is over early on either side is reset.
  if (!isWhole) count(<usize>load<u32>(stream.hcm, HCM_STATS), HTTP_DOWNSTREAM_RQ_RX_RESET);
  const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
  addTo(stats, HTTP_DOWNSTREAM_RQ_ACTIVE, -1);
  if ((stream.state & STATE_UPGRADE) != 0) addTo(stats, HTTP_DOWNSTREAM_CX_UPGRADES_ACTIVE, -1);
}

/**
 * Ends a stream whose request goes on in another one. The downstream connection stays as it is,
 * and so does the record, until `closeStream`.
 */
export function finishRedirected(stream: Stream): void {
  recordTime(stream);
  addTo(<usize>load<u32>(stream.hcm, HCM_STATS), HTTP_DOWNSTREAM_RQ_ACTIVE, -1);
  leave(stream);
}

function recordTime(stream: Stream): void {
  const histograms = <usize>load<u32>(stream.hcm, HCM_STATS) + HTTP_HISTOGRAMS_AT;
  record(histograms + (HTTP_H_DOWNSTREAM_RQ_TIME << 2), now - stream.startMs);
}

/** What comes with the end of every stream. */
function leave(stream: Stream): void {
  stream.responseEndMs = now;
  if (load<u32>(stream.hcm, HCM_ACCESS_LOGS + 4) != 0) logStream(stream);
  if ((stream.state & (STATE_MIRRORED | STATE_MIRROR)) != 0) leaveMirrors(stream);
  if (stream.kept != 0) forgetBody(stream);
  if (stream.upstream == 0) return;
  const upstream = changetype<Connection>(stream.upstream);
  upstream.stream = 0;
  dropTrailers(upstream.reader);
}
