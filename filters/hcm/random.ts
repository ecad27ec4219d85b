/*
 * Random numbers for request ids and weighted choices: xoshiro256**, seeded by the worker from the
 * system's generator. Request ids are not secrets, so speed is worth more here than strength.
 */

let s0: u64 = 1;
let s1: u64 = 2;
let s2: u64 = 3;
let s3: u64 = 4;

/** Seeds the generator from 32 random bytes. */
export function seedRandom(seed: usize): void {
  s0 = load<u64>(seed) | 1;
  s1 = load<u64>(seed, 8);
  s2 = load<u64>(seed, 16);
  s3 = load<u64>(seed, 24);
}

/** The next 64 bits. */
export function nextRandom(): u64 {
  const result = rotl(s1 * 5, 7) * 9;
  const shifted = s1 << 17;
  s2 ^= s0;
  s3 ^= s1;
  s1 ^= s2;
  s0 ^= s3;
  s2 ^= shifted;
  s3 = rotl(s3, 45);
  return result;
}

/** Bytes of a UUID as text. */
export const UUID_BYTES: i32 = 36;

/** Writes a random (version 4) UUID in lower case. RFC 9562 §5.4. */
export function writeUuid(target: usize): void {
  const high = (nextRandom() & ~(<u64>0xf000)) | 0x4000;
  const low = (nextRandom() & 0x3fffffffffffffff) | 0x8000000000000000;
  writeNibbles(target, high >> 32, 8);
  store<u8>(target, 45, 8);
  writeNibbles(target + 9, high >> 16, 4);
  store<u8>(target, 45, 13);
  writeNibbles(target + 14, high, 4);
  store<u8>(target, 45, 18);
  writeNibbles(target + 19, low >> 48, 4);
  store<u8>(target, 45, 23);
  writeNibbles(target + 24, low, 12);
}

function writeNibbles(target: usize, value: u64, count: i32): void {
  for (let i = count - 1; i >= 0; i--) {
    const nibble = <u8>(value & 15);
    store<u8>(target + i, nibble < 10 ? 48 + nibble : 87 + nibble);
    value >>= 4;
  }
}
