import assert from "node:assert/strict";
import { fuzz } from "../run.ts";
import { PEER_METADATA_TARGET } from "./peer-metadata.ts";

/** About two seconds. */
const RUNS = 10_000;

describe("fuzz peer metadata", () => {
  it("fuzz: kept headers and variants are read as by the plain reader", async function () {
    this.timeout(60_000);
    const { runs, failure } = await fuzz(PEER_METADATA_TARGET, 1, (count) => count >= RUNS);
    if (failure !== null) throw new Error(failure.input.toString("hex"), { cause: failure.error });
    assert.equal(runs, RUNS);
  });
});
