/* Where the filter state of a request is looked for. */
import { Connection } from "../stream/connection.ts";
import { Stream } from "../stream/stream.ts";
import { findState } from "./filter-state.ts";

/** The entry of a stream or of its connection with a key, or 0. */
export function findStateOf(stream: Stream, key: usize, length: i32): usize {
  const own = findState(stream.filterState, key, length);
  if (own != 0) return own;
  const connection = changetype<Connection>(stream.downstream);
  return findState(connection.filterState, key, length);
}
