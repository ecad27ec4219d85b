import {
  UPSTREAM_UPSTREAM_CX_OVERFLOW,
  UPSTREAM_UPSTREAM_RQ_ACTIVE_OVERFLOW,
  UPSTREAM_UPSTREAM_RQ_CANCELLED,
  UPSTREAM_UPSTREAM_RQ_PENDING_ACTIVE,
  UPSTREAM_UPSTREAM_RQ_PENDING_FAILURE_EJECT,
  UPSTREAM_UPSTREAM_RQ_PENDING_OVERFLOW,
  UPSTREAM_UPSTREAM_RQ_PENDING_TOTAL,
} from "../../api/engine/stats.ts";
import type { EndpointAddress, HttpCodec, MetadataValueModel, TlvModel } from "../config/model.ts";
import type { KeptText } from "../engine/engine.ts";
import { BREAKER_PENDING } from "./breaker.ts";
import type { ClusterView } from "./cluster-view.ts";
import { Http2UpstreamConnection } from "./upstream/http2-upstream-connection.ts";
import type { PoolVariant } from "./variant/pool-variant.ts";
import { RawUpstreamConnection } from "./upstream/raw-upstream-connection.ts";
import { type DecidingPool, UndecidedConnection } from "./upstream/undecided-connection.ts";
import { UpstreamConnection } from "./upstream/upstream-connection.ts";
import type { EndpointPlace, PooledConnection } from "./upstream/upstream-place.ts";
import type { ConnectFailure, EndpointStats, UpstreamUser } from "./upstream/upstream-user.ts";

/** Connections that one request has opened ahead of need. As in Envoy. */
const PRECONNECTS_MAX = 3;

/**
 * Connections to one endpoint that may take each other's place. Idle ones are taken last in, first
 * out, so that the surplus grows old and is closed; requests that wait are served first in, first
 * out.
 */
export class Pool implements DecidingPool {
  readonly cluster: ClusterView;
  readonly variant: PoolVariant;
  readonly codec: HttpCodec | null;
  readonly #place: EndpointPlace;
  readonly #onUnused: () => void;
  /** Connections that can take a request. */
  readonly #idle: PooledConnection[] = [];
  readonly #connecting = new Set<PooledConnection>();
  readonly #connections = new Set<PooledConnection>();
  readonly #pending: UpstreamUser[] = [];
  /** What it spoke last, as far as is known. */
  #speaksHttp2: boolean;
  /** What the upstream allowed last: what a new connection will allow, most likely. */
  #streamsMax: number;
  #isDraining = false;

  /** @param onUnused Nothing is left to be served here, for the time being. */
  constructor(place: EndpointPlace, variant: PoolVariant, onUnused: () => void) {
    this.#place = place;
    this.#onUnused = onUnused;
    this.cluster = place.cluster;
    this.variant = variant;
    this.codec = variant.isRaw ? null : (variant.codec ?? place.cluster.model.codec);
    this.#speaksHttp2 = this.codec === "http2";
    this.#streamsMax = place.cluster.model.http2StreamsMax;
  }

  get address(): EndpointAddress {
    return this.#place.address;
  }

  get text(): KeptText {
    return this.#place.text;
  }

  get hostname(): string {
    return this.#place.hostname;
  }

  get hostText(): KeptText | null {
    return this.#place.hostText;
  }

  get passedMetadata(): readonly MetadataValueModel[] {
    return this.#place.passedMetadata;
  }

  get proxyTlvs(): readonly TlvModel[] {
    return this.#place.proxyTlvs;
  }

  get stats(): EndpointStats {
    return this.#place.stats;
  }

  /** How many connections there are. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Nothing is, or is going to be, served from here. */
  get isUnused(): boolean {
    return this.#connections.size === 0 && this.#pending.length === 0;
  }

  /** How many requests wait. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Adds what waits in its connections to the gauges that a report shows. */
  noteBuffered(): void {
    for (const connection of this.#connections) connection.noteBuffered();
  }

  /**
   * Has a request served: at once when a connection is idle, later when one must be made. The
   * request hears of it, also of an overflow, before or after this returns. Returns false when it
   * waits. Hot.
   */
  serve(user: UpstreamUser, nowMs: number): boolean {
    const idle = this.#findIdle();
    if (idle !== undefined) {
      if (this.#mayServe()) {
        const link = idle.occupy(user);
        if (!idle.isAvailable) this.#unlist();
        user.onUpstreamReady(link, nowMs);
      } else {
        this.#overflow(user, UPSTREAM_UPSTREAM_RQ_ACTIVE_OVERFLOW);
      }
      this.#preconnect();
      return true;
    }
    if (!this.cluster.mayWait()) {
      this.#overflow(user, UPSTREAM_UPSTREAM_RQ_PENDING_OVERFLOW);
      return true;
    }
    this.cluster.count(UPSTREAM_UPSTREAM_RQ_PENDING_TOTAL, 1);
    this.#pending.push(user);
    this.#countPending(1);
    if (this.#expected < this.#pending.length) this.#open();
    this.#preconnect();
    return false;
  }

  /**
   * Takes a request out of the queue, if it waits here. `closesExcess`: with a connection that was
   * being made for it alone.
   */
  cancel(user: UpstreamUser, closesExcess: boolean): void {
    const at = this.#pending.indexOf(user);
    if (at < 0) return;
    this.#pending.splice(at, 1);
    this.#countPending(-1);
    this.cluster.count(UPSTREAM_UPSTREAM_RQ_CANCELLED, 1);
    if (closesExcess && this.variant.isRaw) this.#closeExcess();
  }

  get streamsMax(): number {
    return this.#streamsMax;
  }

  noteStreamsMax(streams: number): void {
    // None at all is a pause: a connection is still made for requests one by one.
    this.#streamsMax = Math.min(this.cluster.model.http2StreamsMax, Math.max(streams, 1));
  }

  onDecided(before: PooledConnection, after: PooledConnection, isHttp2: boolean): void {
    this.#speaksHttp2 = isHttp2;
    this.#connections.delete(before);
    this.#connecting.delete(before);
    this.#connections.add(after);
  }

  onConnected(connection: PooledConnection, nowMs: number): void {
    this.#connecting.delete(connection);
    connection.rest(nowMs);
    this.onIdle(connection, nowMs);
    // It may carry fewer requests than it was made for.
    this.refill();
  }

  onIdle(connection: PooledConnection, nowMs: number): void {
    while (this.#pending.length > 0 && connection.isAvailable) {
      const user = this.#takePending();
      if (this.#mayServe()) user.onUpstreamReady(connection.occupy(user), nowMs);
      else this.#overflow(user, UPSTREAM_UPSTREAM_RQ_ACTIVE_OVERFLOW);
    }
    if (this.#isDraining) connection.retire();
    else if (connection.isAvailable && !connection.isListed) {
      connection.isListed = true;
      this.#idle.push(connection);
    }
  }

  onClosed(connection: PooledConnection, failure: ConnectFailure | null): void {
    this.#connections.delete(connection);
    this.#connecting.delete(connection);
    const at = this.#idle.lastIndexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    if (failure !== null) this.#failPending(failure);
    this.refill();
    this.cluster.onConnectionClosed();
    if (this.isUnused) this.#onUnused();
  }

  /** Opens connections for those who wait, when some may be opened again. */
  refill(): void {
    while (this.#expected < this.#pending.length && this.#mayOpen()) this.#open();
  }

  /** Closes what is idle; what is busy closes when its request is over. */
  drain(): void {
    this.#isDraining = true;
    for (const connection of [...this.#idle]) connection.retire();
  }

  /** Closes everything. */
  destroy(): void {
    this.#isDraining = true;
    for (const connection of [...this.#connections]) connection.destroy();
  }

  /** Those who wait hear of a failure, but for as many as other connections are being made for. */
  #failPending(failure: ConnectFailure): void {
    while (this.#pending.length > this.#expected) {
      const user = this.#takePending();
      this.cluster.count(UPSTREAM_UPSTREAM_RQ_PENDING_FAILURE_EJECT, 1);
      this.stats.errors++;
      user.onUpstreamConnectFailed(failure);
    }
  }

  /** What is no request is limited by the number of connections alone. */
  #mayServe(): boolean {
    return this.variant.isRaw || this.cluster.mayRequest();
  }

  #overflow(user: UpstreamUser, counter: number): void {
    this.cluster.count(counter, 1);
    user.onUpstreamOverflow();
  }

  #open(): void {
    // As in Envoy, a connection that is made although the limit is reached counts, too.
    if (!this.cluster.mayConnect()) this.cluster.count(UPSTREAM_UPSTREAM_CX_OVERFLOW, 1);
    if (!this.#mayOpen()) return;
    const connection = this.#connect();
    this.#connecting.add(connection);
    this.#connections.add(connection);
  }

  /** Opens connections before requests need them: Envoy's `per_upstream_preconnect_ratio`. */
  #preconnect(): void {
    const { preconnectRatio } = this.cluster.model;
    if (preconnectRatio <= 1 || this.#isDraining) return;
    for (let count = 0; count < PRECONNECTS_MAX; count++) {
      let active = 0;
      let room = this.#expected;
      for (const connection of this.#connections) {
        active += connection.requestsActive;
        room += connection.room;
      }
      const wanted = (this.#pending.length + active) * preconnectRatio;
      if (wanted <= room + active || !this.cluster.mayConnect()) return;
      this.#open();
    }
  }

  /** The connection that serves next. Hot. */
  #findIdle(): PooledConnection | undefined {
    for (;;) {
      const last = this.#idle.at(-1);
      if (last === undefined || last.isAvailable) return last;
      this.#unlist();
    }
  }

  #unlist(): void {
    const connection = this.#idle.pop();
    if (connection !== undefined) connection.isListed = false;
  }

  #connect(): PooledConnection {
    switch (this.codec) {
      case null:
        return new RawUpstreamConnection(this);
      case "http1":
        return new UpstreamConnection(this);
      case "http2":
        return new Http2UpstreamConnection(this);
      case "auto":
        return new UndecidedConnection(this);
    }
  }

  /** How many requests the connections that are being made will take. */
  get #expected(): number {
    return this.#connecting.size * (this.#speaksHttp2 ? this.#streamsMax : 1);
  }

  /** Gives up connections that nobody waits for any more. */
  #closeExcess(): void {
    const excess = this.#connecting.size - this.#pending.length;
    for (const connection of [...this.#connecting].slice(0, Math.max(excess, 0))) {
      connection.destroy();
    }
  }

  /** With no connection at all a request would wait for ever, so one is always allowed. */
  #mayOpen(): boolean {
    return this.#connections.size === 0 || this.cluster.mayConnect();
  }

  #takePending(): UpstreamUser {
    const user = this.#pending.shift();
    if (user === undefined) throw new Error("no request waits");
    this.#countPending(-1);
    return user;
  }

  #countPending(by: number): void {
    this.cluster.addBreaker(BREAKER_PENDING, by);
    this.cluster.count(UPSTREAM_UPSTREAM_RQ_PENDING_ACTIVE, by);
  }
}
