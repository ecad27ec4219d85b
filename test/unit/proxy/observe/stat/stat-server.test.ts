import assert from "node:assert/strict";
import {
  applyServerFacts,
  applyServerVersion,
  declareServerStats,
  recordInitialization,
  type ServerFacts,
  type ServerState,
} from "../../../../../proxy/observe/stat/stat-server.ts";
import { StatStore } from "../../../../../proxy/observe/stat/stat-store.ts";

const facts: ServerFacts = {
  state: "LIVE",
  uptimeMs: 61_900,
  concurrency: 2,
  connectionCount: 7,
  memory: { allocatedBytes: 100, heapBytes: 200, residentBytes: 300 },
  certificateDays: null,
};

/** State → `server.live` and `server.state`. The numbers are of envoy.admin.v3.ServerInfo.State. */
const states: readonly (readonly [state: ServerState, live: number, number: number])[] = [
  ["LIVE", 1, 0],
  ["DRAINING", 0, 1],
  ["PRE_INITIALIZING", 0, 2],
  ["INITIALIZING", 0, 3],
];

function gauges(store: StatStore): Record<string, number> {
  return Object.fromEntries(store.snapshot(0).gauges.map(({ name, value }) => [name, value]));
}

describe("server statistics", () => {
  it("applyServerFacts: writes the gauges of Envoy", () => {
    const store = new StatStore();
    applyServerFacts(store, facts);
    assert.deepEqual(gauges(store), {
      "server.concurrency": 2,
      "server.days_until_first_cert_expiring": 4_294_967_295,
      "server.live": 1,
      "server.memory_allocated": 100,
      "server.memory_heap_size": 200,
      "server.memory_physical_size": 300,
      "server.state": 0,
      "server.total_connections": 7,
      "server.uptime": 61,
    });
  });

  for (const [state, live, number] of states) {
    it(`applyServerFacts: ${state} is state ${number}`, () => {
      const store = new StatStore();
      applyServerFacts(store, { ...facts, state });
      const got = gauges(store);
      assert.deepEqual([got["server.live"], got["server.state"]], [live, number]);
    });
  }

  for (const [version, number] of [
    ["0.1.0", 1_000],
    ["1.40.2", 1_040_002],
    ["2.0.0-rc.1", 2_000_000],
  ] as const) {
    it(`applyServerVersion: ${version} is ${number}`, () => {
      const store = new StatStore();
      applyServerVersion(store, version);
      assert.deepEqual(gauges(store), { "server.version": number });
    });
  }

  it("declareServerStats: no process was there before this one", () => {
    const store = new StatStore();
    declareServerStats(store);
    const got = gauges(store);
    assert.equal(got["server.hot_restart_epoch"], 0);
    assert.equal(got["server.hot_restart_generation"], 1);
    assert.equal(got["server.parent_connections"], 0);
  });

  it("declareServerStats: shows at zero what the main thread counts", () => {
    const store = new StatStore();
    store.count("listener_manager.listener_added");
    declareServerStats(store);
    const { counters } = store.snapshot(0);
    const values = new Map(counters.map(({ name, value }) => [name, value]));
    assert.equal(values.get("listener_manager.listener_added"), 1);
    assert.equal(values.get("cluster_manager.cluster_added"), 0);
    assert.equal(gauges(store)["listener_manager.total_listeners_active"], 0);
  });

  it("recordInitialization: is a histogram of one value", () => {
    const store = new StatStore();
    recordInitialization(store, 13);
    const [stat] = store.snapshot(0).histograms;
    assert.equal(stat.name, "server.initialization_time_ms");
    assert.equal(stat.cumulative.quantiles()[5], 13.5);
  });
});
