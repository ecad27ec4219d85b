import type { PatternCursor } from "./pattern-cursor.ts";

/** A repetition operator as it is written, not yet checked. */
export interface Repetition {
  readonly min: number;
  /** `Infinity` where there is no upper bound. */
  readonly max: number;
  /** Whether a question mark follows. */
  readonly isLazy: boolean;
}

/**
 * Reads `*`, `+`, `?`, `{n}`, `{n,}` or `{n,m}` and the question mark behind it, or returns null
 * and stays where it is. A brace that starts no such thing stands for itself.
 */
export function parseRepetition(cursor: PatternCursor): Repetition | null {
  const bounds = parseBounds(cursor);
  return bounds && { min: bounds[0], max: bounds[1], isLazy: cursor.skip("?") };
}

function parseBounds(cursor: PatternCursor): readonly [number, number] | null {
  if (cursor.skip("*")) return [0, Infinity];
  if (cursor.skip("+")) return [1, Infinity];
  if (cursor.skip("?")) return [0, 1];
  BRACES.lastIndex = cursor.at;
  const match = BRACES.exec(cursor.pattern);
  if (match === null) return null;
  cursor.at = BRACES.lastIndex;
  const min = Number(match[1]);
  if (match[2] === undefined) return [min, min];
  return [min, match[3] === undefined ? Infinity : Number(match[3])];
}

/** Numbers have no leading zeros and at most nine digits, as RE2 reads them. */
const BRACES = /\{(0|[1-9]\d{0,8})(,(0|[1-9]\d{0,8})?)?\}/y;
