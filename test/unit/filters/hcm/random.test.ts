import assert from "node:assert/strict";
import { HcmModule } from "./hcm-module.ts";

describe("random numbers", () => {
  let hcm: HcmModule;
  before(async function () {
    this.timeout(60_000);
    hcm = await HcmModule.open();
  });

  it("writeUuid: the version is 4 and the variant that of RFC 9562", () => {
    for (let first = 0; first < 50; first += 1) {
      const seed = Array.from({ length: 32 }, (_, index) => (first * 37 + index * 11) & 255);
      assert.match(
        hcm.random(seed).uuid,
        /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
      );
    }
  });

  it("seedRandom: one seed gives one sequence, another seed another", () => {
    const seed = Array.from({ length: 32 }, (_, index) => index);
    assert.deepEqual(hcm.random(seed), hcm.random(seed));
    assert.notEqual(hcm.random(seed).next, hcm.random(seed.toReversed()).next);
  });
});
