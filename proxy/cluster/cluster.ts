import { CLUSTER_STATS } from "../../api/engine/image.ts";
import {
  UPSTREAM_MEMBERSHIP_CHANGE,
  UPSTREAM_MEMBERSHIP_HEALTHY,
  UPSTREAM_MEMBERSHIP_TOTAL,
  UPSTREAM_UPSTREAM_CX_OVERFLOW,
} from "../../api/engine/stats.ts";
import type { ClusterModel, EndpointModel } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import type { DeadlineQueue } from "../timer/deadline.ts";
import {
  BREAKER_CONNECTIONS,
  BREAKER_PENDING,
  BREAKER_REQUESTS,
  type BreakerTable,
} from "./breaker.ts";
import { Endpoint } from "./endpoint.ts";
import { RoundRobin } from "./round-robin.ts";

/** What the clusters of a worker share. */
export interface ClusterSetting {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  readonly breakers: BreakerTable;
}

/** A cluster as one worker runs it: its endpoints, their pools, and who is next. */
export class Cluster {
  context: ClusterSetting;
  readonly model: ClusterModel;
  /** Place in the snapshot, the image and the breaker table. */
  index: number;
  /** Address of the engine's record. */
  record: number;
  #stats: number;
  #endpoints: readonly Endpoint[] = [];
  #balancer: RoundRobin<Endpoint>;

  constructor(setting: ClusterSetting, model: ClusterModel, index: number, record: number) {
    this.context = setting;
    this.model = model;
    this.index = index;
    this.record = record;
    this.#stats = setting.engine.field(record, CLUSTER_STATS) >> 3;
    this.#balancer = new RoundRobin<Endpoint>([], 0);
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
    const moved = this.#countAll();
    this.context = setting;
    this.index = index;
    this.record = record;
    for (const [column, count] of moved.entries()) this.addBreaker(column, count);
    this.#stats = setting.engine.field(record, CLUSTER_STATS) >> 3;
    return this;
  }

  #countAll(): readonly number[] {
    const columns = [BREAKER_CONNECTIONS, BREAKER_PENDING, BREAKER_REQUESTS];
    return columns.map((column) => this.context.breakers.readOwn(this.index, column));
  }

  /** Endpoints in their order. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
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
    this.count(UPSTREAM_MEMBERSHIP_CHANGE, 1);
  }

  /** The endpoint for the next request, or `null` when there is none. Hot. */
  pick(): Endpoint | null {
    return this.#balancer.pick();
  }

  /** Adds to one of the cluster's counters or gauges: `UPSTREAM_*`. Hot. */
  count(counter: number, by: number): void {
    this.context.engine.floats[this.#stats + counter] += by;
  }

  #set(gauge: number, value: number): void {
    this.context.engine.floats[this.#stats + gauge] = value;
  }

  /** Adds to one of the counts behind the circuit breakers: `BREAKER_*`. Hot. */
  addBreaker(column: number, by: number): void {
    this.context.breakers.add(this.index, column, by);
  }

  /** Whether another connection is allowed. */
  mayConnect(): boolean {
    const open = this.context.breakers.read(this.index, BREAKER_CONNECTIONS);
    return open < this.model.circuitBreaker.connectionsMax;
  }

  /** Whether another request may wait for a connection. */
  mayWait(): boolean {
    const waiting = this.context.breakers.read(this.index, BREAKER_PENDING);
    return waiting < this.model.circuitBreaker.pendingMax;
  }

  /** Whether another request may be sent. Hot. */
  mayRequest(): boolean {
    const active = this.context.breakers.read(this.index, BREAKER_REQUESTS);
    return active < this.model.circuitBreaker.requestsMax;
  }

  /** Notes that a connection was not opened because of its limit. */
  countOverflow(): void {
    this.count(UPSTREAM_UPSTREAM_CX_OVERFLOW, 1);
  }

  /** A connection closed: requests that wait for room may get one. */
  onConnectionClosed(): void {
    for (const endpoint of this.#endpoints) endpoint.refill();
  }

  /** Closes idle connections; busy ones close when they are done. */
  drain(): void {
    for (const endpoint of this.#endpoints) endpoint.drain();
  }

  /** Closes all connections. */
  destroy(): void {
    for (const endpoint of this.#endpoints) endpoint.destroy();
  }
}

function keyOf(model: EndpointModel): string {
  const { address, weight, isHealthy } = model;
  const place = address.kind === "pipe" ? address.path : `${address.host} ${address.port}`;
  return `${place} ${weight} ${isHealthy}`;
}
