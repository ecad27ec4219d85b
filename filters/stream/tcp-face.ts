/* What the driver calls for connections that speak no HTTP. Records are addresses. */
import { HCM_ACCESS_LOGS } from "../../api/engine/image.ts";
import { CONNECTION_RAW, STATE_TCP } from "../../api/engine/layout.ts";
import { RESPONSE_FLAG_URX_LATE } from "../../api/engine/response-flags.ts";
import { setPresentType } from "../observe/format-words.ts";
import { logStream } from "../observe/access-log.ts";
import { setNow } from "../hcm/clock.ts";
import { staticText } from "../memory/text.ts";
import { Connection } from "./connection.ts";
import { NO_HTTP, beginTcp, endTcp } from "./tcp.ts";
import { beginStream } from "./downstream.ts";
import { Stream, closeStream } from "./stream.ts";
import { openTunnel } from "./upstream.ts";

const NO_CHAIN = staticText("filter_chain_not_found");
const NO_CHAIN_LENGTH: i32 = 22;

/** Begins the stream of a connection in TCP. Returns EVENT_REQUEST, or EVENT_NONE: no cluster. */
export function openTcp(record: usize, nowMs: f64): i32 {
  setNow(nowMs);
  return beginTcp(changetype<Connection>(record));
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

/** Begins the tunnel of a stream whose attempt is on such a connection. Returns an event. */
export function enterTunnel(record: usize, nowMs: f64): i32 {
  setNow(nowMs);
  return openTunnel(changetype<Connection>(record));
}

/** Notes that connecting was tried as often as it may be. */
export function noteExhausted(stream: usize): void {
  changetype<Stream>(stream).responseFlags |= (<u64>1) << RESPONSE_FLAG_URX_LATE;
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

/** Logs a stream that goes on; `type` is a `LOG_TYPE_*`. */
export function logNow(record: usize, type: i32, nowMs: f64): void {
  setNow(nowMs);
  const stream = changetype<Stream>(record);
  if (load<u32>(stream.hcm, HCM_ACCESS_LOGS + 4) == 0) return;
  setPresentType(type);
  logStream(stream);
  setPresentType(0);
}
