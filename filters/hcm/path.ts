/* Path tidying: `normalize_path`, `merge_slashes` and `path_with_escaped_slashes_action`. */
import {
  ESCAPED_SLASHES_REJECT,
  ESCAPED_SLASHES_UNESCAPE_REDIRECT,
  HCM_ESCAPED_SLASHES,
  HCM_MERGE_SLASHES,
  HCM_NORMALIZE_PATH,
} from "../../api/engine/image.ts";
import { HeaderEntry, entryAt, reserveArena } from "../head/block.ts";
import { REQUEST_PATH } from "../http1/start-line.ts";
import { indexOfByte } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";
import { isNormal, normalize } from "./normalize.ts";
import { Refusal } from "./refusal.ts";

/** Rewrites `:path` as configured. Returns why the request is refused, or `Refusal.None`. */
export function tidyPath(stream: Stream, flags: i32): i32 {
  const path = entryAt(stream.request, REQUEST_PATH);
  if (indexOfByte(path.value, path.valueLength, 35) >= 0) return Refusal.PathNormalization;
  const action = load<i32>(stream.hcm, HCM_ESCAPED_SLASHES);
  const asks = flags & (HCM_NORMALIZE_PATH | HCM_MERGE_SLASHES);
  if (asks == 0 && action < ESCAPED_SLASHES_REJECT) return Refusal.None;
  const query = indexOfByte(path.value, path.valueLength, 63);
  const length = query < 0 ? path.valueLength : query;
  if (isTidy(path.value, length, flags)) return Refusal.None;
  return rewrite(stream, path, length, flags, action);
}

/** True when nothing in the path wants work: no escape, no dot segment, no double slash. Hot. */
function isTidy(path: usize, length: i32, flags: i32): bool {
  if (indexOfByte(path, length, 37) >= 0) return false;
  if ((flags & HCM_NORMALIZE_PATH) != 0 && !isNormal(path, length)) return false;
  if ((flags & HCM_MERGE_SLASHES) == 0) return true;
  for (let at = 1; at < length; at++) {
    if (load<u16>(path + at - 1) == 0x2f2f) return false;
  }
  return true;
}

function rewrite(
  stream: Stream,
  path: HeaderEntry,
  pathLength: i32,
  flags: i32,
  action: i32,
): i32 {
  const tail = path.valueLength - pathLength;
  const copy = reserveArena(stream.request, pathLength * 3 + tail + 1);
  let length = pathLength;
  let source = path.value;
  let isUnescaped = false;
  if (action >= ESCAPED_SLASHES_REJECT) {
    source = reserveArena(stream.request, length);
    memory.copy(source, path.value, length);
    length = unescapeSlashes(source, length);
    isUnescaped = length != pathLength;
    if (isUnescaped && action == ESCAPED_SLASHES_REJECT) return Refusal.PathNormalization;
  }
  if ((flags & HCM_NORMALIZE_PATH) != 0) {
    length = normalize(copy, source, length);
    if (length < 0) return Refusal.PathNormalization;
  } else memory.copy(copy, source, length);
  if ((flags & HCM_MERGE_SLASHES) != 0) length = mergeSlashes(copy, length);
  memory.copy(copy + length, path.value + pathLength, tail);
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

function mergeSlashes(path: usize, length: i32): i32 {
  let to = 0;
  for (let at = 0; at < length; at++) {
    const byte = load<u8>(path + at);
    if (byte == 47 && to > 0 && load<u8>(path + to - 1) == 47) continue;
    store<u8>(path + to++, byte);
  }
  return to;
}
