/* What the driver calls for filter state. Records are addresses. */
import { MAIL_OUT_BYTES, STATE_TCP } from "../../api/engine/layout.ts";
import { entryAt, nextByName } from "../head/block.ts";
import { internName } from "../head/names.ts";
import { setNow } from "../hcm/clock.ts";
import { Connection } from "../stream/connection.ts";
import { beginStream } from "../stream/downstream.ts";
import { mailAddress } from "../stream/mail.ts";
import { Stream, closeStream } from "../stream/stream.ts";
import { putState } from "./filter-state.ts";
import { setConnectionState } from "./set-state.ts";

/** Puts an entry into the state of a connection: `texts` has the key, then the value. */
export function setState(
  record: usize,
  texts: usize,
  keyLength: i32,
  valueLength: i32,
  flags: i32,
): void {
  const connection = changetype<Connection>(record);
  const value = texts + <usize>keyLength;
  const before = connection.filterState;
  connection.filterState = putState(before, texts, keyLength, value, valueLength, flags);
}

/**
 * The address of the first value that a request has for a header, whose name is in lower case, or
 * 0. The length of its output is that of the value.
 */
export function findRequestHeader(record: usize, name: usize, length: i32): usize {
  const block = changetype<Stream>(record).request;
  const at = nextByName(block, 0, internName(name, length), name, length);
  if (at < 0) return 0;
  const entry = entryAt(block, at);
  store<i32>(mailAddress(), entry.valueLength, MAIL_OUT_BYTES);
  return entry.value;
}

/** Runs a `set_filter_state` of connections, whose record is at that address. */
export function runStateFilter(record: usize, sets: usize, nowMs: f64): void {
  setNow(nowMs);
  const connection = changetype<Connection>(record);
  // Formats are about streams: this one is here for as long as they run.
  const stream = beginStream(connection);
  stream.state |= STATE_TCP;
  setConnectionState(connection, stream, sets);
  closeStream(stream);
}
