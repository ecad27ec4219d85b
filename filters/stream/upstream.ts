/* The upstream side: requests out, responses in. */
import {
  E_EARLY_END,
  E_HEAD_TOO_LARGE,
  E_NO_ANSWER,
  E_UNEXPECTED,
  FRAMING_CHUNKED,
  FRAMING_CLOSE,
  FRAMING_LENGTH,
  FRAMING_NONE,
  READER_KEEP_ALIVE,
  READER_NO_BODY,
  READ_DATA,
  READ_END,
  READ_ERROR,
  READ_HEAD,
  READ_MORE,
} from "../../api/engine/http1.ts";
import { H_X_ENVOY_UPSTREAM_SERVICE_TIME } from "../../api/engine/header-names.ts";
import {
  CLUSTER_STATS,
  HCM_ENABLE_TRAILERS,
  HCM_FLAGS,
  HCM_PROPER_CASE,
  HCM_PROXY_100_CONTINUE,
  HCM_STATS,
  HCM_SUPPRESS_ENVOY_HEADERS,
} from "../../api/engine/image.ts";
import {
  EVENT_NONE,
  EVENT_REDIRECT,
  EVENT_TO_DOWNSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_ABANDON_UPSTREAM,
  FLAG_END,
  FLAG_REUSABLE,
  FLAG_UPGRADED,
  MAIL_FLAGS,
  STATE_ANSWERED,
  STATE_CONNECT,
  STATE_GRPC_RESPONSE,
  STATE_GRPC_WEB_BODY,
  STATE_REQUEST_END,
  STATE_RESPONSE_BEGUN,
  STATE_RESPONSE_END,
  STATE_TCP,
  STATE_TERMINATES,
  STATE_TUNNEL,
  STATE_UPGRADE,
} from "../../api/engine/layout.ts";
import { UPSTREAM_UPSTREAM_CX_CLOSE_NOTIFY } from "../../api/engine/stats.ts";
import { clearBlock, HeaderBlock, reserveArena, setKnown } from "../head/block.ts";
import { now } from "../hcm/clock.ts";
import { settleLength } from "../http1/framing.ts";
import { isAtEnd, nextMessage, readClose, readNext, startTunnel } from "../http1/read-message.ts";
import { RESPONSE_PSEUDO } from "../http1/start-line.ts";
import { lastChunkLength, writeLastChunk } from "../http1/writer.ts";
import { writeDecimal } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { count } from "../observe/counters.ts";
import { runResponseChain } from "../chain/chain.ts";
import { watchResponseBody, watchTrailers } from "../chain/grpc-stats.ts";
import { Web, holdsAnswer } from "../chain/grpc-web.ts";
import { finishResponseHeaders } from "../route/finish.ts";
import { chargeClient, chargeCluster } from "./charge.ts";
import { Connection, advanceInput, keepInput } from "./connection.ts";
import { finishStream } from "./finish.ts";
import { creditLane } from "./http2/lane.ts";
import { endLaneBody, sendLaneHead } from "./http2/send.ts";
import { followRedirect } from "./internal-redirect.ts";
import {
  beginOutput,
  endOutput,
  mailAddress,
  outputRoom,
  post,
  postError,
  writtenLength,
} from "./mail.ts";
import {
  FramingHeader,
  addRequestId,
  cleanResponse,
  setStatus,
  withdrawResponse,
  writeHead,
  writeResponseHead,
} from "./response.ts";
import { endWebBody, takeWebData, writePiece } from "./response-body.ts";
import { Stream } from "./stream.ts";
import {
  beginTunnel,
  dropBody,
  noteRefusal,
  noteTunnelEnd,
  noteTunnelRefusal,
  opensTunnel,
  refusesWebSocket,
} from "./tcp/tunnel.ts";

const VIA_UPSTREAM = staticText("via_upstream");

/** Works on the input of an upstream connection. Hot. */
export function pumpUpstream(connection: Connection): i32 {
  beginOutput();
  if (connection.stream == 0) {
    // Bytes that nobody asked for: the connection cannot be trusted any more.
    postError(E_UNEXPECTED);
    post(0, 0);
    return EVENT_UPSTREAM_FAILED;
  }
  const stream = changetype<Stream>(connection.stream);
  stream.state |= STATE_ANSWERED;
  return readOn(connection, stream);
}

/** Takes what the input holds of a response. Hot. */
function readOn(connection: Connection, stream: Stream): i32 {
  const before = stream.state;
  while (true) {
    const found = readNext(connection.reader, connection.input, connection.inputLength);
    stream.upstreamWireReceived += connection.reader.consumed;
    advanceInput(connection, connection.reader.consumed);
    if (found == READ_MORE) break;
    if (found == READ_ERROR) {
      if ((before & STATE_RESPONSE_BEGUN) == 0) withdrawResponse(stream);
      return fail(connection, stream);
    }
    if (found == READ_HEAD) {
      const event = takeAnswer(connection, stream);
      if (event != EVENT_NONE) return event;
    } else if (found == READ_DATA) writeData(connection, stream);
    else return complete(connection, stream, before);
  }
  return passOn(connection, stream, before);
}

/** What there is of the response goes downstream. `before` is the state before the call. */
function passOn(connection: Connection, stream: Stream, before: i32): i32 {
  keepInput(connection);
  stream.downstreamWireSent += writtenLength();
  const isUpgraded = (before & STATE_TUNNEL) != (stream.state & STATE_TUNNEL);
  post(changetype<usize>(stream), isUpgraded ? FLAG_UPGRADED : 0);
  return isUpgraded || writtenLength() > 0 ? EVENT_TO_DOWNSTREAM : EVENT_NONE;
}

/**
 * A connection that speaks no HTTP is there: for who asked for the tunnel it begins now, and a POST
 * is answered. `headerBytes` is the length of the PROXY header that went before all else.
 */
export function openTunnel(connection: Connection, headerBytes: i32): i32 {
  beginOutput();
  const stream = changetype<Stream>(connection.stream);
  const before = stream.state;
  stream.upstreamHeadSent += headerBytes;
  stream.upstreamWireSent += headerBytes;
  if ((before & (STATE_TERMINATES | STATE_CONNECT)) == STATE_TERMINATES) {
    startTunnel(connection.reader);
    stream.status = 200;
    stream.details = VIA_UPSTREAM;
    stream.detailsLength = 12;
    setStatus(stream.response, 200);
    passHead(connection, stream, FRAMING_CHUNKED, false);
  } else beginTunnel(connection, stream, 200);
  connection.input = 0;
  connection.inputLength = 0;
  return passOn(connection, stream, before);
}

/** The head of a response came to a lane, whose reader knows its framing. */
export function receiveHead(lane: Connection, stream: Stream): i32 {
  beginOutput();
  const before = stream.state;
  stream.state |= STATE_ANSWERED;
  stream.upstreamWireReceived += lane.reader.headBytes;
  const event = takeAnswer(lane, stream);
  if (event != EVENT_NONE) return event;
  return isAtEnd(lane.reader) ? readOn(lane, stream) : passOn(lane, stream, before);
}

/** Takes a head, interim or final: EVENT_NONE to go on with what follows it. */
function takeAnswer(connection: Connection, stream: Stream): i32 {
  const status = connection.reader.status;
  if ((stream.state & STATE_UPGRADE) != 0 && opensTunnel(connection, stream, status)) {
    noteAnswer(connection, stream);
    beginTunnel(connection, stream, status);
    return EVENT_NONE;
  }
  // A tunnel that nobody asked for, or none where there is nothing else to say.
  const isRefusal = (stream.state & STATE_TCP) != 0 && status >= 200;
  if (isRefusal) noteTunnelRefusal(stream, status);
  if (isRefusal || status == 101) return failWith(connection, stream, E_UNEXPECTED);
  if (status >= 200) noteAnswer(connection, stream);
  const isRedirect = status >= 300 && status < 400;
  if (isRedirect && followRedirect(connection, stream)) return EVENT_REDIRECT;
  if (!refusesWebSocket(connection, stream, status)) {
    takeHead(connection, stream);
    return EVENT_NONE;
  }
  dropBody(connection, stream);
  takeHead(connection, stream);
  noteRefusal(stream);
  return complete(connection, stream, stream.state);
}

/** The upstream will send no more: it closed, or the connection was reset. */
export function closeUpstream(connection: Connection, isReset: bool): i32 {
  beginOutput();
  if (connection.stream == 0) {
    post(0, 0);
    return EVENT_NONE;
  }
  const stream = changetype<Stream>(connection.stream);
  const found = readClose(connection.reader);
  // Before the first byte of a response the reader has nothing against the end; we do.
  if (found == READ_MORE) return failWith(connection, stream, E_NO_ANSWER);
  if (found != READ_END) return fail(connection, stream);
  const isTunnel = (stream.state & STATE_TUNNEL) != 0;
  if (isTunnel) noteTunnelEnd(connection, stream);
  if (!isReset) return complete(connection, stream, stream.state);
  // A reset may have taken the end of the body with it. RFC 9112 §8. A tunnel has no such end.
  return failWith(connection, stream, isTunnel ? E_NO_ANSWER : E_EARLY_END);
}

/** There is no memory for what the upstream sends. */
export function refuseAnswer(connection: Connection): i32 {
  beginOutput();
  return failWith(connection, changetype<Stream>(connection.stream), E_HEAD_TOO_LARGE);
}

function fail(connection: Connection, stream: Stream): i32 {
  return failWith(connection, stream, connection.reader.error);
}

function failWith(connection: Connection, stream: Stream, error: i32): i32 {
  stream.upstreamWireReceived += connection.inputLength;
  postError(error);
  post(changetype<usize>(stream), 0);
  return EVENT_UPSTREAM_FAILED;
}

function takeHead(connection: Connection, stream: Stream): void {
  const reader = connection.reader;
  if (reader.status < 200) {
    takeInterim(connection, stream);
    return;
  }
  stream.status = reader.status;
  stream.details = VIA_UPSTREAM;
  stream.detailsLength = 12;
  if (stream.grpcWeb != 0 && holdsAnswer(stream, isAtEnd(reader))) {
    // To the client there is no status yet.
    stream.heldStatus = stream.status;
    stream.held = 0;
    stream.heldLength = 0;
    stream.status = 0;
    stream.grpcWeb |= Web.Held;
    stream.state |= STATE_GRPC_WEB_BODY;
    return;
  }
  const framing = reader.framing == FRAMING_CLOSE ? FRAMING_CHUNKED : reader.framing;
  passHead(connection, stream, framing, isAtEnd(reader));
}

/** Writes the head of a response whose body, if it has one, ends as `framing` says. */
function passHead(connection: Connection, stream: Stream, framing: i32, isEnd: bool): void {
  const block = stream.response;
  cleanResponse(block);
  addServiceTime(stream, block);
  finishResponseHeaders(stream);
  runResponseChain(stream, isEnd);
  // What gRPC-Web makes of a body, or puts behind it, is not counted in its length.
  if (stream.grpcWeb != 0 && !isEnd && framing == FRAMING_LENGTH) framing = FRAMING_CHUNKED;
  settleLength(block, framing, connection.reader.contentLength);
  const downstream = changetype<Connection>(stream.downstream);
  stream.responseFraming = writeResponseHead(stream, downstream, framing);
}

/** What is noted of every response head, whether the client will see it or not. */
function noteAnswer(connection: Connection, stream: Stream): void {
  stream.upstreamFirstMs = now;
  stream.upstreamHeadReceived = connection.reader.fieldBytes;
  noteCloseNotice(connection);
}

/** The upstream says that it will close: Envoy counts such connections. */
function noteCloseNotice(connection: Connection): void {
  const reader = connection.reader;
  // A body that ends with the connection says nothing: it takes away the flag, too.
  const isKept = (reader.flags & READER_KEEP_ALIVE) != 0 || reader.framing == FRAMING_CLOSE;
  if (isKept) return;
  count(<usize>load<u32>(connection.cluster, CLUSTER_STATS), UPSTREAM_UPSTREAM_CX_CLOSE_NOTIFY);
}

function addServiceTime(stream: Stream, block: HeaderBlock): void {
  if (stream.requestEndMs == 0) return;
  if ((load<i32>(stream.hcm, HCM_FLAGS) & HCM_SUPPRESS_ENVOY_HEADERS) != 0) return;
  const digits = reserveArena(block, 12);
  const length = writeDecimal(digits, <u64>(now - stream.requestEndMs));
  setKnown(block, H_X_ENVOY_UPSTREAM_SERVICE_TIME, digits, length);
}

/**
 * Interim responses go on to clients that know them (RFC 9110 §15.2); `100 Continue` only where
 * `proxy_100_continue` says that the client waits for the upstream's.
 */
function takeInterim(connection: Connection, stream: Stream): void {
  const block = stream.response;
  const status = connection.reader.status;
  const proxies = (load<i32>(stream.hcm, HCM_FLAGS) & HCM_PROXY_100_CONTINUE) != 0;
  chargeCluster(stream, status);
  const isWanted = status == 100 ? proxies : status != 101 && stream.version != 10;
  if (isWanted) {
    cleanResponse(block);
    addRequestId(stream);
    chargeClient(<usize>load<u32>(stream.hcm, HCM_STATS), status);
    const isProper = (load<i32>(stream.hcm, HCM_FLAGS) & HCM_PROPER_CASE) != 0;
    const downstream = changetype<Connection>(stream.downstream);
    if (downstream.lane != 0) sendLaneHead(downstream, block, false);
    else writeHead(block, status, isProper, FramingHeader.None);
  }
  clearBlock(block, RESPONSE_PSEUDO);
  nextMessage(connection.reader);
}

function writeData(connection: Connection, stream: Stream): void {
  const reader = connection.reader;
  if ((stream.state & STATE_GRPC_RESPONSE) != 0) {
    watchResponseBody(stream, reader.data, reader.dataLength);
  }
  if (connection.lane != 0) creditLane(connection, reader.dataLength);
  if (isWebBody(stream)) takeWebData(stream, reader.data, reader.dataLength);
  else writePiece(stream, reader.data, reader.dataLength, isAtEnd(reader));
}

/** Whether the body goes downstream as another, or not at all. */
// @ts-ignore: decorator
@inline
function isWebBody(stream: Stream): bool {
  return (stream.state & STATE_GRPC_WEB_BODY) != 0;
}

/** Ends the body, with trailers where the client may have them. */
function endBody(stream: Stream, trailers: HeaderBlock | null): void {
  const downstream = changetype<Connection>(stream.downstream);
  if (downstream.lane != 0) endLaneBody(downstream, trailers);
  else if (stream.responseFraming == FRAMING_CHUNKED) {
    const passes = (load<i32>(stream.hcm, HCM_FLAGS) & HCM_ENABLE_TRAILERS) != 0;
    const last = passes ? trailers : null;
    endOutput(writeLastChunk(outputRoom(lastChunkLength(last)), last));
  }
}

/** Ends an answer to gRPC-Web: with what was held, or with the trailers in its body. */
function endWebAnswer(connection: Connection, stream: Stream, trailers: HeaderBlock | null): void {
  if ((stream.grpcWeb & Web.Held) != 0) {
    stream.status = stream.heldStatus;
    passHead(connection, stream, FRAMING_NONE, true);
  } else endWebBody(stream, trailers);
  endBody(stream, null);
}

/** The response is whole: the stream ends, and the upstream connection may serve another. */
function complete(connection: Connection, stream: Stream, before: i32): i32 {
  const reader = connection.reader;
  stream.upstreamLastMs = now;
  stream.state |= STATE_RESPONSE_END;
  if ((stream.state & (STATE_TCP | STATE_REQUEST_END)) == STATE_TCP) {
    keepInput(connection);
    // The end may come with the head that opens the tunnel.
    const isUpgraded = (before & STATE_TUNNEL) != (stream.state & STATE_TUNNEL);
    post(changetype<usize>(stream), isUpgraded ? FLAG_END | FLAG_UPGRADED : FLAG_END);
    return EVENT_TO_DOWNSTREAM;
  }
  const trailers = reader.trailers;
  stream.responseTrailers = changetype<usize>(trailers);
  if (stream.grpcConfig != 0 && trailers !== null) watchTrailers(stream, trailers);
  if (stream.grpcWeb == 0) endBody(stream, trailers);
  else endWebAnswer(connection, stream, trailers);
  const isWhole = (stream.state & STATE_REQUEST_END) != 0;
  const keeps = (reader.flags & READER_KEEP_ALIVE) != 0 && connection.inputLength == 0;
  connection.reader.flags &= ~READER_NO_BODY;
  keepInput(connection);
  stream.downstreamWireSent += writtenLength();
  finishStream(stream);
  const mail = mailAddress();
  const more = isWhole ? (keeps ? FLAG_REUSABLE : 0) : FLAG_ABANDON_UPSTREAM;
  store<u32>(mail, load<u32>(mail, MAIL_FLAGS) | more, MAIL_FLAGS);
  return EVENT_TO_DOWNSTREAM;
}
