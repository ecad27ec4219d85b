import { CLUSTER_STATS } from "../../api/engine/image.ts";
import { UPSTREAM_PROXY_V2_TLVS_EXCEED_MAX_LENGTH } from "../../api/engine/network/filter-stats.ts";
import {
  UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_CX_OPEN,
  UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_OPEN,
  UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_PENDING_OPEN,
  UPSTREAM_HISTOGRAMS_AT,
  UPSTREAM_LB_HEALTHY_PANIC,
  UPSTREAM_MEMBERSHIP_CHANGE,
  UPSTREAM_MEMBERSHIP_HEALTHY,
  UPSTREAM_MEMBERSHIP_TOTAL,
  UPSTREAM_UPSTREAM_CX_NONE_HEALTHY,
  UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED,
  UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED,
} from "../../api/engine/stats.ts";
import type { ClusterModel, EndpointModel, HttpProtocol } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import type { FlushQueue } from "../engine/flush-queue.ts";
import { SCOPE_KIND_UPSTREAM_PROXY } from "../observe/stat/scope-kind.ts";
import type { DeadlineQueue } from "../timer/deadline.ts";
import type { ClientTls } from "../tls/client-tls.ts";
import type { TlsRegistry } from "../tls/tls-registry.ts";
import {
  BREAKER_CONNECTIONS,
  BREAKER_PENDING,
  BREAKER_REQUESTS,
  type BreakerTable,
} from "./breaker.ts";
import type { ClusterView } from "./cluster-view.ts";
import { Destinations } from "./destinations.ts";
import { Endpoint } from "./endpoint.ts";
import { sharedState, stateKey } from "./filter-state.ts";
import type { InternalDialer } from "./internal-dial.ts";
import type { PoolClient } from "./variant/downstream-origin.ts";
import {
  PLAIN_VARIANT,
  type PoolVariant,
  PROTOCOL_VARIANTS,
  proxiedVariant,
  sourcedVariant,
} from "./variant/pool-variant.ts";
import { RoundRobin } from "./round-robin.ts";

/** What the clusters of a worker share. */
export interface ClusterSetting {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  readonly flushes: FlushQueue;
  readonly breakers: BreakerTable;
  readonly tls: TlsRegistry;
  readonly internal: InternalDialer;
  /** Address of a block of statistics, by the kind and the name of its scope. */
  findBlock(kind: number, name: string): number;
}

/** A cluster as one worker runs it: its endpoints, their pools, and who is next. */
export class Cluster implements ClusterView {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  readonly flushes: FlushQueue;
  readonly model: ClusterModel;
  readonly tls: ClientTls | null;
  readonly internal: InternalDialer;
  /** Connections stay within the worker, and carry filter state along. */
  readonly #carriesState: boolean;
  /** Address of the engine's record. */
  record: number;
  /** Place in the snapshot, the image and the breaker table. */
  #index: number;
  #breakers: BreakerTable;
  /** Address of the statistics, which outlives every image. */
  readonly #stats: number;
  /** The same for PROXY headers; 0 where there are none. */
  readonly #proxyStats: number;
  #endpoints: readonly Endpoint[] = [];
  #balancer: RoundRobin<Endpoint>;
  readonly #originalDst: Destinations | null;

  constructor(setting: ClusterSetting, model: ClusterModel, index: number, record: number) {
    this.engine = setting.engine;
    this.deadlines = setting.deadlines;
    this.flushes = setting.flushes;
    this.#breakers = setting.breakers;
    this.model = model;
    const scope = `cluster.${model.observedName}`;
    this.tls = model.tls === null ? null : setting.tls.client(model.tls, scope);
    this.#proxyStats =
      model.proxyHeader === null
        ? 0
        : setting.findBlock(SCOPE_KIND_UPSTREAM_PROXY, `${scope}.upstream.proxyprotocol`);
    this.#index = index;
    this.record = record;
    this.#stats = setting.engine.field(record, CLUSTER_STATS);
    this.#balancer = new RoundRobin<Endpoint>([], 0);
    this.internal = setting.internal;
    this.#carriesState = model.endpoints.some(({ address }) => address.kind === "internal");
    this.#originalDst =
      model.originalDst === null ? null : new Destinations(this, model.originalDst);
    this.setEndpoints(model.endpoints);
  }

  /**
   * Moves the cluster to another snapshot when its model is the same there, so that its pools live
   * on. Returns null when it is not.
   */
  rebind(
    setting: ClusterSetting,
    model: ClusterModel,
    index: number,
    record: number,
  ): Cluster | null {
    if (JSON.stringify(model) !== JSON.stringify(this.model)) return null;
    // Counts move with the cluster to its row in the new table.
    const columns = [BREAKER_CONNECTIONS, BREAKER_PENDING, BREAKER_REQUESTS];
    const moved = columns.map((column) => this.#breakers.readOwn(this.#index, column));
    this.#breakers = setting.breakers;
    this.#index = index;
    this.record = record;
    for (const [column, count] of moved.entries()) this.addBreaker(column, count);
    return this;
  }

  /** Endpoints in their order. */
  get endpoints(): readonly Endpoint[] {
    return this.#originalDst?.endpoints ?? this.#endpoints;
  }

  /**
   * The pool for a stream: `base`, or one of its own for the version of HTTP, and for what
   * connections carry of it. Hot.
   *
   * @param base Connections that carry HTTP, or payload alone.
   */
  variantFor(stream: number, base: PoolVariant, { origin, protocol }: PoolClient): PoolVariant {
    const { proxyHeader } = this.model;
    let variant = base.isRaw ? base : this.#variantOf(protocol);
    if (origin !== null) {
      if (proxyHeader !== null) variant = proxiedVariant(variant, proxyHeader, origin);
      if (origin.source !== null) variant = sourcedVariant(variant, origin.source);
    }
    if (!this.#carriesState) return variant;
    const state = sharedState(this.engine, stream);
    if (state.length === 0) return variant;
    return { ...variant, key: `${variant.key} ${stateKey(state, base.isRaw)}`, state };
  }

  #variantOf(protocol: HttpProtocol | null): PoolVariant {
    const { followsDownstream, codec } = this.model;
    if (!followsDownstream || protocol === null || protocol === codec) return PLAIN_VARIANT;
    return PROTOCOL_VARIANTS[protocol];
  }

  /** Replaces the endpoints; pools of addresses that stay are kept. */
  setEndpoints(models: readonly EndpointModel[]): void {
    const known = new Map(this.#endpoints.map((endpoint) => [keyOf(endpoint.model), endpoint]));
    this.#endpoints = models.map((model) => {
      const endpoint = known.get(keyOf(model));
      known.delete(keyOf(model));
      return endpoint ?? new Endpoint(this, model);
    });
    for (const gone of known.values()) gone.drain();
    const usable = this.#endpoints.filter((endpoint) => endpoint.model.isHealthy);
    const start = Math.floor(Math.random() * 0x1_0000);
    this.#balancer = new RoundRobin(usable, start);
    this.#set(UPSTREAM_MEMBERSHIP_TOTAL, models.length);
    this.#set(UPSTREAM_MEMBERSHIP_HEALTHY, usable.length);
    // As in Envoy, an empty cluster that stays empty has not changed.
    if (models.length > 0 || known.size > 0) this.count(UPSTREAM_MEMBERSHIP_CHANGE, 1);
  }

  /**
   * The endpoint for the next request, or `null` when there is none. Hot.
   *
   * @param stream Address of the engine's record.
   */
  pick(stream: number): Endpoint | null {
    const endpoint = this.#originalDst?.pick(stream) ?? this.#balancer.pick();
    if (endpoint === null) {
      this.count(UPSTREAM_UPSTREAM_CX_NONE_HEALTHY, 1);
      this.count(UPSTREAM_LB_HEALTHY_PANIC, 1);
    }
    return endpoint;
  }

  /** Hot. */
  count(counter: number, by: number): void {
    this.engine.floats[(this.#stats >> 3) + counter] += by;
  }

  countCutHeader(): void {
    const at = (this.#proxyStats >> 3) + UPSTREAM_PROXY_V2_TLVS_EXCEED_MAX_LENGTH;
    this.engine.floats[at] += 1;
  }

  recordTime(histogram: number, valueMs: number): void {
    this.engine.calls.recordTime(this.#stats + UPSTREAM_HISTOGRAMS_AT + histogram * 4, valueMs);
  }

  /** Hot. */
  addBreaker(column: number, by: number): void {
    this.#breakers.add(this.#index, column, by);
  }

  /** Brings the gauges of bytes that wait in connections up to date, for a report. */
  noteBuffered(): void {
    this.#set(UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED, 0);
    this.#set(UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED, 0);
    for (const endpoint of this.endpoints) endpoint.noteBuffered();
  }

  /**
   * Brings the gauges that say which circuit breakers are open up to date, for a report. As in
   * Envoy, one with a limit of 0 that nobody came to is not open.
   */
  noteBreakers(): void {
    const note = (gauge: number, column: number, isOpen: boolean): void => {
      this.#set(gauge, isOpen && this.#breakers.read(this.#index, column) > 0 ? 1 : 0);
    };
    note(UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_CX_OPEN, BREAKER_CONNECTIONS, !this.mayConnect());
    note(UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_PENDING_OPEN, BREAKER_PENDING, !this.mayWait());
    note(UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_OPEN, BREAKER_REQUESTS, !this.mayRequest());
  }

  #set(gauge: number, value: number): void {
    this.engine.floats[(this.#stats >> 3) + gauge] = value;
  }

  mayConnect(): boolean {
    const open = this.#breakers.read(this.#index, BREAKER_CONNECTIONS);
    return open < this.model.circuitBreaker.connectionsMax;
  }

  mayWait(): boolean {
    const waiting = this.#breakers.read(this.#index, BREAKER_PENDING);
    return waiting < this.model.circuitBreaker.pendingMax;
  }

  /** Hot. */
  mayRequest(): boolean {
    const active = this.#breakers.read(this.#index, BREAKER_REQUESTS);
    return active < this.model.circuitBreaker.requestsMax;
  }

  onConnectionClosed(): void {
    for (const endpoint of this.endpoints) endpoint.refill();
  }

  /** Closes idle connections; busy ones close when they are done. */
  drain(): void {
    for (const endpoint of this.endpoints) endpoint.drain();
    this.#originalDst?.stop();
  }

  /** Closes all connections. */
  destroy(): void {
    for (const endpoint of this.endpoints) endpoint.destroy();
    this.#originalDst?.stop();
  }
}

function keyOf(model: EndpointModel): string {
  const { address, weight, isHealthy } = model;
  return JSON.stringify([address, weight, isHealthy, model.passedMetadata, model.proxyTlvs]);
}
