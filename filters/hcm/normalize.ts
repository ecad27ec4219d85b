/*
 * `normalize_path`: a path as a URL parser writes it. RFC 3986 §5.2.4 (dot segments) and §6.2.2.2
 * (octets that need no escape), with what Envoy's parser does besides: backslashes become slashes,
 * and bytes that do not belong into a path are escaped.
 */
import { hexDigit } from "../memory/bytes.ts";

const PASS: u8 = 0;
/** Written as `%XX`. */
const ESCAPE: u8 = 1;
/** Looked at more closely. */
const ODD: u8 = 2;
/** Unreserved: `%XX` becomes the character. Passes otherwise. */
const UNRESERVED: u8 = 3;

const MARKS = "-_~.";
const ESCAPED = "\"#<>?^`{|}";

const kinds: usize = fillKinds(memory.data(256));

function fillKinds(table: usize): usize {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let kind = byte < 33 || byte > 126 ? ESCAPE : PASS;
    if (byte - 48 < 10 || (byte | 32) - 97 < 26) kind = UNRESERVED;
    store<u8>(table + byte, kind);
  }
  for (let i = 0; i < MARKS.length; i++) store<u8>(table + MARKS.charCodeAt(i), UNRESERVED);
  for (let i = 0; i < ESCAPED.length; i++) store<u8>(table + ESCAPED.charCodeAt(i), ESCAPE);
  store<u8>(table + 37, ODD);
  store<u8>(table + 92, ODD);
  return table;
}

/** True when `normalize` would change nothing. Hot where paths are normalized. */
export function isNormal(path: usize, length: i32): bool {
  let last: u32 = 0;
  for (let at = 0; at < length; at++) {
    const byte = <u32>load<u8>(path + at);
    const kind = load<u8>(kinds + byte);
    if (kind == ESCAPE || kind == ODD || (byte == 46 && last == 47)) return false;
    last = byte;
  }
  return true;
}

/**
 * Writes the normal form of a path, which begins with a slash, to `target`, which has room for
 * three times its length. Returns the new length, or -1 for a path with an escaped NUL.
 */
export function normalize(target: usize, path: usize, length: i32): i32 {
  const plain = writePlain(target, path, length);
  return plain < 0 ? -1 : removeDots(target, plain);
}

function writePlain(target: usize, path: usize, length: i32): i32 {
  let to = 0;
  for (let at = 0; at < length; at++) {
    const byte = <u32>load<u8>(path + at);
    const kind = load<u8>(kinds + byte);
    if (kind == ESCAPE) {
      store<u8>(target + to++, 37);
      store<u8>(target + to++, upperHex(byte >> 4));
      store<u8>(target + to++, upperHex(byte & 15));
    } else if (byte == 37) {
      const plain = at + 2 < length ? unescaped(path + at + 1) : -1;
      if (plain == 0) return -1;
      if (plain > 0 && load<u8>(kinds + plain) == UNRESERVED) {
        store<u8>(target + to++, <u8>plain);
        at += 2;
      } else store<u8>(target + to++, 37);
    } else store<u8>(target + to++, byte == 92 ? 47 : <u8>byte);
  }
  return to;
}

/** The byte that two hexadecimal digits stand for, or -1. */
function unescaped(digits: usize): i32 {
  const high = hexDigit(load<u8>(digits));
  const low = hexDigit(load<u8>(digits, 1));
  return high < 0 || low < 0 ? -1 : (high << 4) | low;
}

function upperHex(nibble: u32): u8 {
  return <u8>(nibble < 10 ? 48 + nibble : 55 + nibble);
}

/** Resolves `.` and `..` where the path stands; what climbs above the root stays there. */
function removeDots(path: usize, length: i32): i32 {
  let to = 0;
  let at = 0;
  while (at < length) {
    // `at` stands on the slash that begins a segment.
    let end = at + 1;
    while (end < length && load<u8>(path + end) != 47) end++;
    const size = end - at - 1;
    const isDot = size == 1 && load<u8>(path + at + 1) == 46;
    const isDots = size == 2 && load<u16>(path + at + 1) == 0x2e2e;
    if (isDots) {
      while (to > 0 && load<u8>(path + --to) != 47);
    }
    if (isDot || isDots) {
      if (end == length) store<u8>(path + to++, 47);
    } else {
      memory.copy(path + to, path + at, end - at);
      to += end - at;
    }
    at = end;
  }
  if (to == 0) store<u8>(path + to++, 47);
  return to;
}
