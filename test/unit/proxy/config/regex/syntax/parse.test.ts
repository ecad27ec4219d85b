import assert from "node:assert/strict";
import { parseRegex } from "../../../../../../proxy/config/regex/syntax/parse.ts";
import { RegexError } from "../../../../../../proxy/config/regex/syntax/regex-error.ts";
import type { RuneSet } from "../../../../../../proxy/config/regex/syntax/syntax-tree.ts";

/** From RE2's syntax page, entry by entry. */
const accepted = [
  ...[".", "[xyz]", "[^xyz]", "\\d", "\\D", "[[:alpha:]]", "[[:^alpha:]]", "\\pN", "\\p{Greek}"],
  ...["\\PN", "\\P{Greek}", "xy", "x|y", "x*", "x+", "x?", "x{2,3}", "x{2,}", "x{2}", "x*?"],
  ...["x+?", "x??", "x{2,3}?", "x{2,}?", "x{2}?", "(re)", "(?P<name>re)", "(?<name>re)", "(?:re)"],
  ...["(?i)x", "(?i:x)", "(?imsU)x", "(?i-s)x", "(?-s)x", "(?i-s:x)", "^", "$", "\\A", "\\b"],
  ...["\\B", "\\z", "\\a", "\\f", "\\t", "\\n", "\\r", "\\v", "\\*", "\\123", "\\07", "\\x7F"],
  ...["\\x{10FFFF}", "\\Q.*\\E", "\\Q.*", "[A-Za]", "[\\d]", "[^\\D]", "[\\p{Lu}]", "[^\\p{Lu}]"],
  // Beyond the page: what stands for itself, and what may be empty.
  ...["", "()", "(|a)", "a||b", "x{", "x{a}", "x{,2}", "x{01}", "x{-1}", "}", "]", "[]a]", "[^]a]"],
  ...["[a-]", "[-a]", "[+--]", "[a-z-9]", "[[:word:]-z]", "[[:alpha]", "[[a]", "\\_", "\\-", "\\/"],
  ...["(?i)(?s)x", "a*(?:)*", "^*", "\\b+", "(?P<n>a)(?P<n>b)", "(?P<é1_>a)", "\\p{^Greek}"],
  ...["\\pZ", "\\p{Any}", "\\p{Yi}", "\\p{Nko}", "\\p{Thai}", "x{1000}", "(x{10}){100}"],
];

/** The message is RE2's own. */
const refused: readonly (readonly [pattern: string, message: string])[] = [
  ["*", "no argument for repetition operator: *"],
  ["+a", "no argument for repetition operator: +"],
  ["a|*", "no argument for repetition operator: *"],
  ["(?i)*", "no argument for repetition operator: *"],
  ["(*)", "no argument for repetition operator: *"],
  ["{2}", "no argument for repetition operator: {2}"],
  ["*?", "no argument for repetition operator: *?"],
  ["a**", "bad repetition operator: **"],
  ["a*+", "bad repetition operator: *+"],
  ["a??+", "bad repetition operator: ??+"],
  ["a{2}{3}", "bad repetition operator: {2}{3}"],
  ["a{1001}", "invalid repetition size: {1001}"],
  ["a{2,1001}", "invalid repetition size: {2,1001}"],
  ["a{1001,}?", "invalid repetition size: {1001,}?"],
  ["a{3,2}", "invalid repetition size: {3,2}"],
  ["((a{100}){11})", "invalid repetition size: {11}"],
  ["((a{10,}){101}|b)", "invalid repetition size: {101}"],
  ["(a", "missing ): (a"],
  ["a(b(c)", "missing ): a(b(c)"],
  ["(?P<n>", "missing ): (?P<n>"],
  ["a)", "unexpected ): a)"],
  ["(a))b", "unexpected ): (a))b"],
  ["[a", "missing ]: [a"],
  ["x[]", "missing ]: []"],
  ["[a-", "missing ]: [a-"],
  ["[b-a]", "invalid character class range: b-a"],
  ["[a-\\x20]", "invalid character class range: a-\\x20"],
  ["[[:foo:]]", "invalid character class range: [:foo:]"],
  ["\\p{Foo}", "invalid character class range: \\p{Foo}"],
  ["\\p{Cn}", "invalid character class range: \\p{Cn}"],
  ["\\p{L&}", "invalid character class range: \\p{L&}"],
  ["\\p{Grek}", "invalid character class range: \\p{Grek}"],
  ["\\p{Script=Greek}", "invalid character class range: \\p{Script=Greek}"],
  ["\\p{ASCII}", "invalid character class range: \\p{ASCII}"],
  ["\\p{Greek", "invalid character class range: \\p{Greek"],
  ["\\p", "invalid character class range: \\p"],
  ["a\\", "trailing \\"],
  ["[a\\", "trailing \\"],
  ["\\1", "invalid escape sequence: \\1"],
  ["(a)\\1", "invalid escape sequence: \\1"],
  ["\\8", "invalid escape sequence: \\8"],
  ["\\Z", "invalid escape sequence: \\Z"],
  ["\\G", "invalid escape sequence: \\G"],
  ["\\e", "invalid escape sequence: \\e"],
  ["\\cK", "invalid escape sequence: \\c"],
  ["\\k<n>", "invalid escape sequence: \\k"],
  ["\\é", "invalid escape sequence: \\é"],
  ["[\\Q]", "invalid escape sequence: \\Q"],
  ["[a-\\d]", "invalid escape sequence: \\d"],
  ["\\x", "invalid escape sequence: \\x"],
  ["\\x1", "invalid escape sequence: \\x1"],
  ["\\x1g", "invalid escape sequence: \\x1g"],
  ["\\x{}", "invalid escape sequence: \\x{}"],
  ["\\x{1g}", "invalid escape sequence: \\x{1g"],
  ["\\x{110000}", "invalid escape sequence: \\x{110000"],
  ["(?=a)", "invalid perl operator: (?="],
  ["(?!a)", "invalid perl operator: (?!"],
  ["(?<=a)", "invalid perl operator: (?<="],
  ["(?<!a)", "invalid perl operator: (?<!"],
  ["(?>a)", "invalid perl operator: (?>"],
  ["(?#c)", "invalid perl operator: (?#"],
  ["(?P=n)", "invalid perl operator: (?P"],
  ["(?x)a", "invalid perl operator: (?x"],
  ["(?i-)a", "invalid perl operator: (?i-)"],
  ["(?--i)a", "invalid perl operator: (?--"],
  ["(?i", "invalid perl operator: (?i"],
  ["(?", "invalid perl operator: (?"],
  ["(?<", "invalid perl operator: (?<"],
  ["(?P<n", "invalid named capture group: (?P<n"],
  ["(?<n", "invalid named capture group: (?<n"],
  ["(?P<>a)", "invalid named capture group: (?P<>"],
  ["(?P<x y>a)", "invalid named capture group: (?P<x y>"],
  ["\ud800", "invalid UTF-8"],
  ["[\udc00]", "invalid UTF-8"],
];

/** What a pattern of one character stands for. */
const sets: readonly (readonly [pattern: string, set: RuneSet])[] = [
  ["a", [[0x61, 0x61]]],
  ["\\x{1F600}", [[0x1f600, 0x1f600]]],
  ["\\012", [[0x0a, 0x0a]]],
  ["\\07", [[0x07, 0x07]]],
  ["[b-da-c]", [[0x61, 0x64]]],
  ["\\d", [[0x30, 0x39]]],
  [
    "\\s",
    [
      [0x09, 0x0a],
      [0x0c, 0x0d],
      [0x20, 0x20],
    ],
  ],
  [
    "[[:space:]]",
    [
      [0x09, 0x0d],
      [0x20, 0x20],
    ],
  ],
  ["[^\\x00-\\x60\\x{62}-\\x{10FFFF}]", [[0x61, 0x61]]],
  ["(?s).", [[0, 0x10ffff]]],
  [
    ".",
    [
      [0, 0x09],
      [0x0b, 0x10ffff],
    ],
  ],
  [
    "[^a]",
    [
      [0, 0x60],
      [0x62, 0x10ffff],
    ],
  ],
  [
    "(?i)a",
    [
      [0x41, 0x41],
      [0x61, 0x61],
    ],
  ],
  [
    "(?i)k",
    [
      [0x4b, 0x4b],
      [0x6b, 0x6b],
      [0x212a, 0x212a],
    ],
  ],
  [
    "(?i)[^k]",
    [
      [0, 0x4a],
      [0x4c, 0x6a],
      [0x6c, 0x2129],
      [0x212b, 0x10ffff],
    ],
  ],
];

describe("parseRegex", () => {
  for (const pattern of accepted) {
    it(`parseRegex: ${pattern} is accepted`, () => {
      assert.doesNotThrow(() => parseRegex(pattern));
    });
  }

  for (const [pattern, message] of refused) {
    it(`parseRegex: ${JSON.stringify(pattern)} is refused in RE2's words`, () => {
      assert.throws(
        () => parseRegex(pattern),
        (error) => {
          assert.ok(error instanceof RegexError);
          assert.equal(error.message, message);
          return true;
        },
      );
    });
  }

  it("parseRegex: \\C, half of a character, is refused although RE2 has it", () => {
    assert.throws(() => parseRegex("\\C"), { message: "invalid escape sequence: \\C" });
  });

  for (const [pattern, set] of sets) {
    it(`parseRegex: ${pattern} stands for the right characters`, () => {
      assert.deepEqual(parseRegex(pattern).root, { kind: "runes", set });
    });
  }

  it("parseRegex: groups are counted, and named by their first use", () => {
    const { groupCount, groupNames } = parseRegex("(a)(?:b)(?P<x>c(?<y>d))(?P<x>e)");
    assert.equal(groupCount, 4);
    assert.deepEqual(
      [...groupNames],
      [
        ["x", 2],
        ["y", 3],
      ],
    );
  });

  it("parseRegex: a flag holds until its group ends, across alternatives", () => {
    const { root } = parseRegex("(?:(?s).|.).");
    assert.ok(root.kind === "concatenation" && root.parts[0].kind === "alternation");
    const [first, second] = root.parts[0].choices;
    assert.deepEqual(first, { kind: "runes", set: [[0, 0x10ffff]] });
    assert.deepEqual(second, first);
    assert.notDeepEqual(root.parts[1], first);
  });

  it("parseRegex: U turns greed around", () => {
    const body = { kind: "runes", set: [[0x61, 0x61]] };
    const repetition = { kind: "repetition", body, min: 0, max: Infinity };
    assert.deepEqual(parseRegex("(?U)a*").root, { ...repetition, isGreedy: false });
    assert.deepEqual(parseRegex("(?U)a*?").root, { ...repetition, isGreedy: true });
  });

  it("parseRegex: 1000 nested groups are accepted, one more is not", () => {
    const nested = (depth: number) => `${"(".repeat(depth)}a${")".repeat(depth)}`;
    assert.equal(parseRegex(nested(1000)).groupCount, 1000);
    assert.throws(() => parseRegex(nested(1001)), { message: "expression nests too deeply" });
  });
});
