import type { StatStore } from "./stat-store.ts";

/** What the proxy is doing, in Envoy's words. */
export type ServerState = "LIVE" | "DRAINING" | "PRE_INITIALIZING" | "INITIALIZING";

/** What is known of the process at one moment. */
export interface ServerFacts {
  readonly state: ServerState;
  readonly uptimeMs: number;
  /** Worker threads that were asked for. */
  readonly concurrency: number;
  /** Open downstream connections of all workers. */
  readonly connectionCount: number;
  readonly memory: ServerMemory;
  /** `null` when there is no certificate. */
  readonly certificateDays: number | null;
}

/** The memory of the whole process, in bytes. */
export interface ServerMemory {
  /** In use: heap objects, and the buffers and engine memories beside the heap. */
  readonly allocatedBytes: number;
  /** Reserved for the same. */
  readonly heapBytes: number;
  /** Resident. */
  readonly residentBytes: number;
}

/** Shows every statistic of the main thread that Envoy has too, at 0 until it is written. */
export function declareServerStats(store: StatStore): void {
  for (const name of COUNTERS) store.declareCounter(name);
  for (const name of GAUGES) store.declareGauge(name);
  for (const [name, value] of Object.entries(NO_HOT_RESTART)) store.setGauge(name, value);
}

/** Writes the gauges below `server.`. Call it before a snapshot. */
export function applyServerFacts(store: StatStore, facts: ServerFacts): void {
  const { state, uptimeMs, concurrency, connectionCount, memory, certificateDays } = facts;
  const gauges: Readonly<Record<string, number>> = {
    "server.live": state === "LIVE" ? 1 : 0,
    "server.state": STATES.indexOf(state),
    "server.uptime": Math.floor(uptimeMs / 1000),
    "server.concurrency": concurrency,
    "server.total_connections": connectionCount,
    "server.memory_allocated": memory.allocatedBytes,
    "server.memory_heap_size": memory.heapBytes,
    "server.memory_physical_size": memory.residentBytes,
    "server.days_until_first_cert_expiring": certificateDays ?? NO_CERTIFICATE_DAYS,
  };
  for (const [name, value] of Object.entries(gauges)) store.setGauge(name, value);
}

/** Records how long the start took: the histogram `server.initialization_time_ms`. */
export function recordInitialization(store: StatStore, durationMs: number): void {
  store.record("server.initialization_time_ms", durationMs);
}

/**
 * The number that `server.version` shows. Envoy takes the first digits of its commit; a release of
 * ours is known by its version: 1.2.3 is 1002003.
 */
export function applyServerVersion(store: StatStore, version: string): void {
  const [major = 0, minor = 0, patch = 0] = version.split(".", 3).map((part) => parseInt(part, 10));
  store.setGauge("server.version", (major * 1000 + minor) * 1000 + patch);
}

/** In the order of envoy.admin.v3.ServerInfo.State. */
const STATES: readonly ServerState[] = ["LIVE", "DRAINING", "PRE_INITIALIZING", "INITIALIZING"];

/** What Envoy shows when there is no certificate: the largest unsigned 32-bit number. */
const NO_CERTIFICATE_DAYS = 4_294_967_295;

/** What Envoy shows of a process that took over from no other. */
const NO_HOT_RESTART = {
  "server.hot_restart_epoch": 0,
  "server.hot_restart_generation": 1,
  "server.parent_connections": 0,
};

const COUNTERS = [
  "cluster_manager.cluster_added",
  "cluster_manager.cluster_modified",
  "cluster_manager.cluster_removed",
  "cluster_manager.cluster_updated",
  "cluster_manager.cluster_updated_via_merge",
  "cluster_manager.update_merge_cancelled",
  "cluster_manager.update_out_of_merge_window",
  "filesystem.reopen_failed",
  "filesystem.write_buffered",
  "filesystem.write_completed",
  "filesystem.write_failed",
  "listener_manager.listener_added",
  "listener_manager.listener_create_failure",
  "listener_manager.listener_create_success",
  "listener_manager.listener_in_place_updated",
  "listener_manager.listener_modified",
  "listener_manager.listener_removed",
  "listener_manager.listener_stopped",
  "runtime.deprecated_feature_use",
  "runtime.load_error",
  "runtime.load_success",
  "runtime.override_dir_exists",
  "runtime.override_dir_not_exists",
  // Fields that are not known are refused.
  "server.dynamic_unknown_fields",
  "server.static_unknown_fields",
  // Envoy has none of this: a worker thread that died, and was replaced.
  "server.worker_restarts",
];

const GAUGES = [
  "cluster_manager.active_clusters",
  "cluster_manager.warming_clusters",
  "listener_manager.total_filter_chains_draining",
  "listener_manager.total_listeners_active",
  "listener_manager.total_listeners_draining",
  "listener_manager.total_listeners_warming",
  "listener_manager.workers_started",
  "runtime.admin_overrides_active",
  "runtime.num_keys",
  "runtime.num_layers",
];
