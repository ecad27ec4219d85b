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
  STATE_LOCAL_REPLY,
  STATE_REQUEST_END,
  STATE_RESPONSE_END,
} from "../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_RQ_ACTIVE,
  HTTP_DOWNSTREAM_RQ_RX_RESET,
  HTTP_HISTOGRAMS_AT,
  HTTP_H_DOWNSTREAM_RQ_TIME,
} from "../../api/engine/stats.ts";
import { now } from "../hcm/clock.ts";
import { dropTrailers } from "../http1/reader.ts";
import { addTo, count, record } from "../observe/counters.ts";
import { logStream } from "../observe/access-log.ts";
import { ROUTER_FLAGS, chargeClient, chargeCluster, chargeTime } from "./charge.ts";
import { Connection, keepInput } from "./connection.ts";
import { post } from "./mail.ts";
import { Stream, closeStream } from "./stream.ts";

/**
 * Ends a stream, whatever became of it. Fills the mailbox with FLAG_COMPLETE and what the
 * downstream connection should do; the output stays as it is.
 */
export function finishStream(stream: Stream): void {
  const connection = changetype<Connection>(stream.downstream);
  stream.responseEndMs = now;
  const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
  addTo(stats, HTTP_DOWNSTREAM_RQ_ACTIVE, -1);
  if (stream.status != 0) {
    chargeClient(stats, stream.status);
    if (isOfRouter(stream)) chargeCluster(stream, stream.status);
  }
  const isAnswered = (stream.state & STATE_RESPONSE_END) != 0;
  if (isAnswered) {
    record(stats + HTTP_HISTOGRAMS_AT + (HTTP_H_DOWNSTREAM_RQ_TIME << 2), now - stream.startMs);
  }
  if (stream.upstreamLastMs > 0) chargeTime(stream);
  const isWhole = isAnswered && (stream.state & STATE_REQUEST_END) != 0;
  // As in Envoy, where a stream that is over early on either side is reset.
  if (!isWhole) count(stats, HTTP_DOWNSTREAM_RQ_RX_RESET);
  if (load<u32>(stream.hcm, HCM_ACCESS_LOGS + 4) != 0) logStream(stream);
  connection.stream = 0;
  dropTrailers(connection.reader);
  if (stream.upstream != 0) {
    const upstream = changetype<Connection>(stream.upstream);
    upstream.stream = 0;
    dropTrailers(upstream.reader);
  }
  let flags = FLAG_COMPLETE | FLAG_END;
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

/** Whether the cluster is to answer for the status: what the connection manager says is not its. */
function isOfRouter(stream: Stream): bool {
  if (stream.clusterRecord == 0) return false;
  const isOurs = (stream.state & STATE_LOCAL_REPLY) != 0;
  return !isOurs || (stream.responseFlags & ROUTER_FLAGS) != 0;
}
