/* The filters `set_filter_state`, of requests and of connections. */
import {
  STATE_IS_ADDRESS,
  STATE_SETS,
  STATE_SET_BYTES,
  STATE_SET_FLAGS,
  STATE_SET_KEY,
  STATE_SET_PROGRAM,
  STATE_SKIP_EMPTY,
} from "../../api/engine/state-image.ts";
import { isAddressWithPort } from "../hcm/address.ts";
import { runFormat } from "../observe/format.ts";
import { formatOutput } from "../observe/format-output.ts";
import { Connection } from "../stream/connection.ts";
import { Stream } from "../stream/stream.ts";
import { putState } from "./filter-state.ts";

/** Sets what the record at `sets` says, of the stream. */
export function setStreamState(stream: Stream, sets: usize): void {
  stream.filterState = runSets(stream, sets, stream.filterState);
}

/** The same of its connection. */
export function setConnectionState(connection: Connection, stream: Stream, sets: usize): void {
  connection.filterState = runSets(stream, sets, connection.filterState);
}

function runSets(stream: Stream, sets: usize, state: usize): usize {
  const image = stream.image;
  let set = image + <usize>load<u32>(sets, STATE_SETS);
  const end = set + <usize>load<u32>(sets, STATE_SETS + 4) * STATE_SET_BYTES;
  for (; set < end; set += STATE_SET_BYTES) {
    const flags = load<i32>(set, STATE_SET_FLAGS);
    const length = runFormat(image + <usize>load<u32>(set, STATE_SET_PROGRAM), stream);
    if (length == 0 && (flags & STATE_SKIP_EMPTY) != 0) continue;
    const isWanted = (flags & STATE_IS_ADDRESS) != 0;
    if (isWanted && !isAddressWithPort(formatOutput(), length)) continue;
    const key = image + <usize>load<u32>(set, STATE_SET_KEY);
    const keyLength = load<i32>(set, STATE_SET_KEY + 4);
    state = putState(state, key, keyLength, formatOutput(), length, flags);
  }
  return state;
}
