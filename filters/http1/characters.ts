/* Character classes of RFC 9110 §5.6.2 as a table of 256 bytes. */

const table: usize = memory.data(256);
const TOKEN_MARKS = "!#$%&'*+-.^_`|~";

/** Fills the table. Called once when the module starts. */
export function buildCharacters(): void {
  for (let c: u32 = 48; c < 58; c++) store<u8>(table + c, <u8>c);
  for (let c: u32 = 97; c < 123; c++) {
    store<u8>(table + c, <u8>c);
    store<u8>(table + c - 32, <u8>c);
  }
  for (let i = 0; i < TOKEN_MARKS.length; i++) {
    const c = <u32>TOKEN_MARKS.charCodeAt(i);
    store<u8>(table + c, <u8>c);
  }
}

/** The lower-case form of a token character, or 0 for a byte that no token may hold. */
// @ts-ignore: decorator
@inline
export function tokenByte(byte: u32): u32 {
  return load<u8>(table + byte);
}

/** True for the white space that may stand around a value. RFC 9110 §5.6.3. */
// @ts-ignore: decorator
@inline
export function isBlank(byte: u32): bool {
  return byte == 32 || byte == 9;
}

/**
 * Offset of the first control character other than TAB at or after `from` (DEL counts), or
 * `length`. May look at 15 bytes behind the end. Hot: one pass over each head.
 */
export function findControl(bytes: usize, from: i32, length: i32): i32 {
  const space = i8x16.splat(0x20);
  const tab = i8x16.splat(9);
  const del = i8x16.splat(0x7f);
  for (let i = from; i < length; i += 16) {
    const v = v128.load(bytes + i);
    const low = v128.andnot(i8x16.lt_u(v, space), i8x16.eq(v, tab));
    const hits = i8x16.bitmask(v128.or(low, i8x16.eq(v, del)));
    if (hits != 0) {
      const at = i + ctz(hits);
      return at < length ? at : length;
    }
  }
  return length;
}
