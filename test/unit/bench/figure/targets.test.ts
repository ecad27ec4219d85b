import assert from "node:assert/strict";
import type { Place, Sample } from "../../../../bench/figure/sample.ts";
import { judgeTargets, type Target } from "../../../../bench/figure/targets.ts";

const PLACE: Place = { caseName: "router", peer: "causeway", figure: "cpuPerRequestUs" };
const TARGET: Target = {
  title: "router",
  place: PLACE,
  reference: { ...PLACE, peer: "envoy" },
  ratioMax: 0.33,
};

/** One round of both proxies. */
function round(ours: number | null, theirs: number): Sample[] {
  const figures = ours === null ? {} : { cpuPerRequestUs: ours };
  const place = { caseName: "router", round: 1, problem: null };
  return [
    { ...place, peer: "causeway", figures },
    { ...place, peer: "envoy", figures: { cpuPerRequestUs: theirs } },
  ];
}

describe("bench/figure/targets", () => {
  const rows = [
    { name: "at the limit is met", ours: 33, outcome: "met" },
    { name: "above the limit is missed", ours: 34, outcome: "missed" },
    { name: "without our figure there is none", ours: null, outcome: "no figure" },
  ] as const;
  for (const { name, ours, outcome } of rows) {
    it(`judgeTargets: ${name}`, () => {
      assert.equal(judgeTargets(round(ours, 100), [TARGET])[0].outcome, outcome);
    });
  }

  it("judgeTargets: a case that was not run is left out", () => {
    const elsewhere = { ...TARGET, place: { ...PLACE, caseName: "latency" } };
    assert.deepEqual(judgeTargets(round(1, 100), [elsewhere]), []);
  });
});
