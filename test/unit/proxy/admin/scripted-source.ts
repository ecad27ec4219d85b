import { create } from "@bufbuild/protobuf";
import { BootstrapSchema } from "../../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { NodeSchema } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { AdminCluster, AdminSource } from "../../../../proxy/admin/source.ts";
import { AnyRegistry } from "../../../../proxy/config/message/any-registry.ts";
import type { LogLevel } from "../../../../proxy/observe/log-pattern.ts";
import { StatStore } from "../../../../proxy/observe/stat/stat-store.ts";
import { TagExtractor } from "../../../../proxy/observe/stat/stat-tag.ts";

/** A proxy that answers what it is told to, and notes what it is asked to do. */
export interface ScriptedSource extends AdminSource {
  /** What it was asked to do, in order. */
  readonly calls: readonly string[];
  readonly store: StatStore;
}

const THRESHOLDS = {
  connectionsMax: 1024,
  pendingRequestsMax: 1024,
  requestsMax: 1024,
  retriesMax: 3,
};

/** A cluster with one endpoint that served six requests, as Envoy was asked to show one. */
export const CLUSTER_B: AdminCluster = {
  name: "b",
  observabilityName: "b",
  isAddedViaApi: false,
  defaultThresholds: THRESHOLDS,
  highThresholds: THRESHOLDS,
  endpoints: [
    {
      address: { kind: "socket", address: "127.0.0.1", port: 18080 },
      hostname: "",
      stats: {
        cx_active: 0,
        cx_connect_fail: 0,
        cx_total: 6,
        rq_active: 0,
        rq_error: 0,
        rq_pending_active: 0,
        rq_success: 6,
        rq_timeout: 0,
        rq_total: 6,
      },
      healthFlags: [],
      weight: 1,
      priority: 0,
      region: "",
      zone: "",
      subZone: "",
      isCanary: false,
    },
  ],
};

/** Makes a source; `part` takes the place of what it would answer. */
export function openSource(part: Partial<AdminSource> = {}): ScriptedSource {
  const calls: string[] = [];
  const store = new StatStore();
  const extractor = new TagExtractor(undefined, () => () => null);
  const levels = new Map<string, LogLevel>([
    ["http", "info"],
    ["main", "info"],
  ]);
  return {
    calls,
    store,
    state: () => "LIVE",
    stats: async () => store.snapshot(0),
    tagExtractor: async () => extractor,
    serverInfo: () => ({
      version: "0.1.0",
      uptimeMs: 61_900,
      commandLine: { concurrency: 2, configPath: "envoy.yaml" },
      node: create(NodeSchema, { id: "n1", cluster: "c1" }),
    }),
    clusters: async () => [CLUSTER_B],
    listeners: () => [
      { name: "web", addresses: [{ kind: "socket", address: "127.0.0.1", port: 19000 }] },
    ],
    configDump: async () => ({
      bootstrap: create(BootstrapSchema),
      updatedAt: new Date(0),
      listeners: [],
      clusters: [],
      routes: [],
      types: new AnyRegistry([]),
    }),
    certificates: () => [],
    runtime: () => ({ layers: [], entries: new Map() }),
    memory: () => ({ allocatedBytes: 100, heapBytes: 250, residentBytes: 300 }),
    logLevels: () => levels,
    setLogLevel: (level, name) => {
      for (const known of levels.keys())
        if (name === undefined || name === known) levels.set(known, level);
      calls.push(`setLogLevel ${level} ${name}`);
    },
    failHealthCheck: (isFailed) => calls.push(`failHealthCheck ${isFailed}`),
    drainListeners: (options) => calls.push(`drainListeners ${JSON.stringify(options)}`),
    resetCounters: async () => {
      calls.push("resetCounters");
    },
    reopenLogs: async () => {
      calls.push("reopenLogs");
    },
    quit: () => calls.push("quit"),
    ...part,
  };
}
