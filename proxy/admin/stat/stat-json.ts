import { BUCKET_BOUNDS, type Histogram, QUANTILES } from "../../observe/histogram.ts";
import {
  compareNames,
  type HistogramStat,
  type StatSnapshot,
} from "../../observe/stat/stat-snapshot.ts";
import type { BucketMode } from "./stat-query.ts";
import { toDisjoint, toPercent } from "./stat-text.ts";

/** Writes statistics as `/stats?format=json` does: one line, histograms last. */
export function formatStatJson(snapshot: StatSnapshot, mode: BucketMode): string {
  const numbers = [...snapshot.counters, ...snapshot.gauges].sort(compareNames);
  const stats: unknown[] = numbers.map(({ name, value }) => ({ name, value }));
  const { histograms } = snapshot;
  if (histograms.length > 0) stats.push({ histograms: HISTOGRAM_FORMATS[mode](histograms) });
  return JSON.stringify({ stats });
}

const HISTOGRAM_FORMATS: Readonly<
  Record<BucketMode, (stats: readonly HistogramStat[]) => unknown>
> = {
  summary: (stats) => ({
    supported_quantiles: QUANTILES.map(toPercent),
    computed_quantiles: stats.map((stat) => ({ name: stat.name, values: toQuantiles(stat) })),
  }),
  cumulative: (stats) => toBuckets(stats, (histogram) => histogram.cumulativeCounts()),
  disjoint: (stats) => toBuckets(stats, (histogram) => toDisjoint(histogram.cumulativeCounts())),
  detailed: (stats) => ({
    supported_percentiles: QUANTILES.map(toPercent),
    details: stats.map((stat) => ({
      name: stat.name,
      totals: toBins(stat.cumulative),
      intervals: toBins(stat.interval),
      percentiles: toQuantiles(stat),
    })),
  }),
};

/** What is not a number becomes null, as JSON has it. */
function toQuantiles({ interval, cumulative }: HistogramStat) {
  const newest = interval.quantiles();
  return cumulative.quantiles().map((value, at) => ({ cumulative: value, interval: newest[at] }));
}

function toBuckets(stats: readonly HistogramStat[], count: (histogram: Histogram) => number[]) {
  return stats.map(({ name, interval, cumulative }) => {
    const newest = count(interval);
    const whole = count(cumulative);
    const buckets = BUCKET_BOUNDS.map((bound, at) => {
      return { upper_bound: bound, interval: newest[at], cumulative: whole[at] };
    });
    return { name, buckets };
  });
}

function toBins(histogram: Histogram) {
  return histogram.bins().map(({ lowerBound, width, count }) => {
    return { lower_bound: lowerBound, width, count };
  });
}
