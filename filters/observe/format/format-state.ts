/* Values of the filter state in formats, and metadata of connections, which is kept with it. */
import { OPERATION_ARGUMENT, OPERATION_TEXT } from "../../../api/engine/format-image.ts";
import { STATE_TCP } from "../../../api/engine/layout.ts";
import {
  STATE_ENTRY_FLAGS,
  STATE_ENTRY_VALUE_LENGTH,
  STATE_IS_JSON,
} from "../../../api/engine/state-image.ts";
import { findState, stateValue } from "../../filter-state/filter-state.ts";
import { findStateOf } from "../../filter-state/find-state.ts";
import { Stream } from "../../stream/stream.ts";
import { setGrpcStats } from "./format-grpc-stats.ts";
import { scratchRoom, setJson, setNothing, setText } from "./format-value.ts";

/** What keys of metadata begin with: `metadataKey` of proxy/cluster/filter-state.ts. */
const METADATA_MARK: u8 = 1;
const QUOTE: u8 = 34;
const BACKSLASH: u8 = 92;
/** "\\u00" as a little-endian number. */
const ESCAPE: u32 = 0x3030755c;

/** Finds the value of a key. */
export function setFilterState(operation: usize, stream: Stream): void {
  const key = stream.image + <usize>load<u32>(operation, OPERATION_TEXT);
  const keyLength = load<i32>(operation, OPERATION_TEXT + 4);
  // As in Envoy, requests do not have the metadata of their connection.
  const isOwn = load<u8>(key) == METADATA_MARK && (stream.state & STATE_TCP) == 0;
  const entry = isOwn
    ? findState(stream.filterState, key, keyLength)
    : findStateOf(stream, key, keyLength);
  if (entry == 0) {
    setNothing();
    setGrpcStats(operation, stream);
    return;
  }
  setStateEntry(entry, load<i32>(operation, OPERATION_ARGUMENT) != 0);
}

/** Takes the value of an entry, as JSON or as it is. */
export function setStateEntry(entry: usize, isTyped: bool): void {
  const value = stateValue(entry);
  const length = load<i32>(entry, STATE_ENTRY_VALUE_LENGTH);
  if ((load<i32>(entry, STATE_ENTRY_FLAGS) & STATE_IS_JSON) != 0) setJson(value, length);
  else if (isTyped) setQuoted(value, length);
  else setText(value, length);
}

/** A text as JSON writes it. */
function setQuoted(text: usize, length: i32): void {
  const room = scratchRoom(length * 6 + 2);
  let at = room;
  store<u8>(at++, QUOTE);
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(text + i);
    if (byte < 32) {
      store<u32>(at, ESCAPE);
      store<u8>(at, hexOf(byte >> 4), 4);
      store<u8>(at, hexOf(byte & 15), 5);
      at += 6;
      continue;
    }
    if (byte == QUOTE || byte == BACKSLASH) store<u8>(at++, BACKSLASH);
    store<u8>(at++, byte);
  }
  store<u8>(at++, QUOTE);
  setJson(room, <i32>(at - room));
}

function hexOf(digit: u8): u8 {
  return digit < 10 ? 48 + digit : 87 + digit;
}
