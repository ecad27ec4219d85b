/*
 * SHA-1 (RFC 3174, FIPS 180-4). Broken for signatures, and used for none: the handshake of
 * WebSocket asks for it (RFC 6455 §4.2.2). Messages are short, so this is written to be read.
 */
import { allocate } from "../memory/slab.ts";

/** Bytes of a digest. */
export const SHA1_BYTES: i32 = 20;

const BLOCK_BYTES: i32 = 64;
/** Where the last block has the length of the message, in bits. */
const LENGTH_AT: i32 = 56;
const ROUNDS: i32 = 80;

const lastBlocks: usize = allocate(BLOCK_BYTES * 2);
const schedule: usize = allocate(ROUNDS << 2);

let h0: u32 = 0;
let h1: u32 = 0;
let h2: u32 = 0;
let h3: u32 = 0;
let h4: u32 = 0;

/** Writes the digest of `length` bytes, which are read only. */
export function writeSha1(target: usize, bytes: usize, length: i32): void {
  h0 = 0x67452301;
  h1 = 0xefcdab89;
  h2 = 0x98badcfe;
  h3 = 0x10325476;
  h4 = 0xc3d2e1f0;
  const whole = length & ~(BLOCK_BYTES - 1);
  for (let at = 0; at < whole; at += BLOCK_BYTES) mixBlock(bytes + at);
  const rest = length - whole;
  // The end of the message: a bit, and zeros up to the length.
  const end = rest < LENGTH_AT ? BLOCK_BYTES : BLOCK_BYTES * 2;
  memory.fill(lastBlocks, 0, end);
  memory.copy(lastBlocks, bytes + whole, rest);
  store<u8>(lastBlocks + rest, 0x80);
  store<u64>(lastBlocks + end - 8, bswap<u64>((<u64>length) << 3));
  for (let at = 0; at < end; at += BLOCK_BYTES) mixBlock(lastBlocks + at);
  store<u32>(target, bswap<u32>(h0));
  store<u32>(target, bswap<u32>(h1), 4);
  store<u32>(target, bswap<u32>(h2), 8);
  store<u32>(target, bswap<u32>(h3), 12);
  store<u32>(target, bswap<u32>(h4), 16);
}

function mixBlock(block: usize): void {
  expand(block);
  let a = h0;
  let b = h1;
  let c = h2;
  let d = h3;
  let e = h4;
  for (let t = 0; t < ROUNDS; t++) {
    const word = load<u32>(schedule + (<usize>t << 2));
    const next = rotl<u32>(a, 5) + choose(t, b, c, d) + e + constantOf(t) + word;
    e = d;
    d = c;
    c = rotl<u32>(b, 30);
    b = a;
    a = next;
  }
  h0 += a;
  h1 += b;
  h2 += c;
  h3 += d;
  h4 += e;
}

/** The words of a block, and those that are made of them. */
function expand(block: usize): void {
  for (let t = 0; t < 16; t++) {
    const at = <usize>t << 2;
    store<u32>(schedule + at, bswap<u32>(load<u32>(block + at)));
  }
  for (let t = 16; t < ROUNDS; t++) {
    const at = schedule + (<usize>t << 2);
    const mixed = load<u32>(at - 12) ^ load<u32>(at - 32) ^ load<u32>(at - 56) ^ load<u32>(at - 64);
    store<u32>(at, rotl<u32>(mixed, 1));
  }
}

/** The function of a round: `f(t; B, C, D)`. */
function choose(t: i32, b: u32, c: u32, d: u32): u32 {
  if (t < 20) return (b & c) | (~b & d);
  if (t >= 40 && t < 60) return (b & c) | (b & d) | (c & d);
  return b ^ c ^ d;
}

/** The constant of a round: `K(t)`. */
function constantOf(t: i32): u32 {
  if (t < 20) return 0x5a827999;
  if (t < 40) return 0x6ed9eba1;
  return t < 60 ? 0x8f1bbcdc : 0xca62c1d6;
}
