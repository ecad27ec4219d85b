/* What the driver calls for connections that speak HTTP/2. Records are addresses. */
import { CONNECTION_PAUSED } from "../../../api/engine/layout.ts";
import { setNow } from "../../hcm/clock.ts";
import { Connection } from "../connection.ts";
import { isLaneAllowed, openRequestLane, wasRefused } from "./client.ts";
import { waitingOf } from "./lane.ts";
import { drainSession, flushSession, openSession, outputOf, streamsOf } from "./session.ts";

/** Opens a lane to an upstream that speaks HTTP/2. Returns its record, or 0 when none may be. */
export function openLane(record: usize): usize {
  return openRequestLane(changetype<Connection>(record));
}

/** 1 when the peer of an upstream connection allows another stream. */
export function mayOpenLane(record: usize): i32 {
  return isLaneAllowed(changetype<Connection>(record)) ? 1 : 0;
}

/** 1 for a lane that the peer's GOAWAY says it has not looked at. */
export function isLaneRefused(record: usize): i32 {
  return wasRefused(changetype<Connection>(record)) ? 1 : 0;
}

/** Has a connection speak HTTP/2. Call it before the first `receive`, then flush. */
export function openHttp2(record: usize, nowMs: f64): void {
  setNow(nowMs);
  openSession(changetype<Connection>(record));
}

/** Puts all that an HTTP/2 connection has to send into the output. */
export function flushHttp2(record: usize): void {
  flushSession(changetype<Connection>(record));
}

/** Sends GOAWAY: that the connection ends soon, or (`isLast`) which stream is the last one. */
export function drainHttp2(record: usize, isLast: i32): void {
  drainSession(changetype<Connection>(record), isLast != 0);
}

/** Bytes that an HTTP/2 connection has to send. */
export function http2Waiting(record: usize): i32 {
  return outputOf(changetype<Connection>(record));
}

/** Streams of an HTTP/2 connection that are not over, those without a lane included. */
export function http2Streams(record: usize): i32 {
  return streamsOf(changetype<Connection>(record));
}

/** Bytes that wait in a lane for the windows of the peer. */
export function laneWaiting(record: usize): i32 {
  return waitingOf(changetype<Connection>(record));
}

/** Keeps what comes of the body of a lane, or lets `proceed` take it again. */
export function pauseLane(record: usize, isPaused: i32): void {
  const lane = changetype<Connection>(record);
  if (isPaused != 0) lane.flags |= CONNECTION_PAUSED;
  else lane.flags &= ~CONNECTION_PAUSED;
}
