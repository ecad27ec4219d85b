/* An HTTP/2 connection between its lanes and its socket. */
import {
  FRAME_HEADERS,
  H2_INTERNAL_ERROR,
  H2_NO_ERROR,
  H2_OPTION_BYTES,
  H2_SETTINGS_TIMEOUT,
  REASON_SETTINGS,
} from "../../../api/engine/http2.ts";
import { HTTP2_TX_FLUSH_TIMEOUT } from "../../../api/engine/http2-stats.ts";
import { CLUSTER_HTTP2, HCM_HTTP2 } from "../../../api/engine/image.ts";
import { CONNECTION_HTTP2, CONNECTION_UPSTREAM } from "../../../api/engine/layout.ts";
import { failConnection } from "../../http2/fail.ts";
import {
  CONNECTION_H2_ACKNOWLEDGED,
  CONNECTION_H2_CLIENT,
  CONNECTION_H2_SETTLED,
  H2Connection,
  PHASE_DEAD,
  PHASE_FRAME,
  PHASE_PREFACE,
  createH2Connection,
  destroyH2Connection,
} from "../../http2/h2-connection.ts";
import { shrinkConnectionWindow } from "../../http2/grow-window.ts";
import { frameType } from "../../http2/frame.ts";
import { H2Stream, H2_END_PENDING } from "../../http2/h2-stream.ts";
import { clearOut, writePing } from "../../http2/output.ts";
import { startConnection } from "../../http2/settings.ts";
import { announceEnd, closeStreamOf, refuseFurther, resetStreamOf } from "../../http2/streams.ts";
import { noteOut } from "../../http2/tally.ts";
import { allocate, release } from "../../memory/slab.ts";
import { count } from "../../observe/counters.ts";
import { Connection } from "../connection.ts";
import { beginOutput, endOutput, outputRoom, post } from "../mail.ts";

/** Has a connection speak HTTP/2 from its first byte on. SETTINGS are in its output. */
export function openSession(connection: Connection): void {
  const isClient = (connection.flags & CONNECTION_UPSTREAM) != 0;
  const source = isClient ? connection.cluster + CLUSTER_HTTP2 : connection.hcm + HCM_HTTP2;
  // The connection outlives the image that it was opened with.
  const options = allocate(H2_OPTION_BYTES);
  memory.copy(options, source, H2_OPTION_BYTES);
  const session = createH2Connection(options, isClient ? CONNECTION_H2_CLIENT : 0);
  connection.http2 = changetype<usize>(session);
  connection.flags |= CONNECTION_HTTP2;
  startConnection(session);
}

/** Says that the socket is closed: nobody hears of its streams any more. */
export function endHttp2(record: usize): void {
  sessionAt(record).phase = PHASE_DEAD;
}

function sessionAt(record: usize): H2Connection {
  return changetype<H2Connection>(changetype<Connection>(record).http2);
}

/** Frees a session whose lanes are closed, with what still waits to be sent. */
export function closeSession(connection: Connection): void {
  const session = changetype<H2Connection>(connection.http2);
  const options = session.options;
  clearOut(session);
  const table = session.table;
  for (let i: u32 = 0; i <= table.mask; i++) {
    const slot = table.slots + (<usize>i << 2);
    while (load<u32>(slot) != 0) closeStreamOf(session, changetype<H2Stream>(load<u32>(slot)));
  }
  shrinkConnectionWindow(session);
  destroyH2Connection(session);
  release(options);
  connection.http2 = 0;
}

/** Bytes that a session has to send. */
export function outputOf(connection: Connection): i32 {
  const session = changetype<H2Connection>(connection.http2);
  noteOut(session);
  return session.outLength;
}

/** Streams that are not over: an answer may be on its way when its lane is closed. */
export function streamsOf(connection: Connection): i32 {
  return changetype<H2Connection>(connection.http2).table.count;
}

/** Moves what a session has to send to the output of the engine. */
export function flushSession(connection: Connection): void {
  const session = changetype<H2Connection>(connection.http2);
  beginOutput();
  const length = session.outLength;
  if (length > 0) {
    const room = outputRoom(length);
    memory.copy(room, session.out, length);
    endOutput(room + length);
    clearOut(session);
  }
  post(0, 0);
}

/** Asks the peer whether it is there. Which PING it answers does not matter. */
export function pingHttp2(record: usize): void {
  const session = sessionAt(record);
  writePing(session, session.pingsAnswered, 0);
}

/** How many answers to PING came. */
export function pingsAnswered(record: usize): i32 {
  return sessionAt(record).pingsAnswered;
}

/** Adds one to a statistic, `HTTP2_*`, of what happens outside of the engine. */
export function countHttp2(record: usize, counter: i32): void {
  count(sessionAt(record).stats, counter);
}

/**
 * Gives up the streams that have waited for the windows of the peer alone for so long. Returns in
 * how many milliseconds it is to be called again, or -1 when no such stream is left.
 */
export function expireHttp2(record: usize, timeoutMs: f64, nowMs: f64): f64 {
  const session = sessionAt(record);
  const table = session.table;
  let firstMs = Infinity;
  for (let i: u32 = 0; i <= table.mask; i++) {
    let at = <usize>load<u32>(table.slots + (<usize>i << 2));
    while (at != 0) {
      const stream = changetype<H2Stream>(at);
      at = stream.next;
      if (stream.owner != 0 || (stream.state & H2_END_PENDING) == 0) continue;
      const leftMs = stream.endedMs + timeoutMs - nowMs;
      if (leftMs > 0) {
        firstMs = min(firstMs, leftMs);
        continue;
      }
      count(session.stats, HTTP2_TX_FLUSH_TIMEOUT);
      resetStreamOf(session, stream, H2_INTERNAL_ERROR);
    }
  }
  return firstMs == Infinity ? -1 : firstMs;
}

/**
 * Fails a connection whose peer has begun to speak, but has not acknowledged our SETTINGS by now.
 * Returns 1 when that was so: GOAWAY is in its output. RFC 9113 §6.5.3.
 */
export function expireSettings(record: usize): i32 {
  const session = sessionAt(record);
  const both = CONNECTION_H2_SETTLED | CONNECTION_H2_ACKNOWLEDGED;
  if ((session.flags & both) != CONNECTION_H2_SETTLED) return 0;
  failConnection(session, H2_SETTINGS_TIMEOUT, REASON_SETTINGS);
  return 1;
}

/** 1 when a head, or the preface, has begun to come and is not whole. */
export function isHeadUnfinished(record: usize): i32 {
  const session = sessionAt(record);
  if (session.headStream != 0 || session.phase == PHASE_PREFACE) return 1;
  const connection = changetype<Connection>(record);
  if (session.phase != PHASE_FRAME || connection.inputLength == 0) return 0;
  return connection.inputLength < 4 || frameType(connection.input) == FRAME_HEADERS ? 1 : 0;
}

/** Tells the peer to open no more streams: first that the end is near, then which is the last. */
export function drainSession(connection: Connection, isLast: bool): void {
  const session = changetype<H2Connection>(connection.http2);
  if (isLast) refuseFurther(session, H2_NO_ERROR);
  else announceEnd(session, H2_NO_ERROR);
}
