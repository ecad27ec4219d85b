/*
 * Filter state: named texts that belong to a connection or to a stream, and that may go on to the
 * upstream connection. Envoy `FilterState`. A state is a list of entries, each a block of its own:
 *
 *   | next u32 | flags i32 | key length i32 | value length i32 | key | value |
 */
import {
  STATE_ENTRY_BYTES,
  STATE_ENTRY_FLAGS,
  STATE_ENTRY_KEY_LENGTH,
  STATE_ENTRY_NEXT,
  STATE_ENTRY_VALUE_LENGTH,
} from "../../api/engine/state-image.ts";
import { copyBytes, equalBytes } from "../memory/bytes.ts";
import { allocate, release } from "../memory/slab.ts";

/** Bytes that code may look at behind an entry. */
const SLACK_BYTES: usize = 16;

/** Puts an entry into a state, in place of one with its key. Returns the state. */
export function putState(
  state: usize,
  key: usize,
  keyLength: i32,
  value: usize,
  valueLength: i32,
  flags: i32,
): usize {
  const size = <usize>(STATE_ENTRY_BYTES + keyLength + valueLength) + SLACK_BYTES;
  const entry = allocate(size);
  store<i32>(entry, flags, STATE_ENTRY_FLAGS);
  store<i32>(entry, keyLength, STATE_ENTRY_KEY_LENGTH);
  store<i32>(entry, valueLength, STATE_ENTRY_VALUE_LENGTH);
  copyBytes(entry + STATE_ENTRY_BYTES, key, keyLength);
  copyBytes(entry + STATE_ENTRY_BYTES + <usize>keyLength, value, valueLength);
  store<u32>(entry, <u32>without(state, key, keyLength), STATE_ENTRY_NEXT);
  return entry;
}

/** The entry with a key, or 0. */
export function findState(state: usize, key: usize, keyLength: i32): usize {
  for (let at = state; at != 0; at = <usize>load<u32>(at, STATE_ENTRY_NEXT)) {
    if (hasKey(at, key, keyLength)) return at;
  }
  return 0;
}

/** Where the value of an entry lies. */
export function stateValue(entry: usize): usize {
  return entry + STATE_ENTRY_BYTES + <usize>load<i32>(entry, STATE_ENTRY_KEY_LENGTH);
}

/** Gives back all entries. */
export function releaseState(state: usize): void {
  let at = state;
  while (at != 0) {
    const next = <usize>load<u32>(at, STATE_ENTRY_NEXT);
    release(at);
    at = next;
  }
}

/** Takes the entry with a key out of a state. Returns the state. */
function without(state: usize, key: usize, keyLength: i32): usize {
  const found = findState(state, key, keyLength);
  if (found == 0) return state;
  const next = load<u32>(found, STATE_ENTRY_NEXT);
  let first = state;
  if (found == state) first = <usize>next;
  else {
    let before = state;
    while (<usize>load<u32>(before, STATE_ENTRY_NEXT) != found) {
      before = <usize>load<u32>(before, STATE_ENTRY_NEXT);
    }
    store<u32>(before, next, STATE_ENTRY_NEXT);
  }
  release(found);
  return first;
}

function hasKey(entry: usize, key: usize, keyLength: i32): bool {
  if (load<i32>(entry, STATE_ENTRY_KEY_LENGTH) != keyLength) return false;
  return equalBytes(entry + STATE_ENTRY_BYTES, key, keyLength);
}
