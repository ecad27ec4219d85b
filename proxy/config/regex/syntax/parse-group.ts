import type { PatternCursor } from "./pattern-cursor.ts";
import { RegexError } from "./regex-error.ts";

/** The flags in force at one place of a pattern. */
export interface RegexFlags {
  /** `i`: letters match without regard to case. */
  readonly isFolding: boolean;
  /** `m`: `^` and `$` match at line ends too. */
  readonly isMultiline: boolean;
  /** `s`: `.` matches a newline too. */
  readonly hasDotAll: boolean;
  /** `U`: `x*` is lazy and `x*?` is greedy. */
  readonly isUngreedy: boolean;
}

/** What a parenthesis with a question mark says. */
export type GroupOpening =
  | { readonly kind: "capture"; readonly name: string }
  | { readonly kind: "plain"; readonly flags: RegexFlags }
  | { readonly kind: "flags"; readonly flags: RegexFlags };

const FLAG_NAMES: Readonly<Record<string, keyof RegexFlags>> = {
  i: "isFolding",
  m: "isMultiline",
  s: "hasDotAll",
  U: "isUngreedy",
};

/** Reads `(?P<name>`, `(?<name>`, `(?flags)` or `(?flags:`. The cursor is at the parenthesis. */
export function parsePerlOperator(cursor: PatternCursor, flags: RegexFlags): GroupOpening {
  for (const operator of ["(?=", "(?!", "(?<=", "(?<!"]) {
    if (cursor.startsWith(operator)) throw new RegexError("badPerlOperator", operator);
  }
  for (const operator of ["(?P<", "(?<"]) {
    // RE2 wants at least one character behind `(?P<` before it speaks of a name.
    if (cursor.startsWith(operator) && cursor.peek(operator.length) !== "") {
      return parseNamedGroup(cursor, operator);
    }
  }
  return parseFlags(cursor, flags);
}

function parseNamedGroup(cursor: PatternCursor, operator: string): GroupOpening {
  const start = cursor.at;
  const end = cursor.pattern.indexOf(">", start);
  if (end < 0) throw new RegexError("badNamedGroup", cursor.pattern.slice(start));
  const name = cursor.pattern.slice(start + operator.length, end);
  cursor.at = end + 1;
  if (!NAME_PATTERN.test(name)) throw new RegexError("badNamedGroup", cursor.textFrom(start));
  return { kind: "capture", name };
}

/** RE2's rule for group names. */
const NAME_PATTERN = /^[\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]+$/u;

function parseFlags(cursor: PatternCursor, flags: RegexFlags): GroupOpening {
  const start = cursor.at;
  cursor.at += 2;
  const changed = { ...flags };
  let isClearing = false;
  let hasFlags = false;
  while (!cursor.isAtEnd) {
    const character = String.fromCodePoint(cursor.readRune());
    if (character === ":" || character === ")") {
      if (isClearing && !hasFlags) break;
      return { kind: character === ":" ? "plain" : "flags", flags: changed };
    }
    if (character === "-" && !isClearing) {
      isClearing = true;
      hasFlags = false;
    } else if (Object.hasOwn(FLAG_NAMES, character)) {
      changed[FLAG_NAMES[character]] = !isClearing;
      hasFlags = true;
    } else {
      break;
    }
  }
  throw new RegexError("badPerlOperator", cursor.textFrom(start));
}
