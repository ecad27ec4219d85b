/* Response heads on their way downstream: what the connection manager adds, and the wire form. */
import {
  FRAMING_CHUNKED,
  FRAMING_CLOSE,
  FRAMING_NONE,
  READER_KEEP_ALIVE,
} from "../../api/engine/http1.ts";
import {
  H_CONNECTION,
  H_CONTENT_LENGTH,
  H_DATE,
  H_KEEP_ALIVE,
  H_PROXY_CONNECTION,
  H_SERVER,
  H_STATUS,
  H_TRANSFER_ENCODING,
  H_UPGRADE,
  H_X_ENVOY_FORCE_TRACE,
  H_X_REQUEST_ID,
} from "../../api/engine/header-names.ts";
import {
  HCM_ACCEPT_HTTP_10,
  HCM_ALWAYS_SET_REQUEST_ID,
  HCM_FLAGS,
  HCM_PROPER_CASE,
  HCM_REQUESTS_PER_CONNECTION_MAX,
  HCM_SERVER_NAME,
  HCM_SERVER_TRANSFORMATION,
  HCM_STATS,
  SERVER_HEADER_OVERWRITE,
  SERVER_HEADER_PASS_THROUGH,
} from "../../api/engine/image.ts";
import {
  CONNECTION_CLOSING,
  CONNECTION_DRAINING,
  STATE_CONNECTION_CLOSE,
  STATE_HEAD_REQUEST,
  STATE_REQUEST_END,
  STATE_RESPONSE_BEGUN,
} from "../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_CX_DRAIN_CLOSE,
  HTTP_DOWNSTREAM_CX_MAX_REQUESTS_REACHED,
  HTTP_DOWNSTREAM_RQ_RESPONSE_BEFORE_RQ_COMPLETE,
} from "../../api/engine/stats.ts";
import {
  HeaderBlock,
  addKnown,
  clearBlock,
  copyHeaders,
  createBlock,
  findKnown,
  mayHave,
  releaseBlock,
  removeKnown,
  reserveArena,
  setKnown,
  setPseudo,
} from "../head/block.ts";
import { keptReason, keptReasonLength } from "../head/casing.ts";
import { nameBytes, nameLength } from "../head/names.ts";
import { DATE_BYTES, dateText, now } from "../hcm/clock.ts";
import { appendVia } from "../hcm/via.ts";
import { statusLine, statusLineLength } from "../http1/status-line.ts";
import { formatNames, headersLength, writeHeader, writeHeaders } from "../http1/writer.ts";
import { RESPONSE_PSEUDO } from "../http1/start-line.ts";
import { copyBytes, writeAscii, writeDecimal } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { count } from "../observe/counters.ts";
import { chargeClient } from "./charge.ts";
import { Connection } from "./connection.ts";
import { sendLaneHead } from "./http2/send.ts";
import { endOutput, outputLength, outputRoom } from "./mail.ts";
import { Stream } from "./stream.ts";

const CLOSE = staticText("close");
const KEEP_ALIVE = staticText("keep-alive");
const CHUNKED = staticText("chunked");
const ZERO = staticText("0");
/** Where `HTTP/1.1` has its last digit: Envoy answers HTTP/1.0 in kind. */
const MINOR_VERSION_AT: usize = 7;
/** Where a status line has its reason phrase. */
const REASON_AT: i32 = 13;
/** Status line, empty line and slack. */
const HEAD_EXTRA_BYTES: i32 = 128;

const LINE_END_BYTES: i32 = 2;

/** What tells the framing in a head without being in its block. */
export namespace FramingHeader {
  export const None: i32 = 0;
  /** `transfer-encoding: chunked`. */
  export const Chunked: i32 = 1;
  /** `content-length: 0`. */
  export const Empty: i32 = 2;
}

/** The proxy fails its health checks: clients are to go elsewhere. */
let isHealthFailed: bool = false;

/** Has every answer say `Connection: close` while health checks are failed, as in Envoy. */
export function noteHealth(isFailed: bool): void {
  isHealthFailed = isFailed;
}

/** `100 Continue`, written before the body is asked for. */
export function writeContinue(stream: Stream): void {
  const connection = changetype<Connection>(stream.downstream);
  if (connection.lane != 0) writeLaneContinue(stream, connection);
  else {
    const room = outputRoom(32);
    endOutput(room + writeAscii(room, "HTTP/1.1 100 Continue\r\n\r\n"));
  }
  chargeClient(<usize>load<u32>(stream.hcm, HCM_STATS), 100);
}

function writeLaneContinue(stream: Stream, lane: Connection): void {
  const block = stream.response;
  setStatus(block, 100);
  sendLaneHead(lane, block, false);
  clearBlock(block, RESPONSE_PSEUDO);
}

/** Puts a status into a response head. */
export function setStatus(block: HeaderBlock, status: i32): void {
  const digits = reserveArena(block, 3);
  writeDecimal(digits, status);
  setPseudo(block, 0, H_STATUS, digits, 3);
}

/** Removes headers that end at this hop. RFC 9110 §7.6.1. */
export function cleanResponse(block: HeaderBlock): void {
  removeKnown(block, H_CONNECTION);
  removeKnown(block, H_KEEP_ALIVE);
  removeKnown(block, H_PROXY_CONNECTION);
  removeKnown(block, H_TRANSFER_ENCODING);
  removeKnown(block, H_UPGRADE);
}

/**
 * Adds what every response carries and writes the head. `framing` is how the body will end;
 * returns how it ends on the wire, which differs for HTTP/1.0.
 */
export function writeResponseHead(stream: Stream, connection: Connection, framing: i32): i32 {
  const block = stream.response;
  const flags = load<i32>(stream.hcm, HCM_FLAGS);
  if (stream.status < 200 || stream.status == 204) removeKnown(block, H_CONTENT_LENGTH);
  const wire = framing == FRAMING_CHUNKED && stream.version == 10 ? FRAMING_CLOSE : framing;
  if (!mayHave(block, H_DATE)) addKnown(block, H_DATE, dateText(), DATE_BYTES);
  setServer(stream, block);
  addRequestId(stream);
  appendVia(stream, block);
  if (connection.lane != 0) return writeLaneResponse(stream, connection, framing);
  setPersistence(stream, connection, wire);
  const isProper = (flags & HCM_PROPER_CASE) != 0;
  const before = outputLength();
  const start = writeHead(block, stream.status, isProper, tellFraming(stream, wire));
  const isOld = stream.version == 10 && (flags & HCM_ACCEPT_HTTP_10) != 0;
  if (isOld) store<u8>(start, 48, MINOR_VERSION_AT);
  const around = statusLength(block, stream.status) + LINE_END_BYTES;
  stream.responseHeadBytes = outputLength() - before - around;
  stream.state |= STATE_RESPONSE_BEGUN;
  stream.responseStartMs = now;
  return wire;
}

/**
 * Writes the head that begins a tunnel: 101, whose Connection and Upgrade belong to the client, or
 * the 2xx of CONNECT. A lane has 200 in place of 101.
 */
export function writeSwitchHead(stream: Stream, connection: Connection): void {
  const block = stream.response;
  if (!mayHave(block, H_DATE)) addKnown(block, H_DATE, dateText(), DATE_BYTES);
  setServer(stream, block);
  appendVia(stream, block);
  stream.state |= STATE_RESPONSE_BEGUN;
  stream.responseStartMs = now;
  if (connection.lane != 0) {
    stream.responseHeadBytes = sendLaneSwitch(connection, block, stream.status);
    return;
  }
  const isProper = (load<i32>(stream.hcm, HCM_FLAGS) & HCM_PROPER_CASE) != 0;
  const before = outputLength();
  const status = stream.status;
  writeHead(block, status, isProper, FramingHeader.None);
  stream.responseHeadBytes = outputLength() - before - statusLength(block, status) - LINE_END_BYTES;
  connection.flags |= CONNECTION_CLOSING;
}

/** To logs the head is as HTTP/1 has it. */
function sendLaneSwitch(lane: Connection, block: HeaderBlock, status: i32): i32 {
  if (status != 101) return sendLaneHead(lane, block, false);
  const copy = createBlock();
  clearBlock(copy, RESPONSE_PSEUDO);
  copyHeaders(copy, block);
  cleanResponse(copy);
  setStatus(copy, 200);
  const length = sendLaneHead(lane, copy, false);
  releaseBlock(copy);
  return length;
}

function writeLaneResponse(stream: Stream, lane: Connection, framing: i32): i32 {
  if ((stream.state & STATE_REQUEST_END) == 0) {
    const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
    count(stats, HTTP_DOWNSTREAM_RQ_RESPONSE_BEFORE_RQ_COMPLETE);
  }
  const isEnd = framing == FRAMING_NONE || (stream.state & STATE_HEAD_REQUEST) != 0;
  stream.responseHeadBytes = sendLaneHead(lane, stream.response, isEnd);
  stream.state |= STATE_RESPONSE_BEGUN;
  stream.responseStartMs = now;
  return framing;
}

/** Writes a response head as it stands, and what tells its framing. Returns where it begins. */
export function writeHead(
  block: HeaderBlock,
  status: i32,
  isProper: bool,
  framing: i32,
): usize {
  const reasonLength = keptReasonLength(block);
  const start = outputRoom(headersLength(block) + reasonLength + HEAD_EXTRA_BYTES);
  const line = statusLine(status);
  const headers = start + statusLength(block, status);
  if (reasonLength == 0) copyBytes(start, line, statusLineLength(status));
  else {
    copyBytes(start, line, REASON_AT);
    copyBytes(start + REASON_AT, keptReason(block), reasonLength);
    store<u16>(headers - LINE_END_BYTES, 0x0a0d);
  }
  const end = writeFraming(writeHeaders(headers, block), framing);
  formatNames(headers, end, block, isProper);
  store<u16>(end, 0x0a0d);
  endOutput(end + LINE_END_BYTES);
  return start;
}

/** Length of the status line of a head. */
function statusLength(block: HeaderBlock, status: i32): i32 {
  const reasonLength = keptReasonLength(block);
  return reasonLength == 0 ? statusLineLength(status) : REASON_AT + reasonLength + LINE_END_BYTES;
}

/**
 * Takes back what a head noted that is still in the output: nobody has seen it, so the rest of a
 * response that turned out malformed can be answered in its place.
 */
export function withdrawResponse(stream: Stream): void {
  const connection = changetype<Connection>(stream.downstream);
  // What the HTTP/2 codec was given has gone through its header table, and cannot be taken back.
  if ((stream.state & STATE_RESPONSE_BEGUN) == 0 || connection.lane != 0) return;
  stream.state &= ~STATE_RESPONSE_BEGUN;
  connection.flags &= ~CONNECTION_CLOSING;
  stream.status = 0;
  stream.bytesSent = 0;
  stream.responseHeadBytes = 0;
  stream.responseStartMs = 0;
}

function setServer(stream: Stream, block: HeaderBlock): void {
  const rule = load<i32>(stream.hcm, HCM_SERVER_TRANSFORMATION);
  if (rule == SERVER_HEADER_PASS_THROUGH) return;
  if (rule != SERVER_HEADER_OVERWRITE && mayHave(block, H_SERVER)) return;
  const name = stream.image + <usize>load<u32>(stream.hcm, HCM_SERVER_NAME);
  setKnown(block, H_SERVER, name, load<i32>(stream.hcm, HCM_SERVER_NAME + 4));
}

/** Copies the id of the request into a response, interim or final, where that is asked for. */
export function addRequestId(stream: Stream): void {
  const flags = load<i32>(stream.hcm, HCM_FLAGS);
  const isTraced = mayHave(stream.request, H_X_ENVOY_FORCE_TRACE);
  if (!isTraced && (flags & HCM_ALWAYS_SET_REQUEST_ID) == 0) return;
  const id = findKnown(stream.request, H_X_REQUEST_ID);
  if (id !== null) setKnown(stream.response, H_X_REQUEST_ID, id.value, id.valueLength);
}

/**
 * How the head tells the framing. A response without a body says so, unless its status says it
 * already. The answer to HEAD says what the answer to GET would: its length, or that this is not
 * known.
 */
function tellFraming(stream: Stream, wire: i32): i32 {
  if (wire == FRAMING_CHUNKED) return FramingHeader.Chunked;
  if (wire != FRAMING_NONE) return FramingHeader.None;
  const isTold = stream.status < 200 || stream.status == 204 || stream.status == 304;
  if (isTold || mayHave(stream.response, H_CONTENT_LENGTH)) return FramingHeader.None;
  if ((stream.state & STATE_HEAD_REQUEST) == 0) return FramingHeader.Empty;
  return stream.version == 11 ? FramingHeader.Chunked : FramingHeader.None;
}

/** Not through the block: to filters and logs the framing is no header. */
function writeFraming(at: usize, framing: i32): usize {
  if (framing == FramingHeader.None) return at;
  if (framing == FramingHeader.Chunked) {
    const name = nameBytes(H_TRANSFER_ENCODING);
    return writeHeader(at, name, nameLength(H_TRANSFER_ENCODING), CHUNKED, 7);
  }
  const name = nameBytes(H_CONTENT_LENGTH);
  return writeHeader(at, name, nameLength(H_CONTENT_LENGTH), ZERO, 1);
}

/** Decides whether the connection goes on, and says so where HTTP/1 needs it said. */
function setPersistence(stream: Stream, connection: Connection, framing: i32): void {
  const stats = <usize>load<u32>(stream.hcm, HCM_STATS);
  const asked = (connection.reader.flags & READER_KEEP_ALIVE) != 0;
  let closes = !asked || framing == FRAMING_CLOSE || (stream.state & STATE_CONNECTION_CLOSE) != 0;
  if (isHealthFailed || (connection.flags & CONNECTION_DRAINING) != 0) {
    closes = true;
    count(stats, HTTP_DOWNSTREAM_CX_DRAIN_CLOSE);
  }
  if ((stream.state & STATE_REQUEST_END) == 0) {
    closes = true;
    count(stats, HTTP_DOWNSTREAM_RQ_RESPONSE_BEFORE_RQ_COMPLETE);
  }
  const most = load<i32>(stream.hcm, HCM_REQUESTS_PER_CONNECTION_MAX);
  if (most > 0 && connection.requestCount >= most) {
    closes = true;
    count(stats, HTTP_DOWNSTREAM_CX_MAX_REQUESTS_REACHED);
  }
  if (closes) {
    connection.flags |= CONNECTION_CLOSING;
    addKnown(stream.response, H_CONNECTION, CLOSE, 5);
  } else if (stream.version == 10) {
    addKnown(stream.response, H_CONNECTION, KEEP_ALIVE, 10);
  }
}
