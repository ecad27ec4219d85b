import { HISTOGRAM_BUCKETS } from "../../api/engine/stats.ts";
import type { HistogramReport } from "./stat/stat-report.ts";

/** Quantiles that Envoy shows, as fractions. */
export const QUANTILES: readonly number[] = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1];

/** Upper bounds of the buckets that Envoy shows, in milliseconds. */
export const BUCKET_BOUNDS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
  1_800_000, 3_600_000,
];

/** One bucket that is not empty: the values from `lowerBound` to below `lowerBound + width`. */
export interface HistogramBin {
  readonly lowerBound: number;
  /** 0 for the bucket that holds only zeros. */
  readonly width: number;
  readonly count: number;
}

/**
 * A histogram with the engine's buckets, which are those of Envoy (circllhist): 90 for each power
 * of ten, so that a value is known to two digits. Bucket 0 holds zeros; bucket
 * 1 + 90 p + (d - 10) holds the values whose first two digits are d (10 to 99) and which lie from
 * 10^p to below 10^(p+1).
 */
export class Histogram {
  /** How many values. */
  count = 0;
  /** The values added up; exact, where Envoy's is an estimate from the buckets. */
  sum = 0;
  readonly #buckets = new Map<number, number>();

  /** Adds what a worker reports. */
  addReport(report: HistogramReport): void {
    this.count += report[0];
    this.sum += report[1];
    for (let at = 2; at + 1 < report.length; at += 2) this.#addTo(report[at], report[at + 1]);
  }

  /** Adds all values of another histogram. */
  add(other: Histogram): void {
    this.count += other.count;
    this.sum += other.sum;
    for (const [bucket, count] of other.#buckets) this.#addTo(bucket, count);
  }

  /** Records one value, in milliseconds. For the main thread's own histograms. */
  record(value: number): void {
    this.count += 1;
    this.sum += value;
    this.#addTo(toBucket(value), 1);
  }

  /** What came in since `earlier`, which must be an earlier state of the same histogram. */
  since(earlier: Histogram): Histogram {
    const difference = new Histogram();
    difference.count = this.count - earlier.count;
    difference.sum = this.sum - earlier.sum;
    for (const [bucket, count] of this.#buckets) {
      const added = count - (earlier.#buckets.get(bucket) ?? 0);
      if (added > 0) difference.#addTo(bucket, added);
    }
    return difference;
  }

  /** The buckets that are not empty, from low to high. */
  bins(): HistogramBin[] {
    const buckets = [...this.#buckets].sort(([left], [right]) => left - right);
    return buckets.map(([bucket, count]) => ({ ...toRange(bucket), count }));
  }

  /**
   * The value at each of `QUANTILES`; NaN for all when there is none. The samples of a bucket are
   * taken to lie evenly in it, as circllhist does: the k-th of n at k/(n+1) of the width.
   */
  quantiles(): number[] {
    const bins = this.bins();
    return QUANTILES.map((quantile) => pickQuantile(bins, this.count, quantile));
  }

  /**
   * How many values lie at or below each of `BUCKET_BOUNDS`. A bucket that begins at or below the
   * bound counts whole, as in Envoy.
   */
  cumulativeCounts(): number[] {
    const bins = this.bins();
    let at = 0;
    let total = 0;
    return BUCKET_BOUNDS.map((bound) => {
      for (; at < bins.length && bins[at].lowerBound <= bound; at++) total += bins[at].count;
      return total;
    });
  }

  #addTo(bucket: number, count: number): void {
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count);
  }
}

function pickQuantile(bins: readonly HistogramBin[], count: number, quantile: number): number {
  let rank = Math.max(1, Math.ceil(quantile * count));
  for (const bin of bins) {
    if (rank <= bin.count) return bin.lowerBound + (bin.width * rank) / (bin.count + 1);
    rank -= bin.count;
  }
  return Number.NaN;
}

/** Buckets for each power of ten: the first two digits go from 10 to 99. */
const BUCKETS_PER_POWER = 90;
const DIGITS_MIN = 10;

function toRange(bucket: number): { lowerBound: number; width: number } {
  if (bucket === 0) return { lowerBound: 0, width: 0 };
  const power = Math.floor((bucket - 1) / BUCKETS_PER_POWER);
  const digits = DIGITS_MIN + ((bucket - 1) % BUCKETS_PER_POWER);
  // A division by ten is exact to the last digit; a product with 0.1 is not.
  if (power === 0) return { lowerBound: digits / 10, width: 0.1 };
  const width = 10 ** (power - 1);
  return { lowerBound: digits * width, width };
}

/** The engine's own rule, `bucketOf` in filters/observe/counters.ts: whole milliseconds. */
function toBucket(value: number): number {
  let rest = Math.floor(value);
  if (rest <= 0) return 0;
  if (rest < DIGITS_MIN) return 1 + rest * DIGITS_MIN - DIGITS_MIN;
  let power = 1;
  for (; rest >= 10 * DIGITS_MIN; power++) rest = Math.floor(rest / 10);
  return Math.min(1 + BUCKETS_PER_POWER * power + (rest - DIGITS_MIN), HISTOGRAM_BUCKETS - 1);
}
