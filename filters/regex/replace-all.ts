/* Replaces every match in a text, as RE2::GlobalReplace does. */
import {
  REGEX_OUT_TOO_SMALL,
  REGEX_REPLACE_BYTES_MAX,
  REGEX_TEXT_TOO_LONG,
} from "../../api/engine/regex-layout.ts";
import { captureAt, findMatch } from "./leftmost.ts";
import { openProgram } from "./program.ts";
import { openRows } from "./rows.ts";

let out: usize = 0;
let outLength: i32 = 0;
let outRoom: i32 = 0;

/**
 * Writes the text with each match replaced, and returns the bytes written. `REGEX_OUT_TOO_SMALL` if
 * there is no room for them, `REGEX_TEXT_TOO_LONG` for a text over `REGEX_REPLACE_BYTES_MAX`. In
 * the substitution `\0` is the match, `\1` to `\9` are groups and `\\` is a backslash;
 * `checkSubstitution` has checked it.
 *
 * Matches are leftmost, then what the pattern prefers, and do not overlap; an empty match right
 * behind the last match does not count. Time is linear in the text and the output together.
 */
export function regexReplaceAll(
  table: usize,
  bytes: usize,
  length: i32,
  substitution: usize,
  substitutionLength: i32,
  newOut: usize,
  outMax: i32,
  scratch: usize,
): i32 {
  if (length > REGEX_REPLACE_BYTES_MAX) return REGEX_TEXT_TOO_LONG;
  openProgram(table, bytes, length, scratch);
  openRows();
  out = newOut;
  outLength = 0;
  outRoom = outMax;
  let position = 0;
  let lastEnd = -1;
  while (position <= length && outLength >= 0 && findMatch(position, length)) {
    const start = captureAt(0);
    const end = captureAt(1);
    append(bytes + position, start - position);
    if (start == lastEnd && end == start) {
      const skipped = characterLength(bytes + start, length - start);
      append(bytes + start, min(skipped, length - start));
      position = start + skipped;
    } else {
      appendSubstitution(bytes, substitution, substitutionLength);
      position = end;
      lastEnd = end;
    }
  }
  if (position < length) append(bytes + position, length - position);
  return outLength;
}

function appendSubstitution(bytes: usize, substitution: usize, length: i32): void {
  for (let at = 0; at < length; at++) {
    const byte: u32 = load<u8>(substitution + at);
    if (byte != 0x5c) {
      append(substitution + at, 1);
      continue;
    }
    at++;
    const escaped: u32 = at < length ? load<u8>(substitution + at) : 0;
    if (escaped - 0x30 < 10) {
      const start = captureAt((escaped - 0x30) << 1);
      const end = captureAt(((escaped - 0x30) << 1) | 1);
      if (start >= 0 && end >= 0) append(bytes + start, end - start);
    } else {
      append(substitution + at, 1);
    }
  }
}

/** Appends to the output, or notes for good that there is no room. */
function append(bytes: usize, length: i32): void {
  if (outLength < 0) return;
  if (length > outRoom - outLength) {
    outLength = REGEX_OUT_TOO_SMALL;
    return;
  }
  memory.copy(out + outLength, bytes, length);
  outLength += length;
}

/** Bytes of the UTF-8 character here, or 1 where there is none. */
function characterLength(at: usize, available: i32): i32 {
  if (available < 2) return 1;
  const lead: u32 = load<u8>(at);
  const length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  if (length == 1 || length > available) return 1;
  for (let index = 1; index < length; index++) {
    if ((load<u8>(at + index) & 0xc0) != 0x80) return 1;
  }
  const second: u32 = load<u8>(at, 1);
  // Overlong forms, and values over U+10FFFF.
  if (lead == 0xe0 && second < 0xa0) return 1;
  if (lead == 0xf0 && second < 0x90) return 1;
  if (lead == 0xf4 && second > 0x8f) return 1;
  return length;
}
