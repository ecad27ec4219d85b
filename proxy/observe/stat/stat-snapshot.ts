import type { Histogram } from "../histogram.ts";

/** A counter or a gauge at one moment. */
export interface NumberStat {
  /** The full name, as Envoy writes it. */
  readonly name: string;
  readonly value: number;
  /** Whether it was ever written; what `usedonly` asks for. */
  readonly isUsed: boolean;
}

/** A histogram at one moment. */
export interface HistogramStat {
  readonly name: string;
  /** What came in during the last whole interval. */
  readonly interval: Histogram;
  /** Everything since the start. */
  readonly cumulative: Histogram;
  readonly isUsed: boolean;
}

/** All statistics of the proxy at one moment, each list sorted by name. */
export interface StatSnapshot {
  readonly counters: readonly NumberStat[];
  readonly gauges: readonly NumberStat[];
  readonly histograms: readonly HistogramStat[];
}

/** Envoy's order: by bytes, not by the rules of a language. */
export function compareNames(left: { name: string }, right: { name: string }): number {
  if (left.name === right.name) return 0;
  return left.name < right.name ? -1 : 1;
}
