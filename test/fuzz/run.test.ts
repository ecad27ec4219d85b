import assert from "node:assert/strict";
import { fuzz } from "./run.ts";
import type { FuzzTarget } from "./target.ts";

/** Fails for whatever holds a bang. */
function targetOf(seen: string[]): FuzzTarget {
  return {
    name: "a-target-without-a-corpus",
    words: ["one", "two", "!"],
    async open() {
      return (input) => {
        const text = input.toString("latin1");
        seen.push(text);
        if (text.includes("!")) throw new Error("bang");
      };
    },
  };
}

describe("fuzz run", () => {
  it("fuzz: an input that fails is found, and made as short as it can be", async () => {
    const { failure } = await fuzz(targetOf([]), 1, (runs) => runs >= 1000);
    assert.equal(failure?.input.toString(), "!");
    assert.match(String(failure?.error), /bang/);
  });

  it("fuzz: a seed repeats its inputs, another makes others", async () => {
    const inputs = async (seed: number) => {
      const seen: string[] = [];
      const quiet = { ...targetOf(seen), words: ["one", "two"] };
      await fuzz(quiet, seed, (runs) => runs >= 30);
      return seen;
    };
    assert.deepEqual(await inputs(1), await inputs(1));
    assert.notDeepEqual(await inputs(1), await inputs(2));
  });
});
