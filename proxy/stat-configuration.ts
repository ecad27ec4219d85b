import type { StatStore } from "./observe/stat/stat-store.ts";

/** What runs, as the statistics tell it. */
export interface ConfigurationFacts {
  readonly listeners: readonly string[];
  /** Everything about a cluster as one text, by its name. */
  readonly clusters: ReadonlyMap<string, string>;
  readonly workerCount: number;
  readonly runtimeLayerCount: number;
  readonly runtimeKeyCount: number;
}

/**
 * Counts what a configuration that just took effect added, changed and removed, and writes the
 * gauges of what there is now.
 *
 * @param before What ran until now; null at the start.
 */
export function recordConfiguration(
  store: StatStore,
  before: ConfigurationFacts | null,
  now: ConfigurationFacts,
): void {
  const { listeners, clusters, workerCount } = now;
  const oldListeners = new Set(before?.listeners);
  const oldClusters = before?.clusters ?? new Map<string, string>();
  const addedListeners = listeners.filter((name) => !oldListeners.has(name)).length;
  const keptListeners = listeners.length - addedListeners;
  const keptClusters = [...clusters].filter(([name]) => oldClusters.has(name));
  const counters: Readonly<Record<string, number>> = {
    "listener_manager.listener_added": addedListeners,
    // In every worker.
    "listener_manager.listener_create_success": addedListeners * workerCount,
    "listener_manager.listener_in_place_updated": keptListeners,
    "listener_manager.listener_removed": oldListeners.size - keptListeners,
    "cluster_manager.cluster_added": clusters.size - keptClusters.length,
    "cluster_manager.cluster_modified": keptClusters.filter(([name, text]) => {
      return oldClusters.get(name) !== text;
    }).length,
    "cluster_manager.cluster_removed": oldClusters.size - keptClusters.length,
    "runtime.load_success": 1,
  };
  for (const [name, by] of Object.entries(counters)) store.count(name, by);
  store.setGauge("listener_manager.total_listeners_active", listeners.length);
  store.setGauge("listener_manager.workers_started", 1);
  store.setGauge("cluster_manager.active_clusters", clusters.size);
  store.setGauge("runtime.num_layers", now.runtimeLayerCount);
  store.setGauge("runtime.num_keys", now.runtimeKeyCount);
}
