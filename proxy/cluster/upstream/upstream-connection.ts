import { CONNECTION_PENDING_BYTES, EVENT_TO_DOWNSTREAM } from "../../../api/engine/layout.ts";
import {
  UPSTREAM_H_UPSTREAM_RQ_PER_CX,
  UPSTREAM_UPSTREAM_CX_HTTP1_TOTAL,
  UPSTREAM_UPSTREAM_CX_MAX_REQUESTS,
  UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR,
  UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED,
  UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED,
  UPSTREAM_UPSTREAM_RQ_ACTIVE,
  UPSTREAM_UPSTREAM_RQ_TOTAL,
} from "../../../api/engine/stats.ts";
import type { Engine } from "../../engine/engine.ts";
import { BREAKER_REQUESTS } from "../breaker.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { ConnectionPool, PooledConnection } from "./upstream-place.ts";
import { UpstreamSocket, type UpstreamSocketListener } from "./upstream-socket.ts";
import type { ConnectFailure, EndpointStats, UpstreamLink, UpstreamUser } from "./upstream-user.ts";

/** One HTTP/1 connection to an endpoint: connecting, idle in its pool, or serving a request. */
export class UpstreamConnection implements PooledConnection, UpstreamLink, UpstreamSocketListener {
  readonly isRaw = false;
  readonly stats: EndpointStats;
  requestCount = 0;
  isListed = false;
  /** Whose request is served now. */
  #user: UpstreamUser | null = null;
  readonly #pool: ConnectionPool;
  readonly #cluster: ClusterView;
  readonly #engine: Engine;
  readonly #socket: UpstreamSocket;
  #isExpired = false;
  /** Nothing more is sent: the connection had a tunnel. */
  #hasSaidEnd = false;

  /** Begins to connect, or takes over what is connected. The pool hears of the outcome. */
  constructor(pool: ConnectionPool, socket: UpstreamSocket | null = null) {
    const { cluster } = pool;
    this.#pool = pool;
    this.#cluster = cluster;
    this.#engine = cluster.engine;
    this.stats = pool.stats;
    this.#socket = socket ?? new UpstreamSocket(pool, this);
    this.#socket.listener = this;
    cluster.count(UPSTREAM_UPSTREAM_CX_HTTP1_TOTAL, 1);
  }

  get record(): number {
    return this.#socket.record;
  }

  get mayBeStale(): boolean {
    return this.requestCount > 1;
  }

  get isAvailable(): boolean {
    return this.#user === null && this.#socket.record !== 0;
  }

  get requestsActive(): number {
    return this.#user === null ? 0 : 1;
  }

  get room(): number {
    return this.isAvailable ? 1 : 0;
  }

  /** Hot. */
  occupy(user: UpstreamUser): UpstreamLink {
    this.#user = user;
    this.requestCount++;
    this.#socket.wake();
    this.#cluster.count(UPSTREAM_UPSTREAM_RQ_TOTAL, 1);
    this.#cluster.count(UPSTREAM_UPSTREAM_RQ_ACTIVE, 1);
    this.#cluster.addBreaker(BREAKER_REQUESTS, 1);
    this.stats.requestsTotal++;
    this.stats.requestsActive++;
    return this;
  }

  noteBuffered(): void {
    const { record, waitingBytes } = this.#socket;
    const received = record === 0 ? 0 : this.#engine.field(record, CONNECTION_PENDING_BYTES);
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED, received);
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED, waitingBytes);
  }

  /** Hot. */
  rest(nowMs: number): void {
    this.#socket.rest(nowMs);
  }

  finish(isReusable: boolean, nowMs: number): void {
    if (this.#vacate() === null) return;
    if (this.#hasSaidEnd) {
      // A tunnel: to Envoy it is a request that never ends by itself.
      this.#socket.countBusyClose(true);
      this.#socket.leaveWhenSent("local");
      return;
    }
    if (!isReusable || !this.#mayServeAnother()) {
      this.#socket.leave();
      return;
    }
    this.resumeReading();
    this.rest(nowMs);
    this.#pool.onIdle(this, nowMs);
  }

  drop(): void {
    if (this.#vacate() === null) return;
    this.#socket.countBusyClose(!this.#socket.hasEnded);
    this.#socket.leave();
  }

  write(): void {
    this.#socket.write();
  }

  end(): void {
    this.#hasSaidEnd = true;
    this.#socket.end();
  }

  get isFull(): boolean {
    return this.#socket.waitingBytes >= this.#cluster.model.bufferBytesMax;
  }

  pauseReading(): void {
    this.#socket.pauseReading();
  }

  resumeReading(): void {
    this.#socket.resumeReading();
  }

  retire(): void {
    this.onExpired();
  }

  destroy(): void {
    this.#socket.close("local");
  }

  onConnected(nowMs: number): void {
    this.#pool.onConnected(this, nowMs);
  }

  onWritten(): void {
    this.#user?.onUpstreamWritten();
  }

  /** Hot. */
  onRead(bytes: number): void {
    const user = this.#user;
    // Bytes on an idle connection answer nothing: what the upstream thinks it does is unknown.
    if (user === null) {
      this.#cluster.count(UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR, 1);
      this.#socket.close("local");
      return;
    }
    const nowMs = performance.now();
    user.onUpstreamEvent(this, this.#engine.calls.receive(this.record, bytes, nowMs), nowMs);
  }

  onEnd(isReset: boolean): boolean {
    const user = this.#user;
    if (user === null) return false;
    const nowMs = performance.now();
    const event = this.#engine.calls.endUpstream(this.record, isReset ? 1 : 0, nowMs);
    user.onUpstreamEvent(this, event, nowMs);
    // Half of a tunnel is left, or its last bytes.
    if (this.#user !== null) return event === EVENT_TO_DOWNSTREAM;
    return this.#hasSaidEnd && this.#socket.waitingBytes > 0;
  }

  onExpired(): void {
    this.#isExpired = true;
    if (this.#user === null) this.#socket.close("local");
  }

  onClosing(isLocal: boolean): void {
    const user = this.#vacate();
    if (user === null) return;
    this.#socket.countBusyClose(isLocal);
    user.onUpstreamLost(this, "closed");
  }

  onClosed(failure: ConnectFailure | null): void {
    if (failure === null) {
      this.#cluster.recordTime(UPSTREAM_H_UPSTREAM_RQ_PER_CX, this.requestCount);
    }
    this.#pool.onClosed(this, failure);
  }

  /** Takes the connection from its request, once. */
  #vacate(): UpstreamUser | null {
    const user = this.#user;
    if (user === null) return null;
    this.#user = null;
    this.#cluster.count(UPSTREAM_UPSTREAM_RQ_ACTIVE, -1);
    this.#cluster.addBreaker(BREAKER_REQUESTS, -1);
    this.stats.requestsActive--;
    return user;
  }

  #mayServeAnother(): boolean {
    if (this.#socket.isClosed || this.#isExpired) return false;
    const most = this.#cluster.model.requestsPerConnectionMax;
    if (most === 0 || this.requestCount < most) return true;
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_MAX_REQUESTS, 1);
    return false;
  }
}
