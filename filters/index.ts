/*
 * The exports of the engine, and nothing else. Addresses are numbers; events and flags are in
 * api/engine/layout. Every function that works on input takes the present time of the worker's
 * monotonic clock in milliseconds.
 */
import { E_HEAD_TOO_LARGE } from "../api/engine/http1.ts";
import {
  CONNECTION_DRAINING,
  CONNECTION_HTTP2,
  CONNECTION_UPSTREAM,
  EVENT_CLOSE,
} from "../api/engine/layout.ts";
import { setClockOffset, setNow } from "./hcm/clock.ts";
import { buildRefusals } from "./hcm/refusal.ts";
import { seedRandom } from "./hcm/random.ts";
import "./memory/abort.ts";
import { allocate, bytesInUse, bytesLeft, release } from "./memory/slab.ts";
import {
  logPendingBytes,
  logSinkAddress,
  logSinkClear,
  logSinkDropped,
  logSinkLength,
  logSinkLines,
} from "./observe/access-log.ts";
import { setZone } from "./observe/format/format-time.ts";
import { buildNames } from "./head/names.ts";
import { buildHpack } from "./hpack/build.ts";
import { buildCharacters } from "./http1/characters.ts";
import { buildMethods } from "./http1/methods.ts";
import { record } from "./observe/counters.ts";
import { setWallOffset } from "./observe/format/format.ts";
import { logServed } from "./observe/served.ts";
import {
  Connection,
  checkConnectionLayout,
  hasRoomFor,
  keepInput,
  takeInput,
} from "./stream/connection.ts";
import { adoptOpening, beginStream, pumpDownstream, refuseInput } from "./stream/downstream.ts";
import { finishStream } from "./stream/finish.ts";
import {
  drainHttp2,
  flushHttp2,
  http2Streams,
  http2Waiting,
  isLaneRefused,
  laneWaiting,
  mayOpenLane,
  openHttp2,
  openLane,
  pauseLane,
} from "./stream/http2/face.ts";
import { pumpHttp2 } from "./stream/http2/pump.ts";
import { releaseFacts } from "./stream/facts.ts";
import {
  countHttp2,
  endHttp2,
  expireHttp2,
  expireSettings,
  isHeadUnfinished,
  pingHttp2,
  pingsAnswered,
} from "./stream/http2/session.ts";
import { writeRequest } from "./stream/attempt/write-request.ts";
import { newestMethod } from "./grpc/method-stats.ts";
import { buildErrorReplies, errorReply, reply } from "./stream/local-reply.ts";
import { beginOutput, buildMail, detachOutput, inputAddress, mailAddress } from "./stream/mail.ts";
import { mirrorCount, openMirrorStream } from "./stream/mirror.ts";
import {
  bindManager,
  closeRecord,
  detachUpstream,
  keepInRequest,
  keepText,
  openDownstreamRecord,
  openUpstreamRecord,
} from "./stream/open.ts";
import {
  endDownstream,
  echo,
  enterTunnel,
  logConnection,
  logNow,
  noteEnd,
  noteFlag,
  openRefused,
  chooseAgain,
  openTcp,
  speakRaw,
} from "./stream/tcp/tcp-face.ts";
import { findRequestHeader, runStateFilter, setState } from "./filter-state/state-face.ts";
import { isReplayable } from "./route/request-method.ts";
import { noteHealth } from "./stream/response.ts";
import { Stream, checkStreamLayout, keepUpstreamFacts } from "./stream/stream.ts";
import { closeUpstream, pumpUpstream, refuseAnswer } from "./stream/upstream.ts";

// The compiler cannot re-export from a path that ends in `.ts`, so imports are exported here.
export { allocate, release, bytesInUse, bytesLeft };
export { mailAddress, inputAddress, detachOutput };
export { logPendingBytes, logSinkAddress, logSinkLength, logSinkLines };
export { logSinkDropped, logSinkClear };
export { setZone, newestMethod };
export { openHttp2, flushHttp2, drainHttp2, http2Waiting, http2Streams };
export { openLane, mayOpenLane, isLaneRefused, laneWaiting, pauseLane };
export { setState, runStateFilter, findRequestHeader };
export { openTcp, chooseAgain, openRefused, endDownstream, speakRaw, enterTunnel };
export { noteFlag, noteEnd, logNow, logConnection, echo };
export { countHttp2, endHttp2, expireHttp2, expireSettings, isHeadUnfinished };
export { pingHttp2, pingsAnswered };

/** Builds the tables. `seed` is the address of 32 random bytes. Called once, before all else. */
export function start(seed: usize, wallOffsetMs: f64): void {
  checkStreamLayout();
  checkConnectionLayout();
  buildCharacters();
  buildMethods();
  buildNames();
  buildHpack();
  buildRefusals();
  buildErrorReplies();
  buildMail();
  seedRandom(seed);
  setClockOffset(wallOffsetMs);
  setWallOffset(wallOffsetMs);
}

/** Makes the record of an accepted connection and returns its address. */
export function openDownstream(image: usize, hcm: usize, flags: i32, nowMs: f64): usize {
  setNow(nowMs);
  return changetype<usize>(openDownstreamRecord(image, hcm, flags));
}

/** Says who is at the ends of a downstream connection: texts `ip`, `ip:port`, our `ip:port`. */
export function setEnds(
  record: usize,
  texts: usize,
  ipLength: i32,
  remoteLength: i32,
  localLength: i32,
): void {
  const connection = changetype<Connection>(record);
  connection.remoteIp = keepText(texts, ipLength);
  connection.remoteIpLength = ipLength;
  connection.remote = keepText(texts + ipLength, remoteLength);
  connection.remoteLength = remoteLength;
  connection.local = keepText(texts + ipLength + remoteLength, localLength);
  connection.localLength = localLength;
}

/** Says what TLS tells of a connection: the address of a block of tls-facts, or 0. */
/** Says who is at the ends of the socket, where that differs: texts `ip:port`, our `ip:port`. */
export function setDirectEnds(
  record: usize,
  texts: usize,
  remoteLength: i32,
  localLength: i32,
): void {
  const connection = changetype<Connection>(record);
  connection.directRemote = keepText(texts, remoteLength);
  connection.directRemoteLength = remoteLength;
  connection.directLocal = keepText(texts + remoteLength, localLength);
  connection.directLocalLength = localLength;
}

/** Says what TLS tells of a downstream connection: the address of a block of tls-facts. */
export function setFacts(record: usize, facts: usize): void {
  const connection = changetype<Connection>(record);
  releaseFacts(connection.facts);
  connection.facts = facts;
}

/** Makes the record of an upstream connection; `host` is text that outlives it. */
export function openUpstream(cluster: usize, host: usize, hostLength: i32, nowMs: f64): usize {
  setNow(nowMs);
  const connection = openUpstreamRecord(cluster);
  connection.host = host;
  connection.hostLength = hostLength;
  return changetype<usize>(connection);
}

/** Says what the endpoint of an upstream connection is called; the text outlives the record. */
export function setUpstreamName(upstream: usize, name: usize, length: i32): void {
  const connection = changetype<Connection>(upstream);
  connection.hostName = name;
  connection.hostNameLength = length;
}

/** Frees the record of a closed connection. */
export function closeConnection(record: usize): void {
  closeRecord(changetype<Connection>(record));
}

/** Works on `length` new bytes in the input region. Returns an event. */
export function receive(record: usize, length: i32, nowMs: f64): i32 {
  setNow(nowMs);
  const connection = changetype<Connection>(record);
  if (takeInput(connection, inputAddress(), length)) return pump(connection);
  if (connection.http2 != 0) return EVENT_CLOSE;
  const isUpstream = (connection.flags & CONNECTION_UPSTREAM) != 0;
  return isUpstream ? refuseAnswer(connection) : refuseInput(connection);
}

/** Goes on with input that was left over. Returns an event. */
export function proceed(record: usize, nowMs: f64): i32 {
  setNow(nowMs);
  return pump(changetype<Connection>(record));
}

function pump(connection: Connection): i32 {
  const flags = connection.flags;
  if ((flags & CONNECTION_HTTP2) != 0) return pumpHttp2(connection);
  return (flags & CONNECTION_UPSTREAM) != 0 ? pumpUpstream(connection) : pumpDownstream(connection);
}

/** Keeps input that cannot be taken now; `proceed` takes it later. */
export function hold(record: usize): void {
  keepInput(changetype<Connection>(record));
}

/** Says that an upstream will send no more, or that it reset the connection. Returns an event. */
export function endUpstream(record: usize, isReset: i32, nowMs: f64): i32 {
  setNow(nowMs);
  return closeUpstream(changetype<Connection>(record), isReset != 0);
}

/** Binds a stream to an upstream connection and writes its request. Returns an error or 0. */
export function attempt(stream: usize, upstream: usize, nowMs: f64): i32 {
  setNow(nowMs);
  if (!hasRoomFor(changetype<Stream>(stream).requestHeadBytes)) return E_HEAD_TOO_LARGE;
  return writeRequest(changetype<Stream>(stream), changetype<Connection>(upstream));
}

/** Answers a request whose body turned out malformed. Returns an event; the stream is over. */
export function refuseRequest(record: usize, error: i32, nowMs: f64): i32 {
  setNow(nowMs);
  beginOutput();
  const stream = changetype<Stream>(record);
  return errorReply(changetype<Connection>(stream.downstream), stream, error);
}

/** Makes a stream of the head that is still being read, so that it can be answered. */
export function takeOpening(record: usize): usize {
  const connection = changetype<Connection>(record);
  const stream = adoptOpening(connection);
  stream.downstreamWireReceived = connection.pendingLength;
  return changetype<usize>(stream);
}

/** 1 when the request may be sent again: no body, idempotent (RFC 9110 §9.2.2), not answered. */
export function canReplay(record: usize): i32 {
  return isReplayable(changetype<Stream>(record)) ? 1 : 0;
}

/** Notes for the log which endpoint an attempt was for that got no connection. */
export function noteEndpoint(
  record: usize,
  host: usize,
  hostLength: i32,
  name: usize,
  nameLength: i32,
): void {
  const stream = changetype<Stream>(record);
  stream.attemptCount++;
  stream.upstreamId = 0;
  keepUpstreamFacts(stream, 0);
  stream.upstreamHost = host;
  stream.upstreamHostLength = hostLength;
  stream.hostName = name;
  stream.hostNameLength = nameLength;
}

/** Notes for the log why no connection could be made. */
export function noteConnectFailure(record: usize, reason: usize, reasonLength: i32): void {
  const stream = changetype<Stream>(record);
  stream.failureReason = keepInRequest(stream, reason, reasonLength);
  stream.failureReasonLength = reasonLength;
}

/** How many mirrors the route of a stream asks for. */
export function countMirrors(stream: usize): i32 {
  return mirrorCount(changetype<Stream>(stream));
}

/**
 * Makes the stream of one mirror, before the request itself is sent. Returns its address, or 0 when
 * this request is not to go there. Its downstream connection has no socket.
 */
export function openMirror(stream: usize, place: i32, nowMs: f64): usize {
  setNow(nowMs);
  if (!hasRoomFor(changetype<Stream>(stream).requestHeadBytes)) return 0;
  return openMirrorStream(changetype<Stream>(stream), place);
}

/** Takes a stream off its upstream. */
export function detach(stream: usize): void {
  detachUpstream(changetype<Stream>(stream));
}

/**
 * Answers a stream from here. `texts` holds the details, then the body. Returns an event; the
 * stream is over.
 */
export function replyLocally(
  record: usize,
  status: i32,
  flagBit: i32,
  grpcStatus: i32,
  texts: usize,
  detailsLength: i32,
  bodyLength: i32,
  nowMs: f64,
): i32 {
  setNow(nowMs);
  beginOutput();
  const stream = changetype<Stream>(record);
  stream.status = status;
  if (flagBit >= 0) stream.responseFlags |= (<u64>1) << flagBit;
  stream.replyGrpcStatus = grpcStatus;
  stream.details = keepInRequest(stream, texts, detailsLength);
  stream.detailsLength = detailsLength;
  stream.replyBody = keepInRequest(stream, texts + detailsLength, bodyLength);
  stream.replyBodyLength = bodyLength;
  return reply(changetype<Connection>(stream.downstream), stream);
}

/** Ends a stream that gets no (further) answer, with a response flag and details. */
export function abandon(
  record: usize,
  flagBit: i32,
  texts: usize,
  detailsLength: i32,
  nowMs: f64,
): void {
  setNow(nowMs);
  beginOutput();
  const stream = changetype<Stream>(record);
  if (flagBit >= 0) stream.responseFlags |= (<u64>1) << flagBit;
  stream.details = keepInRequest(stream, texts, detailsLength);
  stream.detailsLength = detailsLength;
  finishStream(stream);
}

/**
 * Logs an exchange that was served outside of the engine: the heads of request and response lie one
 * behind the other in the input region.
 */
export function logExchange(
  record: usize,
  requestBytes: i32,
  responseBytes: i32,
  receivedBytes: f64,
  sentBytes: f64,
  startMs: f64,
  nowMs: f64,
): void {
  setNow(nowMs);
  const connection = changetype<Connection>(record);
  const stream = beginStream(connection);
  stream.startMs = startMs;
  stream.bytesReceived = <u64>receivedBytes;
  stream.bytesSent = <u64>sentBytes;
  logServed(connection, stream, inputAddress(), requestBytes, responseBytes);
}

/** Records a time in the histogram whose address is held at `place`. */
export function recordTime(place: usize, valueMs: f64): void {
  record(place, valueMs);
}

/** Has an idle connection run from another image from now on. */
export function rebase(record: usize, image: usize, hcm: usize): void {
  bindManager(changetype<Connection>(record), image, hcm);
}

/** Has all answers say `Connection: close`, or no more. */
export function setHealthFailed(isFailed: i32): void {
  noteHealth(isFailed != 0);
}

/** From now on answers on this connection say `Connection: close`. */
export function drainConnection(record: usize): void {
  const connection = changetype<Connection>(record);
  connection.flags |= CONNECTION_DRAINING;
}
