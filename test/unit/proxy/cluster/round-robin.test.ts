import assert from "node:assert/strict";
import { RoundRobin } from "../../../../proxy/cluster/round-robin.ts";

describe("RoundRobin", () => {
  function take(weights: readonly number[], start: number, count: number): string {
    const entries = weights.map((weight, i) => ({ weight, name: "abc"[i] }));
    const balancer = new RoundRobin(entries, start);
    return Array.from({ length: count }, () => balancer.pick()?.name).join("");
  }

  it("pick: equal weights take turns from where it starts", () => {
    assert.equal(take([1, 1, 1], 0, 6), "abcabc");
    assert.equal(take([5, 5, 5], 4, 6), "bcabca");
  });

  it("pick: each has its share by its weight, spread out", () => {
    const turns = take([3, 1], 0, 8);
    assert.equal(turns.split("a").length - 1, 6);
    assert.ok(!turns.includes("bb"));
  });

  it("pick: of none there is none", () => {
    assert.equal(new RoundRobin([], 7).pick(), null);
  });
});
