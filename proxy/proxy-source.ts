import type {
  AdminAddress,
  AdminEndpointAddress,
  AdminCluster,
  AdminConfigDump,
  AdminDrain,
  AdminEndpointStats,
  AdminEndpointStatus,
  AdminListener,
  AdminRuntime,
  AdminServerInfo,
  AdminSource,
} from "./admin/source.ts";
import { ENDPOINT_STATS } from "./admin/source.ts";
import {
  type Address,
  type ClusterModel,
  contextsOf,
  type EndpointAddress,
  type EndpointModel,
} from "./config/model.ts";
import { FLUSH_MS } from "./observe/access-log-writer.ts";
import { LOG_FORMAT_DEFAULT, type LogLevel } from "./observe/log-pattern.ts";
import type { ServerMemory, ServerState } from "./observe/stat/stat-server.ts";
import type { StatSnapshot } from "./observe/stat/stat-snapshot.ts";
import type { TagExtractor } from "./observe/stat/stat-tag.ts";
import { reportCertificates } from "./tls/certificate-report.ts";
import type { ProxyCore } from "./proxy-core.ts";
import { VERSION } from "./version.ts";

/** Answers the admin interface's questions from the running proxy. */
export class ProxySource implements AdminSource {
  readonly #core: ProxyCore;

  constructor(core: ProxyCore) {
    this.#core = core;
  }

  state(): ServerState {
    return this.#core.state;
  }

  stats(): Promise<StatSnapshot> {
    return this.#core.collectStats();
  }

  tagExtractor(): Promise<TagExtractor> {
    return this.#core.tagExtractor();
  }

  serverInfo(): AdminServerInfo {
    const { options, startedAt, config } = this.#core;
    const configPath = options.shownFlags?.configPath ?? options.configName ?? "";
    return {
      version: `${VERSION}/Clean/RELEASE/Node`,
      uptimeMs: Date.now() - startedAt.getTime(),
      commandLine: {
        baseId: BigInt(options.shownFlags?.baseId ?? 0),
        concurrency: this.#core.concurrency,
        logLevel: options.logLevel ?? "info",
        logFormat: options.logFormat ?? LOG_FORMAT_DEFAULT,
        serviceNode: options.serviceNode ?? "",
        serviceCluster: options.serviceCluster ?? "",
        configPath,
        fileFlushInterval: { seconds: BigInt(FLUSH_MS / 1000), nanos: 0 },
        drainTime: { seconds: BigInt(options.drainTimeS ?? 600), nanos: 0 },
        parentShutdownTime: { seconds: BigInt(options.parentShutdownTimeS ?? 900), nanos: 0 },
      },
      node: config.node,
    };
  }

  async clusters(): Promise<readonly AdminCluster[]> {
    const { snapshot } = this.#core.config;
    const reports = await this.#core.collectEndpoints();
    return snapshot.clusters.map((cluster, index) => {
      const endpoints = this.#core.endpointsOf(index) ?? cluster.endpoints;
      return toAdminCluster(cluster, endpoints, reports.get(index) ?? new Map());
    });
  }

  listeners(): readonly AdminListener[] {
    const bound = this.#core.boundAddresses;
    return this.#core.config.snapshot.listeners.map((listener) => ({
      name: listener.name,
      addresses: listener.addresses.map((address, place) => {
        const at = bound.find((each) => each.listener === listener.name && each.place === place);
        if (address.kind === "pipe" || at === undefined) return toAdminAddress(address);
        return { kind: "socket", address: address.host, port: at.port };
      }),
    }));
  }

  async configDump(): Promise<AdminConfigDump> {
    const { readConfigDump } = await import("./compiler/config-dump.ts");
    return readConfigDump(this.#core.config.bootstrap, this.#core.updatedAt);
  }

  certificates(): ReturnType<AdminSource["certificates"]> {
    const now = new Date();
    return contextsOf(this.#core.config.snapshot).map((each) => reportCertificates(each, now));
  }

  runtime(): AdminRuntime {
    return this.#core.config.runtime;
  }

  memory(): ServerMemory {
    const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
    const allocatedBytes = heapUsed + external;
    return { allocatedBytes, heapBytes: heapTotal + external, residentBytes: rss };
  }

  logLevels(): ReadonlyMap<string, LogLevel> {
    return this.#core.log.levels();
  }

  setLogLevel(level: LogLevel, name?: string): void {
    this.#core.log.setLevel(level, name);
  }

  failHealthCheck(isFailed: boolean): void {
    this.#core.failHealthCheck(isFailed);
  }

  drainListeners(options: AdminDrain): void {
    this.#core.drainListeners(options);
  }

  async resetCounters(): Promise<void> {
    await this.#core.resetCounters();
  }

  async reopenLogs(): Promise<void> {
    this.#core.reopenLogs();
  }

  quit(): void {
    this.#core.quit();
  }
}

function toAdminAddress(address: Address): AdminAddress {
  if (address.kind === "pipe") return { kind: "pipe", path: address.path };
  return { kind: "socket", address: address.host, port: address.port };
}

function toEndpointAddress(address: EndpointAddress): AdminEndpointAddress {
  if (address.kind !== "internal") return toAdminAddress(address);
  const { listener, endpointId } = address;
  return { kind: "internal", listener, endpointId };
}

function toAdminCluster(
  cluster: ClusterModel,
  endpoints: readonly EndpointModel[],
  numbers: ReadonlyMap<string, Float64Array>,
): AdminCluster {
  const { connectionsMax, pendingMax, requestsMax, retriesMax } = cluster.circuitBreaker;
  return {
    name: cluster.name,
    observabilityName: cluster.observedName,
    isAddedViaApi: false,
    defaultThresholds: { connectionsMax, pendingRequestsMax: pendingMax, requestsMax, retriesMax },
    highThresholds: {
      connectionsMax: 1024,
      pendingRequestsMax: 1024,
      requestsMax: 1024,
      retriesMax: 3,
    },
    endpoints: endpoints.map((endpoint) => toEndpointStatus(endpoint, numbers)),
  };
}

function toEndpointStatus(
  endpoint: EndpointModel,
  numbers: ReadonlyMap<string, Float64Array>,
): AdminEndpointStatus {
  const { address, hostname, weight, priority, locality } = endpoint;
  const own = numbers.get(addressKey(address));
  return {
    address: toEndpointAddress(address),
    hostname,
    stats: toStats(own),
    healthFlags: [],
    weight,
    priority,
    ...locality,
    isCanary: false,
  };
}

/** An endpoint's address as workers report it. */
function addressKey(address: EndpointAddress): string {
  if (address.kind === "pipe") return address.path;
  if (address.kind === "internal") return `envoy://${address.listener}/${address.endpointId}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}

function toStats(numbers: Float64Array | undefined): AdminEndpointStats {
  const at = (place: number): number => numbers?.[place] ?? 0;
  const places = new Map(ENDPOINT_STATS.map((name, place) => [name, place]));
  const read = (name: (typeof ENDPOINT_STATS)[number]): number => at(places.get(name) ?? -1);
  return {
    cx_active: read("cx_active"),
    cx_connect_fail: read("cx_connect_fail"),
    cx_total: read("cx_total"),
    rq_active: read("rq_active"),
    rq_error: read("rq_error"),
    rq_pending_active: read("rq_pending_active"),
    rq_success: read("rq_success"),
    rq_timeout: read("rq_timeout"),
    rq_total: read("rq_total"),
  };
}
