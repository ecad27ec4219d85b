import assert from "node:assert/strict";
import { FIGURE_NAMES, FIGURES, formatFigure } from "../../../../bench/figure/figures.ts";

describe("bench/figure/figures", () => {
  it("formatFigure: scale, digits and thousands", () => {
    assert.equal(formatFigure("cpuPerRequestUs", 12.34), "12.3");
    assert.equal(formatFigure("requestsPerSecond", 1_234_567.8), "1,234,568");
    assert.equal(formatFigure("requestsPerSecond", 999), "999");
    assert.equal(formatFigure("p99Us", 1_234_560), "1,234.56");
    assert.equal(formatFigure("restBytes", 81_250_000), "81.3");
    assert.equal(formatFigure("busyRatio", 0.974), "97");
  });

  it("FIGURE_NAMES: names every figure once", () => {
    assert.deepEqual([...FIGURE_NAMES].sort(), Object.keys(FIGURES).sort());
  });
});
