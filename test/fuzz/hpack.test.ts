import assert from "node:assert/strict";
import { HPACK_TARGET } from "./hpack.ts";
import { fuzz } from "./run.ts";

/** About two seconds. */
const RUNS = 1500;

describe("fuzz hpack", () => {
  it("fuzz: kept blocks and variants of them are read as by the plain decoder", async function () {
    this.timeout(60_000);
    const { runs, failure } = await fuzz(HPACK_TARGET, 1, (count) => count >= RUNS);
    if (failure !== null) throw new Error(String(failure.input), { cause: failure.error });
    assert.equal(runs, RUNS);
  });
});
