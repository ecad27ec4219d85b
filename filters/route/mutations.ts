/*
 * Lists of header mutations. Removals come first; then all values are made and looked at against
 * the headers as they are; then the overwrites are done, and last the additions. Envoy
 * `HeaderParser::evaluateHeaders`.
 */
import {
  ADDITION_ACTION,
  ADDITION_BYTES,
  ADDITION_FLAGS,
  ADDITION_FLAG_JOINED,
  ADDITION_FLAG_KEEP_EMPTY,
  ADDITION_ID,
  ADDITION_NAME,
  ADDITION_PROGRAM,
  ADDITION_VALUE,
  ADD_IF_ABSENT,
  APPEND_IF_EXISTS_OR_ADD,
  MUTATIONS_ADD,
  MUTATIONS_ADD_MAX,
  MUTATIONS_REMOVE,
  OVERWRITE_IF_EXISTS,
  REMOVAL_BYTES,
  REMOVAL_ID,
  REMOVAL_NAME,
} from "../../api/engine/match-image.ts";
import {
  HeaderBlock,
  addHeader,
  entryAt,
  keepBytes,
  nextByName,
  removeKnown,
  removeName,
  reserveArena,
} from "../head/block.ts";
import { copyBytes } from "../memory/bytes.ts";
import { formatOutput } from "../observe/format/format-output.ts";
import { runFormat } from "../observe/format/format.ts";
import { Stream } from "../stream/stream.ts";

/** What each addition of the list comes to: {u32 value, i32 length}; -1 is nothing to do. */
const values: usize = memory.data(MUTATIONS_ADD_MAX * 8);

/**
 * Applies a mutation list to a block.
 *
 * @param list Address of the list; `stream.image` as such is no list and changes nothing.
 */
export function applyMutations(list: usize, block: HeaderBlock, stream: Stream): void {
  const image = stream.image;
  if (list == image) return;
  removeListed(list + MUTATIONS_REMOVE, image, block);
  const first = image + <usize>load<u32>(list, MUTATIONS_ADD);
  const end = first + <usize>load<u32>(list, MUTATIONS_ADD + 4) * ADDITION_BYTES;
  let slot = values;
  for (let addition = first; addition < end; addition += ADDITION_BYTES) {
    makeValue(addition, slot, block, stream);
    slot += 8;
  }
  addAll(first, end, image, block, false);
  addAll(first, end, image, block, true);
}

/** Removes the headers of a list of removals. `list` is the address of the list reference. */
export function removeListed(list: usize, image: usize, block: HeaderBlock): void {
  const first = image + <usize>load<u32>(list);
  const end = first + <usize>load<u32>(list, 4) * REMOVAL_BYTES;
  for (let removal = first; removal < end; removal += REMOVAL_BYTES) {
    const id = load<i32>(removal, REMOVAL_ID);
    if (id != 0) removeKnown(block, id);
    else {
      const name = image + <usize>load<u32>(removal, REMOVAL_NAME);
      removeName(block, name, load<i32>(removal, REMOVAL_NAME + 4));
    }
  }
}

function makeValue(addition: usize, slot: usize, block: HeaderBlock, stream: Stream): void {
  const image = stream.image;
  const action = load<i32>(addition, ADDITION_ACTION);
  store<i32>(slot, -1, 4);
  if (action == ADD_IF_ABSENT || action == OVERWRITE_IF_EXISTS) {
    const exists = find(addition, image, block) >= 0;
    if (exists == (action == ADD_IF_ABSENT)) return;
  }
  const program = <usize>load<u32>(addition, ADDITION_PROGRAM);
  let value = image + <usize>load<u32>(addition, ADDITION_VALUE);
  let length = load<i32>(addition, ADDITION_VALUE + 4);
  if (program != 0) {
    length = runFormat(image + program, stream);
    value = keepBytes(block, formatOutput(), length);
    spaceOut(value, length);
  }
  const keepsEmpty = (load<u32>(addition, ADDITION_FLAGS) & ADDITION_FLAG_KEEP_EMPTY) != 0;
  if (length == 0 && !keepsEmpty) return;
  store<u32>(slot, <u32>value);
  store<i32>(slot, length, 4);
}

/** A value cannot end its line: what would becomes a space. RFC 9110 §5.5. */
function spaceOut(value: usize, length: i32): void {
  for (let i = 0; i < length; i++) {
    const byte = load<u8>(value + i);
    if (byte == 10 || byte == 13 || byte == 0) store<u8>(value + i, 32);
  }
}

function find(addition: usize, image: usize, block: HeaderBlock): i32 {
  const name = image + <usize>load<u32>(addition, ADDITION_NAME);
  const id = <u16>load<u32>(addition, ADDITION_ID);
  return nextByName(block, block.pseudoCount, id, name, load<i32>(addition, ADDITION_NAME + 4));
}

/** Does the overwrites of a list, or its additions. */
function addAll(
  first: usize,
  end: usize,
  image: usize,
  block: HeaderBlock,
  isAdding: bool,
): void {
  let slot = values;
  for (let addition = first; addition < end; addition += ADDITION_BYTES) {
    const length = load<i32>(slot, 4);
    const value = <usize>load<u32>(slot);
    slot += 8;
    const action = load<i32>(addition, ADDITION_ACTION);
    const adds = action == APPEND_IF_EXISTS_OR_ADD || action == ADD_IF_ABSENT;
    if (length < 0 || adds != isAdding) continue;
    put(addition, image, block, value, length, isAdding);
  }
}

function put(
  addition: usize,
  image: usize,
  block: HeaderBlock,
  value: usize,
  length: i32,
  isAdding: bool,
): void {
  const name = image + <usize>load<u32>(addition, ADDITION_NAME);
  const nameLength = load<i32>(addition, ADDITION_NAME + 4);
  const id = load<i32>(addition, ADDITION_ID);
  if (!isAdding) {
    if (id != 0) removeKnown(block, id);
    else removeName(block, name, nameLength);
  } else if ((load<u32>(addition, ADDITION_FLAGS) & ADDITION_FLAG_JOINED) != 0) {
    // Envoy keeps one line of such a header.
    const at = find(addition, image, block);
    if (at >= 0) {
      joinValue(block, at, value, length);
      return;
    }
  }
  addHeader(block, <u16>id, name, nameLength, value, length);
}

function joinValue(block: HeaderBlock, at: i32, value: usize, length: i32): void {
  const entry = entryAt(block, at);
  const old = entry.valueLength;
  if (old == 0 || length == 0) {
    if (old == 0) entry.value = value;
    entry.valueLength = old + length;
    return;
  }
  const joined = reserveArena(block, old + 1 + length);
  copyBytes(joined, entry.value, old);
  store<u8>(joined + old, 44);
  copyBytes(joined + old + 1, value, length);
  entry.value = joined;
  entry.valueLength = old + 1 + length;
}
