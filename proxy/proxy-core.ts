import { watch } from "node:fs";
import type { AdminLog } from "./admin/admin-log.ts";
import type { AdminDrain } from "./admin/source.ts";
import type { CompiledConfig } from "./compiler/compile-request.ts";
import type { Compiler } from "./compiler/compiler.ts";
import { contextsOf, type EndpointModel, withContext } from "./config/model.ts";
import type { TlsContextModel } from "./config/tls-model.ts";
import { DnsRefresher } from "./dns/dns-refresher.ts";
import { resolveName } from "./dns/resolve.ts";
import { keptScopes } from "./kept-scopes.ts";
import type { Log } from "./observe/log.ts";
import { type ConfigurationFacts, recordConfiguration } from "./stat-configuration.ts";
import {
  applyServerFacts,
  applyServerVersion,
  declareServerStats,
  recordInitialization,
  type ServerState,
} from "./observe/stat/stat-server.ts";
import { VERSION } from "./version.ts";
import type { StatSnapshot } from "./observe/stat/stat-snapshot.ts";
import { StatStore } from "./observe/stat/stat-store.ts";
import { TagExtractor } from "./observe/stat/stat-tag.ts";
import type { ProxyOptions } from "./proxy-options.ts";
import { daysUntilExpiry } from "./tls/certificate-report.ts";
import { SecretStats } from "./tls/secret-stats.ts";
import { SecretWatcher } from "./tls/secret-watcher.ts";
import { Supervisor, type SupervisorEvents } from "./supervisor.ts";
import type { BoundAddress } from "./worker/messages.ts";

const DRAIN_TIME_S = 600;
/** What a timer of node can wait. */
const TIMER_MS_MAX = 0x7fff_ffff;

/** How a running proxy begins. */
export interface CoreSetup {
  readonly options: ProxyOptions;
  readonly log: Log;
  readonly compiler: Compiler;
  readonly config: CompiledConfig;
  readonly module: WebAssembly.Module;
  readonly concurrency: number;
  /** The access logs of the admin interface, or null without one. */
  readonly adminLog: AdminLog | null;
  /** The admin interface was told to end the proxy. */
  readonly onQuit: () => void;
}

/** The main thread of a proxy: workers, names, statistics and state in one place. */
export class ProxyCore {
  readonly options: ProxyOptions;
  readonly log: Log;
  readonly concurrency: number;
  readonly adminLog: AdminLog | null;
  readonly startedAt = new Date();
  /** When the configuration was last replaced. */
  updatedAt = new Date();
  /** The configuration that runs. */
  config: CompiledConfig;
  readonly #setup: CoreSetup;
  readonly #store: StatStore;
  readonly #supervisor: Supervisor;
  readonly #dns: DnsRefresher;
  readonly #secrets: SecretWatcher;
  readonly #secretStats: SecretStats;
  readonly #endpoints = new Map<number, readonly EndpointModel[]>();
  #tags: TagExtractor | null = null;
  #connectionCount = 0;
  #isReady = false;
  #isHealthFailed = false;
  #isDraining = false;
  /** Names of the listeners that a drain closed. */
  readonly #stopped = new Set<string>();
  /** Closes the listeners at the end of a graceful drain. */
  #closing: NodeJS.Timeout | undefined;

  constructor(setup: CoreSetup) {
    this.#setup = setup;
    this.options = setup.options;
    this.log = setup.log;
    this.concurrency = setup.concurrency;
    this.adminLog = setup.adminLog;
    this.config = setup.config;
    this.#store = new StatStore(setup.config.statsFlushMs);
    declareServerStats(this.#store);
    applyServerVersion(this.#store, VERSION);
    const { module, concurrency, config } = setup;
    const log = setup.log.logger("main");
    const { snapshot } = config;
    const events: SupervisorEvents = {
      onReport: (worker, stats) => this.#store.applyReport(worker, stats),
      onWorkerGone: (worker) => {
        this.#store.retireWorker(worker);
        this.#store.count("server.worker_restarts");
      },
    };
    this.#supervisor = new Supervisor({ module, workerCount: concurrency, snapshot, log, events });
    this.#dns = new DnsRefresher(
      resolveName,
      {
        onEndpoints: (cluster, endpoints) => this.#onEndpoints(cluster, endpoints),
        onCount: (name, counter) => this.#store.count(`cluster.${name}.${counter}`),
      },
      setup.log.logger("dns"),
    );
    this.#secretStats = new SecretStats(this.#store);
    this.#secrets = new SecretWatcher(
      {
        watch: (folder, onChange) => watch(folder, { persistent: false }, onChange),
        refresh: () => setup.compiler.refresh(this.config.bootstrap),
        onChanged: (context) => this.#onSecrets(context),
        onRejected: (path) => this.#secretStats.onRejected(this.config.snapshot, path),
      },
      setup.log.logger("secret"),
    );
  }

  /** What `/ready` says. */
  get state(): ServerState {
    if (!this.#isReady) return "INITIALIZING";
    return this.#isHealthFailed || this.#isDraining ? "DRAINING" : "LIVE";
  }

  /** Where the listeners really listen. */
  get boundAddresses(): readonly BoundAddress[] {
    return this.#supervisor.boundAddresses;
  }

  /** How long a drain takes at most. */
  get drainTimeMs(): number {
    return Math.min((this.options.drainTimeS ?? DRAIN_TIME_S) * 1000, TIMER_MS_MAX);
  }

  /** Endpoints that DNS gave for a cluster. */
  endpointsOf(cluster: number): readonly EndpointModel[] | undefined {
    return this.#endpoints.get(cluster);
  }

  /** Resolves names, then opens the listeners. */
  async start(): Promise<void> {
    await this.#dns.start(this.config.snapshot.clusters);
    await this.#supervisor.start();
    this.#secrets.start(contextsOf(this.config.snapshot));
    this.#secretStats.start(this.config.snapshot, new Date());
    recordConfiguration(this.#store, null, this.#facts());
    this.#isReady = true;
    recordInitialization(this.#store, Date.now() - this.startedAt.getTime());
  }

  /** Has everything run another configuration; the old one stays when the new one is refused. */
  async replace(config: string | Uint8Array): Promise<void> {
    const { snapshot } = this.config;
    const next = await this.#setup.compiler.compile({
      config,
      name: this.options.configName ?? "config",
      version: snapshot.version + 1,
      logSinks: snapshot.logSinks,
      nodeId: this.options.serviceNode,
      nodeCluster: this.options.serviceCluster,
    });
    await this.#supervisor.replace(next.snapshot);
    const before = this.#facts();
    this.config = next;
    recordConfiguration(this.#store, before, this.#facts());
    this.#store.keepScopes(keptScopes(next.snapshot));
    this.updatedAt = new Date();
    this.#tags = null;
    this.#endpoints.clear();
    this.#secrets.start(contextsOf(next.snapshot));
    this.#secretStats.start(next.snapshot, new Date());
    await this.#dns.start(next.snapshot.clusters);
  }

  /** Asks the workers and merges what they say. */
  async collectStats(): Promise<StatSnapshot> {
    await this.#collect();
    const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
    applyServerFacts(this.#store, {
      state: this.state,
      uptimeMs: Date.now() - this.startedAt.getTime(),
      concurrency: this.concurrency,
      connectionCount: this.#connectionCount,
      memory: {
        allocatedBytes: heapUsed + external,
        heapBytes: heapTotal + external,
        residentBytes: rss,
      },
      certificateDays: daysUntilExpiry(contextsOf(this.config.snapshot), new Date()),
    });
    this.#secretStats.writeExpiry(this.config.snapshot);
    return this.#store.snapshot(performance.now());
  }

  /** Numbers of the endpoints, added over the workers, by cluster and address. */
  async collectEndpoints(): Promise<ReadonlyMap<number, ReadonlyMap<string, Float64Array>>> {
    const totals = new Map<number, Map<string, Float64Array>>();
    for (const report of await this.#collect()) {
      for (const { cluster, address, numbers } of report.endpoints) {
        const own = totals.get(cluster) ?? new Map<string, Float64Array>();
        totals.set(cluster, own);
        const known = own.get(address);
        own.set(address, known === undefined ? numbers : numbers.map((n, i) => n + known[i]));
      }
    }
    return totals;
  }

  /** What takes tags out of the names of statistics. */
  async tagExtractor(): Promise<TagExtractor> {
    if (this.#tags === null) {
      const { LinearRegex } = await import("./config/regex/linear-regex.ts");
      this.#tags = new TagExtractor(this.config.statsConfig, (pattern) => {
        const regex = new LinearRegex(pattern);
        return (name) => regex.findTag(name);
      });
    }
    return this.#tags;
  }

  /** Makes `/ready` fail, or succeed again. */
  failHealthCheck(isFailed: boolean): void {
    this.#isHealthFailed = isFailed;
    this.#supervisor.setHealthFailed(isFailed);
  }

  /**
   * Drains as `/drain_listeners` asks. As in Envoy, idle connections stay; listeners close at once,
   * or with `graceful` when the drain time is over.
   */
  drainListeners({ isGraceful, keepsListening, isInboundOnly }: AdminDrain): void {
    const drain = (closesListeners: boolean): void => {
      if (closesListeners) this.#countStopped(isInboundOnly);
      this.#supervisor.drainListeners({ closesListeners, closesIdle: false, isInboundOnly });
    };
    drain(!isGraceful && !keepsListening);
    if (!isGraceful || keepsListening) return;
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => drain(true), this.drainTimeMs).unref();
  }

  /** Sets all counters to zero. */
  async resetCounters(): Promise<void> {
    await this.#collect();
    this.#store.resetCounters();
  }

  /** Opens the access logs anew. */
  reopenLogs(): void {
    this.#supervisor.broadcast({ kind: "reopen-logs" });
    this.adminLog?.reopen();
  }

  /** Ends the proxy, as `/quitquitquit` asks. */
  quit(): void {
    this.#setup.onQuit();
  }

  /** Ends one worker as a failed assertion would, so that a test can see it replaced. */
  async crashWorker(index: number): Promise<void> {
    await this.#supervisor.crash(index);
  }

  /** Stops accepting; resolves when all connections are gone. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.#supervisor.drain();
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    this.#isDraining = true;
    clearTimeout(this.#closing);
    this.#dns.stop();
    this.#secrets.stop();
    await this.#supervisor.stop();
    await this.adminLog?.close();
  }

  #countStopped(isInboundOnly: boolean): void {
    const { listeners } = this.config.snapshot;
    const stopped = listeners.filter(({ isInbound }) => isInbound || !isInboundOnly);
    const fresh = stopped.filter(({ name }) => !this.#stopped.has(name));
    for (const { name } of fresh) this.#stopped.add(name);
    // In every worker.
    this.#store.count("listener_manager.listener_stopped", fresh.length * this.concurrency);
  }

  #facts(): ConfigurationFacts {
    const { snapshot, runtime } = this.config;
    return {
      listeners: snapshot.listeners.map(({ name }) => name),
      clusters: new Map(snapshot.clusters.map((each) => [each.name, JSON.stringify(each)])),
      workerCount: this.concurrency,
      runtimeLayerCount: runtime.layers.length,
      runtimeKeyCount: runtime.entries.size,
    };
  }

  async #collect(): ReturnType<Supervisor["collect"]> {
    const reports = await this.#supervisor.collect();
    this.#connectionCount = reports.reduce((sum, report) => sum + report.connectionCount, 0);
    return reports;
  }

  #onSecrets(context: TlsContextModel): void {
    this.config = { ...this.config, snapshot: withContext(this.config.snapshot, context) };
    this.#supervisor.setContext(context);
    this.#secretStats.onChanged(this.config.snapshot, context, new Date());
  }

  #onEndpoints(cluster: number, endpoints: readonly EndpointModel[]): void {
    this.#endpoints.set(cluster, endpoints);
    this.#supervisor.setEndpoints(cluster, endpoints);
  }
}
