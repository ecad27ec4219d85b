/*
 * Internal redirects: what the upstream sends the client to is asked for here, and the client sees
 * only what comes of it. The request goes on in a new stream, which is routed anew. Envoy
 * `Router::Filter::setupRedirect`.
 */
import { FRAMING_CHUNKED, FRAMING_NONE, READER_KEEP_ALIVE } from "../../api/engine/http1.ts";
import { H_CONTENT_LENGTH, H_LOCATION, H_METHOD } from "../../api/engine/header-names.ts";
import { CLUSTER_STATS, HCM_STATS } from "../../api/engine/image.ts";
import {
  FLAG_REUSABLE,
  SPARE_BYTES_MIN,
  STATE_CONNECTION_CLOSE,
  STATE_HEAD_REQUEST,
  STATE_HEALTH_CHECK,
  STATE_INTERNAL,
  STATE_KEEPS_BODY,
  STATE_MIRROR,
  STATE_REDIRECTED,
  STATE_REQUEST_END,
} from "../../api/engine/layout.ts";
import {
  FORWARD_INTERNAL_REDIRECT,
  INTERNAL_REDIRECT_STATUSES,
  ROUTE_ACTION,
} from "../../api/engine/route-image.ts";
import {
  HTTP_DOWNSTREAM_RQ_ACTIVE,
  HTTP_DOWNSTREAM_RQ_HTTP1_TOTAL,
  HTTP_DOWNSTREAM_RQ_HTTP2_TOTAL,
  HTTP_DOWNSTREAM_RQ_TOTAL,
  UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_FAILED_TOTAL,
  UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_SUCCEEDED_TOTAL,
} from "../../api/engine/stats.ts";
import { now } from "../hcm/clock.ts";
import { nextRandom } from "../hcm/random.ts";
import { entryAt, findKnown, removeKnown, setPseudo } from "../head/block.ts";
import { isRestRead } from "../http1/read-message.ts";
import { REQUEST_METHOD } from "../http1/start-line.ts";
import { bytesLeft } from "../memory/slab.ts";
import { staticText } from "../memory/text.ts";
import { addTo, count } from "../observe/counters.ts";
import { retarget } from "../route/redirect/target.ts";
import { Connection, keepInput } from "./connection.ts";
import { finishRedirected } from "./finish.ts";
import { forgetBody, isRepeatable } from "./attempt/kept-body.ts";
import { outputLength, post } from "./mail.ts";
import { Stream, closeStream, openStream } from "./stream.ts";

const DETAILS = staticText("internal_redirect");
const DETAILS_LENGTH: i32 = 17;
const GET = staticText("GET");
/** What the new stream knows of the request without looking at it. */
const INHERITED: i32 =
  STATE_CONNECTION_CLOSE |
  STATE_HEAD_REQUEST |
  STATE_HEALTH_CHECK |
  STATE_INTERNAL |
  STATE_KEEPS_BODY |
  STATE_REQUEST_END;

/** Whether the body of a request has to be kept, since a redirect might want it. */
export function mayRedirect(stream: Stream): bool {
  return policyOf(stream) != 0;
}

function policyOf(stream: Stream): usize {
  const action = stream.image + <usize>load<u32>(stream.route, ROUTE_ACTION);
  const policy = load<u32>(action, FORWARD_INTERNAL_REDIRECT);
  return policy == 0 ? 0 : stream.image + <usize>policy;
}

/**
 * Follows a redirect, if that is wanted and possible: ends the stream, opens the one that has its
 * request, and fills the mailbox for EVENT_REDIRECT. Otherwise the response goes downstream.
 */
export function followRedirect(connection: Connection, stream: Stream): bool {
  if ((stream.state & STATE_MIRROR) != 0) return false;
  const policy = policyOf(stream);
  if (policy == 0 || !isListed(policy, connection.reader.status)) return false;
  const stats = <usize>load<u32>(stream.clusterRecord, CLUSTER_STATS);
  if (!isPossible(stream, policy)) {
    count(stats, UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_FAILED_TOTAL);
    return false;
  }
  count(stats, UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_SUCCEEDED_TOTAL);
  const reader = connection.reader;
  const isWhole = isRestRead(reader, connection.input, connection.inputLength);
  const isKept = isWhole && (reader.flags & READER_KEEP_ALIVE) != 0;
  stream.upstreamHeadReceived = reader.headBytes;
  stream.upstreamWireReceived += connection.inputLength;
  // Interim responses, which the caller writes.
  stream.downstreamWireSent += outputLength();
  connection.inputLength = 0;
  keepInput(connection);
  const next = goOn(stream, reader.status);
  post(changetype<usize>(next), isKept ? FLAG_REUSABLE : 0);
  return true;
}

function isListed(policy: usize, status: i32): bool {
  let bit = 0;
  if (status == 302) bit = 1;
  else if (status == 303) bit = 2;
  else if (status == 307) bit = 3;
  else if (status == 308) bit = 4;
  else if (status != 301) return false;
  return ((load<u32>(policy, INTERNAL_REDIRECT_STATUSES) >> bit) & 1) != 0;
}

/** Points the request at the new target, or leaves it as it was. */
function isPossible(stream: Stream, policy: usize): bool {
  // Each redirect leaves texts behind, so a long chain of them must end where memory does.
  if (!isRepeatable(stream) || bytesLeft() < <usize>SPARE_BYTES_MIN) return false;
  const location = findKnown(stream.response, H_LOCATION);
  return location !== null && retarget(stream, policy, location);
}

/** Ends the stream and opens the one in which its request goes on. */
function goOn(stream: Stream, status: i32): Stream {
  const connection = changetype<Connection>(stream.downstream);
  const next = openStream();
  const block = next.request;
  next.request = stream.request;
  inherit(next, stream);
  if (status == 303) becomeGet(next);
  else dropEmptyBody(next);
  stream.status = status;
  stream.details = DETAILS;
  stream.detailsLength = DETAILS_LENGTH;
  finishRedirected(stream);
  stream.request = block;
  closeStream(stream);
  connection.stream = changetype<usize>(next);
  connection.requestCount++;
  const stats = <usize>load<u32>(next.hcm, HCM_STATS);
  count(stats, HTTP_DOWNSTREAM_RQ_TOTAL);
  const isHttp2 = connection.lane != 0;
  count(stats, isHttp2 ? HTTP_DOWNSTREAM_RQ_HTTP2_TOTAL : HTTP_DOWNSTREAM_RQ_HTTP1_TOTAL);
  addTo(stats, HTTP_DOWNSTREAM_RQ_ACTIVE, 1);
  return next;
}

function inherit(next: Stream, stream: Stream): void {
  next.state = (stream.state & INHERITED) | STATE_REDIRECTED;
  next.downstream = stream.downstream;
  next.image = stream.image;
  next.hcm = stream.hcm;
  next.version = stream.version;
  next.requestFraming = stream.requestFraming;
  next.requestTrailers = stream.requestTrailers;
  next.redirectCount = stream.redirectCount + 1;
  next.followed = stream.followed;
  next.client = stream.client;
  next.clientLength = stream.clientLength;
  next.requestHeadBytes = stream.requestHeadBytes;
  next.requestFieldBytes = stream.requestFieldBytes;
  next.downstreamWireReceived = stream.downstreamWireReceived;
  next.bytesReceived = stream.bytesReceived;
  next.random = nextRandom();
  next.startMs = now;
  next.requestEndMs = now;
  next.kept = stream.kept;
  next.keptLength = stream.keptLength;
  next.keptBytesMax = stream.keptBytesMax;
  stream.kept = 0;
}

/** Chunks without a byte in them are no body any more, as in Envoy. */
function dropEmptyBody(next: Stream): void {
  const isEmpty = next.keptLength == 0 && next.requestTrailers == 0;
  if (isEmpty && next.requestFraming == FRAMING_CHUNKED) next.requestFraming = FRAMING_NONE;
}

/** RFC 9110 §15.4.4: what is seen elsewhere is asked for with GET. */
function becomeGet(next: Stream): void {
  forgetBody(next);
  if ((next.state & STATE_HEAD_REQUEST) != 0) return;
  const method = entryAt(next.request, REQUEST_METHOD);
  if (method.valueLength == 3 && (load<u32>(method.value) & 0xffffff) == 0x544547) return;
  setPseudo(next.request, REQUEST_METHOD, H_METHOD, GET, 3);
  removeKnown(next.request, H_CONTENT_LENGTH);
  next.requestFraming = FRAMING_NONE;
  next.requestTrailers = 0;
}
