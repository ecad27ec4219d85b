import assert from "node:assert/strict";
import {
  REGEX_BLOCK_POSITIONS,
  REGEX_OUT_TOO_SMALL,
  REGEX_REPLACE_BYTES_MAX,
  REGEX_TEXT_TOO_LONG,
} from "../../../../api/engine/regex-layout.ts";
import { compileRegex } from "../../../../proxy/config/regex/compile.ts";
import { RegexEngine } from "./engine.ts";

/** What RE2::GlobalReplace makes of a text. */
const rows: readonly (readonly [
  pattern: string,
  substitution: string,
  text: string,
  want: string,
])[] = [
  ["b", "x", "abcb", "axcx"],
  ["b", "x", "aca", "aca"],
  ["b+", "[\\0]", "abbcb", "a[bb]c[b]"],
  ["b+?", "[\\0]", "abbcb", "a[b][b]c[b]"],
  ["a|ab", "[\\0]", "ab", "[a]b"],
  ["ab|a", "[\\0]", "ab", "[ab]"],
  ["(\\w+)@(\\w+)", "\\2 at \\1\\\\", "me@here, you@there", "here at me\\, there at you\\"],
  ["^/service/([^/]+)(/.*)$", "\\2/instance/\\1", "/service/foo/v1/api", "/v1/api/instance/foo"],
  ["one", "two", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/two/zzz"],
  ["^(.*?)one(.*)$", "\\1two\\2", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/one/zzz"],
  ["(?i)/xxx/", "/yyy/", "/aaa/XxX/bbb", "/aaa/yyy/bbb"],
  // Empty matches: never right behind the last match, and never inside a character.
  ["", "-", "", "-"],
  ["", "-", "ab", "-a-b-"],
  ["", "-", "é日😀", "-é-日-😀-"],
  ["b*", "-", "abba", "-a-a-"],
  ["b*", "-", "bb", "-"],
  ["a*?", "-", "aa", "-a-a-"],
  ["$", "!", "a\nb", "a\nb!"],
  ["(?m)$", "!", "a\nb", "a!\nb!"],
  ["^a", "x", "aaa", "xaa"],
  ["(?m)^", "> ", "a\nb", "> a\n> b"],
  ["\\b", "|", "ab cd", "|ab| |cd|"],
  ["a\\b", "x", "aa a", "ax x"],
  // Groups: the last round counts, and a group that took no part is empty.
  ["(a|b)*", "<\\1>", "abc", "<b>c<>"],
  ["(a)|(b)", "<\\1,\\2>", "ab", "<a,><,b>"],
  ["(?:(a)|b)*", "<\\1>", "ab", "<a>"],
  ["(a*)*", "<\\1>", "b", "<>b<>"],
  ["(a*)+", "<\\0|\\1>", "aa", "<aa|aa>"],
  ["(a){0}b", "<\\1>", "b", "<>"],
  ["(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)", "\\9\\1\\10", "0123456789", "8000"],
];

describe("regexReplaceAll", () => {
  let engine: RegexEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RegexEngine.open();
  });

  for (const [pattern, substitution, text, want] of rows) {
    it(`regexReplaceAll: /${pattern}/ in ${JSON.stringify(text)} by "${substitution}"`, () => {
      for (const dfaStatesMax of [2000, 0]) {
        const { table } = compileRegex(pattern, { dfaStatesMax, isRewrite: true });
        assert.equal(engine.replaceAll(table, text, substitution), want);
      }
    });
  }

  it("regexReplaceAll: an empty match steps over a byte that is no character", () => {
    const { table } = compileRegex("", { isRewrite: true });
    const bytes = [0x61, 0xff, 0xc3, 0x61, 0xe0, 0x80, 0x80];
    const want = "-a-\ufffd-\ufffd-a-\ufffd-\ufffd-\ufffd-";
    assert.equal(engine.replaceAll(table, Uint8Array.from(bytes), "-"), want);
  });

  it("regexReplaceAll: output that fits exactly is written, one byte less is too small", () => {
    const { table } = compileRegex("b", { isRewrite: true });
    assert.equal(engine.replaceAll(table, "abc", "xyz", 5), "axyzc");
    assert.equal(engine.replaceAll(table, "abc", "xyz", 4), REGEX_OUT_TOO_SMALL);
    assert.equal(engine.replaceAll(table, "abc", "xyz", 0), REGEX_OUT_TOO_SMALL);
    assert.equal(engine.replaceAll(table, "", "xyz", 0), "");
  });

  it("regexReplaceAll: a match may reach across blocks of positions", () => {
    const long = "a".repeat(3 * REGEX_BLOCK_POSITIONS);
    for (const dfaStatesMax of [2000, 0]) {
      const { table } = compileRegex("(b+)|(a+c)", { dfaStatesMax, isRewrite: true });
      for (const cut of [-1, 0, 1]) {
        const text = `${long.slice(0, 2 * REGEX_BLOCK_POSITIONS + cut)}cb${long}bb`;
        assert.equal(engine.replaceAll(table, text, "<\\1>"), `<><b>${long}<bb>`);
      }
    }
  });

  it("regexReplaceAll: texts as long as one, two and three blocks are rewritten", () => {
    const { table } = compileRegex("a$", { isRewrite: true });
    for (const blocks of [1, 2, 3]) {
      for (const more of [-1, 0, 1]) {
        const before = "a".repeat(blocks * REGEX_BLOCK_POSITIONS + more - 1);
        assert.equal(engine.replaceAll(table, `${before}a`, "b"), `${before}b`);
      }
    }
  });

  it("regexReplaceAll: the longest text is rewritten, one byte more is refused", () => {
    const { table } = compileRegex("a$", { isRewrite: true });
    const before = "a".repeat(REGEX_REPLACE_BYTES_MAX - 1);
    assert.equal(engine.replaceAll(table, `${before}a`, "b"), `${before}b`);
    assert.equal(engine.replaceAll(table, `${before}aa`, "b"), REGEX_TEXT_TOO_LONG);
  });
});
