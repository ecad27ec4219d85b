import assert from "node:assert/strict";
import { INSTRUCTIONS_MAX, LinearRegex } from "../../../../../proxy/config/regex/linear-regex.ts";

/** Where JavaScript and RE2 agree, JavaScript says what is right. */
const patterns = [
  "upstream",
  "^cluster\\.",
  "rq_\\dxx$",
  "a|b|",
  "(a+)+$",
  "^(?:http|cluster)\\.[^.]+\\.(up|down)stream",
  "\\brq\\b",
  "x{2,3}",
  "é+",
];
const texts = [
  "",
  "a",
  "xx",
  "cluster.b.upstream_rq_2xx",
  "http.in.downstream_rq_time",
  "the rq here",
  "cafééé",
];

/** [pattern, text, text before and after the tag, value], as RE2 finds the leftmost match. */
const tags: readonly (readonly [pattern: string, text: string, rest: string, value: string])[] = [
  ["^cluster\\.((.+?)\\.)", "cluster.b.rq", "cluster.rq", "b"],
  ["^cluster\\.((.+)\\.)", "cluster.a.b.rq", "cluster.rq", "a.b"],
  ["_rq(_(\\d{3}))$", "up_rq_200", "up_rq", "200"],
  ["(b+)", "abbbcbb", "acbb", "bbb"],
  ["(é\\.)", "café.rq", "cafrq", "é."],
  ["((a)|(b))", "xb", "x", ""],
];

describe("LinearRegex", () => {
  for (const pattern of patterns) {
    it(`isIn: ${pattern} is found where JavaScript finds it`, () => {
      const regex = new LinearRegex(pattern);
      const found = texts.filter((text) => regex.isIn(text));
      assert.deepEqual(
        found,
        texts.filter((text) => new RegExp(pattern, "u").test(text)),
      );
    });
  }

  for (const [pattern, text, rest, value] of tags) {
    it(`findTag: ${pattern} in ${text} is ${JSON.stringify(value)}`, () => {
      const span = new LinearRegex(pattern).findTag(text);
      assert.ok(span);
      assert.equal(text.slice(0, span.start) + text.slice(span.end), rest);
      assert.equal(span.value, value);
    });
  }

  it("findTag: without a match, or without a first group, there is none", () => {
    assert.equal(new LinearRegex("(b)").findTag("a"), null);
    assert.equal(new LinearRegex("a|(b)").findTag("a"), null);
    assert.equal(new LinearRegex("a").findTag("a"), null);
  });

  it("isIn: a pattern without an end of quotation means itself", () => {
    assert.equal(new LinearRegex("\\Qa.b").isIn("xa.by"), true);
    assert.equal(new LinearRegex("\\Qa.b").isIn("xaxby"), false);
  });

  it("isIn: a pattern that makes a backtracking machine hang costs one look at each byte", () => {
    const regex = new LinearRegex("^(a|a?)+$");
    assert.equal(regex.isIn("a".repeat(20_000)), true);
    assert.equal(regex.isIn(`${"a".repeat(20_000)}b`), false);
  });

  it("isIn: a pattern with too many states for a DFA is matched all the same", () => {
    const regex = new LinearRegex("(a|b)*a(a|b){15}c");
    assert.equal(regex.isIn(`${"ab".repeat(20)}c`), true);
    assert.equal(regex.isIn(`${"b".repeat(40)}c`), false);
  });

  it("constructor: a bad pattern is refused in RE2's words", () => {
    assert.throws(() => new LinearRegex("("), { message: "missing ): (" });
  });

  it("constructor: a pattern over the limit is refused", () => {
    assert.throws(() => new LinearRegex("a".repeat(INSTRUCTIONS_MAX)), {
      message: "pattern too large - compile failed",
    });
    assert.equal(new LinearRegex("a".repeat(INSTRUCTIONS_MAX - 3)).isIn("b"), false);
  });
});
