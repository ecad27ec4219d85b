/* Searching the hash tables of a route configuration. Hot; nothing here allocates. */
import { lowerByte } from "../memory/bytes.ts";

const FNV_PRIME: u32 = 0x01000193;

/** FNV-1a over the lower-case form of a range, going on from `hash`. */
export function hashLower(hash: u32, bytes: usize, length: i32): u32 {
  for (let i = 0; i < length; i++) hash = (hash ^ lowerByte(load<u8>(bytes + i))) * FNV_PRIME;
  return hash;
}

/** The slot at which the search for a hash begins. */
// @ts-ignore: decorator
@inline
export function slotOf(hash: u32, mask: u32): u32 {
  return (hash ^ (hash >> 15)) & mask;
}

/** True when a range is equal to a lower-case text but for ASCII case. */
export function equalsLower(bytes: usize, text: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    if (lowerByte(load<u8>(bytes + i)) != <u32>load<u8>(text + i)) return false;
  }
  return true;
}
