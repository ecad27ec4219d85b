/*
 * The URL that a redirect leads to, read as strictly as Envoy reads it: in requests that are made
 * of it, nothing may look like the end of the target or like a header. Envoy `Utility::Url`.
 */
import { hexDigit, readDecimal } from "../../memory/bytes.ts";
import { versionOf } from "../../hcm/address.ts";

/** "://" as a little-endian number. */
const COLON_SLASHES: u32 = 0x2f2f3a;
const GREATEST_PORT: i64 = 65535;

/** Length of the scheme with which the last URL begins. */
export let urlSchemeLength: i32 = 0;
/** Where host and port of the last URL begin and end. What stands before `@` is no part of them. */
export let urlHostStart: i32 = 0;
export let urlHostEnd: i32 = 0;
/** Where path and query, which follow the port, end. */
export let urlPathEnd: i32 = 0;

/** Finds the parts of `scheme://[user@]host[:port][/path][?query][#fragment]`, or returns false. */
export function readUrl(text: usize, length: i32): bool {
  let at = 0;
  while (at < length && isSchemeByte(load<u8>(text + at))) at++;
  urlSchemeLength = at;
  if (length - at <= 3 || !isLetter(load<u8>(text))) return false;
  if ((load<u32>(text + at) & 0xffffff) != COLON_SLASHES) return false;
  at += 3;
  const end = endOfAuthority(text, at, length);
  const host = skipUser(text, at, end);
  if (host < 0 || !isHostAndPort(text + host, end - host)) return false;
  urlHostStart = host;
  urlHostEnd = end;
  urlPathEnd = length;
  for (let i = end; i < length; i++) {
    const byte: u32 = load<u8>(text + i);
    if (byte - 33 > 93) return false;
    if (byte == 35 && urlPathEnd == length) urlPathEnd = i;
  }
  return true;
}

/** RFC 3986 `scheme`. */
function isSchemeByte(byte: u32): bool {
  return isLetter(byte) || byte - 48 < 10 || byte == 43 || byte == 45 || byte == 46;
}

function endOfAuthority(text: usize, from: i32, length: i32): i32 {
  let at = from;
  for (; at < length; at++) {
    const byte = load<u8>(text + at);
    if (byte == 47 || byte == 63) break;
  }
  return at;
}

/** Place behind `user:password@`, or -1 when that holds what it may not. */
function skipUser(text: usize, from: i32, end: i32): i32 {
  for (let at = from; at < end; at++) {
    if (load<u8>(text + at) != 64) continue;
    for (let i = from; i < at; i++) {
      if (!isUserByte(load<u8>(text + i))) return -1;
    }
    return at + 1;
  }
  return from;
}

/** RFC 3986 `userinfo`. */
function isUserByte(byte: u32): bool {
  if (isLetter(byte) || byte - 48 < 10) return true;
  switch (byte) {
    case 33: case 36: case 37: case 38: case 39: case 40: case 41: case 42: case 43: case 44:
    case 45: case 46: case 58: case 59: case 61: case 95: case 126:
      return true;
    default:
      return false;
  }
}

function isHostAndPort(text: usize, length: i32): bool {
  const end = length > 0 && load<u8>(text) == 91 ? endOfV6(text, length) : endOfName(text, length);
  return end > 0 && (end == length || isPort(text + end, length - end));
}

function endOfName(text: usize, length: i32): i32 {
  let at = 0;
  for (; at < length; at++) {
    const byte: u32 = load<u8>(text + at);
    const isPart = isLetter(byte) || byte - 48 < 10 || byte == 45 || byte == 46;
    if (!isPart) break;
  }
  return at;
}

/** Length of `[address]`, or 0. */
function endOfV6(text: usize, length: i32): i32 {
  for (let at = 1; at < length; at++) {
    const byte: u32 = load<u8>(text + at);
    if (byte == 93) return versionOf(text + 1, at - 1) != 0 ? at + 1 : 0;
    if (hexDigit(byte) < 0 && byte != 58 && byte != 46) return 0;
  }
  return 0;
}

function isPort(text: usize, length: i32): bool {
  if (load<u8>(text) != 58) return false;
  const port = readDecimal(text + 1, length - 1);
  return port >= 0 && port <= GREATEST_PORT;
}

// @ts-ignore: decorator
@inline
function isLetter(byte: u32): bool {
  return (byte | 32) - 97 < 26;
}
