import { BUCKET_BOUNDS, type Histogram, QUANTILES } from "../../observe/histogram.ts";
import {
  compareNames,
  type HistogramStat,
  type StatSnapshot,
} from "../../observe/stat/stat-snapshot.ts";
import type { BucketMode } from "./stat-query.ts";

/**
 * Writes statistics as `/stats` shows them: counters and gauges together by name, then histograms.
 * In each pair of a histogram the interval comes first, then everything since the start.
 */
export function formatStatText(snapshot: StatSnapshot, mode: BucketMode): string {
  const numbers = [...snapshot.counters, ...snapshot.gauges].sort(compareNames);
  const lines = numbers.map(({ name, value }) => `${name}: ${value}\n`);
  const format = HISTOGRAM_FORMATS[mode];
  for (const stat of snapshot.histograms) lines.push(`${stat.name}:${format(stat)}\n`);
  return lines.join("");
}

/** How many values lie in each of `BUCKET_BOUNDS` and not in the one below. */
export function toDisjoint(cumulativeCounts: readonly number[]): number[] {
  return cumulativeCounts.map((count, at) => count - (cumulativeCounts[at - 1] ?? 0));
}

const HISTOGRAM_FORMATS: Readonly<Record<BucketMode, (stat: HistogramStat) => string>> = {
  summary: formatSummaryOrNone,
  cumulative: (stat) => formatBuckets(stat, (histogram) => histogram.cumulativeCounts()),
  disjoint: (stat) => formatBuckets(stat, (histogram) => toDisjoint(histogram.cumulativeCounts())),
  detailed: formatDetail,
};

function formatSummaryOrNone(stat: HistogramStat): string {
  return stat.isUsed ? ` ${formatSummary(stat)}` : " No recorded values";
}

function formatSummary({ interval, cumulative }: HistogramStat): string {
  const newest = interval.quantiles();
  const whole = cumulative.quantiles();
  const parts = QUANTILES.map((quantile, at) => {
    return `P${toPercent(quantile)}(${toText(newest[at])},${toText(whole[at])})`;
  });
  return parts.join(" ");
}

function formatBuckets(
  { interval, cumulative, isUsed }: HistogramStat,
  count: (histogram: Histogram) => number[],
): string {
  if (!isUsed) return " No recorded values";
  const newest = count(interval);
  const whole = count(cumulative);
  const parts = BUCKET_BOUNDS.map((bound, at) => `B${toBound(bound)}(${newest[at]},${whole[at]})`);
  return ` ${parts.join(" ")}`;
}

function formatDetail(stat: HistogramStat): string {
  if (!stat.isUsed) return formatSummaryOrNone(stat);
  const totals = formatBins(stat.cumulative);
  const intervals = formatBins(stat.interval);
  return `\n  totals=${totals}\n  intervals=${intervals}\n  summary=${formatSummary(stat)}`;
}

function formatBins(histogram: Histogram): string {
  const parts = histogram.bins().map(({ lowerBound, width, count }) => {
    return `${lowerBound},${width}:${count}`;
  });
  return parts.join(", ");
}

/** A quantile in percent: 0.995 is 99.5. */
export function toPercent(quantile: number): number {
  return Number((quantile * 100).toFixed(1));
}

function toText(value: number): string {
  return Number.isNaN(value) ? "nan" : `${value}`;
}

/** Envoy prints bounds with six digits: 1800000 is 1.8e+06. */
function toBound(bound: number): string {
  if (bound < 1_000_000) return `${bound}`;
  const exponent = Math.floor(Math.log10(bound));
  return `${bound / 10 ** exponent}e+${`${exponent}`.padStart(2, "0")}`;
}
