import assert from "node:assert/strict";
import {
  REGEX_BACKWARD_MOVES,
  REGEX_FORWARD_MOVES,
  REGEX_SCRATCH_BYTES,
  REGEX_TABLE_BYTES,
} from "../../../../../api/engine/regex-layout.ts";
import { compileRegex } from "../../../../../proxy/config/regex/compile.ts";

function readField(table: Uint8Array, field: number): number {
  return new DataView(table.buffer).getUint32(field, true);
}

describe("compileRegex", () => {
  it("compileRegex: a plain pattern becomes a DFA", () => {
    const { kind, table } = compileRegex("/api/v[0-9]+/.*");
    assert.equal(kind, "dfa");
    assert.notEqual(readField(table, REGEX_FORWARD_MOVES), 0);
  });

  it("compileRegex: the header tells the table's length and the scratch memory", () => {
    const { table, scratchBytes } = compileRegex("(a|b)*\\b");
    assert.equal(readField(table, REGEX_TABLE_BYTES), table.length);
    assert.equal(readField(table, REGEX_SCRATCH_BYTES), scratchBytes);
    assert.equal(table.length % 8, 0);
    assert.equal(scratchBytes % 8, 0);
  });

  it("compileRegex: the backward DFA is there only for rewriting", () => {
    const plain = compileRegex("a+b").table;
    const rewrite = compileRegex("a+b", { isRewrite: true }).table;
    assert.equal(readField(plain, REGEX_BACKWARD_MOVES), 0);
    assert.notEqual(readField(rewrite, REGEX_BACKWARD_MOVES), 0);
  });

  it("compileRegex: a pattern whose DFA would be too large is left to its program", () => {
    // To know whether the 13th character from the end is an a takes 2^13 states.
    assert.equal(compileRegex("(a|b)*a(a|b){12}").kind, "nfa");
    assert.equal(compileRegex("(a|b)*a(a|b){5}").kind, "dfa");
  });

  it("compileRegex: the limit on states is exact", () => {
    // One state for each letter read so far, and the dead one.
    assert.equal(compileRegex("abc", { dfaStatesMax: 5 }).kind, "dfa");
    assert.equal(compileRegex("abc", { dfaStatesMax: 4 }).kind, "nfa");
    assert.equal(compileRegex("abc", { dfaStatesMax: 0 }).kind, "nfa");
  });

  it("compileRegex: the same pattern gives the same bytes", () => {
    const first = compileRegex("(?i)k(\\w+)|[^é]", { isRewrite: true });
    const second = compileRegex("(?i)k(\\w+)|[^é]", { isRewrite: true });
    assert.deepEqual(first, second);
  });

  it("compileRegex: groups are counted beyond the ten that can be named", () => {
    assert.equal(compileRegex("(a)".repeat(12)).groupCount, 12);
  });

  it("compileRegex: a program over the limit is refused in RE2's words", () => {
    const message = "pattern too large - compile failed";
    assert.throws(() => compileRegex("(?:[a-zé日]{100}){10}".repeat(20)), { message });
  });
});
