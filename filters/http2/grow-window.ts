/*
 * Windows that tune themselves. Nobody knows beforehand how much is under way on a connection: a
 * window that is small beside it slows the peer down, and what a window allows we may have to keep.
 * So windows begin small, and one of which the peer has used up half within two round trips, while
 * its reader kept up, is doubled, up to what the options say. What one connection may bring is
 * bounded by the window of the connection; what these have grown by together is bounded here.
 */
import {
  H2_OPTION_CONNECTION_WINDOW_MAX,
  H2_OPTION_STREAM_WINDOW_MAX,
} from "../../api/engine/http2.ts";
import { now } from "../hcm/clock.ts";
import { hasSpare } from "../memory/slab.ts";
import { H2Connection } from "./h2-connection.ts";
import { H2Stream } from "./h2-stream.ts";

/** By how much the windows of all connections of a worker are larger than at first, at most. */
const GROWN_BYTES_MAX: i32 = 64 * 1024 * 1024;

let grownBytes: i32 = 0;

/** Half of the window of a stream was consumed. Returns by how many bytes it grows. */
export function growStreamWindow(connection: H2Connection, stream: H2Stream): i32 {
  const isFast = isWithinTurn(connection, stream.creditedMs);
  stream.creditedMs = now;
  const most = load<i32>(connection.options, H2_OPTION_STREAM_WINDOW_MAX);
  // One stream that nobody reads must leave room to the others: it keeps a third of the
  // connection's window, and up to half was read and is not yet given back.
  const share = connection.receiveWindowMax / 3;
  const by = min(stream.window, min(most, share) - stream.window);
  if (!isFast || by <= 0 || !hasSpare(<usize>by)) return 0;
  stream.window += by;
  return by;
}

/** The same of a connection. */
export function growConnectionWindow(connection: H2Connection): i32 {
  const isFast = isWithinTurn(connection, connection.creditedMs);
  connection.creditedMs = now;
  const most = load<i32>(connection.options, H2_OPTION_CONNECTION_WINDOW_MAX);
  const window = connection.receiveWindowMax;
  const by = min(min(window, most - window), GROWN_BYTES_MAX - grownBytes);
  if (!isFast || by <= 0 || !hasSpare(<usize>by)) return 0;
  connection.receiveWindowMax += by;
  connection.grownBytes += by;
  grownBytes += by;
  return by;
}

/** The connection is gone, and its window with it. */
export function shrinkConnectionWindow(connection: H2Connection): void {
  grownBytes -= connection.grownBytes;
  connection.grownBytes = 0;
}

/** Whether not more than two round trips have passed. Not before one is known. */
function isWithinTurn(connection: H2Connection, sinceMs: f64): bool {
  return connection.turnMs >= 0 && now - sinceMs <= 2 * connection.turnMs;
}
