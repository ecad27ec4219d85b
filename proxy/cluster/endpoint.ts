import type { EndpointModel } from "../config/model.ts";
import { UPSTREAM_UPSTREAM_RQ_PENDING_ACTIVE } from "../../api/engine/stats.ts";
import { BREAKER_PENDING } from "./breaker.ts";
import type { Cluster } from "./cluster.ts";
import { UpstreamConnection } from "./upstream-connection.ts";
import type { ConnectFailure, UpstreamUser } from "./upstream-user.ts";

/**
 * One address of a cluster with its connection pool. Idle connections are taken last in, first
 * out, so that the surplus grows old and is closed; requests that wait are served first in, first
 * out.
 */
export class Endpoint {
  readonly model: EndpointModel;
  readonly cluster: Cluster;
  readonly weight: number;
  /** `ip:port` in the engine's memory. */
  readonly text: { readonly address: number; readonly length: number };
  /** `ip:port` or path, for people. */
  readonly name: string;
  readonly stats = {
    connectionsTotal: 0,
    connectFailures: 0,
    requestsTotal: 0,
    requestsActive: 0,
    errors: 0,
    successes: 0,
    timeouts: 0,
  };
  #idle: UpstreamConnection[] = [];
  readonly #connections = new Set<UpstreamConnection>();
  readonly #pending: UpstreamUser[] = [];
  #connecting = 0;

  constructor(cluster: Cluster, model: EndpointModel) {
    this.cluster = cluster;
    this.model = model;
    this.weight = model.weight;
    const { address } = model;
    if (address.kind === "pipe") this.name = address.path;
    else if (address.host.includes(":")) this.name = `[${address.host}]:${address.port}`;
    else this.name = `${address.host}:${address.port}`;
    this.text = cluster.context.engine.keepText(this.name);
  }

  /** The numbers that `/clusters` shows, in the order of `ENDPOINT_STATS`. */
  report(): Float64Array {
    const { stats } = this;
    return Float64Array.of(
      this.#connections.size,
      stats.connectFailures,
      stats.connectionsTotal,
      stats.requestsActive,
      stats.errors,
      this.#pending.length,
      stats.successes,
      stats.timeouts,
      stats.requestsTotal,
    );
  }

  /** An idle connection, or `null`. Hot. */
  takeIdle(): UpstreamConnection | null {
    return this.#idle.pop() ?? null;
  }

  /** Makes a request wait for a connection, opening one when that is allowed and needed. */
  wait(user: UpstreamUser): void {
    this.#pending.push(user);
    this.cluster.addBreaker(BREAKER_PENDING, 1);
    this.cluster.count(UPSTREAM_UPSTREAM_RQ_PENDING_ACTIVE, 1);
    if (this.#connecting < this.#pending.length) this.#open();
  }

  /** Takes a request out of the queue. Returns false when it does not wait here. */
  cancel(user: UpstreamUser): boolean {
    const at = this.#pending.indexOf(user);
    if (at < 0) return false;
    this.#pending.splice(at, 1);
    this.#countOut();
    return true;
  }

  /** A connection is ready for its first request. */
  onConnected(connection: UpstreamConnection): void {
    this.#connecting--;
    this.stats.connectionsTotal++;
    this.#serve(connection);
  }

  /** A connection could not be made: the request that waited longest hears of it. */
  onConnectFailed(failure: ConnectFailure): void {
    this.#connecting--;
    this.stats.connectFailures++;
    const user = this.#pending.shift();
    if (user !== undefined) {
      this.#countOut();
      user.onUpstreamConnectFailed(failure);
    }
  }

  /** Takes back a connection whose request is over. Hot. */
  release(connection: UpstreamConnection, nowMs: number): void {
    connection.vacate(nowMs);
    if (!connection.isReusable) {
      connection.destroy();
      return;
    }
    if (this.#pending.length > 0) this.#serve(connection);
    else this.#idle.push(connection);
  }

  /** Forgets a connection that closed. */
  remove(connection: UpstreamConnection): void {
    this.#connections.delete(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /** Opens connections for those who still wait, when some may be opened again. */
  refill(): void {
    while (this.#connecting < this.#pending.length && this.cluster.mayConnect()) this.#open();
  }

  /** Closes what is idle; what is busy closes when its request is over. */
  drain(): void {
    for (const connection of [...this.#idle]) connection.destroy();
  }

  /** Closes everything. */
  destroy(): void {
    for (const connection of [...this.#connections]) connection.destroy();
  }

  #open(): void {
    // With no connection at all a request would wait for ever, so one is always allowed.
    if (!this.cluster.mayConnect() && this.#connections.size > 0) {
      this.cluster.countOverflow();
      return;
    }
    this.#connecting++;
    this.#connections.add(new UpstreamConnection(this.cluster, this));
  }

  #serve(connection: UpstreamConnection): void {
    const user = this.#pending.shift();
    if (user === undefined) {
      connection.vacate(performance.now());
      this.#idle.push(connection);
      return;
    }
    this.#countOut();
    connection.occupy(user);
    user.onUpstreamReady(connection);
  }

  #countOut(): void {
    this.cluster.addBreaker(BREAKER_PENDING, -1);
    this.cluster.count(UPSTREAM_UPSTREAM_RQ_PENDING_ACTIVE, -1);
  }
}
