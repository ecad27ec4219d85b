import assert from "node:assert/strict";
import fc from "fast-check";
import { compileRegex } from "../../../../proxy/config/regex/compile.ts";
import { RegexEngine } from "./engine.ts";
import { arbitraryPattern, arbitraryText, SHARED_ALPHABET } from "./pattern-arbitrary.ts";

const texts = fc.array(arbitraryText(SHARED_ALPHABET), { minLength: 3, maxLength: 3 });

/*
 * JavaScript differs in which text a group holds after an empty round and in what an empty match
 * steps over, so only what matches is compared, not how.
 */
describe("regex against JavaScript", () => {
  let engine: RegexEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RegexEngine.open();
  });

  it("regexFullMatch: agrees with RegExp on the syntax that both have", () => {
    const property = fc.property(arbitraryPattern(SHARED_ALPHABET), texts, (source, samples) => {
      const expression = new RegExp(`^(?:${source})$`, "u");
      const { table } = compileRegex(source);
      const { table: program } = compileRegex(source, { dfaStatesMax: 0 });
      for (const text of samples) {
        const want = expression.test(text);
        assert.equal(engine.fullMatch(table, text), want, JSON.stringify(text));
        assert.equal(engine.fullMatch(program, text), want, JSON.stringify(text));
      }
    });
    fc.assert(property, { numRuns: 1000, seed: 7 });
  });
});
