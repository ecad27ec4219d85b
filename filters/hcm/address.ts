/* IP addresses as text: reading, writing, and whether one lies in the internal ranges. */
import {
  HCM_INTERNAL_RANGES,
  RANGE_ADDRESS,
  RANGE_BITS,
  RANGE_BYTES,
  RANGE_IS_V6,
} from "../../api/engine/image.ts";
import { hexDigit, readDecimal, writeDecimal, writeHex } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";

/** Room for the text of an IPv6 address. */
export const V6_TEXT_BYTES: i32 = 46;
const parsed: usize = memory.data(16);
const PORT_MAX: i64 = 65535;

/** 4 or 6 when the text is an address of that version of IP, else 0. */
export function versionOf(text: usize, length: i32): i32 {
  if (parseV4(text, length, parsed)) return 4;
  return parseV6(text, length) ? 6 : 0;
}

/** True for `1.2.3.4:80` and `[::1]:80`. */
export function isAddressWithPort(text: usize, length: i32): bool {
  let colon = length - 1;
  while (colon > 0 && load<u8>(text + colon) != 58) colon--;
  const port = readDecimal(text + colon + 1, length - colon - 1);
  if (colon <= 0 || port < 0 || port > PORT_MAX) return false;
  if (load<u8>(text) != 91) return parseV4(text, colon, parsed);
  return load<u8>(text + colon - 1) == 93 && parseV6(text + 1, colon - 2);
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(text: usize, length: i32): bool {
  if (parseV4(text, length, parsed)) return load<u8>(parsed) == 127;
  if (!parseV6(text, length)) return false;
  return load<u64>(parsed) == 0 && load<u64>(parsed, 8) == 0x0100000000000000;
}

/** True when the address lies in a range of `internal_address_config`. */
export function isInternalAddress(stream: Stream, text: usize, length: i32): bool {
  const count = load<i32>(stream.hcm, HCM_INTERNAL_RANGES + 4);
  if (count == 0) return false;
  const isV4 = parseV4(text, length, parsed);
  if (!isV4 && !parseV6(text, length)) return false;
  const ranges = stream.image + <usize>load<u32>(stream.hcm, HCM_INTERNAL_RANGES);
  for (let i = 0; i < count; i++) {
    const range = ranges + <usize>i * RANGE_BYTES;
    const isSameFamily = (load<u32>(range, RANGE_IS_V6) == 0) == isV4;
    if (!isSameFamily) continue;
    if (hasPrefix(range + RANGE_ADDRESS, load<i32>(range, RANGE_BITS))) return true;
  }
  return false;
}

function hasPrefix(prefix: usize, bits: i32): bool {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) {
    if (load<u8>(prefix + i) != load<u8>(parsed + i)) return false;
  }
  const rest = bits & 7;
  if (rest == 0) return true;
  return (load<u8>(prefix + whole) ^ load<u8>(parsed + whole)) >> <u8>(8 - rest) == 0;
}

/**
 * Writes the IPv6 address that was read last as RFC 5952 §4 has it, with the dotted forms of
 * inet_ntop, and returns the length: at most V6_TEXT_BYTES.
 */
export function writeV6(target: usize): i32 {
  let gap = -1;
  let gapLength = 1;
  for (let i = 0; i < 8; i++) {
    const length = zeroGroups(i);
    if (length <= gapLength) continue;
    gap = i;
    gapLength = length;
  }
  const isDotted =
    gap == 0 && (gapLength == 6 || (gapLength == 5 && load<u16>(parsed, 10) == 0xffff));
  const groups = isDotted ? 6 : 8;
  let at = target;
  for (let i = 0; i < groups; i++) {
    if (i == gap) {
      store<u8>(at++, 58);
      i += gapLength - 1;
      if (i == 7) store<u8>(at++, 58);
      continue;
    }
    if (i > 0) store<u8>(at++, 58);
    at += writeHex(at, <u64>bswap<u16>(load<u16>(parsed + (i << 1))));
  }
  for (let i = isDotted ? 12 : 16; i < 16; i++) {
    store<u8>(at++, i == 12 ? 58 : 46);
    at += writeDecimal(at, load<u8>(parsed + i));
  }
  return <i32>(at - target);
}

/** How many groups are 0 from a place on. */
function zeroGroups(from: i32): i32 {
  let at = from;
  while (at < 8 && load<u16>(parsed + (at << 1)) == 0) at++;
  return at - from;
}

/** Dotted decimal, four parts without leading zeros. */
function parseV4(text: usize, length: i32, target: usize): bool {
  let part = 0;
  let digits = 0;
  let value: u32 = 0;
  for (let i = 0; i <= length; i++) {
    const byte = i == length ? 46 : <u32>load<u8>(text + i);
    if (byte == 46) {
      if (digits == 0 || part == 4) return false;
      store<u8>(target + part++, <u8>value);
      value = 0;
      digits = 0;
    } else {
      if (byte - 48 > 9 || (digits > 0 && value == 0)) return false;
      value = value * 10 + byte - 48;
      if (++digits > 3 || value > 255) return false;
    }
  }
  return part == 4;
}

/** RFC 4291 §2.2. */
function parseV6(text: usize, length: i32): bool {
  if (length < 2 || length >= V6_TEXT_BYTES) return false;
  memory.fill(parsed, 0, 16);
  let groups = 0;
  let gap = -1;
  let at = 0;
  if (load<u16>(text) == 0x3a3a) {
    gap = 0;
    at = 2;
  }
  while (at < length) {
    let value = 0;
    const from = at;
    for (; at < length && hexDigit(load<u8>(text + at)) >= 0; at++) {
      value = (value << 4) | hexDigit(load<u8>(text + at));
    }
    if (at < length && load<u8>(text + at) == 46) {
      // Form 3: the last two groups are an IPv4 address.
      if (groups > 6 || !parseV4(text + from, length - from, parsed + (groups << 1))) return false;
      groups += 2;
      break;
    }
    if (at == from || at - from > 4 || groups == 8) return false;
    store<u8>(parsed + (groups << 1), <u8>(value >> 8));
    store<u8>(parsed + (groups << 1) + 1, <u8>value);
    groups++;
    if (at == length) break;
    if (load<u8>(text + at++) != 58 || at == length) return false;
    if (load<u8>(text + at) != 58) continue;
    if (gap >= 0) return false;
    gap = groups;
    at++;
  }
  if (gap < 0) return groups == 8;
  if (groups == 8) return false;
  const tail = (groups - gap) << 1;
  memory.copy(parsed + 16 - tail, parsed + (gap << 1), tail);
  memory.fill(parsed + (gap << 1), 0, 16 - tail - (gap << 1));
  return true;
}
