/* A quick hash for the tables of the encoder: whoever sends texts can make it collide. */

const FACTOR: u64 = 0x9e3779b97f4a7c15;

/** Hashes a text, in two lanes of eight bytes. */
export function hashText(bytes: usize, length: i32): u32 {
  let first = <u64>length * FACTOR;
  // Both lanes may be given the same bytes.
  let second = ~first;
  if (length >= 16) {
    const last = bytes + <usize>length - 16;
    for (let at = bytes; at < last; at += 16) {
      first = mix(first, load<u64>(at));
      second = mix(second, load<u64>(at, 8));
    }
    first = mix(first, load<u64>(last));
    second = mix(second, load<u64>(last, 8));
  } else if (length >= 8) {
    first = mix(first, load<u64>(bytes));
    second = mix(second, load<u64>(bytes + <usize>length - 8));
  } else if (length >= 4) {
    first = mix(first, load<u32>(bytes));
    second = mix(second, load<u32>(bytes + <usize>length - 4));
  } else {
    for (let i = 0; i < length; i++) first = mix(first, load<u8>(bytes + i));
  }
  return <u32>(mix(first, rotl<u64>(second, 32)) >> 32);
}

/** The hash of a well-known name, which needs no look at its text. */
// @ts-ignore: decorator
@inline
export function hashKnown(id: i32): u32 {
  return <u32>id * 0x9e3779b1;
}

// @ts-ignore: decorator
@inline
function mix(hash: u64, word: u64): u64 {
  hash = (hash ^ word) * FACTOR;
  return hash ^ (hash >> 29);
}
