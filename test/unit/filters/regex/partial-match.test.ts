import assert from "node:assert/strict";
import { compileRegex } from "../../../../proxy/config/regex/compile.ts";
import { RegexEngine } from "./engine.ts";

/** What contains a match, and what does not. */
const rows: readonly (readonly [pattern: string, matching: string[], others: string[]])[] = [
  ["ell", ["hello", "ell"], ["elk", ""]],
  ["^ell", ["ello"], ["hello"]],
  ["ell$", ["hell"], ["hello"]],
  ["(?m)^b$", ["a\nb\nc", "b"], ["ab\nc"]],
  ["\\bfoo\\b", ["a foo b"], ["afoo", "foob"]],
  ["é", ["caféine"], ["cafe"]],
  ["", ["", "a"], []],
  ["x*", ["abc"], []],
  ["[^a]", ["ab"], ["aa", ""]],
];

describe("regexPartialMatch", () => {
  let engine: RegexEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RegexEngine.open();
  });

  for (const [pattern, matching, others] of rows) {
    it(`regexPartialMatch: ${pattern || "nothing"} is found where RE2 finds it`, () => {
      const { table } = compileRegex(pattern);
      for (const text of matching) assert.equal(engine.partialMatch(table, text), true, text);
      for (const text of others) assert.equal(engine.partialMatch(table, text), false, text);
    });
  }
});
