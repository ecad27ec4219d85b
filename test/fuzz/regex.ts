import assert from "node:assert/strict";
import { compileRegex } from "../../proxy/config/regex/compile.ts";
import { RegexError } from "../../proxy/config/regex/syntax/regex-error.ts";
import { RegexEngine } from "../unit/filters/regex/engine.ts";
import type { FuzzTarget } from "./target.ts";

/**
 * One input of the fuzzer: a pattern up to the first newline, then bytes to match. A pattern is
 * refused with a RegexError or compiles; then the DFA and the program agree about any bytes, UTF-8
 * or not, and what matches as a whole also has a match in it.
 */
export function fuzzRegex(engine: RegexEngine, input: Buffer): void {
  const newline = input.indexOf(0x0a);
  const end = newline < 0 ? input.length : newline;
  const pattern = input.toString("utf8", 0, end);
  const text = input.subarray(end + 1);
  const tables = [2000, 0].map((dfaStatesMax) => compileOrNull(pattern, dfaStatesMax));
  const [first, second] = tables;
  assert.equal(first === null, second === null);
  if (first === null || second === null) return;
  const isFull = engine.fullMatch(first, text);
  assert.equal(engine.fullMatch(second, text), isFull);
  const isPartial = engine.partialMatch(second, text);
  assert.ok(isPartial || !isFull);
  const replaced = engine.replaceAll(first, text, "<\\0>");
  assert.equal(engine.replaceAll(second, text, "<\\0>"), replaced);
  if (!isPartial) assert.equal(replaced, text.toString());
}

function compileOrNull(pattern: string, dfaStatesMax: number): Uint8Array | null {
  try {
    return compileRegex(pattern, { dfaStatesMax, isRewrite: true }).table;
  } catch (error) {
    assert.ok(error instanceof RegexError, String(error));
    return null;
  }
}

/** Patterns with bytes to match: see `fuzzRegex`. */
export const REGEX_TARGET: FuzzTarget = {
  name: "regex",
  words: ["a|b", "(", ")", "[^", "]", "*", "+?", "{2}", "\\b", "(?i)", "^", "$", ".", "\n", "\xff"],
  async open() {
    const engine = await RegexEngine.open();
    return (input) => fuzzRegex(engine, input);
  },
};
