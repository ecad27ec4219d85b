/* The upstream side: requests out, responses in. */
import {
  E_EARLY_END,
  E_HEAD_TOO_LARGE,
  E_NO_ANSWER,
  E_UNEXPECTED,
  FRAMING_CHUNKED,
  FRAMING_CLOSE,
  FRAMING_NONE,
  READER_KEEP_ALIVE,
  READER_NO_BODY,
  READ_DATA,
  READ_END,
  READ_ERROR,
  READ_HEAD,
  READ_MORE,
} from "../../api/engine/http1.ts";
import {
  H_CONTENT_LENGTH,
  H_TRANSFER_ENCODING,
  H_X_ENVOY_UPSTREAM_SERVICE_TIME,
} from "../../api/engine/header-names.ts";
import {
  CLUSTER_FLAGS,
  CLUSTER_FLAG_PROPER_CASE,
  CLUSTER_FLAG_WHOLE_URL,
  CLUSTER_STATS,
  HCM_ENABLE_TRAILERS,
  HCM_FLAGS,
  HCM_PROPER_CASE,
  HCM_PROXY_100_CONTINUE,
  HCM_STATS,
  HCM_SUPPRESS_ENVOY_HEADERS,
} from "../../api/engine/image.ts";
import {
  CONNECTION_REUSED,
  EVENT_NONE,
  EVENT_REDIRECT,
  EVENT_TO_DOWNSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_ABANDON_UPSTREAM,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_END,
  FLAG_REUSABLE,
  MAIL_FLAGS,
  STATE_ANSWERED,
  STATE_ATTEMPTED,
  STATE_HEAD_REQUEST,
  STATE_KEEPS_BODY,
  STATE_MIRROR,
  STATE_REQUEST_END,
  STATE_RESPONSE_BEGUN,
  STATE_RESPONSE_END,
  STATE_UPSTREAM_BEGUN,
} from "../../api/engine/layout.ts";
import { UPSTREAM_UPSTREAM_CX_CLOSE_NOTIFY } from "../../api/engine/stats.ts";
import {
  HeaderBlock,
  addKnown,
  clearBlock,
  entryAt,
  mayHave,
  removeKnown,
  reserveArena,
  setKnown,
} from "../head/block.ts";
import { nameBytes, nameLength } from "../head/names.ts";
import { H_HOST } from "../../api/engine/header-names.ts";
import { now } from "../hcm/clock.ts";
import { settleLength } from "../http1/framing.ts";
import { nextMessage, readClose, readNext } from "../http1/read-message.ts";
import {
  REQUEST_AUTHORITY,
  REQUEST_METHOD,
  REQUEST_PATH,
  REQUEST_SCHEME,
  RESPONSE_PSEUDO,
} from "../http1/start-line.ts";
import {
  CHUNK_OVERHEAD_BYTES,
  formatNames,
  headersLength,
  lastChunkLength,
  writeChunk,
  writeHeader,
  writeHeaders,
  writeLastChunk,
} from "../http1/writer.ts";
import { copyBytes, writeAscii, writeDecimal } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { count } from "../observe/counters.ts";
import { runResponseChain } from "../chain/chain.ts";
import { rewriteAutoHost } from "../route/rewrite.ts";
import { finishResponseHeaders } from "../route/finish.ts";
import { chargeClient, chargeCluster } from "./charge.ts";
import { Connection, advanceInput, keepInput } from "./connection.ts";
import { postBody, pumpBody, writeBodyEnd } from "./downstream.ts";
import { finishStream } from "./finish.ts";
import { followRedirect } from "./internal-redirect.ts";
import { writeKeptBody } from "./kept-body.ts";
import {
  beginOutput,
  endOutput,
  mailAddress,
  outputLength,
  outputRoom,
  post,
  postError,
} from "./mail.ts";
import { bindCluster } from "./open.ts";
import { mayHaveBody } from "../route/request-method.ts";
import {
  FramingHeader,
  cleanResponse,
  withdrawResponse,
  writeHead,
  writeResponseHead,
} from "./response.ts";
import { Stream } from "./stream.ts";

const CHUNKED = staticText("chunked");
const ZERO = staticText("0");
const VIA_UPSTREAM = staticText("via_upstream");
const HEAD_EXTRA_BYTES: i32 = 128;

/** Binds a stream to an upstream connection and writes its request. Returns an error or 0. Hot. */
export function writeRequest(stream: Stream, upstream: Connection): i32 {
  beginOutput();
  stream.upstream = changetype<usize>(upstream);
  upstream.stream = changetype<usize>(stream);
  // The connection may be older than the image that this stream runs from.
  bindCluster(upstream, stream.clusterRecord);
  upstream.requestCount++;
  stream.upstreamHost = upstream.host;
  stream.upstreamHostLength = upstream.hostLength;
  stream.hostName = upstream.hostName;
  stream.hostNameLength = upstream.hostNameLength;
  stream.upstreamLocal = upstream.local;
  stream.upstreamLocalLength = upstream.localLength;
  stream.attemptCount++;
  stream.upstreamStartMs = now;
  if ((stream.state & STATE_ATTEMPTED) == 0) {
    if ((stream.state & STATE_MIRROR) == 0) rewriteAutoHost(stream);
    addRouterHeaders(stream);
    stream.state |= STATE_ATTEMPTED;
  }
  stream.state |= STATE_UPSTREAM_BEGUN;
  // A first attempt that failed may have left the beginning of a head here.
  if (stream.attemptCount > 1) clearBlock(stream.response, RESPONSE_PSEUDO);
  const reader = upstream.reader;
  reader.block = stream.response;
  if ((stream.state & STATE_HEAD_REQUEST) != 0) reader.flags |= READER_NO_BODY;
  else reader.flags &= ~READER_NO_BODY;
  writeRequestHead(stream, upstream);
  const downstream = changetype<Connection>(stream.downstream);
  if ((stream.state & STATE_KEEPS_BODY) != 0) repeatBody(stream);
  const error = (stream.state & STATE_REQUEST_END) == 0 ? pumpBody(downstream, stream) : 0;
  stream.upstreamWireSent += outputLength();
  if ((stream.state & STATE_REQUEST_END) != 0) stream.upstreamSentMs = now;
  postBody(downstream, stream);
  return error;
}

/** Writes what an earlier attempt, or the request before a redirect, sent of the body. */
function repeatBody(stream: Stream): void {
  writeKeptBody(stream);
  const isWhole = (stream.state & STATE_REQUEST_END) != 0;
  if (isWhole && stream.requestFraming == FRAMING_CHUNKED) writeBodyEnd(stream);
}

function addRouterHeaders(stream: Stream): void {
  const block = stream.request;
  const framing = stream.requestFraming;
  settleLength(block, framing, changetype<Connection>(stream.downstream).reader.contentLength);
  if (framing == FRAMING_NONE) {
    removeKnown(block, H_CONTENT_LENGTH);
    if (mayHaveBody(block)) addKnown(block, H_CONTENT_LENGTH, ZERO, 1);
  }
}

function writeRequestHead(stream: Stream, upstream: Connection): void {
  const block = stream.request;
  const method = entryAt(block, REQUEST_METHOD);
  const path = entryAt(block, REQUEST_PATH);
  const authority = entryAt(block, REQUEST_AUTHORITY);
  const start = outputRoom(headersLength(block) + authority.valueLength + HEAD_EXTRA_BYTES);
  let at = start;
  copyBytes(at, method.value, method.valueLength);
  at += method.valueLength;
  store<u8>(at++, 32);
  const flags = load<i32>(upstream.cluster, CLUSTER_FLAGS);
  if ((flags & CLUSTER_FLAG_WHOLE_URL) != 0) at = writeOrigin(at, block);
  copyBytes(at, path.value, path.valueLength);
  at += path.valueLength;
  at += writeAscii(at, " HTTP/1.1\r\n");
  const headers = at;
  const host = nameBytes(H_HOST);
  at = writeHeader(at, host, nameLength(H_HOST), authority.value, authority.valueLength);
  at = writeHeaders(at, block);
  if (stream.requestFraming == FRAMING_CHUNKED) {
    // Not in the block: to filters and logs the framing is no header.
    const name = nameBytes(H_TRANSFER_ENCODING);
    at = writeHeader(at, name, nameLength(H_TRANSFER_ENCODING), CHUNKED, 7);
  }
  formatNames(headers, at, block, (flags & CLUSTER_FLAG_PROPER_CASE) != 0);
  store<u16>(at, 0x0a0d);
  endOutput(at + 2);
  stream.upstreamHeadSent = <i32>(at - headers);
}

/** Writes what makes a path a whole URL: `send_fully_qualified_url`. Returns the end. */
function writeOrigin(target: usize, block: HeaderBlock): usize {
  const scheme = entryAt(block, REQUEST_SCHEME);
  const authority = entryAt(block, REQUEST_AUTHORITY);
  copyBytes(target, scheme.value, scheme.valueLength);
  target += scheme.valueLength;
  target += writeAscii(target, "://");
  copyBytes(target, authority.value, authority.valueLength);
  return target + authority.valueLength;
}

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
  const hadBegun = (stream.state & STATE_RESPONSE_BEGUN) != 0;
  while (true) {
    const found = readNext(connection.reader, connection.input, connection.inputLength);
    stream.upstreamWireReceived += connection.reader.consumed;
    advanceInput(connection, connection.reader.consumed);
    if (found == READ_MORE) break;
    if (found == READ_ERROR) {
      if (!hadBegun) withdrawResponse(stream);
      return fail(connection, stream);
    }
    if (found == READ_HEAD) {
      const status = connection.reader.status;
      if (status == 101) return failWith(connection, stream, E_UNEXPECTED);
      if (status >= 200) noteAnswer(connection, stream);
      const isRedirect = status >= 300 && status < 400;
      if (isRedirect && followRedirect(connection, stream)) return EVENT_REDIRECT;
      takeHead(connection, stream);
    } else if (found == READ_DATA) writeData(connection, stream);
    else return complete(connection, stream);
  }
  keepInput(connection);
  stream.downstreamWireSent += outputLength();
  post(changetype<usize>(stream), 0);
  return outputLength() > 0 ? EVENT_TO_DOWNSTREAM : EVENT_NONE;
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
  // A reset may have taken the end of the body with it. RFC 9112 §8.
  return isReset ? failWith(connection, stream, E_EARLY_END) : complete(connection, stream);
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
  const block = stream.response;
  stream.status = reader.status;
  stream.details = VIA_UPSTREAM;
  stream.detailsLength = 12;
  cleanResponse(block);
  addServiceTime(stream, block);
  finishResponseHeaders(stream);
  runResponseChain(stream);
  settleLength(block, reader.framing, reader.contentLength);
  const framing = reader.framing == FRAMING_CLOSE ? FRAMING_CHUNKED : reader.framing;
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
  const isWanted = status == 100 ? proxies : status != 101 && stream.version == 11;
  if (isWanted) {
    cleanResponse(block);
    chargeClient(<usize>load<u32>(stream.hcm, HCM_STATS), status);
    const isProper = (load<i32>(stream.hcm, HCM_FLAGS) & HCM_PROPER_CASE) != 0;
    writeHead(block, status, isProper, FramingHeader.None);
  }
  clearBlock(block, RESPONSE_PSEUDO);
  nextMessage(connection.reader);
}

function writeData(connection: Connection, stream: Stream): void {
  const reader = connection.reader;
  const room = outputRoom(reader.dataLength + CHUNK_OVERHEAD_BYTES);
  stream.bytesSent += reader.dataLength;
  if (stream.responseFraming == FRAMING_CHUNKED) {
    endOutput(writeChunk(room, reader.data, reader.dataLength));
    return;
  }
  memory.copy(room, reader.data, reader.dataLength);
  endOutput(room + reader.dataLength);
}

/** The response is whole: the stream ends, and the upstream connection may serve another. */
function complete(connection: Connection, stream: Stream): i32 {
  const reader = connection.reader;
  stream.upstreamLastMs = now;
  stream.state |= STATE_RESPONSE_END;
  stream.responseTrailers = changetype<usize>(reader.trailers);
  if (stream.responseFraming == FRAMING_CHUNKED) {
    const passes = (load<i32>(stream.hcm, HCM_FLAGS) & HCM_ENABLE_TRAILERS) != 0;
    const trailers = passes ? reader.trailers : null;
    endOutput(writeLastChunk(outputRoom(lastChunkLength(trailers)), trailers));
  }
  const isWhole = (stream.state & STATE_REQUEST_END) != 0;
  const keeps = (reader.flags & READER_KEEP_ALIVE) != 0 && connection.inputLength == 0;
  connection.reader.flags &= ~READER_NO_BODY;
  keepInput(connection);
  stream.downstreamWireSent += outputLength();
  finishStream(stream);
  const mail = mailAddress();
  const more = isWhole ? (keeps ? FLAG_REUSABLE : 0) : FLAG_ABANDON_UPSTREAM;
  store<u32>(mail, load<u32>(mail, MAIL_FLAGS) | more, MAIL_FLAGS);
  return EVENT_TO_DOWNSTREAM;
}
