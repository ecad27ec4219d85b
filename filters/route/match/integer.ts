/*
 * Whole numbers in headers as Envoy reads them (absl::SimpleAtoi): decimal digits, an optional
 * sign, blanks around them, and a value that fits.
 */

let magnitude: u64 = 0;
let isNegative: bool = false;

/** Reads a signed 64-bit number; false if it is none. `integerRead` has the value. */
export function readInteger(bytes: usize, length: i32): bool {
  if (!readDigits(bytes, length)) return false;
  return magnitude <= <u64>i64.MAX_VALUE + (isNegative ? 1 : 0);
}

/** Reads an unsigned 64-bit number; false if it is none. `naturalRead` has the value. */
export function readNatural(bytes: usize, length: i32): bool {
  return readDigits(bytes, length) && !isNegative;
}

/** The signed number that was read last. */
export function integerRead(): i64 {
  return isNegative ? <i64>(0 - magnitude) : <i64>magnitude;
}

/** The unsigned number that was read last. */
export function naturalRead(): u64 {
  return magnitude;
}

function readDigits(bytes: usize, length: i32): bool {
  let at = bytes;
  let end = bytes + length;
  while (at < end && isBlank(load<u8>(at))) at++;
  while (at < end && isBlank(load<u8>(end - 1))) end--;
  isNegative = at < end && load<u8>(at) == 45;
  if (isNegative || (at < end && load<u8>(at) == 43)) at++;
  if (at == end) return false;
  magnitude = 0;
  for (; at < end; at++) {
    const digit = <u64>load<u8>(at) - 48;
    if (digit > 9 || magnitude > u64.MAX_VALUE / 10) return false;
    const next = magnitude * 10 + digit;
    if (next < digit) return false;
    magnitude = next;
  }
  return true;
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u32): bool {
  return byte == 32 || byte - 9 < 5;
}
