/* Requests on their way upstream, on a connection of their own or in a lane. */
import { FRAMING_CHUNKED, FRAMING_NONE, READER_NO_BODY } from "../../../api/engine/http1.ts";
import { H_CONTENT_LENGTH, H_HOST, H_TRANSFER_ENCODING } from "../../../api/engine/header-names.ts";
import {
  CLUSTER_FLAGS,
  CLUSTER_FLAG_PROPER_CASE,
  CLUSTER_FLAG_WHOLE_URL,
} from "../../../api/engine/image.ts";
import {
  CONNECTION_RAW,
  STATE_ATTEMPTED,
  STATE_CONNECT,
  STATE_HEAD_REQUEST,
  STATE_KEEPS_BODY,
  STATE_MIRROR,
  STATE_REQUEST_END,
  STATE_TCP,
  STATE_UPGRADE,
  STATE_UPSTREAM_BEGUN,
} from "../../../api/engine/layout.ts";
import { now } from "../../hcm/clock.ts";
import { nextRandom } from "../../hcm/random.ts";
import { HeaderBlock, addKnown, clearBlock, entryAt, removeKnown } from "../../head/block.ts";
import { nameBytes, nameLength } from "../../head/names.ts";
import { settleLength } from "../../http1/framing.ts";
import {
  REQUEST_AUTHORITY,
  REQUEST_METHOD,
  REQUEST_PATH,
  REQUEST_SCHEME,
  RESPONSE_PSEUDO,
} from "../../http1/start-line.ts";
import { formatNames, headersLength, writeHeader, writeHeaders } from "../../http1/writer.ts";
import { copyBytes, writeAscii } from "../../memory/bytes.ts";
import { allocate } from "../../memory/slab.ts";
import { staticText } from "../../memory/text.ts";
import { mayHaveBody } from "../../route/request-method.ts";
import { rewriteAutoHost } from "../../route/rewrite.ts";
import { KEY_BYTES, writeKey } from "../../websocket/accept-key.ts";
import { KEY_NAME, KEY_NAME_BYTES, hasKey, isWebSocket } from "../../websocket/handshake.ts";
import { Connection } from "../connection.ts";
import { isUpgrading, postBody, pumpBody } from "./request-body.ts";
import { writeBodyEnd } from "./body-piece.ts";
import { sendLaneRequest } from "../http2/client.ts";
import { beginOutput, endOutput, outputRoom, writtenLength } from "../mail.ts";
import { bindCluster } from "../open.ts";
import { Stream, keepUpstreamFacts } from "../stream.ts";
import { writeKeptBody } from "./kept-body.ts";

const CHUNKED = staticText("chunked");
const ZERO = staticText("0");
const HEAD_EXTRA_BYTES: i32 = 128;
const key: usize = allocate(KEY_BYTES);
/** `upstreamVersion` where no HTTP is spoken. */
const NO_HTTP: i32 = -1;

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
  stream.upstreamId = upstream.id;
  stream.upstreamVersion = versionOf(upstream);
  keepUpstreamFacts(stream, upstream.facts);
  stream.attemptCount++;
  stream.upstreamStartMs = now;
  if ((stream.state & STATE_ATTEMPTED) == 0) {
    if ((stream.state & (STATE_MIRROR | STATE_TCP)) == 0) rewriteAutoHost(stream);
    if ((stream.state & STATE_CONNECT) == 0) addRouterHeaders(stream);
    stream.state |= STATE_ATTEMPTED;
  }
  stream.state |= STATE_UPSTREAM_BEGUN;
  // A first attempt that failed may have left the beginning of a head here.
  if (stream.attemptCount > 1) clearBlock(stream.response, RESPONSE_PSEUDO);
  const reader = upstream.reader;
  reader.block = stream.response;
  if ((stream.state & STATE_HEAD_REQUEST) != 0) reader.flags |= READER_NO_BODY;
  else reader.flags &= ~READER_NO_BODY;
  if (upstream.lane != 0) sendLaneRequest(upstream, stream);
  else if ((upstream.flags & CONNECTION_RAW) == 0) writeRequestHead(stream, upstream);
  const downstream = changetype<Connection>(stream.downstream);
  if ((stream.state & STATE_KEEPS_BODY) != 0) repeatBody(stream);
  const hasMore = (stream.state & STATE_REQUEST_END) == 0 && !isUpgrading(stream);
  const error = hasMore ? pumpBody(downstream, stream) : 0;
  stream.upstreamWireSent += writtenLength();
  if ((stream.state & STATE_REQUEST_END) != 0) stream.upstreamSentMs = now;
  postBody(downstream, stream);
  return error;
}

function versionOf(upstream: Connection): i32 {
  if (upstream.lane != 0) return 20;
  return (upstream.flags & CONNECTION_RAW) != 0 ? NO_HTTP : 11;
}

/** Writes what an earlier attempt, or the request before a redirect, sent of the body. */
function repeatBody(stream: Stream): void {
  writeKeptBody(stream);
  const isWhole = (stream.state & STATE_REQUEST_END) != 0;
  const isLane = changetype<Connection>(stream.upstream).lane != 0;
  if (isWhole && (isLane || stream.requestFraming == FRAMING_CHUNKED)) writeBodyEnd(stream);
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
  const authority = entryAt(block, REQUEST_AUTHORITY);
  const isTunnel = (stream.state & STATE_CONNECT) != 0;
  const path = isTunnel ? authority : entryAt(block, REQUEST_PATH);
  const start = outputRoom(headersLength(block) + authority.valueLength * 2 + HEAD_EXTRA_BYTES);
  let at = start;
  copyBytes(at, method.value, method.valueLength);
  at += method.valueLength;
  store<u8>(at++, 32);
  const flags = load<i32>(upstream.cluster, CLUSTER_FLAGS);
  if ((flags & CLUSTER_FLAG_WHOLE_URL) != 0 && !isTunnel) at = writeOrigin(at, block);
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
  if ((stream.state & STATE_UPGRADE) != 0) at = writeMissingKey(at, stream);
  formatNames(headers, at, block, (flags & CLUSTER_FLAG_PROPER_CASE) != 0);
  store<u16>(at, 0x0a0d);
  endOutput(at + 2);
  stream.upstreamHeadSent = <i32>(at - headers);
}

/**
 * Writes a WebSocket key for a client of HTTP/2, which has none (RFC 8441 §5). Not in the block:
 * each attempt has its own, and nobody else knows it. Returns the end.
 */
function writeMissingKey(target: usize, stream: Stream): usize {
  stream.nonceHigh = 0;
  stream.nonceLow = 0;
  const block = stream.request;
  const isLane = changetype<Connection>(stream.downstream).lane != 0;
  if (!isLane || !isWebSocket(block) || hasKey(block)) return target;
  stream.nonceHigh = nextRandom();
  stream.nonceLow = nextRandom() | 1;
  writeKey(key, stream.nonceHigh, stream.nonceLow);
  return writeHeader(target, KEY_NAME, KEY_NAME_BYTES, key, KEY_BYTES);
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
