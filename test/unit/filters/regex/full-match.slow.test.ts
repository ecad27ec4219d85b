import assert from "node:assert/strict";
import fc from "fast-check";
import { compileRegex } from "../../../../proxy/config/regex/compile.ts";
import { parseRegex } from "../../../../proxy/config/regex/syntax/parse.ts";
import { RegexEngine } from "./engine.ts";
import { arbitraryPattern, arbitraryText, RE2_ALPHABET } from "./pattern-arbitrary.ts";
import { slowFullMatch, slowPartialMatch, slowReplaceAll } from "./slow-regex.ts";

const pattern = arbitraryPattern(RE2_ALPHABET);
const texts = fc.array(arbitraryText(RE2_ALPHABET), { minLength: 3, maxLength: 3 });
const runs = { numRuns: 1000, seed: 20 };

describe("regex against the slow matcher", () => {
  let engine: RegexEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RegexEngine.open();
  });

  it("regexFullMatch: DFA and program agree with the slow matcher", () => {
    const property = fc.property(pattern, texts, (source, samples) => {
      const { root } = parseRegex(source);
      const { table } = compileRegex(source);
      const { table: program } = compileRegex(source, { dfaStatesMax: 0 });
      for (const text of samples) {
        const want = slowFullMatch(root, Buffer.from(text));
        assert.equal(engine.fullMatch(table, text), want, `DFA, ${JSON.stringify(text)}`);
        assert.equal(engine.fullMatch(program, text), want, `program, ${JSON.stringify(text)}`);
      }
    });
    fc.assert(property, runs);
  });

  it("regexPartialMatch: agrees with the slow matcher", () => {
    const property = fc.property(pattern, texts, (source, samples) => {
      const { root } = parseRegex(source);
      const { table } = compileRegex(source, { dfaStatesMax: 0 });
      for (const text of samples) {
        const want = slowPartialMatch(root, Buffer.from(text));
        assert.equal(engine.partialMatch(table, text), want, JSON.stringify(text));
      }
    });
    fc.assert(property, runs);
  });

  it("regexReplaceAll: DFA and program agree with the slow matcher", () => {
    const property = fc.property(pattern, texts, (source, samples) => {
      const { root, groupCount } = parseRegex(source);
      const named = Math.min(groupCount, 9);
      const groups = Array.from({ length: named + 1 }, (_, index) => `\\${index}`);
      const substitution = `<${groups.join("|")}>`;
      const { table } = compileRegex(source, { isRewrite: true });
      const { table: program } = compileRegex(source, { dfaStatesMax: 0 });
      for (const text of samples) {
        const want = slowReplaceAll(root, Buffer.from(text), named);
        fc.pre(want !== null);
        const fast = engine.replaceAll(table, text, substitution);
        assert.equal(fast, want, `DFA, ${JSON.stringify(text)}`);
        const plain = engine.replaceAll(program, text, substitution);
        assert.equal(plain, want, `program, ${JSON.stringify(text)}`);
      }
    });
    fc.assert(property, runs);
  });
});
