import assert from "node:assert/strict";
import { BUCKET_BOUNDS, Histogram, QUANTILES } from "../../../../proxy/observe/histogram.ts";

function record(...values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Close enough to be the same number printed with ten digits. */
function assertClose(got: readonly number[], want: readonly number[]): void {
  assert.deepEqual(
    got.map((value) => value.toPrecision(10)),
    want.map((value) => value.toPrecision(10)),
  );
}

/** Value → the bucket it lands in. Lower bound and width of circllhist's bins. */
const bins: readonly (readonly [value: number, lowerBound: number, width: number])[] = [
  [0, 0, 0],
  [0.4, 0, 0],
  [1, 1, 0.1],
  [9, 9, 0.1],
  [10, 10, 1],
  [99, 99, 1],
  [100, 100, 10],
  [109, 100, 10],
  [110, 110, 10],
  [999, 990, 10],
  [1000, 1000, 100],
  [123_456, 120_000, 10_000],
  [9_999_999_999, 9_900_000_000, 100_000_000],
  [10_000_000_000, 9_900_000_000, 100_000_000],
];

/** Samples → quantiles, as Envoy 1.40 printed them for these samples. */
const quantiles: readonly (readonly [samples: readonly number[], want: readonly number[]])[] = [
  [
    [0, 0, 1, 1, 1, 3],
    [0, 0, 1.025, 1.075, 3.05, 3.05, 3.05, 3.05, 3.05, 3.05],
  ],
  [
    [0, 1, 1, 1, 3, 3],
    [
      0, 1.025, 1.05, 3.0333333333333, 3.0666666666667, 3.0666666666667, 3.0666666666667,
      3.0666666666667, 3.0666666666667, 3.0666666666667,
    ],
  ],
  [
    [1, 1, 1, 1, 1, 1],
    [
      1.0142857142857, 1.0285714285714, 1.0428571428571, 1.0714285714286, 1.0857142857143,
      1.0857142857143, 1.0857142857143, 1.0857142857143, 1.0857142857143, 1.0857142857143,
    ],
  ],
  [[13], [13.5, 13.5, 13.5, 13.5, 13.5, 13.5, 13.5, 13.5, 13.5, 13.5]],
];

describe("histogram", () => {
  for (const [value, lowerBound, width] of bins) {
    it(`bins: ${value} counts from ${lowerBound}, over ${width}`, () => {
      assert.deepEqual(record(value).bins(), [{ lowerBound, width, count: 1 }]);
    });
  }

  it("bins: come from low to high, whatever the order of the values", () => {
    const bounds = record(500, 3, 0, 70, 3).bins();
    assert.deepEqual(
      bounds.map(({ lowerBound, count }) => [lowerBound, count]),
      [
        [0, 1],
        [3, 2],
        [70, 1],
        [500, 1],
      ],
    );
  });

  for (const [samples, want] of quantiles) {
    it(`quantiles: of ${samples.join(", ")} are Envoy's`, () => {
      assertClose(record(...samples).quantiles(), want);
    });
  }

  it("quantiles: of nothing are not numbers", () => {
    assert.deepEqual(
      new Histogram().quantiles(),
      QUANTILES.map(() => Number.NaN),
    );
  });

  it("cumulativeCounts: a bucket that begins at the bound counts whole, as in Envoy", () => {
    const counts = record(0, 1, 1, 5, 104, 3_600_000, 9_000_000).cumulativeCounts();
    const byBound = Object.fromEntries(BUCKET_BOUNDS.map((bound, at) => [bound, counts[at]]));
    assert.equal(byBound[0.5], 1);
    assert.equal(byBound[1], 3);
    assert.equal(byBound[5], 4);
    assert.equal(byBound[50], 4);
    assert.equal(byBound[100], 5);
    assert.equal(byBound[1_800_000], 5);
    assert.equal(byBound[3_600_000], 6);
  });

  it("addReport: adds count, sum and buckets", () => {
    const histogram = record(1);
    histogram.addReport(Float64Array.of(3, 21, 1, 2, 100, 1));
    assert.equal(histogram.count, 4);
    assert.equal(histogram.sum, 22);
    assert.deepEqual(histogram.bins(), [
      { lowerBound: 1, width: 0.1, count: 3 },
      { lowerBound: 19, width: 1, count: 1 },
    ]);
  });

  it("since: leaves what came after the earlier state", () => {
    const now = record(1, 1, 40);
    const difference = now.since(record(1));
    assert.equal(difference.count, 2);
    assert.equal(difference.sum, 41);
    assert.deepEqual(
      difference.bins().map(({ lowerBound, count }) => [lowerBound, count]),
      [
        [1, 1],
        [40, 1],
      ],
    );
  });
});
