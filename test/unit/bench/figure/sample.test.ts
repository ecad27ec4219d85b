import assert from "node:assert/strict";
import {
  type Place,
  ratioBetween,
  type Sample,
  toSpread,
} from "../../../../bench/figure/sample.ts";

const OURS: Place = { caseName: "router", peer: "causeway", figure: "cpuPerRequestUs" };
const THEIRS: Place = { ...OURS, peer: "envoy" };

/** A sample of CPU time. */
function sample({ caseName, peer }: Place, round: number, cpuPerRequestUs: number): Sample {
  return { caseName, peer, round, figures: { cpuPerRequestUs }, problem: null };
}

describe("bench/figure/sample", () => {
  it("toSpread: the middle of an odd number of values", () => {
    assert.deepEqual(toSpread([9, 1, 4]), { median: 4, minimum: 1, maximum: 9 });
  });

  it("toSpread: the mean of the two in the middle of an even number", () => {
    assert.deepEqual(toSpread([10, 2, 4, 8]), { median: 6, minimum: 2, maximum: 10 });
  });

  it("toSpread: nothing of nothing", () => {
    assert.equal(toSpread([]), null);
  });

  it("ratioBetween: divides within each round, so a slower round does not show", () => {
    const samples = [
      ...[sample(OURS, 1, 10), sample(OURS, 2, 20)],
      ...[sample(THEIRS, 1, 40), sample(THEIRS, 2, 80)],
    ];
    const want = { median: 0.25, minimum: 0.25, maximum: 0.25 };
    assert.deepEqual(ratioBetween(samples, OURS, THEIRS), want);
  });

  it("ratioBetween: a round that one of them lacks is left out", () => {
    const samples = [sample(OURS, 1, 10), sample(OURS, 2, 30), sample(THEIRS, 2, 60)];
    assert.equal(ratioBetween(samples, OURS, THEIRS)?.median, 0.5);
  });

  it("ratioBetween: null where the other was not measured", () => {
    assert.equal(ratioBetween([sample(OURS, 1, 10)], OURS, THEIRS), null);
  });
});
