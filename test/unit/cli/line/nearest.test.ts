import assert from "node:assert/strict";
import { pickNearest } from "../../../../cli/line/nearest.ts";

const NAMES = ["concurrency", "config-path", "config-yaml", "mode"];

const rows: readonly { name: string; word: string; want: string | null }[] = [
  { name: "a letter left out", word: "concurency", want: "concurrency" },
  { name: "a letter too many", word: "modes", want: "mode" },
  { name: "a letter changed", word: "confug-yaml", want: "config-yaml" },
  { name: "two letters swapped", word: "cocnurrency", want: "concurrency" },
  { name: "the word itself", word: "mode", want: "mode" },
  { name: "nothing near", word: "port", want: null },
  { name: "nothing at all", word: "", want: null },
];

describe("nearest", () => {
  for (const { name, word, want } of rows) {
    it(`pickNearest: ${name}`, () => {
      assert.equal(pickNearest(word, NAMES), want);
    });
  }

  it("pickNearest: of two equally near ones the first", () => {
    assert.equal(pickNearest("cat", ["bat", "rat"]), "bat");
  });
});
