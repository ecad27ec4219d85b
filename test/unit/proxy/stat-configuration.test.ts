import assert from "node:assert/strict";
import { type ConfigurationFacts, recordConfiguration } from "../../../proxy/stat-configuration.ts";
import { StatStore } from "../../../proxy/observe/stat/stat-store.ts";

const first: ConfigurationFacts = {
  listeners: ["a", "b"],
  clusters: new Map([
    ["one", "1"],
    ["two", "2"],
    ["three", "3"],
  ]),
  workerCount: 2,
  runtimeLayerCount: 1,
  runtimeKeyCount: 4,
};

/** One of each is gone, one is new, and one cluster has changed. */
const second: ConfigurationFacts = {
  ...first,
  listeners: ["b", "c"],
  clusters: new Map([
    ["two", "2"],
    ["three", "other"],
    ["four", "4"],
  ]),
};

function values(store: StatStore): Record<string, number> {
  const { counters, gauges } = store.snapshot(0);
  const moved = [...counters, ...gauges].filter(({ value }) => value !== 0);
  return Object.fromEntries(moved.map(({ name, value }) => [name, value]));
}

describe("configuration statistics", () => {
  it("recordConfiguration: at the start everything is new", () => {
    const store = new StatStore();
    recordConfiguration(store, null, first);
    assert.deepEqual(values(store), {
      "cluster_manager.active_clusters": 3,
      "cluster_manager.cluster_added": 3,
      "listener_manager.listener_added": 2,
      "listener_manager.listener_create_success": 4,
      "listener_manager.total_listeners_active": 2,
      "listener_manager.workers_started": 1,
      "runtime.load_success": 1,
      "runtime.num_keys": 4,
      "runtime.num_layers": 1,
    });
  });

  it("recordConfiguration: a replacement counts what it changed", () => {
    const store = new StatStore();
    recordConfiguration(store, null, first);
    const { counters } = store.snapshot(0);
    recordConfiguration(store, first, second);
    const before = new Map(counters.map(({ name, value }) => [name, value]));
    const changes = store.snapshot(0).counters.map(({ name, value }) => {
      return [name, value - (before.get(name) ?? 0)] as const;
    });
    assert.deepEqual(Object.fromEntries(changes.filter(([, by]) => by > 0)), {
      "cluster_manager.cluster_added": 1,
      "cluster_manager.cluster_modified": 1,
      "cluster_manager.cluster_removed": 1,
      "listener_manager.listener_added": 1,
      "listener_manager.listener_create_success": 2,
      "listener_manager.listener_in_place_updated": 1,
      "listener_manager.listener_removed": 1,
      "runtime.load_success": 1,
    });
  });
});
