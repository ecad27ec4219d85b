import { Histogram } from "../histogram.ts";
import { CODE_CLASS_COUNT, CODES_PER_CLASS, type ScopeStats } from "./stat-report.ts";
import {
  findScopeLayout,
  type ScopeLayout,
  toListenerPrefix,
  toScopePrefix,
} from "./stat-scope.ts";

/** Takes the numbers of a scope, one after the other, with their full names. */
export interface StatSink {
  counter(name: string, value: number): void;
  gauge(name: string, value: number, isUsed: boolean): void;
  histogram(name: string, histogram: Histogram): void;
}

/** The statistics of scopes, merged over workers. */
export class StatTotals {
  readonly #scopes = new Map<string, ScopeTotals>();

  /** Adds what a living worker reports. */
  add(stats: readonly ScopeStats[]): void {
    for (const scope of stats) this.#scope(scope)?.add(scope, true);
  }

  /** Adds what a worker reported last before it went: everything but its gauges. */
  addRetired(stats: readonly ScopeStats[]): void {
    for (const scope of stats) this.#scope(scope)?.add(scope, false);
  }

  /** Adds other totals. */
  addTotals(other: StatTotals): void {
    for (const [key, scope] of other.#scopes) {
      const known = this.#scopes.get(key);
      if (known === undefined) this.#scopes.set(key, scope.copy());
      else known.addTotals(scope);
    }
  }

  /** Forgets the scopes that `isKept` does not want. */
  keep(isKept: (kind: number, name: string) => boolean): void {
    for (const [key, { kind, name }] of this.#scopes) {
      if (!isKept(kind, name)) this.#scopes.delete(key);
    }
  }

  /** Hands every number to `sink`, in no order. */
  emit(sink: StatSink): void {
    for (const scope of this.#scopes.values()) scope.emit(sink);
  }

  /** Hands what is shown for each worker to `sink`, under the name of one. */
  emitOfWorker(worker: number, sink: StatSink): void {
    for (const scope of this.#scopes.values()) scope.emitOfWorker(worker, sink);
  }

  #scope({ kind, name }: ScopeStats): ScopeTotals | null {
    const layout = findScopeLayout(kind);
    if (layout === null) return null;
    const key = `${kind} ${name}`;
    let scope = this.#scopes.get(key);
    if (scope === undefined) {
      scope = new ScopeTotals(layout, kind, name);
      this.#scopes.set(key, scope);
    }
    return scope;
  }
}

class ScopeTotals {
  readonly kind: number;
  readonly name: string;
  readonly #layout: ScopeLayout;
  readonly #numbers: Float64Array;
  readonly #histograms: readonly Histogram[];
  readonly #codes: (Float64Array | null)[];

  constructor(layout: ScopeLayout, kind: number, name: string) {
    this.kind = kind;
    this.name = name;
    this.#layout = layout;
    this.#numbers = new Float64Array(layout.columns.length);
    this.#histograms = layout.histograms.map(() => new Histogram());
    const tables = layout.codePrefixes.length * CODE_CLASS_COUNT;
    this.#codes = new Array(tables).fill(null);
  }

  add({ counters, histograms, codes }: ScopeStats, isAlive: boolean): void {
    this.#addNumbers(counters, isAlive);
    for (const [index, report] of histograms.entries()) {
      if (report !== null) this.#histograms[index].addReport(report);
    }
    this.#addCodes(codes);
  }

  addTotals(other: ScopeTotals): void {
    this.#addNumbers(other.#numbers, true);
    for (const [index, histogram] of other.#histograms.entries()) {
      this.#histograms[index].add(histogram);
    }
    this.#addCodes(other.#codes);
  }

  copy(): ScopeTotals {
    const copy = new ScopeTotals(this.#layout, this.kind, this.name);
    copy.addTotals(this);
    return copy;
  }

  emit(sink: StatSink): void {
    const { columns, histograms, codePrefixes, isMadeWhenUsed } = this.#layout;
    const prefix = toScopePrefix(this.#layout, this.name);
    this.#emitBelowListener(sink);
    for (const [index, { name, kind, usedBy, isShownWhenZero }] of columns.entries()) {
      if (name === null) continue;
      const value = this.#numbers[index];
      if (value === 0 && !isShownWhenZero) continue;
      if (kind === "counter") sink.counter(prefix + name, value);
      else sink.gauge(prefix + name, value, usedBy >= 0 && this.#numbers[usedBy] > 0);
    }
    for (const [index, name] of histograms.entries()) {
      const histogram = this.#histograms[index];
      if (histogram.count > 0 || !isMadeWhenUsed) sink.histogram(prefix + name, histogram);
    }
    for (const [index, codePrefix] of codePrefixes.entries()) {
      const first = index * CODE_CLASS_COUNT;
      this.#emitCodes(
        this.#codes.slice(first, first + CODE_CLASS_COUNT),
        prefix + codePrefix,
        sink,
      );
    }
  }

  emitOfWorker(worker: number, sink: StatSink): void {
    const { columns, workerNumbers } = this.#layout;
    if (workerNumbers.size === 0) return;
    const prefix = `${toScopePrefix(this.#layout, this.name)}worker_${worker}.`;
    for (const [index, { name, kind }] of columns.entries()) {
      if (name === null || !workerNumbers.has(name)) continue;
      const value = this.#numbers[index];
      if (kind === "counter") sink.counter(prefix + name, value);
      else sink.gauge(prefix + name, value, true);
    }
  }

  #emitBelowListener(sink: StatSink): void {
    const { columns, listenerCounters } = this.#layout;
    const prefix = toListenerPrefix(this.#layout, this.name);
    if (prefix === null) return;
    for (const [index, { name }] of columns.entries()) {
      if (name === null || !listenerCounters.has(name)) continue;
      sink.counter(prefix + name, this.#numbers[index]);
    }
  }

  #addNumbers(numbers: Float64Array, isAlive: boolean): void {
    for (const [index, { kind }] of this.#layout.columns.entries()) {
      const value = numbers[index];
      if (kind === "counter") this.#numbers[index] += value;
      else if (isAlive && kind === "sum") this.#numbers[index] += value;
      else if (isAlive) this.#numbers[index] = Math.max(this.#numbers[index], value);
    }
  }

  #addCodes(codes: readonly (Float64Array | null)[]): void {
    for (const [index, table] of codes.entries()) {
      if (table === null) continue;
      const total = this.#codes[index] ?? new Float64Array(CODES_PER_CLASS);
      for (const [code, count] of table.entries()) total[code] += count;
      this.#codes[index] = total;
    }
  }

  #emitCodes(tables: readonly (Float64Array | null)[], prefix: string, sink: StatSink): void {
    for (const [index, table] of tables.entries()) {
      if (table === null) continue;
      for (const [code, count] of table.entries()) {
        if (count > 0) sink.counter(`${prefix}${(index + 1) * CODES_PER_CLASS + code}`, count);
      }
    }
  }
}
