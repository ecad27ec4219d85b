/** A range of code points, both ends included. */
export type RuneRange = readonly [low: number, high: number];

/** A set of code points: ranges in ascending order that neither overlap nor touch. */
export type RuneSet = readonly RuneRange[];

/** The largest code point, U+10FFFF. */
export const RUNE_MAX = 0x10ffff;

/**
 * Zero-width conditions. `textStart` is `\A` and `^`, `textEnd` is `\z` and `$`; the `line` forms
 * are `^` and `$` under `(?m)`; a word boundary looks at ASCII word characters only, as in RE2.
 */
export type AssertionKind =
  | "textStart"
  | "textEnd"
  | "lineStart"
  | "lineEnd"
  | "wordBoundary"
  | "notWordBoundary";

/** What a regular expression means, with flags, escapes and classes already worked out. */
export type RegexNode =
  | { readonly kind: "empty" }
  | { readonly kind: "runes"; readonly set: RuneSet }
  | { readonly kind: "assertion"; readonly assertion: AssertionKind }
  | { readonly kind: "concatenation"; readonly parts: readonly RegexNode[] }
  | { readonly kind: "alternation"; readonly choices: readonly RegexNode[] }
  | {
      readonly kind: "repetition";
      readonly body: RegexNode;
      readonly min: number;
      /** `Infinity` where there is no upper bound. */
      readonly max: number;
      readonly isGreedy: boolean;
    }
  | { readonly kind: "group"; readonly body: RegexNode; readonly index: number };

/** A pattern that parsed. */
export interface ParsedRegex {
  readonly root: RegexNode;
  /** Capturing groups in the pattern, the whole match not counted. */
  readonly groupCount: number;
  /** Group name → group index, first use wins. */
  readonly groupNames: ReadonlyMap<string, number>;
}
