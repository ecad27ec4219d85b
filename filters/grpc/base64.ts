/* Base64 in pieces of any length, both ways. RFC 4648 §4: padding is mandatory. */

/** Where a direction is: {u32 bits, u32 count} of characters to decode or bytes to encode. */
const COUNT: usize = 4;
const PADDING: u32 = 61;
/** Set in `bits`' count once padding has begun in a group of four. */
const PADDED: u32 = 8;

/**
 * Decodes a piece to `target`, which has room for as many bytes and two more. Groups of four may be
 * padded wherever a group ends: gRPC-Web lets whoever encodes flush between messages.
 *
 * @param place Where the state is kept, all 0 at first.
 * @returns The number of bytes, or -1 for what is no base64.
 */
export function decodeBase64(place: usize, data: usize, length: i32, target: usize): i32 {
  let bits = load<u32>(place);
  let count = load<u32>(place, COUNT);
  let to = target;
  for (let i = 0; i < length; i++) {
    const byte = <u32>load<u8>(data + i);
    if (byte == PADDING) {
      // One or two at the end of a group, and no bits lost with them.
      if ((count & 3) < 2) return -1;
      const isFirst = (count & PADDED) == 0;
      if (isFirst && (bits & ((count & 3) == 2 ? 15 : 3)) != 0) return -1;
      if (isFirst && (count & 3) == 2) {
        store<u8>(to++, <u8>(bits >> 4));
        count = 3 | PADDED;
        continue;
      }
      if (isFirst) {
        store<u8>(to, <u8>(bits >> 10));
        store<u8>(to + 1, <u8>(bits >> 2));
        to += 2;
      }
      bits = 0;
      count = 0;
      continue;
    }
    const value = valueOf(byte);
    if (value > 63 || (count & PADDED) != 0) return -1;
    bits = (bits << 6) | value;
    if (++count < 4) continue;
    store<u8>(to, <u8>(bits >> 16));
    store<u8>(to + 1, <u8>(bits >> 8));
    store<u8>(to + 2, <u8>bits);
    to += 3;
    bits = 0;
    count = 0;
  }
  store<u32>(place, bits);
  store<u32>(place, count, COUNT);
  return <i32>(to - target);
}

/** Whether what was decoded ended with a group. */
export function isBase64Whole(place: usize): bool {
  return load<u32>(place, COUNT) == 0;
}

/** The six bits of a character, or 255. */
function valueOf(byte: u32): u32 {
  if (byte - 65 < 26) return byte - 65;
  if (byte - 97 < 26) return byte - 71;
  if (byte - 48 < 10) return byte + 4;
  if (byte == 43) return 62;
  return byte == 47 ? 63 : 255;
}

/** Bytes that `encodeBase64` and `flushBase64` together may write for so many. */
export function encodedLength(length: i32): i32 {
  return (length + 4) / 3 * 4 + 4;
}

/** Encodes a piece to `target`; what fills no group waits. Returns the number of bytes. */
export function encodeBase64(place: usize, data: usize, length: i32, target: usize): i32 {
  let bits = load<u32>(place);
  let count = load<u32>(place, COUNT);
  let to = target;
  for (let i = 0; i < length; i++) {
    bits = (bits << 8) | load<u8>(data + i);
    if (++count < 3) continue;
    writeGroup(to, bits);
    to += 4;
    bits = 0;
    count = 0;
  }
  store<u32>(place, bits);
  store<u32>(place, count, COUNT);
  return <i32>(to - target);
}

/** Writes what waits, with padding. Returns the number of bytes. */
export function flushBase64(place: usize, target: usize): i32 {
  const count = load<u32>(place, COUNT);
  if (count == 0) return 0;
  writeGroup(target, load<u32>(place) << (count == 1 ? 16 : 8));
  store<u8>(target, PADDING, 3);
  if (count == 1) store<u8>(target, PADDING, 2);
  store<u64>(place, 0);
  return 4;
}

function writeGroup(target: usize, bits: u32): void {
  store<u8>(target, characterOf((bits >> 18) & 63));
  store<u8>(target, characterOf((bits >> 12) & 63), 1);
  store<u8>(target, characterOf((bits >> 6) & 63), 2);
  store<u8>(target, characterOf(bits & 63), 3);
}

function characterOf(value: u32): u8 {
  if (value < 26) return <u8>(value + 65);
  if (value < 52) return <u8>(value + 71);
  if (value < 62) return <u8>(value - 4);
  return value == 62 ? 43 : 47;
}
