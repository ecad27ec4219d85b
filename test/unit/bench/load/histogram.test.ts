import assert from "node:assert/strict";
import { Histogram } from "../../../../bench/load/histogram.ts";

describe("bench/load/histogram", () => {
  it("quantileUs: values below 128 µs are exact", () => {
    const histogram = new Histogram();
    for (let value = 1; value <= 100; value += 1) histogram.record(value);
    assert.equal(histogram.quantileUs(0.5), 50);
    assert.equal(histogram.quantileUs(0.99), 99);
    assert.equal(histogram.quantileUs(1), 100);
  });

  for (const value of [127, 128, 129, 255, 256, 1000, 65_535, 65_536, 1_234_567, 4_294_967_295]) {
    it(`quantileUs: ${value} µs is told to 1.6 % or better, never too low`, () => {
      const histogram = new Histogram();
      histogram.record(value);
      histogram.record(4_294_967_295);
      const told = histogram.quantileUs(0.5);
      assert.ok(told >= value && told <= value * 1.016, `told ${told}`);
    });
  }

  it("quantileUs: does not pass the greatest value", () => {
    const histogram = new Histogram();
    histogram.record(1000);
    assert.equal(histogram.quantileUs(0.999), 1000);
    assert.equal(histogram.maximumUs, 1000);
  });

  it("record: a negative value counts as 0, one beyond the range as its end", () => {
    const histogram = new Histogram();
    histogram.record(-3);
    histogram.record(1e12);
    assert.equal(histogram.count, 2);
    assert.equal(histogram.quantileUs(0.5), 0);
    assert.equal(histogram.maximumUs, 4_294_967_295);
  });

  it("quantileUs: an empty histogram answers 0", () => {
    assert.equal(new Histogram().quantileUs(0.5), 0);
  });
});
