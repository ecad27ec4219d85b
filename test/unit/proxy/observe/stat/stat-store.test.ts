import assert from "node:assert/strict";
import { SCOPE_KIND_CLUSTER, SCOPE_KIND_HCM } from "../../../../../api/engine/image.ts";
import {
  ACCESS_LOG_COUNTERS,
  HTTP_COUNTERS,
  HTTP_HISTOGRAMS,
  LISTENER_COUNTERS,
  UPSTREAM_COUNTERS,
  UPSTREAM_HISTOGRAMS,
} from "../../../../../api/engine/stats.ts";
import type { ScopeStats } from "../../../../../proxy/observe/stat/stat-report.ts";
import {
  SCOPE_KIND_ACCESS_LOG,
  SCOPE_KIND_LISTENER,
} from "../../../../../proxy/observe/stat/scope-kind.ts";
import { StatStore } from "../../../../../proxy/observe/stat/stat-store.ts";

type Numbers = Readonly<Record<string, number>>;

function fill(names: readonly string[], numbers: Numbers): Float64Array {
  return Float64Array.from(names, (name) => numbers[name] ?? 0);
}

function listener(numbers: Numbers): ScopeStats {
  return {
    kind: SCOPE_KIND_LISTENER,
    name: "l",
    counters: fill(LISTENER_COUNTERS, numbers),
    histograms: [null],
    codes: [],
  };
}

function http(numbers: Numbers, requestTimes: Float64Array | null = null): ScopeStats {
  const histograms = HTTP_HISTOGRAMS.map((name) => {
    return name === "downstream_rq_time" ? requestTimes : null;
  });
  return {
    kind: SCOPE_KIND_HCM,
    name: "in",
    counters: fill(HTTP_COUNTERS, numbers),
    histograms,
    codes: [],
  };
}

function cluster(numbers: Numbers, codes: Numbers = {}): ScopeStats {
  const tables = [1, 2, 3, 4, 5].map((digit) => {
    const own = Object.entries(codes).filter(([code]) => code.startsWith(`${digit}`));
    if (own.length === 0) return null;
    const table = new Float64Array(100);
    for (const [code, count] of own) table[Number(code) % 100] = count;
    return table;
  });
  return {
    kind: SCOPE_KIND_CLUSTER,
    name: "b",
    counters: fill(UPSTREAM_COUNTERS, numbers),
    histograms: UPSTREAM_HISTOGRAMS.map(() => null),
    codes: tables,
  };
}

function values(store: StatStore, nowMs = 0): Map<string, number> {
  const { counters, gauges } = store.snapshot(nowMs);
  return new Map([...counters, ...gauges].map(({ name, value }) => [name, value]));
}

describe("StatStore", () => {
  it("snapshot: counters of the workers add up", () => {
    const store = new StatStore();
    store.applyReport(0, [http({ downstream_rq_total: 3 })]);
    store.applyReport(1, [http({ downstream_rq_total: 4 })]);
    assert.equal(values(store).get("http.in.downstream_rq_total"), 7);
  });

  it("snapshot: a new report takes the place of the worker's last", () => {
    const store = new StatStore();
    store.applyReport(0, [http({ downstream_rq_total: 3 })]);
    store.applyReport(0, [http({ downstream_rq_total: 5 })]);
    assert.equal(values(store).get("http.in.downstream_rq_total"), 5);
  });

  it("snapshot: the same scope twice in one report adds up", () => {
    const store = new StatStore();
    store.applyReport(0, [http({ downstream_rq_total: 3 }), http({ downstream_rq_total: 5 })]);
    assert.equal(values(store).get("http.in.downstream_rq_total"), 8);
  });

  it("snapshot: a gauge of which each worker has a part adds up", () => {
    const store = new StatStore();
    store.applyReport(0, [cluster({ upstream_cx_active: 3 })]);
    store.applyReport(1, [cluster({ upstream_cx_active: 4 })]);
    assert.equal(values(store).get("cluster.b.upstream_cx_active"), 7);
  });

  it("snapshot: a gauge that every worker sees whole is not multiplied", () => {
    const store = new StatStore();
    store.applyReport(0, [cluster({ membership_total: 3, "circuit_breakers.default.cx_open": 1 })]);
    store.applyReport(1, [cluster({ membership_total: 3 })]);
    const got = values(store);
    assert.equal(got.get("cluster.b.membership_total"), 3);
    assert.equal(got.get("cluster.b.circuit_breakers.default.cx_open"), 1);
  });

  it("snapshot: answers by status code are counters of their own, where there are any", () => {
    const store = new StatStore();
    store.applyReport(0, [cluster({}, { 200: 5, 503: 1 })]);
    store.applyReport(1, [cluster({}, { 200: 2 })]);
    const codes = [...values(store)].filter(([name]) => /_rq_\d{3}$/.test(name));
    assert.deepEqual(codes, [
      ["cluster.b.upstream_rq_200", 7],
      ["cluster.b.upstream_rq_503", 1],
    ]);
  });

  it("snapshot: answers to requests from inside are counted apart, too", () => {
    const store = new StatStore();
    const own = cluster({}, { 200: 5 });
    const inside = cluster({}, { 200: 2 });
    store.applyReport(0, [{ ...own, codes: [...own.codes, ...inside.codes] }]);
    const got = values(store);
    assert.equal(got.get("cluster.b.upstream_rq_200"), 5);
    assert.equal(got.get("cluster.b.internal.upstream_rq_200"), 2);
    assert.equal(got.get("cluster.b.external.upstream_rq_200"), undefined);
  });

  it("snapshot: responses of a connection manager count below its listener, too", () => {
    const store = new StatStore();
    const numbers = { downstream_rq_2xx: 3, downstream_rq_total: 4 };
    store.applyReport(0, [
      { ...http(numbers), name: "a:in" },
      { ...http(numbers), name: "b:in" },
    ]);
    const got = values(store);
    assert.equal(got.get("http.in.downstream_rq_2xx"), 6);
    assert.equal(got.get("listener.a.http.in.downstream_rq_2xx"), 3);
    assert.equal(got.get("listener.b.http.in.downstream_rq_2xx"), 3);
    assert.equal(got.get("listener.a.http.in.downstream_rq_total"), undefined);
  });

  it("snapshot: each worker's connections are shown, and stay when it is replaced", () => {
    const store = new StatStore();
    const numbers = { downstream_cx_total: 3, downstream_cx_active: 1 };
    store.applyReport(0, [listener(numbers)]);
    store.applyReport(1, [listener(numbers)]);
    store.retireWorker(1);
    store.applyReport(1, [listener({ downstream_cx_total: 1 })]);
    const got = values(store);
    assert.equal(got.get("listener.l.downstream_cx_total"), 7);
    assert.equal(got.get("listener.l.worker_0.downstream_cx_total"), 3);
    assert.equal(got.get("listener.l.worker_0.downstream_cx_active"), 1);
    assert.equal(got.get("listener.l.worker_1.downstream_cx_total"), 4);
    assert.equal(got.get("listener.l.worker_1.downstream_cx_active"), 0);
  });

  it("snapshot: names come in the order of their bytes", () => {
    const store = new StatStore();
    for (const name of ["b", "a.b", "a_b", "B"]) store.declareCounter(name);
    const names = store.snapshot(0).counters.map(({ name }) => name);
    assert.deepEqual(names, ["B", "a.b", "a_b", "b"]);
  });

  it("retireWorker: counters stay and go on from there", () => {
    const store = new StatStore();
    store.applyReport(0, [http({ downstream_rq_total: 3 })]);
    store.retireWorker(0);
    assert.equal(values(store).get("http.in.downstream_rq_total"), 3);
    store.applyReport(1, [http({ downstream_rq_total: 1 })]);
    assert.equal(values(store).get("http.in.downstream_rq_total"), 4);
  });

  it("retireWorker: gauges go, histograms stay", () => {
    const store = new StatStore();
    store.applyReport(0, [http({ downstream_rq_active: 3 }, Float64Array.of(1, 4, 31, 1))]);
    store.retireWorker(0);
    assert.equal(values(store).get("http.in.downstream_rq_active"), 0);
    const { histograms } = store.snapshot(0);
    const found = histograms.find(({ name }) => name === "http.in.downstream_rq_time");
    assert.equal(found?.cumulative.sum, 4);
  });

  it("keepScopes: forgets what is not wanted any more", () => {
    const store = new StatStore();
    const both = [http({ downstream_rq_total: 3 }), cluster({ upstream_rq_total: 2 })];
    store.applyReport(0, both);
    store.applyReport(1, both);
    store.retireWorker(1);
    store.keepScopes((kind) => kind === SCOPE_KIND_HCM);
    const got = values(store);
    assert.equal(got.get("http.in.downstream_rq_total"), 6);
    assert.equal(got.has("cluster.b.upstream_rq_total"), false);
  });

  it("resetCounters: counters start again from zero, gauges stay", () => {
    const store = new StatStore();
    store.applyReport(0, [http({ downstream_rq_total: 3, downstream_rq_active: 2 })]);
    store.count("runtime.load_success");
    store.resetCounters();
    store.applyReport(0, [http({ downstream_rq_total: 5, downstream_rq_active: 2 })]);
    const got = values(store);
    assert.equal(got.get("http.in.downstream_rq_total"), 2);
    assert.equal(got.get("http.in.downstream_rq_active"), 2);
    assert.equal(got.get("runtime.load_success"), 0);
  });

  it("resetCounters: the death of a worker afterwards does not make a counter go back", () => {
    const store = new StatStore();
    store.applyReport(0, [http({ downstream_rq_total: 3 })]);
    store.resetCounters();
    store.applyReport(0, [http({ downstream_rq_total: 4 })]);
    store.retireWorker(0);
    assert.equal(values(store).get("http.in.downstream_rq_total"), 1);
  });

  it("isUsed: a counter that counted, also before a reset", () => {
    const store = new StatStore();
    store.applyReport(0, [http({ downstream_rq_total: 3 })]);
    store.resetCounters();
    const used = store.snapshot(0).counters.filter(({ isUsed }) => isUsed);
    assert.deepEqual(
      used.map(({ name }) => name),
      ["http.in.downstream_rq_total"],
    );
  });

  it("isUsed: a gauge at zero whose counter counted", () => {
    const store = new StatStore();
    store.applyReport(0, [cluster({ upstream_cx_total: 1 })]);
    const used = store.snapshot(0).gauges.filter(({ isUsed }) => isUsed);
    assert.deepEqual(
      used.map(({ name }) => name),
      [
        "cluster.b.circuit_breakers.default.cx_open",
        "cluster.b.circuit_breakers.default.cx_pool_open",
        "cluster.b.upstream_cx_active",
      ],
    );
  });

  it("isUsed: a gauge that was seen above zero", () => {
    const store = new StatStore();
    store.applyReport(0, [cluster({ max_host_weight: 5 })]);
    store.snapshot(0);
    store.applyReport(0, [cluster({ max_host_weight: 0 })]);
    const weight = store.snapshot(0).gauges.find(({ name }) => name.endsWith("max_host_weight"));
    assert.deepEqual(weight, { name: "cluster.b.max_host_weight", value: 0, isUsed: true });
  });

  it("isUsed: a declared gauge is not used until it is set, if only to zero", () => {
    const store = new StatStore();
    store.declareGauge("server.live");
    assert.equal(store.snapshot(0).gauges[0].isUsed, false);
    store.setGauge("server.live", 0);
    assert.equal(store.snapshot(0).gauges[0].isUsed, true);
  });

  it("snapshot: what the main thread counts adds to the workers' number of the same name", () => {
    const store = new StatStore();
    store.applyReport(0, [cluster({ membership_change: 1 })]);
    store.count("cluster.b.membership_change", 2);
    assert.equal(values(store).get("cluster.b.membership_change"), 3);
  });

  it("snapshot: access logs are also counted together, as Envoy does", () => {
    const store = new StatStore();
    const log = (name: string, numbers: Numbers): ScopeStats => ({
      kind: SCOPE_KIND_ACCESS_LOG,
      name,
      counters: fill(ACCESS_LOG_COUNTERS, numbers),
      histograms: [],
      codes: [null, null, null, null, null],
    });
    store.applyReport(0, [
      log("/a.log", { lines_total: 9, write_total: 2 }),
      log("/b.log", { lines_total: 1, write_failed: 1 }),
    ]);
    const got = values(store);
    assert.equal(got.get("access_logs.file./a.log.lines_total"), 9);
    assert.equal(got.get("filesystem.write_buffered"), 10);
    assert.equal(got.get("filesystem.write_completed"), 2);
    assert.equal(got.get("filesystem.write_failed"), 1);
  });

  it("snapshot: the interval of a histogram is the last that is over", () => {
    const store = new StatStore(5000);
    const counts = (nowMs: number) => {
      const [stat] = store.snapshot(nowMs).histograms;
      return [stat.interval.count, stat.cumulative.count];
    };
    store.record("server.initialization_time_ms", 13);
    assert.deepEqual(counts(0), [1, 1]);
    store.record("server.initialization_time_ms", 14);
    assert.deepEqual(counts(4999), [1, 2]);
    store.record("server.initialization_time_ms", 15);
    assert.deepEqual(counts(5000), [2, 3]);
    assert.deepEqual(counts(10_000), [0, 3]);
  });

  it("snapshot: does not change when more is recorded", () => {
    const store = new StatStore();
    store.record("server.initialization_time_ms", 13);
    const [before] = store.snapshot(0).histograms;
    store.record("server.initialization_time_ms", 13);
    assert.equal(before.cumulative.count, 1);
  });
});
