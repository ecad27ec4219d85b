/*
 * Header names as the peer wrote them, kept beside the lower-cased entries of a head for whoever
 * writes it on. A head has them only where the codec was told so; else `HeaderBlock.casing` is 0.
 * All of it lies in the arena of the block, and lives as long as the head.
 *
 *   casing: | flags u32 | reason u32 | reasonLength i32 | newest name of each bucket, u32 … |
 *   name:   | next u32 | hash u32 | length i32 | bytes |
 *
 * As in Envoy, the first spelling of a name is that of all headers of the name, and of those that
 * were removed and added again.
 */
import { lowerByte } from "../memory/bytes.ts";
import { HeaderBlock, keepBytes, reserveArena } from "./block.ts";

/** Names that the peer did not write are put into Train-Case. */
export const CASING_PROPER_BESIDE: u32 = 1;

const CASING_REASON: usize = 4;
const CASING_REASON_LENGTH: usize = 8;
const CASING_BUCKETS: usize = 12;
/** A power of two, about as many as a head may have headers by default. */
const BUCKETS: u32 = 128;
const CASING_BYTES: i32 = 12 + 128 * 4;

const NAME_HASH: usize = 4;
const NAME_LENGTH: usize = 8;
const NAME_BYTES: usize = 12;

/** Begins to keep the names of the head that a block is about to receive. */
export function startCasing(block: HeaderBlock, flags: u32): void {
  const casing = reserveArena(block, CASING_BYTES);
  memory.fill(casing, 0, CASING_BYTES);
  store<u32>(casing, flags);
  block.casing = casing;
}

/** True when names that the peer did not write are to be in Train-Case. */
export function isProperBeside(block: HeaderBlock): bool {
  return (load<u32>(block.casing) & CASING_PROPER_BESIDE) != 0;
}

/** Keeps the reason phrase of a response. */
export function keepReason(block: HeaderBlock, reason: usize, length: i32): void {
  store<u32>(block.casing, <u32>keepBytes(block, reason, length), CASING_REASON);
  store<i32>(block.casing, length, CASING_REASON_LENGTH);
}

/** Address of the reason phrase that was kept. */
export function keptReason(block: HeaderBlock): usize {
  return load<u32>(block.casing, CASING_REASON);
}

/** Its length; 0 when none was kept. */
export function keptReasonLength(block: HeaderBlock): i32 {
  return block.casing == 0 ? 0 : load<i32>(block.casing, CASING_REASON_LENGTH);
}

/** Keeps a name, unless there is another spelling of it. */
export function keepName(block: HeaderBlock, name: usize, length: i32): void {
  const hash = hashName(name, length);
  if (findName(block.casing, hash, name, length) != 0) return;
  const kept = reserveArena(block, <i32>NAME_BYTES + length);
  const bucket = bucketOf(block.casing, hash);
  store<u32>(kept, load<u32>(bucket));
  store<u32>(kept, hash, NAME_HASH);
  store<i32>(kept, length, NAME_LENGTH);
  memory.copy(kept + NAME_BYTES, name, length);
  store<u32>(bucket, <u32>kept);
}

/** Address of the spelling that was kept of a name, which is as long as the name, or 0. */
export function keptName(block: HeaderBlock, name: usize, length: i32): usize {
  const kept = findName(block.casing, hashName(name, length), name, length);
  return kept == 0 ? 0 : kept + NAME_BYTES;
}

function findName(casing: usize, hash: u32, name: usize, length: i32): usize {
  let kept = <usize>load<u32>(bucketOf(casing, hash));
  while (kept != 0) {
    const isLike = load<u32>(kept, NAME_HASH) == hash && load<i32>(kept, NAME_LENGTH) == length;
    if (isLike && isSameName(kept + NAME_BYTES, name, length)) return kept;
    kept = load<u32>(kept);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function bucketOf(casing: usize, hash: u32): usize {
  return casing + CASING_BUCKETS + <usize>((hash & (BUCKETS - 1)) << 2);
}

/** FNV-1a over the name in lower case. */
function hashName(name: usize, length: i32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = (hash ^ lowerByte(load<u8>(name + i))) * 0x01000193;
  return hash;
}

function isSameName(a: usize, b: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    if (lowerByte(load<u8>(a + i)) != lowerByte(load<u8>(b + i))) return false;
  }
  return true;
}
