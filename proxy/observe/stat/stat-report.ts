import {
  HISTOGRAM_BUCKETS,
  HISTOGRAM_BUCKETS_AT,
  HISTOGRAM_COUNT_AT,
  HISTOGRAM_SUM_AT,
} from "../../../api/engine/stats.ts";
import { findScopeLayout, type ScopeLayout } from "./stat-scope.ts";

/** Status codes in one table: those of one class. */
export const CODES_PER_CLASS = 100;
/** Tables by status code below one prefix: 1xx to 5xx. */
export const CODE_CLASS_COUNT = 5;

/** Where a scope's block lies in the memory of one engine. */
export interface ScopeAddress {
  /** A `SCOPE_KIND_*`. */
  readonly kind: number;
  /** stat_prefix, cluster name or alt_stat_name, address of the listener, path of the log. */
  readonly name: string;
  readonly address: number;
}

/**
 * A histogram as it travels: {count, sum, then (bucket, count in it) for every bucket that is not
 * empty}, with buckets ascending. Most buckets are empty, so this is far shorter than all 901.
 */
export type HistogramReport = Float64Array;

/** What one scope of one worker held at one moment. */
export interface ScopeStats {
  /** A `SCOPE_KIND_*`. */
  readonly kind: number;
  readonly name: string;
  /** Counters and gauges, in the order of the kind's names. */
  readonly counters: Float64Array;
  /** In the order of the kind's names; null where nothing was recorded. */
  readonly histograms: readonly (HistogramReport | null)[];
  /** Answers by status: for each of the kind's prefixes 1xx to 5xx, 100 each; null where none. */
  readonly codes: readonly (Float64Array | null)[];
}

/**
 * What a worker reports: the totals since its engine began, not the change since the last report.
 * Plain values that a thread can post to another. A scope may occur twice, while streams still run
 * on an older image; the two add up.
 */
export type WorkerStats = readonly ScopeStats[];

/**
 * Reads the statistics out of an engine's memory. Keeps no reference to `memory`. A scope of a kind
 * that keeps no statistics is left out.
 */
export function readScopes(memory: ArrayBuffer, scopes: readonly ScopeAddress[]): WorkerStats {
  const view = new DataView(memory);
  const stats: ScopeStats[] = [];
  for (const { kind, name, address } of scopes) {
    const layout = findScopeLayout(kind);
    if (layout === null) continue;
    stats.push({
      kind,
      name,
      counters: new Float64Array(memory, address, layout.columns.length).slice(),
      histograms: readHistograms(view, layout, address),
      codes: readCodes(view, layout, address),
    });
  }
  return stats;
}

function readHistograms(view: DataView, layout: ScopeLayout, address: number) {
  return layout.histograms.map((_, index) => {
    const histogram = view.getUint32(address + layout.histogramsAt + 4 * index, true);
    return histogram === 0 ? null : readHistogram(view, histogram);
  });
}

function readHistogram(view: DataView, address: number): HistogramReport {
  const report = [
    view.getFloat64(address + HISTOGRAM_COUNT_AT, true),
    view.getFloat64(address + HISTOGRAM_SUM_AT, true),
  ];
  const buckets = new Uint32Array(view.buffer, address + HISTOGRAM_BUCKETS_AT, HISTOGRAM_BUCKETS);
  // A plain loop: the worker serves nobody meanwhile, and an iterator takes ten times as long.
  for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
    const count = buckets[bucket];
    if (count > 0) report.push(bucket, count);
  }
  return Float64Array.from(report);
}

function readCodes(view: DataView, layout: ScopeLayout, address: number) {
  const length = CODE_CLASS_COUNT * layout.codePrefixes.length;
  return Array.from({ length }, (_, index) => {
    const table = view.getUint32(address + layout.codesAt + 4 * index, true);
    return table === 0 ? null : new Float64Array(view.buffer, table, CODES_PER_CLASS).slice();
  });
}
