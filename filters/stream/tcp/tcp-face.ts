/* What the driver calls for connections that speak no HTTP. Records are addresses. */
import { HCM_ACCESS_LOGS } from "../../../api/engine/image.ts";
import { CONNECTION_RAW, STATE_TCP } from "../../../api/engine/layout.ts";
import { setPresentType } from "../../observe/format/format-words.ts";
import { logStream } from "../../observe/access-log.ts";
import { setNow } from "../../hcm/clock.ts";
import { staticText } from "../../memory/text.ts";
import { Connection } from "../connection.ts";
import { beginOutput, endOutput, inputAddress, outputRoom, post } from "../mail.ts";
import { keepInRequest } from "../open.ts";
import { NO_HTTP, beginRefused, beginTcp, drawAgain, endTcp } from "./tcp.ts";
import { beginStream } from "../downstream.ts";
import { Stream, closeStream } from "../stream.ts";
import { openTunnel } from "../upstream.ts";

const NO_CHAIN = staticText("filter_chain_not_found");
const NO_CHAIN_LENGTH: i32 = 22;

/** Begins the stream of a connection in TCP. Returns EVENT_REQUEST, or EVENT_NONE: no cluster. */
export function openTcp(record: usize, nowMs: f64): i32 {
  setNow(nowMs);
  return beginTcp(changetype<Connection>(record));
}

/** Chooses a cluster for another attempt. False: it does not exist. */
export function chooseAgain(record: usize): bool {
  return drawAgain(changetype<Stream>(record));
}

/** Begins the stream of one that is refused, which goes nowhere. It is in the mailbox. */
export function openRefused(record: usize, nowMs: f64): void {
  setNow(nowMs);
  beginRefused(changetype<Connection>(record));
}

/**
 * Notes why a connection is refused, for its access log: `CONNECTION_TERMINATION_DETAILS`, and how
 * many bytes came that went nowhere.
 */
export function noteEnd(record: usize, details: usize, length: i32, bytes: i32): void {
  const stream = changetype<Stream>(record);
  stream.bytesReceived += bytes;
  stream.endDetails = keepInRequest(stream, details, length);
  stream.endDetailsLength = length;
}

/** What is in the input region becomes the output. */
export function echo(bytes: i32): void {
  beginOutput();
  const room = outputRoom(bytes);
  memory.copy(room, inputAddress(), bytes);
  endOutput(room + <usize>bytes);
  post(0, 0);
}

/** Says that the client of a connection in TCP will send no more. Returns an event. */
export function endDownstream(record: usize, nowMs: f64): i32 {
  setNow(nowMs);
  return endTcp(changetype<Connection>(record));
}

/** Has an upstream connection carry payload alone: call it before `attempt`. */
export function speakRaw(record: usize): void {
  changetype<Connection>(record).flags |= CONNECTION_RAW;
}

/**
 * Begins the tunnel of a stream whose attempt is on such a connection, which has begun with so many
 * bytes that were not the stream's. Returns an event.
 */
export function enterTunnel(record: usize, headerBytes: i32, nowMs: f64): i32 {
  setNow(nowMs);
  return openTunnel(changetype<Connection>(record), headerBytes);
}

/** Notes what happened to a stream that goes on: `flagBit` is a `RESPONSE_FLAG_*`. */
export function noteFlag(stream: usize, flagBit: i32): void {
  changetype<Stream>(stream).responseFlags |= (<u64>1) << flagBit;
}

/** Logs a stream that goes on; `type` is a `LOG_TYPE_*`. */
export function logNow(record: usize, type: i32, nowMs: f64): void {
  setNow(nowMs);
  const stream = changetype<Stream>(record);
  if (load<u32>(stream.hcm, HCM_ACCESS_LOGS + 4) == 0) return;
  setPresentType(type);
  logStream(stream);
  setPresentType(0);
}

/** Logs a connection at its end, in the access logs of its listener, whose record is at `hcm`. */
export function logConnection(
  record: usize,
  hcm: usize,
  flagBit: i32,
  receivedBytes: f64,
  sentBytes: f64,
  nowMs: f64,
): void {
  setNow(nowMs);
  const connection = changetype<Connection>(record);
  const stream = beginStream(connection);
  stream.hcm = hcm;
  stream.state = STATE_TCP;
  stream.version = NO_HTTP;
  stream.startMs = connection.openedMs;
  stream.bytesReceived = <u64>receivedBytes;
  stream.bytesSent = <u64>sentBytes;
  if (flagBit >= 0) {
    // No filter chain was found: the only flag that a connection has by itself.
    stream.responseFlags = (<u64>1) << flagBit;
    stream.details = NO_CHAIN;
    stream.detailsLength = NO_CHAIN_LENGTH;
  }
  logStream(stream);
  closeStream(stream);
}
