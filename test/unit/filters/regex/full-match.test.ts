import assert from "node:assert/strict";
import { compileRegex } from "../../../../proxy/config/regex/compile.ts";
import { RegexEngine } from "./engine.ts";

/** What matches a pattern as a whole, and what does not. */
const rows: readonly (readonly [pattern: string, matching: string[], others: string[]])[] = [
  ["", [""], ["a"]],
  ["h.*o", ["hello", "ho", "héllo"], ["hello!", "othello", "h\no"]],
  ["(?s)h.*o", ["h\no"], ["oh\no"]],
  ["/api/v[0-9]+/.*", ["/api/v1/", "/api/v22/x?y"], ["/api/v/", "/api/v1", "api/v1/", "/API/v1/"]],
  ["(?i)/api/k", ["/API/K", "/api/\u212a"], ["/api/", "/app/k"]],
  ["a|ab", ["a", "ab"], ["b", "abb", ""]],
  ["(a|ab)(c|bcd)", ["ac", "abcd", "abc"], ["abbc", "a"]],
  ["a|", ["a", ""], ["aa"]],
  ["x*", ["", "xxx"], ["xy"]],
  ["x+", ["x", "xx"], [""]],
  ["x??y", ["y", "xy"], ["xxy"]],
  ["x{2,3}", ["xx", "xxx"], ["x", "xxxx"]],
  ["x{2,}", ["xx", "xxxxx"], ["x"]],
  ["x{0}y", ["y"], ["xy"]],
  ["(ab){2}", ["abab"], ["ab", "ababab"]],
  ["x{,2}", ["x{,2}"], ["x", "xx"]],
  ["[a-c]", ["a", "b", "c"], ["d", "", "ab"]],
  ["[^a-c]", ["d", "é", "\n"], ["a", "b", ""]],
  ["[]a]", ["]", "a"], ["[]a]"]],
  ["[a\\-z]", ["a", "-", "z"], ["b"]],
  ["[[:alpha:]][[:^alpha:]]", ["a1", "Z\n"], ["aa", "11"]],
  ["\\d\\D\\w\\W\\s\\S", ["1a_- x"], ["1a_-\u000bx", "aa_- x"]],
  ["\\pL+", ["aé日"], ["a1", "_"]],
  ["\\p{Greek}\\P{Greek}", ["αa"], ["aα", "αα"]],
  ["[\\pN-]+", ["1-²Ⅷ"], ["a"]],
  [".", ["a", "é", "日", "😀"], ["", "ab", "\n"]],
  ["[é-ü]", ["é", "ê", "ü"], ["e", "þ", "è"]],
  ["[^é]", ["e", "ê", "日"], ["é", ""]],
  ["[\\x{7FF}-\\x{800}]", ["\u07ff", "\u0800"], ["\u07fe", "\u0801"]],
  ["\\x{1F600}\\101\\x41\\t", ["😀AA\t"], ["😀AA "]],
  ["\\Qa.b*\\E+", ["a.b*", "a.b**"], ["aab", "a.b*a.b*"]],
  ["^abc$", ["abc"], ["abc\n", "xabc"]],
  ["a^b", [], ["ab", "a\nb"]],
  ["(?m)a\\n^b$", ["a\nb"], ["a\nb\n", "ab"]],
  ["(?m:a$)\\nb", ["a\nb"], ["ab"]],
  ["\\Aa\\z", ["a"], ["a\n"]],
  ["\\bfoo\\b", ["foo"], ["foo "]],
  [".*\\bfoo\\b.*", ["a foo b", "foo", "-foo-", "éfoo"], ["afoo", "foo_", "fooo"]],
  ["a\\Bb", ["ab"], ["a b"]],
  ["\\B", [""], ["a"]],
  ["\\b", [], ["", "a"]],
  ["é\\b.*", ["éa"], ["é", "é-"]],
  ["(?U)a+b", ["aab"], ["b"]],
  ["(?i)straße", ["STRAẞE", "ſTRAßE"], ["STRASSE"]],
  ["(?i:a)b", ["Ab", "ab"], ["AB"]],
  ["[^\\x00-\\x{10FFFF}]", [], ["", "a", "é"]],
  ["a[^\\x00-\\x{10FFFF}]*", ["a"], ["aa"]],
  ["(a*)*", ["", "aaa"], ["b"]],
  ["(a*)+", ["", "aaa"], ["b"]],
  ["(|a)+b", ["b", "aab"], ["a"]],
];

describe("regexFullMatch", () => {
  let engine: RegexEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RegexEngine.open();
  });

  for (const [pattern, matching, others] of rows) {
    it(`regexFullMatch: ${pattern} matches what RE2 says`, () => {
      for (const dfaStatesMax of [2000, 0]) {
        const { table } = compileRegex(pattern, { dfaStatesMax });
        for (const text of matching) assert.equal(engine.fullMatch(table, text), true, text);
        for (const text of others) assert.equal(engine.fullMatch(table, text), false, text);
      }
    });
  }

  it("regexFullMatch: bytes that are not UTF-8 match no character", () => {
    for (const dfaStatesMax of [2000, 0]) {
      const { table } = compileRegex("a.*", { dfaStatesMax });
      for (const bytes of [
        [0x61, 0xff],
        [0x61, 0x80],
        [0x61, 0xc3],
        [0x61, 0xe6, 0x97],
      ]) {
        assert.equal(engine.fullMatch(table, Uint8Array.from(bytes)), false, String(bytes));
      }
    }
  });

  it("regexFullMatch: the program of a pattern too large for a DFA matches", () => {
    const { kind, table } = compileRegex("(a|b)*a(a|b){12}");
    assert.equal(kind, "nfa");
    assert.equal(engine.fullMatch(table, `bb${"a".repeat(20)}`), true);
    assert.equal(engine.fullMatch(table, `aab${"b".repeat(12)}`), false);
  });

  it("regexFullMatch: a program of thousands of instructions matches", () => {
    const { kind, table } = compileRegex(".{1000}");
    assert.equal(kind, "nfa");
    assert.equal(engine.fullMatch(table, "日".repeat(1000)), true);
    assert.equal(engine.fullMatch(table, "日".repeat(999)), false);
  });
});
