/* Texts in the Huffman code of RFC 7541 §5.2: the inner loops of literals. */
import { EOS, STEP_OF_ONE, codeOf, longCode, stepOf, symbolsOf } from "./huffman-tables.ts";

/** What `codeOf` and `stepOf` hold: a length in the low bits, and above it the code or a count. */
const LENGTH: u32 = 63;
const CODE: u64 = ~(<u64>LENGTH);

/** The greatest number of bytes that `length` bytes of code stand for: codes have five bits. */
// @ts-ignore: decorator
@inline
export function decodedLengthMax(length: i32): i32 {
  return <i32>((<u32>length << 3) / 5);
}

/**
 * Decodes a text. Stores up to `lengthMax` bytes of it, and may touch 16 behind them. Returns the
 * length of the whole, or -1 when it is malformed.
 */
export function decodeHuffman(target: usize, lengthMax: i32, bytes: usize, length: i32): i32 {
  const end = bytes + <usize>length;
  let at = bytes;
  /** What is not decoded yet, from the top; `count` bits of it are taken from the input. */
  let bits: u64 = 0;
  let count: u32 = 0;
  let out: i32 = 0;
  while (end - at >= 8) {
    bits |= bswap<u64>(load<u64>(at)) >> count;
    at += (63 - count) >> 3;
    count |= 56;
    // Four windows are always there, and a loop that always turns four times costs no time.
    for (let turn = 0; turn < 4; turn++) {
      let step = stepOf(bits);
      let symbols = symbolsOf(bits);
      if (step == 0) {
        const code = longCode(bits);
        step = STEP_OF_ONE | (code >> 16);
        if ((step & LENGTH) > count) break;
        if ((code & 0xffff) == EOS) return -1;
        symbols = <u16>code;
        // It may have taken the bits of another window.
        turn = 4;
      }
      store<u16>(target + (out < lengthMax ? out : lengthMax), symbols);
      out += step >> 6;
      // Shifts look at the low six bits only.
      bits <<= step;
      count -= step & LENGTH;
    }
  }
  return decodeEnd(target, lengthMax, at, end, bits, count, out);
}

/** Decodes the last bytes, fewer than eight, and looks at the padding. */
function decodeEnd(
  target: usize,
  lengthMax: i32,
  at: usize,
  end: usize,
  bits: u64,
  count: u32,
  out: i32,
): i32 {
  while (true) {
    for (; at < end && count <= 56; count += 8) bits |= <u64>load<u8>(at++) << (56 - count);
    let step = stepOf(bits);
    let symbols = symbolsOf(bits);
    if (step == 0) {
      const code = longCode(bits);
      step = STEP_OF_ONE | (code >> 16);
      if ((code & 0xffff) == EOS && (step & LENGTH) <= count) return -1;
      symbols = <u16>code;
    }
    if ((step & LENGTH) > count) {
      step = STEP_OF_ONE | (<u32>codeOf(symbols & 0xff) & LENGTH);
      if ((step & LENGTH) > count) break;
    }
    store<u16>(target + (out < lengthMax ? out : lengthMax), symbols);
    out += step >> 6;
    bits <<= step;
    count -= step & LENGTH;
  }
  // RFC 7541 §5.2: fewer than eight bits of padding, the first ones of EOS.
  const ones = ~(~(<u64>0) >> count);
  return count > 7 || (bits & ones) != ones ? -1 : out;
}

/**
 * Encodes a text. Returns its end, or 0 when that is not below `limit`. May write eight bytes
 * behind `limit`.
 */
export function encodeHuffman(target: usize, limit: usize, bytes: usize, length: i32): usize {
  const end = bytes + <usize>length;
  let at = bytes;
  /** What is not written yet, from the top; fewer than eight bits between two turns. */
  let bits: u64 = 0;
  let count: u64 = 0;
  // Four codes of the usual characters have room at once.
  while (end - at >= 4) {
    if (target >= limit) return 0;
    const first = codeOf(load<u8>(at));
    const second = codeOf(load<u8>(at, 1));
    const third = codeOf(load<u8>(at, 2));
    const fourth = codeOf(load<u8>(at, 3));
    const two = count + (first & LENGTH);
    const three = two + (second & LENGTH);
    const four = three + (third & LENGTH);
    const all = four + (fourth & LENGTH);
    if (all > 63) {
      bits |= (first & CODE) >> count;
      count = two;
      at++;
    } else {
      bits |= ((first & CODE) >> count) | ((second & CODE) >> two);
      bits |= ((third & CODE) >> three) | ((fourth & CODE) >> four);
      count = all;
      at += 4;
    }
    store<u64>(target, bswap<u64>(bits));
    target += <usize>(count >> 3);
    bits <<= count & 56;
    count &= 7;
  }
  while (at < end) {
    if (target >= limit) return 0;
    const code = codeOf(load<u8>(at++));
    bits |= (code & CODE) >> count;
    count += code & 63;
    store<u64>(target, bswap<u64>(bits));
    target += <usize>(count >> 3);
    bits <<= count & 56;
    count &= 7;
  }
  if (count > 0) {
    if (target >= limit) return 0;
    store<u8>(target++, <u8>((bits | (~(<u64>0) >> count)) >> 56));
  }
  return target < limit ? target : 0;
}
