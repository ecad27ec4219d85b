import type { ClusterModel, DnsTargetModel, EndpointModel } from "../config/model.ts";
import type { Logger } from "../observe/log.ts";
import type { Resolve } from "./resolve.ts";

/** How long the start waits for names to be resolved, in milliseconds. */
const WARM_MS = 5_000;
/** Least time between two questions, in milliseconds: a TTL of 0 must not spin. */
const REFRESH_MIN_MS = 1_000;
/** Longest time between two questions, in milliseconds: what a timer of Node can wait, 24 days. */
const REFRESH_MAX_MS = 0x7fff_ffff;

/** Who hears of the endpoints that were found, and of what is worth counting. */
export interface DnsEvents {
  onEndpoints(cluster: number, endpoints: readonly EndpointModel[]): void;
  /** `update_attempt`, `update_success`, `update_failure`, `update_empty`, `update_no_rebuild`. */
  onCount(clusterName: string, counter: string): void;
}

/** Keeps the endpoints of STRICT_DNS and LOGICAL_DNS clusters as DNS has them. */
export class DnsRefresher {
  readonly #resolve: Resolve;
  readonly #events: DnsEvents;
  readonly #log: Logger;
  #timers = new Set<NodeJS.Timeout>();
  /** Changes when the clusters are replaced, so that late answers for the old ones are dropped. */
  #generation = 0;

  constructor(resolve: Resolve, events: DnsEvents, log: Logger) {
    this.#resolve = resolve;
    this.#events = events;
    this.#log = log;
  }

  /** Resolves all names once, then goes on in the background. Never rejects. */
  async start(clusters: readonly ClusterModel[]): Promise<void> {
    this.stop();
    const generation = this.#generation;
    const first = clusters.map(async (cluster, index) => {
      if (cluster.dnsTargets.length === 0) return;
      await new ClusterNames(cluster, index, this.#resolve, this.#events, this.#log).refresh(
        (names, waitMs) => this.#schedule(names, waitMs, generation),
        () => generation === this.#generation,
      );
    });
    const late = new Promise<void>((resolve) => setTimeout(resolve, WARM_MS).unref());
    await Promise.race([Promise.all(first), late]);
  }

  /** Asks no more. */
  stop(): void {
    this.#generation++;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #schedule(names: ClusterNames, waitMs: number, generation: number): void {
    if (generation !== this.#generation) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void names.refresh(
        (again, againMs) => this.#schedule(again, againMs, generation),
        () => generation === this.#generation,
      );
    }, waitMs).unref();
    this.#timers.add(timer);
  }
}

/** The names of one cluster. */
class ClusterNames {
  readonly #cluster: ClusterModel;
  readonly #index: number;
  readonly #resolve: Resolve;
  readonly #events: DnsEvents;
  readonly #log: Logger;
  /** What each target resolved to last; a failure leaves it as it was. */
  readonly #known: (readonly string[])[];
  #last = "";

  constructor(
    cluster: ClusterModel,
    index: number,
    resolve: Resolve,
    events: DnsEvents,
    log: Logger,
  ) {
    this.#cluster = cluster;
    this.#index = index;
    this.#resolve = resolve;
    this.#events = events;
    this.#log = log;
    this.#known = cluster.dnsTargets.map(() => []);
  }

  async refresh(
    schedule: (names: ClusterNames, waitMs: number) => void,
    isWanted: () => boolean,
  ): Promise<void> {
    const { name, dnsTargets, respectsDnsTtl, dnsRefreshMs } = this.#cluster;
    this.#events.onCount(name, "update_attempt");
    const ttls = await Promise.all(dnsTargets.map((target, i) => this.#ask(target, i)));
    if (!isWanted()) return;
    this.#publish();
    const ttlMs = Math.min(...ttls.map((ttl) => ttl ?? dnsRefreshMs));
    const waitMs = respectsDnsTtl ? ttlMs : dnsRefreshMs;
    schedule(this, Math.min(Math.max(waitMs, REFRESH_MIN_MS), REFRESH_MAX_MS));
  }

  async #ask(target: DnsTargetModel, place: number): Promise<number | null> {
    const { name, dnsFamily: family, respectsDnsTtl: wantsTtl } = this.#cluster;
    try {
      const { addresses, ttlMs } = await this.#resolve({ host: target.host, family, wantsTtl });
      this.#known[place] = addresses;
      this.#events.onCount(name, addresses.length === 0 ? "update_empty" : "update_success");
      return ttlMs;
    } catch (error) {
      this.#events.onCount(name, "update_failure");
      this.#log.debug(`cluster ${name}: cannot resolve ${target.host}: ${error}`);
      return null;
    }
  }

  #publish(): void {
    const isLogical = this.#cluster.discovery === "logical-dns";
    const endpoints = this.#cluster.dnsTargets.flatMap((target, place) => {
      const all = this.#known[place];
      return (isLogical ? all.slice(0, 1) : all).map((host) => toEndpoint(target, host));
    });
    const key = JSON.stringify(endpoints);
    if (key === this.#last) {
      this.#events.onCount(this.#cluster.name, "update_no_rebuild");
      return;
    }
    this.#last = key;
    this.#events.onEndpoints(this.#index, endpoints);
  }
}

function toEndpoint(target: DnsTargetModel, host: string): EndpointModel {
  const { port, host: _, ...facts } = target;
  const address = { kind: "tcp", host, port } as const;
  return { ...facts, address, isHealthy: true, passedMetadata: [] };
}
