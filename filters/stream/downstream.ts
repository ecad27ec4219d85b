/* The downstream side of a connection: request heads, bodies on their way to the upstream. */
import {
  CONNECTION_CLOSING,
  CONNECTION_HEAD_BEGUN,
  CONNECTION_PAUSED,
  EVENT_HELD,
  EVENT_NONE,
  EVENT_REQUEST,
  EVENT_TO_UPSTREAM,
  FLAG_MIRRORED,
  FLAG_MORE,
  FLAG_REQUEST_END,
  FLAG_UPGRADED,
  MAIL_FLAGS,
  STATE_CONNECT,
  STATE_HEAD_REQUEST,
  STATE_REDIRECTED,
  STATE_REQUEST_END,
  STATE_RESPONSE_END,
  STATE_TCP,
  STATE_TERMINATES,
  STATE_UPGRADE,
} from "../../api/engine/layout.ts";
import {
  E_HEAD_TOO_LARGE,
  FRAMING_CLOSE,
  READER_UPGRADE,
  READ_ERROR,
  READ_MORE,
} from "../../api/engine/http1.ts";
import { HCM_FLAGS, HCM_PROXY_100_CONTINUE, HCM_STATS } from "../../api/engine/image.ts";
import { ROUTE_CLUSTER, ROUTE_NONE, ROUTE_NO_CLUSTER } from "../../api/engine/route-image.ts";
import {
  HTTP_DOWNSTREAM_CX_UPGRADES_ACTIVE,
  HTTP_DOWNSTREAM_CX_UPGRADES_TOTAL,
  HTTP_DOWNSTREAM_RQ_ACTIVE,
  HTTP_DOWNSTREAM_RQ_HTTP1_TOTAL,
  HTTP_DOWNSTREAM_RQ_TOTAL,
  HTTP_NO_CLUSTER,
  HTTP_NO_ROUTE,
  HTTP_RQ_DIRECT_RESPONSE,
  HTTP_RQ_TOTAL,
} from "../../api/engine/stats.ts";
import {
  RESPONSE_FLAG_DPE,
  RESPONSE_FLAG_NC,
  RESPONSE_FLAG_NR,
} from "../../api/engine/response-flags.ts";
import { runRequestChain } from "../chain/chain.ts";
import { entryAt } from "../head/block.ts";
import { now } from "../hcm/clock.ts";
import { nextRandom } from "../hcm/random.ts";
import { dropExpectation, prepareRequest, wantsContinue } from "../hcm/request.ts";
import { Refusal, refuse } from "../hcm/refusal.ts";
import { isConnect, tidyTarget } from "../hcm/target.ts";
import { skipEmptyLines } from "../http1/read-head.ts";
import { dropHead, isAtEnd, readNext, startTunnel } from "../http1/read-message.ts";
import { REQUEST_METHOD } from "../http1/start-line.ts";
import { addTo, count } from "../observe/counters.ts";
import { finishRequestHeaders } from "../route/finish.ts";
import { dropRetryHeaders, settleTimeouts } from "../route/request-timeout.ts";
import { selectRoute } from "../route/select.ts";
import { isPayload, mayUpgrade, payloadFlags } from "../route/upgrade.ts";
import { checkStrictHeaders } from "../route/strict-headers.ts";
import { Connection, advanceInput, keepInput } from "./connection.ts";
import { mayRedirect } from "./internal-redirect.ts";
import { startKeeping } from "./attempt/kept-body.ts";
import { isUpgrading, markRequestEnd, postBody, pumpBody } from "./attempt/request-body.ts";
import { finishStream } from "./finish.ts";
import { errorReply, reply } from "./local-reply.ts";
import { beginOutput, mailAddress, post, writtenLength } from "./mail.ts";
import { mirrorCount } from "./mirror.ts";
import { detachUpstream } from "./open.ts";
import { Stream, openStream } from "./stream.ts";
import { writeContinue } from "./response.ts";

/** Works on the input of a downstream connection until something is to be done. Hot. */
export function pumpDownstream(connection: Connection): i32 {
  beginOutput();
  if (connection.stream != 0) {
    const stream = changetype<Stream>(connection.stream);
    if ((stream.state & STATE_REDIRECTED) == 0) return pumpRequest(connection, stream);
    stream.state &= ~STATE_REDIRECTED;
    return tidyTarget(stream) ? route(connection, stream) : reply(connection, stream);
  }
  if ((connection.flags & CONNECTION_CLOSING) != 0) {
    connection.inputLength = 0;
    keepInput(connection);
    post(0, 0);
    return EVENT_NONE;
  }
  return pumpHead(connection);
}

function pumpHead(connection: Connection): i32 {
  if (connection.inputLength == 0 || hasOnlyEmptyLines(connection)) {
    keepInput(connection);
    post(0, 0);
    return EVENT_NONE;
  }
  if (connection.opening == 0) {
    connection.opening = changetype<usize>(beginStream(connection));
  }
  const stream = changetype<Stream>(connection.opening);
  const reader = connection.reader;
  const found = readNext(reader, connection.input, connection.inputLength);
  if (found == READ_MORE) {
    keepInput(connection);
    connection.flags |= CONNECTION_HEAD_BEGUN;
    post(0, 0);
    return EVENT_NONE;
  }
  adoptOpening(connection);
  if (found == READ_ERROR) {
    stream.responseFlags |= (<u64>1) << RESPONSE_FLAG_DPE;
    stream.downstreamWireReceived = connection.inputLength;
    return errorReply(connection, stream, reader.error);
  }
  advanceInput(connection, reader.consumed);
  return beginRequest(connection, stream);
}

/** Empty lines, or the beginning of one, are no request yet: nobody waits for the rest of it. */
function hasOnlyEmptyLines(connection: Connection): bool {
  if (connection.opening != 0) return false;
  const length = connection.inputLength;
  return skipEmptyLines(connection.reader, connection.input, length) == length;
}

/** The stream whose head was being read becomes the active one, whatever its head is worth. */
export function adoptOpening(connection: Connection): Stream {
  dropHead(connection.reader);
  connection.stream = connection.opening;
  connection.opening = 0;
  connection.flags &= ~CONNECTION_HEAD_BEGUN;
  const stats = <usize>load<u32>(connection.hcm, HCM_STATS);
  count(stats, HTTP_DOWNSTREAM_RQ_TOTAL);
  count(stats, HTTP_DOWNSTREAM_RQ_HTTP1_TOTAL);
  addTo(stats, HTTP_DOWNSTREAM_RQ_ACTIVE, 1);
  return changetype<Stream>(connection.stream);
}

/** A stream for what a connection receives next. */
export function beginStream(connection: Connection): Stream {
  const stream = openStream();
  connection.reader.block = stream.request;
  stream.downstream = changetype<usize>(connection);
  stream.image = connection.image;
  stream.hcm = connection.hcm;
  stream.startMs = now;
  stream.random = nextRandom();
  return stream;
}

/** Works on a request whose head is whole. */
export function beginRequest(connection: Connection, stream: Stream): i32 {
  const reader = connection.reader;
  stream.requestHeadBytes = reader.headBytes;
  stream.requestFieldBytes = reader.fieldBytes;
  stream.downstreamWireReceived = reader.headBytes;
  connection.requestCount++;
  const isUpgrade = (reader.flags & READER_UPGRADE) != 0;
  const method = entryAt(stream.request, REQUEST_METHOD);
  if (isConnect(method.value, method.valueLength)) stream.state |= STATE_CONNECT;
  else if (method.valueLength == 4 && load<u32>(method.value) == 0x44414548) {
    stream.state |= STATE_HEAD_REQUEST;
  }
  // What is behind the head of such a request may be its payload; a lane has an end of its own.
  const mayTunnel = isUpgrade || (stream.state & STATE_CONNECT) != 0;
  if (isAtEnd(reader) && (!mayTunnel || connection.lane != 0)) endRequest(connection, stream);
  if (!prepareRequest(stream, connection)) return reply(connection, stream);
  // The upgrade may have been passed over.
  if (isUpgrade && (reader.flags & READER_UPGRADE) == 0 && isAtEnd(reader)) {
    endRequest(connection, stream);
  }
  const flags = load<i32>(stream.hcm, HCM_FLAGS);
  if (wantsContinue(reader) && (flags & HCM_PROXY_100_CONTINUE) == 0) {
    dropExpectation(stream.request);
    // Written before anything else: the answer, or the request upstream, follows in a later event.
    if (connection.inputLength == 0) writeContinue(stream);
  }
  return route(connection, stream);
}

function route(connection: Connection, stream: Stream): i32 {
  const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
  const decision = selectRoute(stream);
  const isUpgrade =
    (connection.reader.flags & READER_UPGRADE) != 0 || (stream.state & STATE_CONNECT) != 0;
  const isRefused = isUpgrade && !takeUpgrade(connection, stream, decision);
  if (isRefused && decision != ROUTE_NONE) {
    refuse(stream, 403, Refusal.UpgradeFailed);
    return reply(connection, stream);
  }
  runRequestChain(stream);
  count(stats, HTTP_RQ_TOTAL);
  if (decision == ROUTE_CLUSTER) {
    if (!checkStrictHeaders(stream)) return reply(connection, stream);
    settleTimeouts(stream);
    finishRequestHeaders(stream);
    dropRetryHeaders(stream.request);
    if (!isUpgrade && isPayload(stream)) stream.state |= STATE_TERMINATES;
    else if (!isUpgrade && mayRedirect(stream)) startKeeping(stream);
    postRequest(connection, stream);
    return EVENT_REQUEST;
  }
  if (decision == ROUTE_NONE) {
    count(stats, HTTP_NO_ROUTE);
    stream.responseFlags |= (<u64>1) << RESPONSE_FLAG_NR;
    refuse(stream, 404, Refusal.RouteNotFound);
  } else if (decision == ROUTE_NO_CLUSTER) {
    count(stats, HTTP_NO_CLUSTER);
    stream.responseFlags |= (<u64>1) << RESPONSE_FLAG_NC;
    refuse(stream, stream.status, Refusal.ClusterNotFound);
  } else {
    count(stats, HTTP_RQ_DIRECT_RESPONSE);
  }
  return reply(connection, stream);
}

/** A request asks for a tunnel: makes it ready for that, or returns false. */
function takeUpgrade(connection: Connection, stream: Stream, decision: i32): bool {
  if (!mayUpgrade(stream, connection, decision)) return false;
  count(<usize>load<u32>(stream.hcm, HCM_STATS), HTTP_DOWNSTREAM_CX_UPGRADES_TOTAL);
  addTo(<usize>load<u32>(stream.hcm, HCM_STATS), HTTP_DOWNSTREAM_CX_UPGRADES_ACTIVE, 1);
  stream.state |= STATE_UPGRADE;
  if ((stream.state & STATE_REQUEST_END) == 0) stream.requestFraming = FRAMING_CLOSE;
  if (connection.lane == 0) startTunnel(connection.reader);
  return true;
}

/**
 * Says that a request waits for an upstream; output, if any, is `100 Continue`. Input that is left
 * over stays where it is: `attempt` takes it at once, or the caller holds it.
 */
function postRequest(connection: Connection, stream: Stream): void {
  if (connection.inputLength == 0) keepInput(connection);
  let flags = connection.inputLength > 0 ? FLAG_MORE : 0;
  if ((stream.state & STATE_REQUEST_END) != 0) flags |= FLAG_REQUEST_END;
  // What follows an upgrade could be taken for requests by a mirror that has not switched.
  if ((stream.state & STATE_TERMINATES) != 0) flags |= payloadFlags(stream);
  if ((stream.state & STATE_UPGRADE) != 0) flags |= FLAG_UPGRADED;
  else if (mirrorCount(stream) > 0) flags |= FLAG_MIRRORED;
  post(changetype<usize>(stream), flags);
}

/** Takes the end of the request from the reader. */
function endRequest(connection: Connection, stream: Stream): void {
  readNext(connection.reader, connection.input, 0);
  markRequestEnd(stream);
}

/** More input while a request is served. */
function pumpRequest(connection: Connection, stream: Stream): i32 {
  const isWaiting =
    stream.upstream == 0 ||
    (stream.state & STATE_REQUEST_END) != 0 ||
    (connection.flags & CONNECTION_PAUSED) != 0 ||
    isUpgrading(stream);
  if (isWaiting) {
    const event = connection.inputLength > 0 ? EVENT_HELD : EVENT_NONE;
    keepInput(connection);
    post(connection.stream, 0);
    return event;
  }
  const error = pumpBody(connection, stream);
  if (error != 0) return refuseBody(connection, stream, error);
  stream.upstreamWireSent += writtenLength();
  if ((stream.state & STATE_REQUEST_END) != 0) stream.upstreamSentMs = now;
  postBody(connection, stream);
  const isEnd = (stream.state & STATE_REQUEST_END) != 0;
  if (isEnd && isHalfOver(stream)) endTunnel(stream);
  return writtenLength() > 0 || isEnd ? EVENT_TO_UPSTREAM : EVENT_NONE;
}

/** In TCP a connection is over when both sides have said all. */
function isHalfOver(stream: Stream): bool {
  const over = STATE_TCP | STATE_RESPONSE_END;
  return (stream.state & over) == over;
}

/** Ends the stream of a connection in TCP: what is left for the upstream is in the output. */
function endTunnel(stream: Stream): void {
  finishStream(stream);
  const mail = mailAddress();
  store<u32>(mail, load<u32>(mail, MAIL_FLAGS) | FLAG_REQUEST_END, MAIL_FLAGS);
}

function refuseBody(connection: Connection, stream: Stream, error: i32): i32 {
  stream.responseFlags |= (<u64>1) << RESPONSE_FLAG_DPE;
  // Neither the part of the body before the error, which is in the output, nor what came of a
  // response head may go downstream.
  beginOutput();
  detachUpstream(stream);
  return errorReply(connection, stream, error);
}

/** There is no memory for what the client sends: it is answered like a head that is too large. */
export function refuseInput(connection: Connection): i32 {
  if (connection.stream != 0) {
    return refuseBody(connection, changetype<Stream>(connection.stream), E_HEAD_TOO_LARGE);
  }
  const stream = adoptOpening(connection);
  stream.responseFlags |= (<u64>1) << RESPONSE_FLAG_DPE;
  beginOutput();
  return errorReply(connection, stream, E_HEAD_TOO_LARGE);
}
