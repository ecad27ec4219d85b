import assert from "node:assert/strict";
import { fuzz } from "../run.ts";
import { HTTP2_TARGET } from "./http2.ts";

/** About two seconds. */
const RUNS = 5000;

describe("fuzz http2", () => {
  it("fuzz: kept frames and variants of them are read the same in any pieces", async function () {
    this.timeout(60_000);
    const { runs, failure } = await fuzz(HTTP2_TARGET, 1, (count) => count >= RUNS);
    if (failure !== null) throw new Error(String(failure.input), { cause: failure.error });
    assert.equal(runs, RUNS);
  });
});
