import assert from "node:assert/strict";
import {
  REGEX_INSTRUCTION_COUNT,
  REGEX_PREDECESSOR_INDEX,
} from "../../../../api/engine/regex-layout.ts";
import { compileRegex } from "../../../../proxy/config/regex/compile.ts";
import { RegexEngine } from "./engine.ts";

const LENGTH = 100_000;

/** Patterns that take a backtracking matcher exponential or quadratic time on these texts. */
const pathological: readonly (readonly [pattern: string, text: string, isMatch: boolean])[] = [
  ["(a*)*b", "a".repeat(LENGTH), false],
  ["(a|aa)+$", `${"a".repeat(LENGTH)}b`, false],
  ["(a|aa)+$", "a".repeat(LENGTH), true],
  ["(a+)+b", "a".repeat(LENGTH), false],
  ["(.*)*x(.*)*y", "x".repeat(LENGTH), false],
  ["(?:a?){50}a{50}", "a".repeat(50), true],
  ["(\\w+\\s?)+\\.", "ab ".repeat(LENGTH / 3), false],
  ["(a|b)*a(a|b){12}", "b".repeat(LENGTH), false],
];

/** How many edges a program has: the most that one position can cost. */
function countEdges(table: Uint8Array): number {
  const view = new DataView(table.buffer);
  const index = view.getUint32(REGEX_PREDECESSOR_INDEX, true);
  return view.getUint32(index + 4 * view.getUint32(REGEX_INSTRUCTION_COUNT, true), true);
}

describe("regex time", () => {
  let engine: RegexEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RegexEngine.open();
  });

  for (const [pattern, text, isMatch] of pathological) {
    it(`regexFullMatch: ${pattern} looks at each edge once a position (${isMatch})`, () => {
      const { table } = compileRegex(pattern, { dfaStatesMax: 0 });
      assert.equal(engine.fullMatch(table, text), isMatch);
      const stepsMax = countEdges(table) * (text.length + 1);
      assert.ok(engine.steps > 0 && engine.steps <= stepsMax, `${engine.steps} of ${stepsMax}`);
      assert.equal(engine.fullMatch(compileRegex(pattern).table, text), isMatch);
    });
  }

  // To match them one by one, each time from where the last match ended, would be quadratic.
  for (const [pattern, substitution] of [
    ["a*b|a", "x"],
    ["(a|aa)+b|a", "x\\1"],
    [".*[^a]|a", "x"],
  ] as const) {
    it(`regexReplaceAll: ${pattern} looks at each edge three times a position`, () => {
      const { table } = compileRegex(pattern, { dfaStatesMax: 0 });
      const text = "a".repeat(LENGTH);
      assert.equal(engine.replaceAll(table, text, substitution), "x".repeat(LENGTH));
      const stepsMax = 3 * countEdges(table) * (text.length + 1);
      assert.ok(engine.steps > 0 && engine.steps <= stepsMax, `${engine.steps} of ${stepsMax}`);
      const { table: rewrite } = compileRegex(pattern, { isRewrite: true });
      assert.equal(engine.replaceAll(rewrite, text, substitution), "x".repeat(LENGTH));
    });
  }

  it("regexPartialMatch: looks at each edge once a position", () => {
    const { table } = compileRegex("(a*)*b(x+x+)+y");
    assert.equal(engine.partialMatch(table, "b".repeat(1000) + "x".repeat(LENGTH)), false);
    assert.ok(engine.steps <= countEdges(table) * (LENGTH + 1001));
  });
});
