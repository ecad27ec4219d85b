import fc from "fast-check";

/** What the patterns and texts of a property are made of. */
export interface PatternAlphabet {
  /** Smallest patterns. */
  readonly atoms: readonly string[];
  /** Operators that follow a group. */
  readonly repetitions: readonly string[];
  /** Characters of texts. */
  readonly characters: readonly string[];
}

/** Everything that RE2 knows. */
export const RE2_ALPHABET: PatternAlphabet = {
  atoms: [
    ...[
      "a",
      "b",
      "ab",
      "é",
      "日",
      "K",
      "",
      ".",
      "(?s:.)",
      "[ab]",
      "[^a]",
      "[a-cé-ü]",
      "\\w",
      "\\W",
    ],
    ...[
      "\\d",
      "\\s",
      "\\p{Greek}",
      "\\P{Greek}",
      "[[:upper:]]",
      "[^[:word:]]",
      "\\Q.*\\E",
      "\\x{1F600}",
    ],
    ...["^", "$", "\\b", "\\B", "(?m:^)", "(?m:$)", "\\A", "\\z", "\\n"],
    ...["(?i:k)", "(?i)s", "(?i)[^k]", "(?U)a*", "[^\\x{1F600}]"],
  ],
  repetitions: ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}", "{0}", "{1}"],
  characters: [
    ...["a", "b", "a", "b", "c", "é", "日", "😀", "K", "k", "\u212a", "s", "\u017f"],
    ...[" ", "\n", "1", "_", "A", ".", "*"],
  ],
};

/** What RE2 and JavaScript read alike. */
export const SHARED_ALPHABET: PatternAlphabet = {
  atoms: [
    ...["a", "b", "ab", "é", "日", "", ".", "[ab]", "[^a]", "[a-cé-ü]", "\\w", "\\W", "\\d", "\\D"],
    ...["^", "$", "\\b", "\\B", "\\p{Lu}", "\\P{Nd}", "\\x41", "[\\w.]", "\\."],
  ],
  repetitions: ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}", "{0}", "{0,2}?"],
  characters: ["a", "b", "a", "b", "c", "é", "日", "😀", " ", "\n", "1", "_", "A", "."],
};

/** Patterns over an alphabet, of a size that a slow matcher can bear. */
export function arbitraryPattern(alphabet: PatternAlphabet): fc.Arbitrary<string> {
  const atom = fc.constantFrom(...alphabet.atoms);
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      atom,
      atom,
      fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => `${left}${right}`),
      fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => `(?:${left}|${right})`),
      fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => `(${left}|${right})`),
      fc
        .tuple(tie("pattern"), fc.constantFrom(...alphabet.repetitions))
        .map(([body, repetition]) => `(?:${body})${repetition}`),
      fc
        .tuple(tie("pattern"), fc.constantFrom(...alphabet.repetitions))
        .map(([body, repetition]) => `(${body})${repetition}`),
    ),
  }));
  return pattern;
}

/** Short texts over an alphabet. */
export function arbitraryText(alphabet: PatternAlphabet): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...alphabet.characters), { maxLength: 8 }).map((characters) => {
    return characters.join("");
  });
}
