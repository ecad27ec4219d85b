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
  H_TRANSFER_ENCODING,
  H_UPGRADE,
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
import { HeaderBlock, addKnown, findKnown, mayHave, removeKnown, setKnown } from "../head/block.ts";
import { nameBytes, nameLength } from "../head/names.ts";
import { DATE_BYTES, dateText, now } from "../hcm/clock.ts";
import { appendVia } from "../hcm/via.ts";
import { statusLine, statusLineLength } from "../http1/status-line.ts";
import { headersLength, properCase, writeHeader, writeHeaders } from "../http1/writer.ts";
import { copyBytes, writeAscii } from "../memory/bytes.ts";
import { staticText } from "../memory/text.ts";
import { count } from "../observe/counters.ts";
import { chargeClient } from "./charge.ts";
import { Connection } from "./connection.ts";
import { endOutput, outputRoom } from "./mail.ts";
import { Stream } from "./stream.ts";

const CLOSE = staticText("close");
const KEEP_ALIVE = staticText("keep-alive");
const CHUNKED = staticText("chunked");
const ZERO = staticText("0");
/** Where `HTTP/1.1` has its last digit: Envoy answers HTTP/1.0 in kind. */
const MINOR_VERSION_AT: usize = 7;
/** Status line, empty line and slack. */
const HEAD_EXTRA_BYTES: i32 = 128;

/** The proxy fails its health checks: clients are to go elsewhere. */
let isHealthFailed: bool = false;

/** Has every answer say `Connection: close` while health checks are failed, as in Envoy. */
export function noteHealth(isFailed: bool): void {
  isHealthFailed = isFailed;
}

/** `100 Continue`, written before the body is asked for. */
export function writeContinue(stream: Stream): void {
  const room = outputRoom(32);
  endOutput(room + writeAscii(room, "HTTP/1.1 100 Continue\r\n\r\n"));
  chargeClient(<usize>load<u32>(stream.hcm, HCM_STATS), 100);
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
  appendVia(stream, block);
  if ((flags & HCM_ALWAYS_SET_REQUEST_ID) != 0) copyRequestId(stream);
  setPersistence(stream, connection, wire);
  const start = outputRoom(headersLength(block) + HEAD_EXTRA_BYTES);
  const line = statusLine(stream.status);
  copyBytes(start, line, statusLineLength(stream.status));
  const isOld = stream.version == 10 && (flags & HCM_ACCEPT_HTTP_10) != 0;
  if (isOld) store<u8>(start, 48, MINOR_VERSION_AT);
  const headers = start + statusLineLength(stream.status);
  let end = writeHeaders(headers, block);
  if (wire == FRAMING_CHUNKED) end = writeChunked(end);
  else if (wire == FRAMING_NONE) end = writeEmptyLength(end, stream);
  if ((flags & HCM_PROPER_CASE) != 0) properCase(headers, end);
  store<u16>(end, 0x0a0d);
  endOutput(end + 2);
  stream.responseHeadBytes = <i32>(end - headers);
  stream.state |= STATE_RESPONSE_BEGUN;
  stream.responseStartMs = now;
  return wire;
}

function setServer(stream: Stream, block: HeaderBlock): void {
  const rule = load<i32>(stream.hcm, HCM_SERVER_TRANSFORMATION);
  if (rule == SERVER_HEADER_PASS_THROUGH) return;
  if (rule != SERVER_HEADER_OVERWRITE && mayHave(block, H_SERVER)) return;
  const name = stream.image + <usize>load<u32>(stream.hcm, HCM_SERVER_NAME);
  setKnown(block, H_SERVER, name, load<i32>(stream.hcm, HCM_SERVER_NAME + 4));
}

function copyRequestId(stream: Stream): void {
  const id = findKnown(stream.request, H_X_REQUEST_ID);
  if (id !== null) setKnown(stream.response, H_X_REQUEST_ID, id.value, id.valueLength);
}

/** Not through the block: to filters and logs the framing is no header. */
function writeChunked(at: usize): usize {
  const name = nameBytes(H_TRANSFER_ENCODING);
  return writeHeader(at, name, nameLength(H_TRANSFER_ENCODING), CHUNKED, 7);
}

/**
 * A response without a body says so, unless its status says it already. The answer to HEAD says
 * what the answer to GET would: its length, or that this is not known.
 */
function writeEmptyLength(at: usize, stream: Stream): usize {
  const isTold = stream.status < 200 || stream.status == 204 || stream.status == 304;
  if (isTold || mayHave(stream.response, H_CONTENT_LENGTH)) return at;
  if ((stream.state & STATE_HEAD_REQUEST) != 0) return stream.version == 11 ? writeChunked(at) : at;
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
