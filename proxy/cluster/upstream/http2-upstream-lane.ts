import {
  UPSTREAM_UPSTREAM_RQ_ACTIVE,
  UPSTREAM_UPSTREAM_RQ_RX_RESET,
  UPSTREAM_UPSTREAM_RQ_TOTAL,
  UPSTREAM_UPSTREAM_RQ_TX_RESET,
} from "../../../api/engine/stats.ts";
import { BREAKER_REQUESTS } from "../breaker.ts";
import type { UpstreamLaneHost } from "./upstream-place.ts";
import type { EndpointStats, UpstreamLink, UpstreamLoss, UpstreamUser } from "./upstream-user.ts";

/** How a stream ends before its connection. */
export type StreamLoss = Exclude<UpstreamLoss, "closed">;

/** One stream of an HTTP/2 connection, as the request in it sees its upstream. */
export class Http2UpstreamLane implements UpstreamLink {
  readonly isRaw = false;
  /** Address of the engine's record. */
  readonly record: number;
  readonly stats: EndpointStats;
  readonly #host: UpstreamLaneHost;
  #user: UpstreamUser | null;
  #isPaused = false;

  constructor(host: UpstreamLaneHost, record: number, user: UpstreamUser, stats: EndpointStats) {
    this.#host = host;
    this.record = record;
    this.#user = user;
    this.stats = stats;
    const { cluster } = host;
    cluster.count(UPSTREAM_UPSTREAM_RQ_TOTAL, 1);
    cluster.count(UPSTREAM_UPSTREAM_RQ_ACTIVE, 1);
    cluster.addBreaker(BREAKER_REQUESTS, 1);
    stats.requestsTotal++;
    stats.requestsActive++;
  }

  get mayBeStale(): boolean {
    return this.#host.isUnheard;
  }

  get isFull(): boolean {
    const { engine, cluster, waitingBytes } = this.#host;
    const most = cluster.model.bufferBytesMax;
    return waitingBytes >= most || engine.calls.laneWaiting(this.record) >= most;
  }

  write(): void {
    this.#host.flushLater();
  }

  /** The end of the stream was among its frames. */
  end(): void {}

  pauseReading(): void {
    this.#isPaused = true;
    this.#host.engine.calls.pauseLane(this.record, 1);
  }

  resumeReading(): void {
    if (!this.#isPaused || this.#user === null) return;
    this.#isPaused = false;
    const { calls } = this.#host.engine;
    const nowMs = performance.now();
    calls.pauseLane(this.record, 0);
    this.onEvent(calls.proceed(this.record, nowMs), nowMs);
    this.#host.flushLater();
  }

  finish(): void {
    if (this.#vacate() !== null) this.#host.endLane(this.record, false);
  }

  drop(): void {
    if (this.#vacate() === null) return;
    this.#host.cluster.count(UPSTREAM_UPSTREAM_RQ_TX_RESET, 1);
    this.#host.endLane(this.record, true);
  }

  /** The engine worked on frames of this lane. */
  onEvent(event: number, nowMs: number): void {
    this.#user?.onUpstreamEvent(this, event, nowMs);
  }

  onWritten(): void {
    this.#user?.onUpstreamWritten();
  }

  /** The stream was given up. As in Envoy, one that the upstream refused counts nowhere. */
  onReset(how: StreamLoss): void {
    const user = this.#vacate();
    const { cluster } = this.#host;
    if (how === "reset") cluster.count(UPSTREAM_UPSTREAM_RQ_RX_RESET, 1);
    if (how === "malformed") cluster.count(UPSTREAM_UPSTREAM_RQ_TX_RESET, 1);
    user?.onUpstreamLost(this, how);
    this.#host.endLane(this.record, true);
  }

  /** The connection is gone, and the lane with it. */
  onClosed(): void {
    this.#vacate()?.onUpstreamLost(this, "closed");
  }

  /** Takes the lane from its request, once. */
  #vacate(): UpstreamUser | null {
    const user = this.#user;
    if (user === null) return null;
    this.#user = null;
    const { cluster } = this.#host;
    cluster.count(UPSTREAM_UPSTREAM_RQ_ACTIVE, -1);
    cluster.addBreaker(BREAKER_REQUESTS, -1);
    this.stats.requestsActive--;
    return user;
  }
}
