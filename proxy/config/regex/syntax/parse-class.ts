import { foldRuneSet } from "./case-fold.ts";
import { findPerlClass, findPosixClass, finish } from "./named-class.ts";
import { parseEscape } from "./parse-escape.ts";
import type { PatternCursor } from "./pattern-cursor.ts";
import { RegexError } from "./regex-error.ts";
import { negateRuneSet, toRuneSet } from "./rune-set.ts";
import type { RuneRange, RuneSet } from "./syntax-tree.ts";
import { findUnicodeClass } from "./unicode-class.ts";

/** Reads `[…]`. The cursor is at the bracket. */
export function parseClass(cursor: PatternCursor, isFolding: boolean): RuneSet {
  const start = cursor.at;
  cursor.skip("[");
  const isNegated = cursor.skip("^");
  const ranges: RuneRange[] = [];
  // A bracket that comes first stands for itself.
  for (let isFirst = true; isFirst || !cursor.startsWith("]"); isFirst = false) {
    if (cursor.isAtEnd) throw missingBracket(cursor, start);
    const named = parsePosixClass(cursor, isFolding) ?? parseEscapedClass(cursor, isFolding);
    if (named !== null) {
      ranges.push(...named);
      continue;
    }
    const range = parseRange(cursor, start);
    if (isFolding) ranges.push(...foldRuneSet([range]));
    else ranges.push(range);
  }
  cursor.skip("]");
  const set = toRuneSet(ranges);
  return isNegated ? negateRuneSet(set) : set;
}

/** Reads `\d`, `\pL`, `\p{Greek}` and their like, or returns null and stays where it is. */
export function parseEscapedClass(cursor: PatternCursor, isFolding: boolean): RuneSet | null {
  if (!cursor.startsWith("\\")) return null;
  const letter = cursor.peek(1);
  if (letter === "p" || letter === "P") return parseUnicodeClass(cursor, isFolding);
  const set = findPerlClass(letter, isFolding);
  if (set !== null) cursor.at += 2;
  return set;
}

function parseUnicodeClass(cursor: PatternCursor, isFolding: boolean): RuneSet {
  const start = cursor.at;
  let isNegated = cursor.peek(1) === "P";
  cursor.at += 2;
  let name = "";
  if (cursor.skip("{")) {
    const end = cursor.pattern.indexOf("}", cursor.at);
    if (end < 0) throw new RegexError("badCharacterRange", cursor.pattern.slice(start));
    name = cursor.pattern.slice(cursor.at, end);
    cursor.at = end + 1;
  } else if (!cursor.isAtEnd) {
    name = String.fromCodePoint(cursor.readRune());
  }
  if (name.startsWith("^")) {
    isNegated = !isNegated;
    name = name.slice(1);
  }
  const set = findUnicodeClass(name);
  if (set === null) throw new RegexError("badCharacterRange", cursor.textFrom(start));
  return finish(set, isNegated, isFolding);
}

/** Reads `[:name:]`. Without the closing `:]` it is no class name but plain characters. */
function parsePosixClass(cursor: PatternCursor, isFolding: boolean): RuneSet | null {
  if (!cursor.startsWith("[:")) return null;
  const end = cursor.pattern.indexOf(":]", cursor.at + 2);
  if (end < 0) return null;
  const set = findPosixClass(cursor.pattern.slice(cursor.at + 2, end), isFolding);
  if (set === null) {
    throw new RegexError("badCharacterRange", cursor.pattern.slice(cursor.at, end + 2));
  }
  cursor.at = end + 2;
  return set;
}

/** Reads `x` or `x-y`. */
function parseRange(cursor: PatternCursor, classStart: number): RuneRange {
  const start = cursor.at;
  const low = parseCharacter(cursor, classStart);
  // In `[a-]` the hyphen stands for itself.
  if (!cursor.startsWith("-") || cursor.peek(1) === "]" || cursor.peek(1) === "") return [low, low];
  cursor.at++;
  const high = parseCharacter(cursor, classStart);
  if (high < low) throw new RegexError("badCharacterRange", cursor.textFrom(start));
  return [low, high];
}

function parseCharacter(cursor: PatternCursor, classStart: number): number {
  if (cursor.isAtEnd) throw missingBracket(cursor, classStart);
  return cursor.startsWith("\\") ? parseEscape(cursor) : cursor.readRune();
}

function missingBracket(cursor: PatternCursor, start: number): RegexError {
  return new RegexError("missingBracket", cursor.pattern.slice(start));
}
