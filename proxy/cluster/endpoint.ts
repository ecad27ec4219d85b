import type {
  EndpointAddress,
  EndpointModel,
  MetadataValueModel,
  TlvModel,
} from "../config/model.ts";
import type { KeptText } from "../engine/engine.ts";
import type { ClusterView } from "./cluster-view.ts";
import { Pool } from "./pool.ts";
import { PLAIN_VARIANT, type PoolVariant } from "./variant/pool-variant.ts";
import type { EndpointPlace } from "./upstream/upstream-place.ts";
import type { EndpointStats, UpstreamUser } from "./upstream/upstream-user.ts";

/** One address of a cluster with its connection pools. */
export class Endpoint implements EndpointPlace {
  readonly model: EndpointModel;
  readonly cluster: ClusterView;
  readonly weight: number;
  readonly text: KeptText;
  readonly hostText: KeptText | null;
  /** `ip:port` or path, for people. */
  readonly name: string;
  readonly stats: EndpointStats = {
    connectionsTotal: 0,
    connectFailures: 0,
    requestsTotal: 0,
    requestsActive: 0,
    errors: 0,
    successes: 0,
    timeouts: 0,
  };
  /** The pool of plain requests, and those of other variants by their keys. */
  readonly #plain: Pool;
  readonly #others = new Map<string, Pool>();
  #isDraining = false;

  constructor(cluster: ClusterView, model: EndpointModel) {
    this.cluster = cluster;
    this.model = model;
    this.weight = model.weight;
    this.name = toName(model.address);
    this.text = cluster.engine.keepText(this.name);
    this.hostText = model.hostname === "" ? null : cluster.engine.keepText(model.hostname);
    this.#plain = new Pool(this, PLAIN_VARIANT, () => {});
  }

  get hostname(): string {
    return this.model.hostname;
  }

  get address(): EndpointAddress {
    return this.model.address;
  }

  /** What connections within the worker carry along of the endpoint's metadata. */
  get passedMetadata(): readonly MetadataValueModel[] {
    return this.model.passedMetadata;
  }

  get proxyTlvs(): readonly TlvModel[] {
    return this.model.proxyTlvs;
  }

  /** The numbers that `/clusters` shows, in the order of `ENDPOINT_STATS`. */
  report(): Float64Array {
    const { stats } = this;
    const pools = this.#pools;
    return Float64Array.of(
      pools.reduce((sum, pool) => sum + pool.connectionCount, 0),
      stats.connectFailures,
      stats.connectionsTotal,
      stats.requestsActive,
      stats.errors,
      pools.reduce((sum, pool) => sum + pool.pendingCount, 0),
      stats.successes,
      stats.timeouts,
      stats.requestsTotal,
    );
  }

  /** Adds what waits in its connections to the gauges that a report shows. */
  noteBuffered(): void {
    for (const pool of this.#pools) pool.noteBuffered();
  }

  /**
   * Has a request served: at once when a connection is idle, later when one must be made. The
   * request hears of it, also of an overflow, before or after this returns. Returns false when it
   * waits. Hot.
   */
  serve(user: UpstreamUser, nowMs: number, variant: PoolVariant = PLAIN_VARIANT): boolean {
    if (variant === PLAIN_VARIANT) return this.#plain.serve(user, nowMs);
    const pool = this.#poolOf(variant);
    const isServed = pool.serve(user, nowMs);
    if (pool.isUnused) this.#others.delete(variant.key);
    return isServed;
  }

  /**
   * Takes a request out of the queue, if it waits here. `closesExcess`: with a connection that was
   * being made for it alone.
   */
  cancel(user: UpstreamUser, closesExcess = false): void {
    for (const pool of this.#pools) pool.cancel(user, closesExcess);
  }

  /** Opens connections for those who wait, when some may be opened again. */
  refill(): void {
    for (const pool of this.#pools) pool.refill();
  }

  /** The endpoint is gone: closes what is idle; what is busy closes when its request is over. */
  drain(): void {
    this.#isDraining = true;
    for (const pool of this.#pools) pool.drain();
  }

  /** Closes everything. */
  destroy(): void {
    this.#isDraining = true;
    for (const pool of this.#pools) pool.destroy();
  }

  /** Nothing is, or is going to be, served here. */
  get isUnused(): boolean {
    return this.#pools.every((pool) => pool.isUnused);
  }

  get #pools(): readonly Pool[] {
    return this.#others.size === 0 ? [this.#plain] : [this.#plain, ...this.#others.values()];
  }

  #poolOf(variant: PoolVariant): Pool {
    const known = this.#others.get(variant.key);
    if (known !== undefined) return known;
    const { key } = variant;
    const pool = new Pool(this, variant, () => {
      if (this.#others.get(key) === pool) this.#others.delete(key);
    });
    if (this.#isDraining) pool.drain();
    this.#others.set(key, pool);
    return pool;
  }
}

function toName(address: EndpointAddress): string {
  if (address.kind === "pipe") return address.path;
  if (address.kind === "internal") return `envoy://${address.listener}/${address.endpointId}`;
  const { host, port } = address;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
