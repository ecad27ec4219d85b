import { toRuneSet } from "./rune-set.ts";
import type { RuneRange, RuneSet } from "./syntax-tree.ts";
import { unicodeClass } from "./unicode-class.ts";

/**
 * Adds to `set` every code point that differs from a member only by case, under Unicode simple case
 * folding: `k` brings `K` and the Kelvin sign, as in RE2.
 */
export function foldRuneSet(set: RuneSet): RuneSet {
  const added: RuneRange[] = [...set];
  for (const [low, high] of set) {
    const { cased, orbits } = high < 0x80 ? asciiOrbits() : allOrbits();
    for (let at = lowerBound(cased, low); at < cased.length && cased[at] <= high; at++) {
      for (const rune of orbits.get(cased[at]) ?? []) added.push([rune, rune]);
    }
  }
  return added.length === set.length ? set : toRuneSet(added);
}

/** Cased code points in ascending order, each with all that are equal to it under folding. */
interface Orbits {
  readonly cased: readonly number[];
  readonly orbits: ReadonlyMap<number, readonly number[]>;
}

/** Letters of ASCII fold among themselves, except that `k` and `s` each have a third form. */
function asciiOrbits(): Orbits {
  asciiCache ??= buildOrbits([...Array(0x80).keys(), 0x17f, 0x212a]);
  return asciiCache;
}

function allOrbits(): Orbits {
  allCache ??= buildOrbits(casedRunes());
  return allCache;
}

let asciiCache: Orbits | undefined;
let allCache: Orbits | undefined;

function casedRunes(): number[] {
  const runes: number[] = [];
  for (const name of ["Changes_When_Casemapped", "Changes_When_Casefolded"]) {
    for (const [low, high] of unicodeClass(name)) {
      for (let rune = low; rune <= high; rune++) runes.push(rune);
    }
  }
  return runes;
}

/**
 * Code points that fold alike although neither is the upper or lower case of the other:
 * CaseFolding.txt, status S, added in Unicode 15.1.
 */
const UNRELATED_PAIRS: readonly RuneRange[] = [
  [0x390, 0x1fd3],
  [0x3b0, 0x1fe3],
  [0xfb05, 0xfb06],
];

function buildOrbits(runes: readonly number[]): Orbits {
  const orbits = new Map<number, number[]>();
  const join = (left: number, right: number) => {
    if (!foldsAlike(left, right)) return;
    const members = new Set([left, right]);
    for (const rune of [left, right])
      for (const other of orbits.get(rune) ?? []) members.add(other);
    const orbit = [...members];
    for (const rune of orbit) orbits.set(rune, orbit);
  };
  for (const rune of runes) {
    const text = String.fromCodePoint(rune);
    for (const mapped of [text.toLowerCase(), text.toUpperCase()]) {
      const other = mapped.codePointAt(0) ?? rune;
      if (other !== rune && String.fromCodePoint(other) === mapped) join(rune, other);
    }
  }
  if (runes.length > 0x100) for (const [left, right] of UNRELATED_PAIRS) join(left, right);
  return { cased: [...orbits.keys()].sort((left, right) => left - right), orbits };
}

/** JavaScript's `iu` compares by simple case folding, so it is asked about every pair. */
function foldsAlike(left: number, right: number): boolean {
  return new RegExp(`^\\u{${left.toString(16)}}$`, "iu").test(String.fromCodePoint(right));
}

/** Index of the first element that is not below `value`. */
function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
