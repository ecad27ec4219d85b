import { RUNE_MAX, type RuneRange, type RuneSet } from "./syntax-tree.ts";

/** Sorts ranges and joins those that overlap or touch. */
export function toRuneSet(ranges: Iterable<RuneRange>): RuneSet {
  const sorted = [...ranges].sort((left, right) => left[0] - right[0]);
  const joined: [number, number][] = [];
  for (const [low, high] of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else joined.push([low, high]);
  }
  return joined;
}

/** Every code point that is not in `set`. */
export function negateRuneSet(set: RuneSet): RuneSet {
  const negated: RuneRange[] = [];
  let next = 0;
  for (const [low, high] of set) {
    if (next < low) negated.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= RUNE_MAX) negated.push([next, RUNE_MAX]);
  return negated;
}

/** Whether `rune` is in `set`. */
export function hasRune(set: RuneSet, rune: number): boolean {
  return set.some(([low, high]) => low <= rune && rune <= high);
}
