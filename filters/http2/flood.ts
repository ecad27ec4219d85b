/* Limits on what costs the peer little and us much. Names and defaults are Envoy's. */
import {
  H2_ENHANCE_YOUR_CALM,
  H2_OPTION_EMPTY_FRAMES_MAX,
  H2_OPTION_PRIORITY_FRAMES_PER_STREAM,
  H2_OPTION_WINDOW_UPDATES_PER_DATA_FRAME,
  REASON_EMPTY_FRAMES_FLOOD,
  REASON_OUTBOUND_CONTROL_FLOOD,
  REASON_OUTBOUND_FLOOD,
  REASON_PRIORITY_FLOOD,
  REASON_RESET_FLOOD,
  REASON_WINDOW_UPDATE_FLOOD,
} from "../../api/engine/http2.ts";
import { now } from "../hcm/clock.ts";
import { failConnection } from "./fail.ts";
import { H2Stream, H2_ENDED } from "./h2-stream.ts";
import { isControlFlooded, isFlooded } from "./output.ts";
import { CONNECTION_H2_CLIENT, H2Connection } from "./h2-connection.ts";

/**
 * Streams that are over before it counts how many of them the peer gave up early: half of them is
 * too much, and half of this number, whatever follows. Envoy's default.
 */
const EARLY_RESETS_LEAST: i32 = 500;
/** A stream that is given up before this time is given up early, in milliseconds. */
const EARLY_MS: f64 = 1000;
/** What Envoy allows before the first stream. */
const WINDOW_UPDATES_ALLOWED: i32 = 5;

/** Counts a frame of HEADERS, CONTINUATION or DATA. True, with all failed, for a flood. */
export function isEmptyFlood(connection: H2Connection, hasUse: bool): bool {
  if (hasUse) {
    connection.emptyFrames = 0;
    return false;
  }
  const most = load<i32>(connection.options, H2_OPTION_EMPTY_FRAMES_MAX);
  if (++connection.emptyFrames <= most) return false;
  failConnection(connection, H2_ENHANCE_YOUR_CALM, REASON_EMPTY_FRAMES_FLOOD);
  return true;
}

/** Counts a PRIORITY frame. */
export function isPriorityFlood(connection: H2Connection): bool {
  const each = <i64>load<u32>(connection.options, H2_OPTION_PRIORITY_FRAMES_PER_STREAM);
  const allowed = each * (1 + <i64>connection.streamsOpened);
  if (<i64>++connection.priorityFrames <= allowed) return false;
  failConnection(connection, H2_ENHANCE_YOUR_CALM, REASON_PRIORITY_FLOOD);
  return true;
}

/** Counts a WINDOW_UPDATE frame. */
export function isWindowUpdateFlood(connection: H2Connection): bool {
  const each = <i64>load<u32>(connection.options, H2_OPTION_WINDOW_UPDATES_PER_DATA_FRAME);
  const sent = each * <i64>connection.dataFramesSent;
  const allowed = <i64>WINDOW_UPDATES_ALLOWED + 2 * (<i64>connection.streamsOpened + sent);
  if (<i64>++connection.windowUpdates <= allowed) return false;
  failConnection(connection, H2_ENHANCE_YOUR_CALM, REASON_WINDOW_UPDATE_FLOOD);
  return true;
}

/** Counts a stream that the peer gave up: requests that are taken back at once cost work. */
export function isResetFlood(connection: H2Connection, stream: H2Stream): bool {
  // Requests are a server's work.
  if ((connection.flags & CONNECTION_H2_CLIENT) != 0) return false;
  if ((stream.state & H2_ENDED) != 0 || now - stream.openedMs >= EARLY_MS) return false;
  connection.earlyResets++;
  // With this one, which is still open.
  const over = max(connection.streamsClosed + 1, EARLY_RESETS_LEAST);
  if (connection.earlyResets * 2 < over) return false;
  failConnection(connection, H2_ENHANCE_YOUR_CALM, REASON_RESET_FLOOD);
  return true;
}

/** Looks at what a peer made us send and has not read. */
export function isOutboundFlood(connection: H2Connection): bool {
  if (!isFlooded(connection)) return false;
  const isControl = isControlFlooded(connection);
  const reason = isControl ? REASON_OUTBOUND_CONTROL_FLOOD : REASON_OUTBOUND_FLOOD;
  failConnection(connection, H2_ENHANCE_YOUR_CALM, reason);
  return true;
}
