/* Path tidying: `normalize_path`, `merge_slashes` and `path_with_escaped_slashes_action`. */
import {
  ESCAPED_SLASHES_REJECT,
  ESCAPED_SLASHES_UNESCAPE_FORWARD,
  ESCAPED_SLASHES_UNESCAPE_REDIRECT,
  HCM_ESCAPED_SLASHES,
  HCM_MERGE_SLASHES,
  HCM_NORMALIZE_PATH,
} from "../../api/engine/image.ts";
import { HeaderEntry, entryAt, reserveArena } from "../head/block.ts";
import { REQUEST_PATH } from "../http1/start-line.ts";
import { indexOfByte } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";
import { Refusal } from "./refusal.ts";

/** Rewrites `:path` as configured. Returns why the request is refused, or `Refusal.None`. */
export function tidyPath(stream: Stream, flags: i32): i32 {
  const path = entryAt(stream.request, REQUEST_PATH);
  if (indexOfByte(path.value, path.valueLength, 35) >= 0) return Refusal.Fragment;
  const action = load<i32>(stream.hcm, HCM_ESCAPED_SLASHES);
  if ((flags & (HCM_NORMALIZE_PATH | HCM_MERGE_SLASHES)) == 0 && action < 2) return Refusal.None;
  const query = indexOfByte(path.value, path.valueLength, 63);
  let length = query < 0 ? path.valueLength : query;
  const tail = path.valueLength - length;
  const copy = reserveArena(stream.request, path.valueLength + 1);
  memory.copy(copy, path.value, length);
  let isUnescaped = false;
  if (action >= ESCAPED_SLASHES_REJECT) {
    const bare = unescapeSlashes(copy, length);
    isUnescaped = bare != length;
    if (isUnescaped && action == ESCAPED_SLASHES_REJECT) return Refusal.PathNormalization;
    length = bare;
  }
  if ((flags & HCM_NORMALIZE_PATH) != 0) {
    length = normalize(copy, length);
    if (length < 0) return Refusal.PathNormalization;
  }
  if ((flags & HCM_MERGE_SLASHES) != 0) length = mergeSlashes(copy, length);
  memory.copy(copy + length, path.value + path.valueLength - tail, tail);
  path.value = copy;
  path.valueLength = length + tail;
  const redirects = isUnescaped && action == ESCAPED_SLASHES_UNESCAPE_REDIRECT;
  return redirects ? Refusal.PathNormalizationRedirect : Refusal.None;
}

/** Turns `%2F` and `%5C` into the characters they stand for. Returns the new length. */
function unescapeSlashes(path: usize, length: i32): i32 {
  let to = 0;
  for (let at = 0; at < length; at++) {
    const byte = load<u8>(path + at);
    let plain: u8 = byte;
    if (byte == 37 && at + 2 < length) {
      const digits = load<u16>(path + at + 1) | 0x2000;
      if (digits == 0x6632) plain = 47;
      else if (digits == 0x6335) plain = 92;
      if (plain != byte) at += 2;
    }
    store<u8>(path + to++, plain);
  }
  return to;
}

/**
 * RFC 3986 §5.2.4 and §6.2.2.3: backslashes become slashes, `%2e` is a dot, dot segments go.
 * Returns the new length, or -1 for a path that climbs above its root or has a NUL.
 */
function normalize(path: usize, length: i32): i32 {
  const plain = plainDots(path, length);
  let to = 0;
  let at = 0;
  while (at < plain) {
    // `at` stands on the slash that begins a segment.
    let end = at + 1;
    while (end < plain && load<u8>(path + end) != 47) end++;
    const size = end - at - 1;
    const isDot = size == 1 && load<u8>(path + at + 1) == 46;
    const isDots = size == 2 && load<u16>(path + at + 1) == 0x2e2e;
    if (isDots) {
      while (to > 0 && load<u8>(path + --to) != 47);
    }
    if (isDot || isDots) {
      if (end == plain) store<u8>(path + to++, 47);
    } else {
      memory.copy(path + to, path + at, end - at);
      to += end - at;
    }
    at = end;
  }
  if (to == 0) store<u8>(path + to++, 47);
  return to;
}

function plainDots(path: usize, length: i32): i32 {
  let to = 0;
  for (let at = 0; at < length; at++) {
    let byte = load<u8>(path + at);
    if (byte == 92) byte = 47;
    if (byte == 37 && at + 2 < length && (load<u16>(path + at + 1) | 0x2000) == 0x6532) {
      byte = 46;
      at += 2;
    }
    store<u8>(path + to++, byte);
  }
  return to;
}

function mergeSlashes(path: usize, length: i32): i32 {
  let to = 0;
  for (let at = 0; at < length; at++) {
    const byte = load<u8>(path + at);
    if (byte == 47 && to > 0 && load<u8>(path + to - 1) == 47) continue;
    store<u8>(path + to++, byte);
  }
  return to;
}
