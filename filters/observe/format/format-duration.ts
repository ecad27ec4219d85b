/* Times of a stream in formats: from one point of it to another. */
import {
  DURATION_SIGNED,
  DURATION_TO_SHIFT,
  DURATION_UNIT_SHIFT,
  POINT_DOWNSTREAM_FIRST_RECEIVED,
  POINT_DOWNSTREAM_FIRST_SENT,
  POINT_DOWNSTREAM_HANDSHAKE,
  POINT_DOWNSTREAM_LAST_RECEIVED,
  POINT_DOWNSTREAM_LAST_SENT,
  POINT_END,
  POINT_UPSTREAM_FIRST_RECEIVED,
  POINT_UPSTREAM_FIRST_SENT,
  POINT_UPSTREAM_LAST_RECEIVED,
  POINT_UPSTREAM_LAST_SENT,
  UNIT_MS,
  UNIT_NS,
  UNIT_US,
} from "../../../api/engine/format-image.ts";
import { STATE_RESPONSE_END, STATE_TCP } from "../../../api/engine/layout.ts";
import { now } from "../../hcm/clock.ts";
import { Connection } from "../../stream/connection.ts";
import { Stream } from "../../stream/stream.ts";
import { handshakeMs } from "./format-facts.ts";
import { setNothing, setNumber } from "./format-value.ts";

/** What a moment may be off, in milliseconds. */
const HAIR_MS: f64 = 0.00002;

/** The moment of a point in milliseconds, or 0 when it was not reached. */
function momentOf(stream: Stream, point: i32): f64 {
  if ((stream.state & STATE_TCP) != 0 && point > POINT_DOWNSTREAM_FIRST_RECEIVED) {
    // There are no messages whose moments could be told.
    return point == POINT_END ? endOf(stream) : 0;
  }
  switch (point) {
    case POINT_DOWNSTREAM_FIRST_RECEIVED: return stream.startMs;
    case POINT_DOWNSTREAM_LAST_RECEIVED: return stream.requestEndMs;
    case POINT_UPSTREAM_FIRST_SENT: return stream.upstreamStartMs;
    case POINT_UPSTREAM_LAST_SENT: return stream.upstreamSentMs;
    case POINT_UPSTREAM_FIRST_RECEIVED: return stream.upstreamFirstMs;
    case POINT_UPSTREAM_LAST_RECEIVED: return stream.upstreamLastMs;
    case POINT_DOWNSTREAM_FIRST_SENT: return stream.responseStartMs;
    case POINT_DOWNSTREAM_LAST_SENT:
      return (stream.state & STATE_RESPONSE_END) != 0 ? stream.responseEndMs : 0;
    case POINT_DOWNSTREAM_HANDSHAKE: return handshakeMs(changetype<Connection>(stream.downstream));
    case POINT_END: return endOf(stream);
    default: return 0;
  }
}

function endOf(stream: Stream): f64 {
  return stream.responseEndMs != 0 ? stream.responseEndMs : now;
}

/** Sets how long it was from one point to another. ARGUMENT is that of OP_DURATION. */
export function setDuration(stream: Stream, argument: i32): void {
  const from = momentOf(stream, argument & 255);
  const to = momentOf(stream, (argument >> DURATION_TO_SHIFT) & 255);
  if (from == 0 || to == 0 || (to < from && (argument & DURATION_SIGNED) == 0)) {
    setNothing();
    return;
  }
  const unit = (argument >> DURATION_UNIT_SHIFT) & 3;
  const scale: f64 = unit == UNIT_MS ? 1 : unit == UNIT_US ? 1000 : 1000000;
  // Moments are 64-bit floats: a hair is added so that three milliseconds do not become two.
  const hair = unit == UNIT_NS ? 0.5 : HAIR_MS * scale;
  setNumber(<i64>((to - from) * scale + hair));
}

/** Whole milliseconds from the start of the stream to its end, or to now. */
export function durationMs(stream: Stream): i64 {
  return <i64>(momentOf(stream, POINT_END) - stream.startMs + HAIR_MS);
}
