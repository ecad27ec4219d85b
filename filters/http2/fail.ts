/* The end of a connection whose peer breaks the rules. RFC 9113 §5.4.1. */
import { FOUND_ERROR } from "../../api/engine/http2.ts";
import { writeGoAway } from "./output.ts";
import { PHASE_DEAD, H2Connection } from "./h2-connection.ts";
import { countReason } from "./tally.ts";

/** Ends the connection: GOAWAY is written, and nothing is read any more. */
export function failConnection(connection: H2Connection, error: i32, reason: i32): i32 {
  connection.phase = PHASE_DEAD;
  connection.error = error;
  connection.reason = reason;
  connection.stream = 0;
  countReason(connection, reason);
  writeGoAway(connection, connection.lastPeerStream, error);
  return FOUND_ERROR;
}
