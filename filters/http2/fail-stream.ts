/* The end of a stream whose peer breaks the rules. RFC 9113 §5.4.2. */
import { FOUND_ERROR, FOUND_MORE, FOUND_RESET } from "../../api/engine/http2.ts";
import { isResetFlood } from "./flood.ts";
import { H2Stream } from "./h2-stream.ts";
import { writeReset } from "./output.ts";
import { H2Connection, rememberReset } from "./h2-connection.ts";
import { closeStreamOf } from "./streams.ts";
import { countReason } from "./tally.ts";

/**
 * Ends a stream: RST_STREAM is written. With an owner it stays, closed for the peer, until the
 * owner has heard of it with FOUND_RESET and closes it; without one it is gone.
 */
export function failStream(
  connection: H2Connection,
  stream: H2Stream,
  error: i32,
  reason: i32,
): i32 {
  // A peer that has its streams reset here gives them up as well.
  if (isResetFlood(connection, stream)) return FOUND_ERROR;
  countReason(connection, reason);
  writeReset(connection, stream.id, error);
  rememberReset(connection, stream.id);
  connection.error = error;
  connection.reason = reason;
  if (stream.owner == 0) {
    connection.stream = 0;
    closeStreamOf(connection, stream);
    return FOUND_MORE;
  }
  connection.stream = changetype<usize>(stream);
  return FOUND_RESET;
}
