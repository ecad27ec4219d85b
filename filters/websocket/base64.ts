/* Base64 (RFC 4648 §4), with padding. */

/** Writes `length` bytes as text. Returns its length: four characters for three bytes. */
export function writeBase64(target: usize, bytes: usize, length: i32): i32 {
  let at = target;
  for (let i = 0; i < length; i += 3) {
    const left = length - i;
    let bits = (<u32>load<u8>(bytes + i)) << 16;
    if (left > 1) bits |= (<u32>load<u8>(bytes + i, 1)) << 8;
    if (left > 2) bits |= <u32>load<u8>(bytes + i, 2);
    store<u8>(at, characterOf(bits >> 18));
    store<u8>(at, characterOf((bits >> 12) & 63), 1);
    store<u8>(at, left > 1 ? characterOf((bits >> 6) & 63) : PADDING, 2);
    store<u8>(at, left > 2 ? characterOf(bits & 63) : PADDING, 3);
    at += 4;
  }
  return <i32>(at - target);
}

const PADDING: u8 = 61;

/** A-Z, a-z, 0-9, + and /. */
function characterOf(value: u32): u8 {
  if (value < 26) return <u8>(65 + value);
  if (value < 52) return <u8>(71 + value);
  if (value < 62) return <u8>(value - 4);
  return value == 62 ? 43 : 47;
}
