/*
 * Header matchers of routes. Of a header that occurs several times one value has to satisfy the
 * matcher; the headers of which Envoy keeps one line are joined by commas first. Envoy
 * `HeaderUtility::matchHeaders`.
 */
import {
  HEADER_MATCH_BYTES,
  HEADER_MATCH_FLAGS,
  HEADER_MATCH_FROM,
  HEADER_MATCH_ID,
  HEADER_MATCH_NAME,
  HEADER_MATCH_TEXT,
  HEADER_MATCH_TO,
  MATCH_FLAG_ABSENT,
  MATCH_FLAG_INVERT,
  MATCH_FLAG_JOINED,
  MATCH_FLAG_MISSING_IS_EMPTY,
  TEXT_KIND,
  TEXT_PRESENT,
  TEXT_RANGE,
} from "../../../api/engine/match-image.ts";
import { HeaderBlock, entryAt, nextByName, reserveArena } from "../../head/block.ts";
import { copyBytes } from "../../memory/bytes.ts";
import { integerRead, readInteger } from "./integer.ts";
import { matchText } from "./match-text.ts";

/** The value that is looked at. */
let found: usize = 0;
let foundLength: i32 = 0;

/**
 * True when all the header matchers hold.
 *
 * @param list Address of a list reference.
 */
export function matchHeaders(list: usize, image: usize, block: HeaderBlock): bool {
  const first = image + <usize>load<u32>(list);
  const end = first + <usize>load<u32>(list, 4) * HEADER_MATCH_BYTES;
  for (let matcher = first; matcher < end; matcher += HEADER_MATCH_BYTES) {
    if (!matchHeader(matcher, image, block)) return false;
  }
  return true;
}

function matchHeader(matcher: usize, image: usize, block: HeaderBlock): bool {
  const flags = load<u32>(matcher, HEADER_MATCH_FLAGS);
  const isInverted = (flags & MATCH_FLAG_INVERT) != 0;
  const kind = load<i32>(matcher, HEADER_MATCH_TEXT + TEXT_KIND);
  const name = image + <usize>load<u32>(matcher, HEADER_MATCH_NAME);
  const nameLength = load<i32>(matcher, HEADER_MATCH_NAME + 4);
  const id = <u16>load<u32>(matcher, HEADER_MATCH_ID);
  let at = nextByName(block, 0, id, name, nameLength);
  if (at < 0) {
    if ((flags & MATCH_FLAG_MISSING_IS_EMPTY) == 0) {
      // What is asked of a value does not hold without one, inverted or not.
      return kind == TEXT_PRESENT && ((flags & MATCH_FLAG_ABSENT) != 0) != isInverted;
    }
    foundLength = 0;
    return holds(matcher, kind, flags, image) != isInverted;
  }
  if ((flags & MATCH_FLAG_JOINED) != 0) {
    joinValues(block, id, name, nameLength, at);
    return holds(matcher, kind, flags, image) != isInverted;
  }
  for (; at >= 0; at = nextByName(block, at + 1, id, name, nameLength)) {
    takeValue(block, at);
    if (holds(matcher, kind, flags, image)) return !isInverted;
  }
  return isInverted;
}

function holds(matcher: usize, kind: i32, flags: u32, image: usize): bool {
  if (kind == TEXT_PRESENT) return (flags & MATCH_FLAG_ABSENT) == 0;
  if (kind == TEXT_RANGE) return isInRange(matcher);
  return matchText(matcher + HEADER_MATCH_TEXT, image, found, foundLength);
}

// @ts-ignore: decorator
@inline
function takeValue(block: HeaderBlock, at: i32): void {
  const entry = entryAt(block, at);
  found = entry.value;
  foundLength = entry.valueLength;
}

/** Notes the value of a header: several of them are joined by commas. */
function joinValues(block: HeaderBlock, id: u16, name: usize, nameLength: i32, first: i32): void {
  takeValue(block, first);
  const second = nextByName(block, first + 1, id, name, nameLength);
  if (second >= 0) appendValues(block, id, name, nameLength, second);
}

function appendValues(
  block: HeaderBlock,
  id: u16,
  name: usize,
  nameLength: i32,
  second: i32,
): void {
  let length = foundLength;
  for (let at = second; at >= 0; at = nextByName(block, at + 1, id, name, nameLength)) {
    length += entryAt(block, at).valueLength + 1;
  }
  const joined = reserveArena(block, length);
  copyBytes(joined, found, foundLength);
  let used = foundLength;
  for (let at = second; at >= 0; at = nextByName(block, at + 1, id, name, nameLength)) {
    const entry = entryAt(block, at);
    store<u8>(joined + used, 44);
    copyBytes(joined + used + 1, entry.value, entry.valueLength);
    used += entry.valueLength + 1;
  }
  found = joined;
  foundLength = length;
}

function isInRange(matcher: usize): bool {
  if (!readInteger(found, foundLength)) return false;
  const value = integerRead();
  const from = load<i64>(matcher, HEADER_MATCH_FROM);
  return value >= from && value < load<i64>(matcher, HEADER_MATCH_TO);
}
