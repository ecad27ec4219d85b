import { Histogram } from "../histogram.ts";
import type { WorkerStats } from "./stat-report.ts";
import { SCOPE_KIND_LISTENER } from "./scope-kind.ts";
import {
  compareNames,
  type HistogramStat,
  type NumberStat,
  type StatSnapshot,
} from "./stat-snapshot.ts";
import { StatTotals } from "./stat-totals.ts";

/** Length of a histogram's interval: Envoy's default for stats_flush_interval. */
const INTERVAL_MS_DEFAULT = 5000;

/**
 * The statistics of the whole proxy, on the main thread: the last report of each worker, the totals
 * of workers that are gone, and what the main thread itself counts. Nothing here runs by itself:
 * give it fresh reports, then take a snapshot.
 */
export class StatStore {
  readonly #intervalMs: number;
  readonly #workers = new Map<number, WorkerStats>();
  readonly #retired = new StatTotals();
  /** What listeners counted in each worker that was replaced. */
  readonly #retiredOf = new Map<number, StatTotals>();
  readonly #counters = new Map<string, number>();
  readonly #gauges = new Map<string, number>();
  readonly #histograms = new Map<string, Histogram>();
  /** Counter → its true value when the counters were last reset. */
  readonly #zeros = new Map<string, number>();
  /** Names of gauges and main-thread counters that were written. */
  readonly #written = new Set<string>();
  #isKept: (kind: number, name: string) => boolean = () => true;
  #intervalFromMs = Number.NEGATIVE_INFINITY;
  #intervalFrom = new Map<string, Histogram>();
  #intervals = new Map<string, Histogram>();

  /** @param intervalMs The bootstrap's stats_flush_interval. */
  constructor(intervalMs: number = INTERVAL_MS_DEFAULT) {
    this.#intervalMs = intervalMs;
  }

  /** Takes the newest report of a worker in place of its last. */
  applyReport(worker: number, stats: WorkerStats): void {
    this.#workers.set(worker, stats);
  }

  /**
   * A worker is gone. What it reported last stays in all counters and histograms; its gauges go.
   * What it counted after its last report is lost.
   */
  retireWorker(worker: number): void {
    const stats = this.#workers.get(worker);
    if (stats === undefined) return;
    this.#workers.delete(worker);
    this.#retired.addRetired(stats);
    const own = this.#retiredOf.get(worker) ?? new StatTotals();
    own.addRetired(listenersOf(stats));
    this.#retiredOf.set(worker, own);
  }

  /** After new configuration: forgets what it has not, and leaves it out of later reports. */
  keepScopes(isKept: (kind: number, name: string) => boolean): void {
    this.#isKept = isKept;
    this.#retired.keep(isKept);
    for (const totals of this.#retiredOf.values()) totals.keep(isKept);
  }

  /** Shows a counter of the main thread, at 0 until it is written. */
  declareCounter(name: string): void {
    if (!this.#counters.has(name)) this.#counters.set(name, 0);
  }

  /** Shows a gauge of the main thread, at 0 until it is written. */
  declareGauge(name: string): void {
    if (!this.#gauges.has(name)) this.#gauges.set(name, 0);
  }

  /** Adds to a counter of the main thread. */
  count(name: string, by = 1): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + by);
  }

  /** Sets a gauge of the main thread. */
  setGauge(name: string, value: number): void {
    this.#gauges.set(name, value);
    this.#written.add(name);
  }

  /** What a gauge was of is gone. */
  forgetGauge(name: string): void {
    this.#gauges.delete(name);
    this.#written.delete(name);
  }

  /** Adds to a gauge of the main thread. */
  addToGauge(name: string, by: number): void {
    this.setGauge(name, (this.#gauges.get(name) ?? 0) + by);
  }

  /** Records a value in a histogram of the main thread, in milliseconds. */
  record(name: string, valueMs: number): void {
    let histogram = this.#histograms.get(name);
    if (histogram === undefined) {
      histogram = new Histogram();
      this.#histograms.set(name, histogram);
    }
    histogram.record(valueMs);
  }

  /**
   * Sets all counters to zero, as /reset_counters does. The workers go on counting; the difference
   * is kept here. Gauges and histograms stay.
   */
  resetCounters(): void {
    for (const [name, value] of this.#merge().counters) this.#zeros.set(name, value);
  }

  /**
   * Merges everything.
   *
   * The interval of a histogram is the last one that is over, at least `intervalMs` long. It ends
   * when a snapshot is taken, not by a timer: an idle proxy is left alone.
   */
  snapshot(nowMs: number): StatSnapshot {
    const { counters, gauges, usedGauges, histograms } = this.#merge();
    this.#rollInterval(histograms, nowMs);
    return {
      counters: toSorted(counters, (name, total): NumberStat => {
        return { name, value: total - (this.#zeros.get(name) ?? 0), isUsed: total > 0 };
      }),
      gauges: toSorted(gauges, (name, value): NumberStat => {
        if (value !== 0 || usedGauges.has(name)) this.#written.add(name);
        return { name, value, isUsed: this.#written.has(name) };
      }),
      histograms: toSorted(histograms, (name, cumulative): HistogramStat => {
        const interval = this.#intervals.get(name) ?? new Histogram();
        return { name, interval, cumulative, isUsed: cumulative.count > 0 };
      }),
    };
  }

  #merge(): MergedStats {
    const totals = new StatTotals();
    totals.addTotals(this.#retired);
    for (const stats of this.#workers.values()) totals.add(stats);
    totals.keep(this.#isKept);
    const merged = new MergedStats();
    totals.emit(merged);
    this.#emitOfWorkers(merged);
    merged.addFileTotals();
    for (const [name, value] of this.#counters) merged.counter(name, value);
    for (const [name, value] of this.#gauges) merged.gauge(name, value, false);
    for (const [name, histogram] of this.#histograms) merged.histogram(name, histogram);
    return merged;
  }

  #emitOfWorkers(sink: MergedStats): void {
    for (const worker of new Set([...this.#workers.keys(), ...this.#retiredOf.keys()])) {
      const totals = new StatTotals();
      const retired = this.#retiredOf.get(worker);
      if (retired !== undefined) totals.addTotals(retired);
      totals.add(listenersOf(this.#workers.get(worker) ?? []));
      totals.keep(this.#isKept);
      totals.emitOfWorker(worker, sink);
    }
  }

  #rollInterval(histograms: ReadonlyMap<string, Histogram>, nowMs: number): void {
    if (nowMs - this.#intervalFromMs < this.#intervalMs) return;
    const none = new Histogram();
    this.#intervals = new Map();
    for (const [name, histogram] of histograms) {
      this.#intervals.set(name, histogram.since(this.#intervalFrom.get(name) ?? none));
    }
    this.#intervalFrom = new Map(histograms);
    this.#intervalFromMs = nowMs;
  }
}

/** The scopes of which something is shown for each worker. */
function listenersOf(stats: WorkerStats): WorkerStats {
  return stats.filter(({ kind }) => kind === SCOPE_KIND_LISTENER);
}

/** Numbers by their full names. Two of the same name, say of two listeners, add up. */
class MergedStats {
  readonly counters = new Map<string, number>();
  readonly gauges = new Map<string, number>();
  readonly usedGauges = new Set<string>();
  readonly histograms = new Map<string, Histogram>();

  counter(name: string, value: number): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + value);
  }

  gauge(name: string, value: number, isUsed: boolean): void {
    this.gauges.set(name, (this.gauges.get(name) ?? 0) + value);
    if (isUsed) this.usedGauges.add(name);
  }

  /** Copies, since the caller goes on recording. */
  histogram(name: string, histogram: Histogram): void {
    let total = this.histograms.get(name);
    if (total === undefined) {
      total = new Histogram();
      this.histograms.set(name, total);
    }
    total.add(histogram);
  }

  /** Envoy counts all log files together, under `filesystem`. We keep each, and their sum. */
  addFileTotals(): void {
    for (const [name, value] of [...this.counters]) {
      if (!name.startsWith("access_logs.file.")) continue;
      const total = FILE_TOTALS.get(name.slice(name.lastIndexOf(".") + 1));
      if (total !== undefined) this.counter(total, value);
    }
  }
}

const FILE_TOTALS: ReadonlyMap<string, string> = new Map([
  ["lines_total", "filesystem.write_buffered"],
  ["write_total", "filesystem.write_completed"],
  ["write_failed", "filesystem.write_failed"],
  ["reopen_failed", "filesystem.reopen_failed"],
]);

function toSorted<Value, Stat extends { name: string }>(
  values: ReadonlyMap<string, Value>,
  toStat: (name: string, value: Value) => Stat,
): Stat[] {
  return Array.from(values, ([name, value]) => toStat(name, value)).sort(compareNames);
}
