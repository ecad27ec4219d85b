/*
 * Tunnels: what an upgrade, or CONNECT, becomes when the upstream agrees, in HTTP or by being there
 * at all. Each side has its own way to say so: 101 in HTTP/1, 200 in a lane, nothing in TCP.
 */
import { H_CONNECTION, H_CONTENT_LENGTH, H_UPGRADE } from "../../../api/engine/header-names.ts";
import {
  FRAMING_CHUNKED,
  FRAMING_CLOSE,
  FRAMING_NONE,
  READER_KEEP_ALIVE,
  READER_UPGRADE,
} from "../../../api/engine/http1.ts";
import {
  CONNECTION_RAW,
  STATE_CONNECT,
  STATE_RESPONSE_BEGUN,
  STATE_TCP,
  STATE_TUNNEL,
  STATE_UPGRADE,
} from "../../../api/engine/layout.ts";
import { RESPONSE_FLAG_UC } from "../../../api/engine/response-flags.ts";
import { runResponseChain } from "../../chain/chain.ts";
import {
  addKnown,
  clearBlock,
  findKnown,
  mayHave,
  removeKnown,
  reserveArena,
  setKnown,
} from "../../head/block.ts";
import { now } from "../../hcm/clock.ts";
import { startTunnel } from "../../http1/read-message.ts";
import { RESPONSE_PSEUDO } from "../../http1/start-line.ts";
import { writeDecimal } from "../../memory/bytes.ts";
import { H2_TUNNEL } from "../../http2/h2-stream.ts";
import { staticText } from "../../memory/text.ts";
import { finishResponseHeaders } from "../../route/finish.ts";
import { answerKey, isAnswered, isWebSocket, removeAccept } from "../../websocket/handshake.ts";
import { Connection } from "../connection.ts";
import { streamOf } from "../http2/lane.ts";
import { cleanResponse, setStatus, writeSwitchHead } from "../response.ts";
import { Stream } from "../stream.ts";

const VIA_UPSTREAM = staticText("via_upstream");
const UPGRADE = staticText("upgrade");
const TUNNEL_END = staticText("upstream_reset_after_response_started{connection_termination}");
const TUNNEL_RESPONSE = staticText("tunnel_response:");
const TUNNEL_RESPONSE_LENGTH: i32 = 16;
const TUNNEL_END_LENGTH: i32 = 61;
const HANDSHAKE_FAILED = staticText("websocket_handshake_unsuccessful");
const HANDSHAKE_FAILED_LENGTH: i32 = 32;

/** True when a response says that the upgrade or CONNECT of its request is done. */
export function opensTunnel(upstream: Connection, stream: Stream, status: i32): bool {
  const isPlain = (stream.state & (STATE_CONNECT | STATE_TCP)) != 0;
  if (isPlain) return status >= 200 && status < 300;
  // RFC 8441 §5: there is no 101 in HTTP/2. Of the others that mean success Envoy takes none.
  if (upstream.lane != 0) return status == 200;
  return status == 101 && mayHave(stream.response, H_UPGRADE) && isKeyAnswered(upstream, stream);
}

/** A key that was made here is checked here: the client has none. RFC 6455 §4.1. */
function isKeyAnswered(upstream: Connection, stream: Stream): bool {
  if (!hasNonce(stream)) return true;
  if ((upstream.reader.flags & READER_UPGRADE) == 0) return false;
  return isAnswered(stream.response, stream.nonceHigh, stream.nonceLow);
}

function hasNonce(stream: Stream): bool {
  return (stream.nonceHigh | stream.nonceLow) != 0;
}

/** Whether an upstream in HTTP/1 has answered a request for WebSocket with something else. */
export function refusesWebSocket(upstream: Connection, stream: Stream, status: i32): bool {
  // Errors are for the client to read. Envoy `websocket_allow_4xx_5xx_through_filter_chain`.
  if (upstream.lane != 0 || status < 200 || status >= 400) return false;
  const isUpgrade = (stream.state & (STATE_UPGRADE | STATE_CONNECT | STATE_TCP)) == STATE_UPGRADE;
  return isUpgrade && isWebSocket(stream.request);
}

/** Notes that an answer began no WebSocket. */
export function noteRefusal(stream: Stream): void {
  stream.details = HANDSHAKE_FAILED;
  stream.detailsLength = HANDSHAKE_FAILED_LENGTH;
}

/** Takes the body from an answer: what comes of it goes with the connection. */
export function dropBody(upstream: Connection, stream: Stream): void {
  upstream.reader.framing = FRAMING_NONE;
  upstream.reader.flags &= ~READER_KEEP_ALIVE;
  removeKnown(stream.response, H_CONTENT_LENGTH);
}

/** From now on bytes go both ways as they come. Tells the client so, in its protocol. */
export function beginTunnel(upstream: Connection, stream: Stream, status: i32): void {
  stream.state |= STATE_TUNNEL;
  stream.responseFraming = FRAMING_CLOSE;
  const isConnect = (stream.state & STATE_CONNECT) != 0;
  // The answer to a POST has a framing of its own.
  if (upstream.lane == 0 && stream.requestFraming != FRAMING_CHUNKED) startTunnel(upstream.reader);
  if ((stream.state & STATE_TCP) != 0) {
    stream.state |= STATE_RESPONSE_BEGUN;
    stream.responseStartMs = now;
    return;
  }
  stream.status = isConnect ? status : 101;
  stream.details = VIA_UPSTREAM;
  stream.detailsLength = 12;
  const downstream = changetype<Connection>(stream.downstream);
  if (isConnect && downstream.lane != 0) streamOf(downstream).state |= H2_TUNNEL;
  const block = stream.response;
  if (isConnect) cleanResponse(block);
  else if (upstream.lane != 0) addSwitch(stream);
  else if (hasNonce(stream)) removeAccept(block);
  removeKnown(block, H_CONTENT_LENGTH);
  setStatus(block, stream.status);
  finishResponseHeaders(stream);
  runResponseChain(stream, false);
  writeSwitchHead(stream, downstream);
}

/** What HTTP/1 says of a switch, in place of the 200 of HTTP/2. */
function addSwitch(stream: Stream): void {
  cleanResponse(stream.response);
  const asked = findKnown(stream.request, H_UPGRADE);
  if (asked !== null) setKnown(stream.response, H_UPGRADE, asked.value, asked.valueLength);
  addKnown(stream.response, H_CONNECTION, UPGRADE, 7);
  if (isWebSocket(stream.request)) answerKey(stream.request, stream.response);
}

/** Keeps why there is no tunnel, for the access log: how the upstream answered. */
export function noteTunnelRefusal(stream: Stream, status: i32): void {
  const text = reserveArena(stream.request, TUNNEL_RESPONSE_LENGTH + 12);
  memory.copy(text, TUNNEL_RESPONSE, TUNNEL_RESPONSE_LENGTH);
  const digits = writeDecimal(text + <usize>TUNNEL_RESPONSE_LENGTH, <u64>status);
  stream.failureReason = text;
  stream.failureReasonLength = TUNNEL_RESPONSE_LENGTH + digits;
  // Another attempt may be answered.
  clearBlock(stream.response, RESPONSE_PSEUDO);
}

/** In Envoy's words: a connection that was upgraded ends with a break, whoever closes it. */
export function noteTunnelEnd(upstream: Connection, stream: Stream): void {
  const isPlain = (upstream.flags & CONNECTION_RAW) != 0 || (stream.state & STATE_TCP) != 0;
  if (isPlain) return;
  stream.responseFlags |= (<u64>1) << RESPONSE_FLAG_UC;
  stream.details = TUNNEL_END;
  stream.detailsLength = TUNNEL_END_LENGTH;
}
