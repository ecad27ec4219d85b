import { foldRuneSet } from "./case-fold.ts";
import { negateRuneSet } from "./rune-set.ts";
import type { RuneSet } from "./syntax-tree.ts";

const DIGIT: RuneSet = [[0x30, 0x39]];
const UPPER: RuneSet = [[0x41, 0x5a]];
const LOWER: RuneSet = [[0x61, 0x7a]];
const ALPHA: RuneSet = [...UPPER, ...LOWER];
const ALNUM: RuneSet = [...DIGIT, ...ALPHA];
const WORD: RuneSet = [...DIGIT, ...UPPER, [0x5f, 0x5f], ...LOWER];

/** Perl classes by their letter. Unlike POSIX's `space`, `\s` has no vertical tab. */
const PERL_CLASSES: Readonly<Record<string, RuneSet>> = {
  d: DIGIT,
  s: [
    [0x09, 0x0a],
    [0x0c, 0x0d],
    [0x20, 0x20],
  ],
  w: WORD,
};

const POSIX_CLASSES: Readonly<Record<string, RuneSet>> = {
  alnum: ALNUM,
  alpha: ALPHA,
  ascii: [[0x00, 0x7f]],
  blank: [
    [0x09, 0x09],
    [0x20, 0x20],
  ],
  cntrl: [
    [0x00, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: DIGIT,
  graph: [[0x21, 0x7e]],
  lower: LOWER,
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper: UPPER,
  word: WORD,
  xdigit: [
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66],
  ],
};

/** The set of `\d`, `\D`, `\s`, `\S`, `\w` or `\W` by its letter, or null for another letter. */
export function findPerlClass(letter: string, isFolding: boolean): RuneSet | null {
  const set = lookUp(PERL_CLASSES, letter.toLowerCase());
  return set && finish(set, letter !== letter.toLowerCase(), isFolding);
}

/** The set of `[:name:]` or `[:^name:]`, given what is between the colons, or null. */
export function findPosixClass(name: string, isFolding: boolean): RuneSet | null {
  const isNegated = name.startsWith("^");
  const set = lookUp(POSIX_CLASSES, isNegated ? name.slice(1) : name);
  return set && finish(set, isNegated, isFolding);
}

/** Folds case before it negates: under `(?i)`, `\PL` leaves out whatever folds to a letter. */
export function finish(set: RuneSet, isNegated: boolean, isFolding: boolean): RuneSet {
  const folded = isFolding ? foldRuneSet(set) : set;
  return isNegated ? negateRuneSet(folded) : folded;
}

function lookUp(table: Readonly<Record<string, RuneSet>>, name: string): RuneSet | null {
  return Object.hasOwn(table, name) ? table[name] : null;
}
