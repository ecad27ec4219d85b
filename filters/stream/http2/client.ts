/* The client's end of an HTTP/2 connection: requests into lanes, responses out of them. */
import {
  FRAMING_CHUNKED,
  FRAMING_LENGTH,
  FRAMING_NONE,
  READER_RAW_END,
} from "../../../api/engine/http1.ts";
import { H_CONNECTION, H_METHOD, H_PROTOCOL, H_UPGRADE } from "../../../api/engine/header-names.ts";
import {
  FOUND_DATA,
  FOUND_GOAWAY,
  FOUND_HEAD,
  FOUND_RESET,
  FOUND_SETTINGS,
  FOUND_TRAILERS,
  H2_REFUSED_STREAM,
  REASON_HEADER_COUNT,
  REASON_HEAD_TOO_LARGE,
  REASON_PEER,
} from "../../../api/engine/http2.ts";
import {
  CONNECTION_PAUSED,
  CONNECTION_UPSTREAM,
  EVENT_GOAWAY,
  EVENT_NONE,
  EVENT_RESET,
  EVENT_SETTINGS,
  RESET_BY_PEER,
  RESET_MALFORMED,
  RESET_REFUSED,
  STATE_CONNECT,
  STATE_HEAD_REQUEST,
  STATE_RESPONSE_END,
  STATE_UPGRADE,
} from "../../../api/engine/layout.ts";
import { removeConnectionNamed } from "../../hcm/connection-header.ts";
import {
  addKnown,
  clearBlock,
  copyHeaders,
  createBlock,
  entryAt,
  findKnown,
  releaseBlock,
  removeKnown,
  setPseudo,
} from "../../head/block.ts";
import { startBody, startRawBody } from "../../http1/read-message.ts";
import {
  REQUEST_METHOD,
  REQUEST_PATH,
  REQUEST_PSEUDO,
  REQUEST_SCHEME,
} from "../../http1/start-line.ts";
import { staticText } from "../../memory/text.ts";
import { creditConnection, creditStream } from "../../http2/flow.ts";
import { H2Connection } from "../../http2/h2-connection.ts";
import { H2Stream, H2_NO_BODY, H2_TUNNEL } from "../../http2/h2-stream.ts";
import { mayOpenStream, openLocalStream } from "../../http2/streams.ts";
import { Connection, keepInput, takeInput } from "../connection.ts";
import { beginOutput, post, postError } from "../mail.ts";
import { Stream } from "../stream.ts";
import { pumpUpstream, receiveHead } from "../upstream.ts";
import { openLane, sessionOf, silenceLane, streamOf, tellOf } from "./lane.ts";
import { sendLaneHead } from "./send.ts";

const CONNECT = staticText("CONNECT");
const CONNECT_BYTES: i32 = 7;

/** Opens a lane for a request, or returns 0 when the peer allows no more streams. */
export function openRequestLane(connection: Connection): usize {
  const session = changetype<H2Connection>(connection.http2);
  if (!mayOpenStream(session)) return 0;
  const lane = openLane(connection, openLocalStream(session));
  lane.flags |= CONNECTION_UPSTREAM;
  lane.cluster = connection.cluster;
  lane.host = connection.host;
  lane.hostLength = connection.hostLength;
  lane.hostName = connection.hostName;
  lane.hostNameLength = connection.hostNameLength;
  return changetype<usize>(lane);
}

/** Whether the peer allows another stream. */
export function isLaneAllowed(connection: Connection): bool {
  return mayOpenStream(changetype<H2Connection>(connection.http2));
}

/** Whether a lane is beyond the last stream that the peer serves. */
export function wasRefused(lane: Connection): bool {
  return streamOf(lane).id > sessionOf(lane).lastStream;
}

/** Sends the head of a request, whose pseudo-headers are in its block. */
export function sendLaneRequest(lane: Connection, stream: Stream): void {
  const h2 = streamOf(lane);
  h2.block = changetype<usize>(stream.response);
  if ((stream.state & STATE_HEAD_REQUEST) != 0) h2.state |= H2_NO_BODY;
  // A tunnel by POST begins as any request does.
  if ((stream.state & STATE_UPGRADE) != 0 && stream.requestFraming != FRAMING_CHUNKED) {
    sendTunnelRequest(lane, stream);
    return;
  }
  const isEnd = stream.requestFraming == FRAMING_NONE;
  stream.upstreamHeadSent = sendLaneHead(lane, stream.request, isEnd);
}

/**
 * CONNECT has neither scheme nor path (RFC 9113 §8.5). An upgrade becomes one with `:protocol` (RFC
 * 8441 §4), for this attempt only: another may go to HTTP/1.
 */
function sendTunnelRequest(lane: Connection, stream: Stream): void {
  const block = createBlock();
  clearBlock(block, REQUEST_PSEUDO);
  copyHeaders(block, stream.request);
  if ((stream.state & STATE_CONNECT) != 0) {
    entryAt(block, REQUEST_PATH).nameLength = 0;
    entryAt(block, REQUEST_SCHEME).nameLength = 0;
  } else {
    const type = findKnown(block, H_UPGRADE);
    if (type !== null) addKnown(block, H_PROTOCOL, type.value, type.valueLength);
    setPseudo(block, REQUEST_METHOD, H_METHOD, CONNECT, CONNECT_BYTES);
    removeConnectionNamed(block);
    removeKnown(block, H_CONNECTION);
    removeKnown(block, H_UPGRADE);
  }
  const isEnd = stream.requestFraming == FRAMING_NONE;
  streamOf(lane).state |= H2_TUNNEL;
  stream.upstreamHeadSent = sendLaneHead(lane, block, isEnd);
  releaseBlock(block);
}

/** Does what a frame from an upstream asks for. Returns an event of a lane, or EVENT_NONE. */
export function takeFromUpstream(
  connection: Connection,
  session: H2Connection,
  found: i32,
): i32 {
  if (found == FOUND_SETTINGS || found == FOUND_GOAWAY) {
    post(0, 0);
    postError(<i32>min<u32>(session.peerStreamsMax, 0x7fffffff));
    const event = found == FOUND_GOAWAY ? EVENT_GOAWAY : EVENT_SETTINGS;
    return tellOf(changetype<usize>(connection), event);
  }
  const h2 = changetype<H2Stream>(session.stream);
  if (h2.owner == 0) {
    if (found == FOUND_DATA) creditStream(session, h2, session.dataLength);
    return EVENT_NONE;
  }
  const lane = changetype<Connection>(h2.owner);
  if (found == FOUND_RESET) return tellOf(h2.owner, takeReset(lane, resetKind(session)));
  if (session.isEnd) lane.reader.flags |= READER_RAW_END;
  if (found == FOUND_HEAD) return tellOf(h2.owner, takeResponse(lane, session, h2));
  beginOutput();
  if (found == FOUND_TRAILERS) {
    lane.reader.trailers = h2.trailers;
    h2.trailers = null;
    takeInput(lane, 0, 0);
  } else if (found == FOUND_DATA && !takeInput(lane, session.data, session.dataLength)) {
    creditConnection(session, session.dataLength);
    postError(RESET_BY_PEER);
    return tellOf(h2.owner, EVENT_RESET);
  }
  if ((lane.flags & CONNECTION_PAUSED) == 0) return tellOf(h2.owner, pumpUpstream(lane));
  keepInput(lane);
  return EVENT_NONE;
}

/** An answer that came whole before, but waits, is not lost. RFC 9113 §8.1. */
function takeReset(lane: Connection, kind: i32): i32 {
  silenceLane(lane);
  const isWhole = (lane.reader.flags & READER_RAW_END) != 0;
  const isPassedOn = (changetype<Stream>(lane.stream).state & STATE_RESPONSE_END) != 0;
  if (isWhole && !isPassedOn) {
    lane.flags &= ~CONNECTION_PAUSED;
    return pumpUpstream(lane);
  }
  post(0, 0);
  postError(kind);
  return EVENT_RESET;
}

/** Who gave a stream up, and why: `RESET_*`. To Envoy, who sends too large a head has done so. */
function resetKind(session: H2Connection): i32 {
  const reason = session.reason;
  if (reason == REASON_PEER) {
    return session.error == H2_REFUSED_STREAM ? RESET_REFUSED : RESET_BY_PEER;
  }
  const isLarge = reason == REASON_HEAD_TOO_LARGE || reason == REASON_HEADER_COUNT;
  return isLarge ? RESET_BY_PEER : RESET_MALFORMED;
}

function takeResponse(lane: Connection, session: H2Connection, h2: H2Stream): i32 {
  const reader = lane.reader;
  reader.status = session.status;
  reader.headBytes = session.decoder.headBytes;
  reader.fieldBytes = session.decoder.headBytes;
  reader.contentLength = h2.contentLength;
  // Without a body the end may still come in a frame of its own.
  if (session.isEnd || (h2.state & H2_NO_BODY) != 0) reader.framing = FRAMING_NONE;
  else reader.framing = h2.contentLength >= 0 ? FRAMING_LENGTH : FRAMING_CHUNKED;
  if (session.isEnd) startBody(reader);
  else startRawBody(reader);
  takeInput(lane, 0, 0);
  return receiveHead(lane, changetype<Stream>(lane.stream));
}
