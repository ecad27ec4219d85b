/*
 * The Huffman code of RFC 7541 Appendix B as tables. The code is canonical: codes of one length are
 * consecutive numbers in the order of their symbols, and the first of a length follows the last of
 * the length before, with a 0 behind it. So the lengths are all that has to be written down.
 *
 * Texts are decoded by windows of twelve bits, each of which holds one or two whole codes of the
 * characters that headers are made of. One table has the symbols of each window. Another has what
 * the next window waits for, in one byte: the length of the codes in the low six bits, how many
 * they are above.
 */
/** The symbol that ends no text: its first bits are the padding. RFC 7541 §5.2. */
export const EOS: u32 = 256;
/** Bits of a window. */
const WINDOW_BITS: u32 = 12;

const SHORTEST_BITS: u32 = 5;
const LONGEST_BITS: u32 = 30;
/** One code, in the byte that says how to go on. */
export const STEP_OF_ONE: u32 = 1 << 6;
const WINDOWS: u32 = 1 << WINDOW_BITS;

/** Lengths of the codes in bits, by symbol. */
const LENGTHS: usize = memory.data<u8>([
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
  28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5,
  6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6,
  7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23,
  23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22,
  22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22,
  23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27,
  27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25,
  24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
]);

const codes: usize = memory.data(257 * 8, 8);
const windowSymbols: usize = memory.data(4096 * 2, 8);
const windowSteps: usize = memory.data(4096);
/** Symbols in the order of their codes. */
const symbols: usize = memory.data(257 * 2, 8);
/** By length: the first code u32, how many there are u16, the place of the first u16. */
const lengths: usize = memory.data((LONGEST_BITS + 1) * 8, 8);

/** Builds the tables. Called once when the module starts. */
export function buildHuffman(): void {
  let code: u32 = 0;
  let place: u32 = 0;
  for (let length = SHORTEST_BITS; length <= LONGEST_BITS; length++) {
    const first = code;
    const firstPlace = place;
    for (let symbol: u32 = 0; symbol <= EOS; symbol++) {
      if (<u32>load<u8>(LENGTHS + symbol) != length) continue;
      store<u64>(codes + (symbol << 3), (<u64>code << (64 - length)) | length);
      store<u16>(symbols + (place << 1), <u16>symbol);
      if (length <= WINDOW_BITS) fillWindows(symbol, code, length);
      code++;
      place++;
    }
    store<u32>(lengths + (length << 3), first);
    store<u16>(lengths + (length << 3), <u16>(place - firstPlace), 4);
    store<u16>(lengths + (length << 3), <u16>firstPlace, 6);
    code <<= 1;
  }
  for (let window: u32 = 0; window < WINDOWS; window++) addSecond(window);
}

/** Fills in every window that begins with a code. */
function fillWindows(symbol: u32, code: u32, length: u32): void {
  const spare = WINDOW_BITS - length;
  for (let rest: u32 = 0; rest < <u32>1 << spare; rest++) {
    const window = (code << spare) | rest;
    store<u16>(windowSymbols + (window << 1), <u16>symbol);
    store<u8>(windowSteps + window, <u8>(STEP_OF_ONE | length));
  }
}

/** Adds the second symbol of a window, if the first leaves enough bits. */
function addSecond(window: u32): void {
  if (load<u8>(windowSteps + window) == 0) return;
  const first = load<u8>(windowSymbols + (window << 1));
  const firstLength = <u32>codeOf(first) & 63;
  const rest = (window << firstLength) & (WINDOWS - 1);
  if (load<u8>(windowSteps + rest) == 0) return;
  const second = load<u8>(windowSymbols + (rest << 1));
  const length = firstLength + (<u32>codeOf(second) & 63);
  if (length > WINDOW_BITS) return;
  store<u8>(windowSymbols + (window << 1), second, 1);
  store<u8>(windowSteps + window, <u8>((STEP_OF_ONE << 1) | length));
}

/** The code of a byte: the code itself at the top, its length in the low six bits. */
// @ts-ignore: decorator
@inline
export function codeOf(byte: u32): u64 {
  return load<u64>(codes + (byte << 3));
}

/** The length and count of the codes that `bits` begin with, or 0 when the first is longer. */
// @ts-ignore: decorator
@inline
export function stepOf(bits: u64): u32 {
  return load<u8>(windowSteps + <u32>(bits >> (64 - WINDOW_BITS)));
}

/** The symbols of those codes, one in each byte. */
// @ts-ignore: decorator
@inline
export function symbolsOf(bits: u64): u16 {
  return load<u16>(windowSymbols + ((<u32>(bits >> (64 - WINDOW_BITS))) << 1));
}

/** The first symbol of `bits`, with the length of its code above 16 bits; for long codes. */
export function longCode(bits: u64): u32 {
  for (let length = WINDOW_BITS + 1; length < LONGEST_BITS; length++) {
    const at = (<u32>(bits >> (64 - length))) - load<u32>(lengths + (length << 3));
    if (at < <u32>load<u16>(lengths + (length << 3), 4)) return symbolAt(length, at);
  }
  const at = (<u32>(bits >> (64 - LONGEST_BITS))) - load<u32>(lengths + (LONGEST_BITS << 3));
  return symbolAt(LONGEST_BITS, at);
}

// @ts-ignore: decorator
@inline
function symbolAt(length: u32, at: u32): u32 {
  const place = <u32>load<u16>(lengths + (length << 3), 6) + at;
  return (length << 16) | load<u16>(symbols + (place << 1));
}
