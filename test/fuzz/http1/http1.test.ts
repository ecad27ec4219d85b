import assert from "node:assert/strict";
import { HTTP1_TARGET } from "./http1.ts";
import { fuzz } from "../run.ts";

/** About two seconds. */
const RUNS = 8000;

describe("fuzz http1", () => {
  it("fuzz: kept inputs and variants of them break no promise of the engine", async function () {
    this.timeout(60_000);
    const { runs, failure } = await fuzz(HTTP1_TARGET, 1, (count) => count >= RUNS);
    if (failure !== null) throw new Error(String(failure.input), { cause: failure.error });
    assert.equal(runs, RUNS);
  });
});
