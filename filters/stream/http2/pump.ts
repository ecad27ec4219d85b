/* An HTTP/2 connection: frames in, events of its lanes out. What is here is mostly the server's. */
import { E_HEAD_TOO_LARGE, E_NO_ANSWER, E_TOO_MANY_HEADERS } from "../../../api/engine/http1.ts";
import {
  FRAMING_CHUNKED,
  FRAMING_LENGTH,
  FRAMING_NONE,
  READER_EXPECT_CONTINUE,
  READER_RAW_END,
  READER_UPGRADE,
} from "../../../api/engine/http1.ts";
import {
  H_CONNECTION,
  H_EXPECT,
  H_METHOD,
  H_PATH,
  H_PROTOCOL,
  H_UPGRADE,
} from "../../../api/engine/header-names.ts";
import {
  FOUND_DATA,
  FOUND_ERROR,
  FOUND_HEAD,
  FOUND_MORE,
  FOUND_RESET,
  FOUND_TRAILERS,
  REASON_HEAD_TOO_LARGE,
  REASON_NONE,
  REASON_OUTBOUND_CONTROL_FLOOD,
  REASON_OUTBOUND_FLOOD,
  REASON_RESET_FLOOD,
} from "../../../api/engine/http2.ts";
import { HCM_STATS } from "../../../api/engine/image.ts";
import {
  CONNECTION_UPSTREAM,
  EVENT_CLOSE,
  EVENT_HELD,
  EVENT_NONE,
  EVENT_RESET,
  EVENT_WRITTEN,
} from "../../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_RQ_ACTIVE,
  HTTP_DOWNSTREAM_RQ_HTTP2_TOTAL,
  HTTP_DOWNSTREAM_RQ_TOO_MANY_PREMATURE_RESETS,
  HTTP_DOWNSTREAM_RQ_TOTAL,
} from "../../../api/engine/stats.ts";
import { entryAt, findKnown, mayHave, removeKnown, setKnown, setPseudo } from "../../head/block.ts";
import { isWord } from "../../http1/framing.ts";
import { startBody, startRawBody } from "../../http1/read-message.ts";
import { Reader } from "../../http1/reader.ts";
import { REQUEST_AUTHORITY, REQUEST_METHOD, REQUEST_PATH } from "../../http1/start-line.ts";
import { creditConnection, creditStream, sendReady } from "../../http2/flow.ts";
import { H2Connection } from "../../http2/h2-connection.ts";
import { H2Stream } from "../../http2/h2-stream.ts";
import { joinCookies } from "../../http2/head/join-cookies.ts";
import { readFrames } from "../../http2/read-frames.ts";
import { staticText } from "../../memory/text.ts";
import { noteOut } from "../../http2/tally.ts";
import { addTo, count } from "../../observe/counters.ts";
import { Connection, advanceInput, keepInput, takeInput } from "../connection.ts";
import { beginRequest, beginStream, pumpDownstream, refuseInput } from "../downstream.ts";
import { errorReply } from "../local-reply.ts";
import { beginOutput, post, postConnection, postError } from "../mail.ts";
import { Stream, closeStream } from "../stream.ts";
import { takeFromUpstream } from "./client.ts";
import { endStream, openLane, silenceLane, tellOf } from "./lane.ts";

const VERSION_2: i32 = 20;
const GET = staticText("GET");
const UPGRADE = staticText("upgrade");

/**
 * Works on the input until a lane has something to do. Call it until it returns EVENT_NONE. Hot.
 */
export function pumpHttp2(connection: Connection): i32 {
  const session = changetype<H2Connection>(connection.http2);
  const isClient = (connection.flags & CONNECTION_UPSTREAM) != 0;
  beginOutput();
  let isRead = false;
  while (true) {
    const sent = sendReady(session);
    if (sent !== null) {
      if (sent.owner != 0) return tellOf(sent.owner, EVENT_WRITTEN);
      endStream(session, sent);
      continue;
    }
    if (isRead) break;
    if (!isClient && connection.opening == 0) open(connection, session);
    const found = readFrames(session, connection.input, connection.inputLength);
    advanceInput(connection, session.consumed);
    if (found == FOUND_MORE) {
      // Windows may have opened meanwhile.
      isRead = true;
      continue;
    }
    if (found == FOUND_ERROR) return fail(connection);
    const event = isClient
      ? takeFromUpstream(connection, session, found)
      : take(connection, session, found);
    if (event != EVENT_NONE && event != EVENT_HELD) return event;
  }
  keepInput(connection);
  drop(connection);
  noteOut(session);
  post(0, 0);
  postConnection(changetype<usize>(connection));
  return EVENT_NONE;
}

/** Makes a stream ready for the next request. */
function open(connection: Connection, session: H2Connection): void {
  const stream = beginStream(connection);
  connection.opening = changetype<usize>(stream);
  session.block = stream.request;
}

function drop(connection: Connection): void {
  if (connection.opening == 0) return;
  closeStream(changetype<Stream>(connection.opening));
  connection.opening = 0;
}

/** The connection is broken: GOAWAY is in its output. */
function fail(connection: Connection): i32 {
  const reason = changetype<H2Connection>(connection.http2).reason;
  if (reason == REASON_RESET_FLOOD) {
    const stats = <usize>load<u32>(connection.hcm, HCM_STATS);
    count(stats, HTTP_DOWNSTREAM_RQ_TOO_MANY_PREMATURE_RESETS);
  }
  connection.inputLength = 0;
  keepInput(connection);
  drop(connection);
  post(0, 0);
  const isUnread = reason == REASON_OUTBOUND_FLOOD || reason == REASON_OUTBOUND_CONTROL_FLOOD;
  postError(isUnread ? E_NO_ANSWER : 0);
  return tellOf(changetype<usize>(connection), EVENT_CLOSE);
}

function take(connection: Connection, session: H2Connection, found: i32): i32 {
  if (found == FOUND_HEAD) return takeRequest(connection, session);
  if (found == FOUND_DATA) return takeData(session);
  if (found == FOUND_TRAILERS) return takeTrailers(session);
  if (found != FOUND_RESET) return EVENT_NONE;
  const lane = changetype<H2Stream>(session.stream).owner;
  silenceLane(changetype<Connection>(lane));
  post(0, 0);
  return tellOf(lane, EVENT_RESET);
}

function takeRequest(connection: Connection, session: H2Connection): i32 {
  const h2 = changetype<H2Stream>(session.stream);
  const lane = openLane(connection, h2);
  const stream = changetype<Stream>(connection.opening);
  connection.opening = 0;
  connection.requestCount++;
  lane.stream = changetype<usize>(stream);
  stream.downstream = changetype<usize>(lane);
  const stats = <usize>load<u32>(lane.hcm, HCM_STATS);
  count(stats, HTTP_DOWNSTREAM_RQ_TOTAL);
  count(stats, HTTP_DOWNSTREAM_RQ_HTTP2_TOTAL);
  addTo(stats, HTTP_DOWNSTREAM_RQ_ACTIVE, 1);
  joinCookies(stream.request);
  const reader = lane.reader;
  reader.block = stream.request;
  reader.version = VERSION_2;
  reader.headBytes = session.decoder.headBytes;
  reader.fieldBytes = session.decoder.headBytes;
  reader.contentLength = h2.contentLength;
  if (session.isEnd) {
    reader.framing = FRAMING_NONE;
    startBody(reader);
  } else {
    reader.framing = h2.contentLength >= 0 ? FRAMING_LENGTH : FRAMING_CHUNKED;
    startRawBody(reader);
  }
  const expect = findKnown(stream.request, H_EXPECT);
  if (expect !== null && isWord(expect.value, expect.valueLength, "100-continue")) {
    reader.flags |= READER_EXPECT_CONTINUE;
  }
  if (isTunnel(stream)) takeAuthority(stream);
  else if (mayHave(stream.request, H_PROTOCOL)) takeProtocol(stream, reader);
  beginOutput();
  const event =
    session.reason == REASON_NONE
      ? beginRequest(lane, stream)
      : errorReply(lane, stream, limitError(session));
  return tellOf(changetype<usize>(lane), event);
}

/** CONNECT, whose target is its authority alone. RFC 9113 §8.5. */
function isTunnel(stream: Stream): bool {
  return entryAt(stream.request, REQUEST_PATH).nameLength == 0;
}

/** As HTTP/1 has it. */
function takeAuthority(stream: Stream): void {
  const authority = entryAt(stream.request, REQUEST_AUTHORITY);
  setPseudo(stream.request, REQUEST_PATH, H_PATH, authority.value, authority.valueLength);
}

/** RFC 8441: what HTTP/1 asks for by an upgrade. From here on it is one. */
function takeProtocol(stream: Stream, reader: Reader): void {
  const block = stream.request;
  const protocol = findKnown(block, H_PROTOCOL);
  if (protocol === null) return;
  const type = protocol.value;
  const length = protocol.valueLength;
  removeKnown(block, H_PROTOCOL);
  setPseudo(block, REQUEST_METHOD, H_METHOD, GET, 3);
  setKnown(block, H_UPGRADE, type, length);
  setKnown(block, H_CONNECTION, UPGRADE, 7);
  reader.flags |= READER_UPGRADE;
}

function limitError(session: H2Connection): i32 {
  return session.reason == REASON_HEAD_TOO_LARGE ? E_HEAD_TOO_LARGE : E_TOO_MANY_HEADERS;
}

function takeData(session: H2Connection): i32 {
  const h2 = changetype<H2Stream>(session.stream);
  const length = session.dataLength;
  if (h2.owner == 0) {
    creditStream(session, h2, length);
    return EVENT_NONE;
  }
  const lane = changetype<Connection>(h2.owner);
  beginOutput();
  if (session.isEnd) lane.reader.flags |= READER_RAW_END;
  if (!takeInput(lane, session.data, length)) {
    creditConnection(session, length);
    return tellOf(h2.owner, refuseInput(lane));
  }
  return tellOf(h2.owner, pumpDownstream(lane));
}

function takeTrailers(session: H2Connection): i32 {
  const h2 = changetype<H2Stream>(session.stream);
  if (h2.owner == 0) return EVENT_NONE;
  const lane = changetype<Connection>(h2.owner);
  lane.reader.trailers = h2.trailers;
  h2.trailers = null;
  lane.reader.flags |= READER_RAW_END;
  takeInput(lane, 0, 0);
  return tellOf(h2.owner, pumpDownstream(lane));
}
