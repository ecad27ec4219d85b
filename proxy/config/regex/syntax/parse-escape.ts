import type { PatternCursor } from "./pattern-cursor.ts";
import { RegexError } from "./regex-error.ts";
import { RUNE_MAX } from "./syntax-tree.ts";

/** Escapes that stand for one control character. */
const CONTROL_ESCAPES: Readonly<Record<string, number>> = {
  a: 0x07,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09,
  v: 0x0b,
};

/**
 * Reads an escape that stands for one code point (`\n`, `\*`, `\123`, `\x7F`, `\x{10FFFF}`). The
 * cursor is at the backslash.
 *
 * @throws RegexError for any other escape, among them back-references and `\C`, which would match
 * a part of a character.
 */
export function parseEscape(cursor: PatternCursor): number {
  const start = cursor.at;
  cursor.at++;
  if (cursor.isAtEnd) throw new RegexError("trailingBackslash", "");
  const rune = cursor.readRune();
  const character = String.fromCodePoint(rune);
  if (/[0-7]/.test(character)) return parseOctal(cursor, start, character);
  if (character === "x") return parseHex(cursor, start);
  if (Object.hasOwn(CONTROL_ESCAPES, character)) return CONTROL_ESCAPES[character];
  if (rune < 0x80 && !/[0-9A-Za-z]/.test(character)) return rune;
  throw new RegexError("badEscape", cursor.textFrom(start));
}

/** Up to three digits. One digit alone, unless it is 0, would be a back-reference. */
function parseOctal(cursor: PatternCursor, start: number, first: string): number {
  let digits = first;
  while (digits.length < 3 && /^[0-7]$/.test(cursor.peek())) {
    digits += cursor.peek();
    cursor.at++;
  }
  if (digits.length === 1 && first !== "0") {
    throw new RegexError("badEscape", cursor.textFrom(start));
  }
  return Number.parseInt(digits, 8);
}

function parseHex(cursor: PatternCursor, start: number): number {
  if (!cursor.startsWith("{")) {
    const digits: string[] = [];
    while (digits.length < 2 && !cursor.isAtEnd) {
      digits.push(String.fromCodePoint(cursor.readRune()));
    }
    const text = digits.join("");
    if (/^[0-9A-Fa-f]{2}$/.test(text)) return Number.parseInt(text, 16);
    throw new RegexError("badEscape", cursor.textFrom(start));
  }
  cursor.at++;
  let value = 0;
  let digitCount = 0;
  while (/^[0-9A-Fa-f]$/.test(cursor.peek())) {
    value = value * 16 + Number.parseInt(cursor.peek(), 16);
    digitCount++;
    cursor.at++;
    if (value > RUNE_MAX) throw new RegexError("badEscape", cursor.textFrom(start));
  }
  const isClosed = cursor.startsWith("}");
  if (!cursor.isAtEnd) cursor.readRune();
  if (isClosed && digitCount > 0) return value;
  throw new RegexError("badEscape", cursor.textFrom(start));
}
