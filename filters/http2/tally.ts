/* The statistics of connections, as Envoy counts them: see api/engine/http2-stats.ts. */
import {
  REASON_EMPTY_FRAMES_FLOOD,
  REASON_HEAD,
  REASON_OUTBOUND_CONTROL_FLOOD,
  REASON_OUTBOUND_FLOOD,
  REASON_PRIORITY_FLOOD,
  REASON_WINDOW_UPDATE_FLOOD,
} from "../../api/engine/http2.ts";
import {
  HTTP2_INBOUND_EMPTY_FRAMES_FLOOD,
  HTTP2_INBOUND_PRIORITY_FRAMES_FLOOD,
  HTTP2_INBOUND_WINDOW_UPDATE_FRAMES_FLOOD,
  HTTP2_OUTBOUND_CONTROL_FLOOD,
  HTTP2_OUTBOUND_CONTROL_FRAMES_ACTIVE,
  HTTP2_OUTBOUND_FLOOD,
  HTTP2_OUTBOUND_FRAMES_ACTIVE,
  HTTP2_RX_MESSAGING_ERROR,
} from "../../api/engine/http2-stats.ts";
import { addTo, count } from "../observe/counters.ts";
import { H2Connection } from "./h2-connection.ts";

/** Counts why a connection or a stream is given up. */
export function countReason(connection: H2Connection, reason: i32): void {
  const counter = counterOf(reason);
  if (counter >= 0) count(connection.stats, counter);
}

function counterOf(reason: i32): i32 {
  switch (reason) {
    case REASON_HEAD:
      return HTTP2_RX_MESSAGING_ERROR;
    case REASON_EMPTY_FRAMES_FLOOD:
      return HTTP2_INBOUND_EMPTY_FRAMES_FLOOD;
    case REASON_PRIORITY_FLOOD:
      return HTTP2_INBOUND_PRIORITY_FRAMES_FLOOD;
    case REASON_WINDOW_UPDATE_FLOOD:
      return HTTP2_INBOUND_WINDOW_UPDATE_FRAMES_FLOOD;
    case REASON_OUTBOUND_FLOOD:
      return HTTP2_OUTBOUND_FLOOD;
    case REASON_OUTBOUND_CONTROL_FLOOD:
      return HTTP2_OUTBOUND_CONTROL_FLOOD;
    default:
      return -1;
  }
}

/** Brings the gauges of frames that wait to be sent up to date with this connection. */
export function noteOut(connection: H2Connection): void {
  const stats = connection.stats;
  const frames = connection.outFrames - connection.outFramesNoted;
  const controlFrames = connection.outControlFrames - connection.outControlFramesNoted;
  connection.outFramesNoted = connection.outFrames;
  connection.outControlFramesNoted = connection.outControlFrames;
  if (frames != 0) addTo(stats, HTTP2_OUTBOUND_FRAMES_ACTIVE, frames);
  if (controlFrames != 0) addTo(stats, HTTP2_OUTBOUND_CONTROL_FRAMES_ACTIVE, controlFrames);
}
