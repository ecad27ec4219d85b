/* Byte ranges: copying, comparing, scanning and numbers as text. Nothing here allocates. */

/** Copies `length` bytes. Short copies are done inline, since memory.copy has a fixed cost. */
// @ts-ignore: decorator
@inline
export function copyBytes(target: usize, source: usize, length: i32): void {
  if (length <= 16) copyShort(target, source, length);
  else memory.copy(target, source, length);
}

/** Copies up to 16 bytes with two overlapping moves. */
function copyShort(target: usize, source: usize, length: i32): void {
  if (length >= 8) {
    const tail = load<u64>(source + length - 8);
    store<u64>(target, load<u64>(source));
    store<u64>(target + length - 8, tail);
  } else if (length >= 4) {
    const tail = load<u32>(source + length - 4);
    store<u32>(target, load<u32>(source));
    store<u32>(target + length - 4, tail);
  } else if (length > 0) {
    const last = load<u8>(source + length - 1);
    if (length > 1) {
      const middle = load<u8>(source + 1);
      store<u8>(target + 1, middle);
    }
    store<u8>(target, load<u8>(source));
    store<u8>(target + length - 1, last);
  }
}

/** True when two ranges of the same length hold the same bytes. */
export function equalBytes(a: usize, b: usize, length: i32): bool {
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    if (load<u64>(a + i) != load<u64>(b + i)) return false;
  }
  for (; i < length; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}

/** ASCII lower case of one byte. */
// @ts-ignore: decorator
@inline
export function lowerByte(byte: u32): u32 {
  return byte - 65 < 26 ? byte | 32 : byte;
}

/** Index of the first `byte` in the range, or -1. */
export function indexOfByte(bytes: usize, length: i32, byte: u8): i32 {
  let i = 0;
  const wanted = i8x16.splat(byte);
  for (; i + 16 <= length; i += 16) {
    const hits = i8x16.bitmask(i8x16.eq(v128.load(bytes + i), wanted));
    if (hits != 0) return i + ctz(hits);
  }
  for (; i < length; i++) {
    if (load<u8>(bytes + i) == byte) return i;
  }
  return -1;
}

/** Index of `needle` in the range, or -1. An empty needle is found at 0. */
export function indexOfBytes(bytes: usize, length: i32, needle: usize, needleLength: i32): i32 {
  if (needleLength == 0) return 0;
  const first = load<u8>(needle);
  let from = 0;
  while (from + needleLength <= length) {
    const hit = indexOfByte(bytes + from, length - from - needleLength + 1, first);
    if (hit < 0) return -1;
    from += hit;
    if (equalBytes(bytes + from, needle, needleLength)) return from;
    from++;
  }
  return -1;
}

/** Writes an unsigned number in decimal and returns the number of digits. */
export function writeDecimal(target: usize, value: u64): i32 {
  let digits = 1;
  for (let rest = value; rest >= 10; rest /= 10) digits++;
  let rest = value;
  for (let i = digits - 1; i >= 0; i--) {
    store<u8>(target + i, <u8>(48 + (rest % 10)));
    rest /= 10;
  }
  return digits;
}

/** Writes an unsigned number in lower-case hexadecimal and returns the number of digits. */
export function writeHex(target: usize, value: u64): i32 {
  const digits = value == 0 ? 1 : <i32>((67 - clz(value)) >> 2);
  for (let i = digits - 1; i >= 0; i--) {
    const nibble = <u8>((value >> ((digits - 1 - i) << 2)) & 15);
    store<u8>(target + i, nibble < 10 ? 48 + nibble : 87 + nibble);
  }
  return digits;
}

/** Value of a hexadecimal digit, or -1. */
export function hexDigit(byte: u32): i32 {
  if (byte - 48 < 10) return byte - 48;
  const letter = (byte | 32) - 97;
  return letter < 6 ? letter + 10 : -1;
}

/** Reads an all-digits decimal of at most 18 digits, or returns -1. */
export function readDecimal(bytes: usize, length: i32): i64 {
  if (length == 0 || length > 18) return -1;
  let value: i64 = 0;
  for (let i = 0; i < length; i++) {
    const digit = <u32>load<u8>(bytes + i) - 48;
    if (digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** FNV-1a over a range, 32 bits. */
export function hashBytes(bytes: usize, length: i32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = (hash ^ load<u8>(bytes + i)) * 0x01000193;
  return hash;
}

/** Copies a compile-time ASCII string and returns its length. */
export function writeAscii(target: usize, text: string): i32 {
  const length = text.length;
  for (let i = 0; i < length; i++) store<u8>(target + i, <u8>text.charCodeAt(i));
  return length;
}
