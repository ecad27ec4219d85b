/* IP addresses as text: parsing, and whether one lies in the configured internal ranges. */
import { HCM_INTERNAL_RANGES } from "../../api/engine/image.ts";
import { hexDigit } from "../memory/bytes.ts";
import { Stream } from "../stream/stream.ts";

/** Bytes of one range: {u32 is v6, u32 prefix bits, 16 bytes}. */
const RANGE_BYTES: usize = 24;
const parsed: usize = memory.data(16);

/** True when the text is an IPv4 or IPv6 address. */
export function isAddress(text: usize, length: i32): bool {
  return parseV4(text, length) || parseV6(text, length);
}

/** True for 127.0.0.0/8 and ::1. */
export function isLoopback(text: usize, length: i32): bool {
  if (parseV4(text, length)) return load<u8>(parsed) == 127;
  if (!parseV6(text, length)) return false;
  return load<u64>(parsed) == 0 && load<u64>(parsed, 8) == 0x0100000000000000;
}

/** True when the address lies in a range of `internal_address_config`. */
export function isInternalAddress(stream: Stream, text: usize, length: i32): bool {
  const count = load<i32>(stream.hcm, HCM_INTERNAL_RANGES + 4);
  if (count == 0) return false;
  const isV4 = parseV4(text, length);
  if (!isV4 && !parseV6(text, length)) return false;
  const ranges = stream.image + <usize>load<u32>(stream.hcm, HCM_INTERNAL_RANGES);
  for (let i = 0; i < count; i++) {
    const range = ranges + <usize>i * RANGE_BYTES;
    const isSameFamily = (load<u32>(range) == 0) == isV4;
    if (isSameFamily && hasPrefix(range + 8, load<i32>(range, 4))) return true;
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

/** Dotted decimal, four parts without leading zeros. */
function parseV4(text: usize, length: i32): bool {
  let part = 0;
  let digits = 0;
  let value: u32 = 0;
  for (let i = 0; i <= length; i++) {
    const byte = i == length ? 46 : <u32>load<u8>(text + i);
    if (byte == 46) {
      if (digits == 0 || part == 4) return false;
      store<u8>(parsed + part++, <u8>value);
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

/** RFC 4291 §2.2, forms 1 and 2. */
function parseV6(text: usize, length: i32): bool {
  if (length < 2 || length > 39) return false;
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
