import assert from "node:assert/strict";
import type { BucketMode } from "../../../../../proxy/admin/stat/stat-query.ts";
import { formatStatJson } from "../../../../../proxy/admin/stat/stat-json.ts";
import { formatStatText } from "../../../../../proxy/admin/stat/stat-text.ts";
import { Histogram } from "../../../../../proxy/observe/histogram.ts";
import type {
  HistogramStat,
  StatSnapshot,
} from "../../../../../proxy/observe/stat/stat-snapshot.ts";

function record(...values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const TIME: HistogramStat = {
  name: "cluster.b.upstream_rq_time",
  interval: new Histogram(),
  cumulative: record(0, 0, 1, 1, 1, 3),
  isUsed: true,
};
const EMPTY: HistogramStat = {
  name: "http.in.downstream_rq_time",
  interval: new Histogram(),
  cumulative: new Histogram(),
  isUsed: false,
};

function snapshot(...histograms: readonly HistogramStat[]): StatSnapshot {
  return { counters: [], gauges: [], histograms };
}

/** What Envoy 1.40 printed for these values. */
const SUMMARY =
  "P0(nan,0) P25(nan,0) P50(nan,1.025) P75(nan,1.075) P90(nan,3.05) P95(nan,3.05) P99(nan,3.05) " +
  "P99.5(nan,3.05) P99.9(nan,3.05) P100(nan,3.05)";
const REST =
  " B10(0,6) B25(0,6) B50(0,6) B100(0,6) B250(0,6) B500(0,6) B1000(0,6) B2500(0,6)" +
  " B5000(0,6) B10000(0,6) B30000(0,6) B60000(0,6) B300000(0,6) B600000(0,6) B1.8e+06(0,6)" +
  " B3.6e+06(0,6)";
const texts: readonly (readonly [mode: BucketMode, want: string])[] = [
  ["summary", ` ${SUMMARY}`],
  ["cumulative", ` B0.5(0,2) B1(0,5) B5(0,6)${REST}`],
  ["disjoint", ` B0.5(0,2) B1(0,3) B5(0,1)${REST.replaceAll(",6)", ",0)")}`],
  ["detailed", `\n  totals=0,0:2, 1,0.1:3, 3,0.1:1\n  intervals=\n  summary=${SUMMARY}`],
];

const QUANTILES_OF_TIME = [0, 0, 1.025, 1.075, 3.05, 3.05, 3.05, 3.05, 3.05, 3.05].map((value) => {
  return { cumulative: value, interval: null };
});

describe("statistics page", () => {
  it("formatStatText: counters and gauges are one list by name", () => {
    const numbers = (...names: readonly string[]) => {
      return names.map((name, at) => ({ name, value: at, isUsed: true }));
    };
    const stats = { counters: numbers("a", "c"), gauges: numbers("b", "d"), histograms: [] };
    assert.equal(formatStatText(stats, "summary"), "a: 0\nb: 0\nc: 1\nd: 1\n");
    assert.deepEqual(
      JSON.parse(formatStatJson(stats, "summary")).stats.map(({ name }: { name: string }) => name),
      ["a", "b", "c", "d"],
    );
  });

  for (const [mode, want] of texts) {
    it(`formatStatText: a histogram in mode ${mode} is Envoy's`, () => {
      assert.equal(formatStatText(snapshot(TIME), mode), `cluster.b.upstream_rq_time:${want}\n`);
    });
  }

  it("formatStatText: a histogram without values says so", () => {
    const text = "http.in.downstream_rq_time: No recorded values\n";
    for (const mode of ["summary", "cumulative", "disjoint"] as const) {
      assert.equal(formatStatText(snapshot(EMPTY), mode), text);
    }
  });

  it("formatStatJson: the summary has Envoy's fields", () => {
    const { stats } = JSON.parse(formatStatJson(snapshot(TIME), "summary"));
    assert.deepEqual(stats, [
      {
        histograms: {
          supported_quantiles: [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100],
          computed_quantiles: [{ name: TIME.name, values: QUANTILES_OF_TIME }],
        },
      },
    ]);
  });

  it("formatStatJson: the buckets have Envoy's fields", () => {
    for (const [mode, second] of [
      ["cumulative", 5],
      ["disjoint", 3],
    ] as const) {
      const { stats } = JSON.parse(formatStatJson(snapshot(TIME), mode));
      const [{ name, buckets }] = stats[0].histograms;
      assert.equal(name, TIME.name);
      assert.deepEqual(buckets.slice(0, 2), [
        { upper_bound: 0.5, interval: 0, cumulative: 2 },
        { upper_bound: 1, interval: 0, cumulative: second },
      ]);
      assert.equal(buckets.at(-1).upper_bound, 3_600_000);
    }
  });

  it("formatStatJson: the details have Envoy's fields", () => {
    const { stats } = JSON.parse(formatStatJson(snapshot(TIME), "detailed"));
    assert.deepEqual(stats[0].histograms.details, [
      {
        name: TIME.name,
        totals: [
          { lower_bound: 0, width: 0, count: 2 },
          { lower_bound: 1, width: 0.1, count: 3 },
          { lower_bound: 3, width: 0.1, count: 1 },
        ],
        intervals: [],
        percentiles: QUANTILES_OF_TIME,
      },
    ]);
  });

  it("formatStatJson: without histograms there is no entry for them", () => {
    assert.equal(formatStatJson(snapshot(), "summary"), '{"stats":[]}');
  });
});
