import {
  CONNECTION_PENDING_BYTES,
  EVENT_CLOSE,
  EVENT_GOAWAY,
  EVENT_NONE,
  EVENT_RESET,
  EVENT_SETTINGS,
  EVENT_UPSTREAM_FAILED,
  EVENT_WRITTEN,
  RESET_BY_PEER,
  RESET_MALFORMED,
  RESET_REFUSED,
} from "../../../api/engine/layout.ts";
import { E_NO_ANSWER } from "../../../api/engine/http1.ts";
import {
  UPSTREAM_H_UPSTREAM_RQ_PER_CX,
  UPSTREAM_UPSTREAM_CX_CLOSE_NOTIFY,
  UPSTREAM_UPSTREAM_CX_HTTP2_TOTAL,
  UPSTREAM_UPSTREAM_CX_MAX_REQUESTS,
  UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED,
  UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED,
} from "../../../api/engine/stats.ts";
import { HTTP2_KEEPALIVE_TIMEOUT } from "../../../api/engine/http2-stats.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Flushable } from "../../engine/flush-queue.ts";
import type { ClusterView } from "../cluster-view.ts";
import { ACKNOWLEDGE_MS, Http2Keepalive, type KeepaliveConnection } from "../http2-keepalive.ts";
import { Deadline } from "../../timer/deadline.ts";
import { Http2UpstreamLane, type StreamLoss } from "./http2-upstream-lane.ts";
import type { ConnectionPool, PooledConnection, UpstreamLaneHost } from "./upstream-place.ts";
import { UpstreamSocket, type UpstreamSocketListener } from "./upstream-socket.ts";
import type { ConnectFailure, UpstreamLink, UpstreamUser } from "./upstream-user.ts";

/** What the engine says of a stream that was given up: by `RESET_*`. */
const RESETS: ReadonlyMap<number, StreamLoss> = new Map([
  [RESET_BY_PEER, "reset"],
  [RESET_REFUSED, "refused"],
  [RESET_MALFORMED, "malformed"],
]);

/**
 * One HTTP/2 connection to an endpoint: many requests at a time, each in a lane. What the engine
 * has to send gathers there until the end of the turn.
 */
export class Http2UpstreamConnection
  implements
    PooledConnection,
    UpstreamLaneHost,
    UpstreamSocketListener,
    Flushable,
    KeepaliveConnection
{
  readonly engine: Engine;
  readonly cluster: ClusterView;
  isUnheard = false;
  isListed = false;
  #requestCount = 0;
  readonly #pool: ConnectionPool;
  readonly #socket: UpstreamSocket;
  /** By the addresses of their records. */
  readonly #lanes = new Map<number, Http2UpstreamLane>();
  #keepalive: Http2Keepalive | null = null;
  readonly #settling = new Deadline(() => this.#endUnsettled());
  /** No more requests: the upstream said so, or it has served enough. */
  #isClosing = false;

  /** Begins to connect, or takes over what is connected. The pool hears of the outcome. */
  constructor(pool: ConnectionPool, socket: UpstreamSocket | null = null) {
    const { cluster } = pool;
    this.#pool = pool;
    this.cluster = cluster;
    this.engine = cluster.engine;
    this.#socket = socket ?? new UpstreamSocket(pool, this);
    this.#socket.listener = this;
    cluster.count(UPSTREAM_UPSTREAM_CX_HTTP2_TOTAL, 1);
  }

  get isAvailable(): boolean {
    const { record, isClosed } = this.#socket;
    if (isClosed || record === 0 || this.#isClosing || this.#isFull) return false;
    return this.#lanes.size < this.#pool.streamsMax && this.engine.calls.mayOpenLane(record) !== 0;
  }

  get requestsActive(): number {
    return this.#lanes.size;
  }

  get room(): number {
    return this.isAvailable ? this.#pool.streamsMax - this.#lanes.size : 0;
  }

  /** The upstream does not read: heads of more requests would only pile up. */
  get #isFull(): boolean {
    return this.#socket.waitingBytes >= this.cluster.model.bufferBytesMax;
  }

  get waitingBytes(): number {
    return this.#socket.waitingBytes;
  }

  occupy(user: UpstreamUser): UpstreamLink {
    this.#keepalive?.onStream(performance.now());
    const record = this.engine.calls.openLane(this.#socket.record);
    if (record === 0) throw new Error("the connection allows no more streams");
    if (this.#lanes.size === 0) this.isUnheard = this.#requestCount > 0;
    this.#requestCount++;
    this.#socket.wake();
    const lane = new Http2UpstreamLane(this, record, user, this.#pool.stats);
    this.#lanes.set(record, lane);
    const most = this.cluster.model.requestsPerConnectionMax;
    if (most > 0 && this.#requestCount >= most) {
      this.cluster.count(UPSTREAM_UPSTREAM_CX_MAX_REQUESTS, 1);
      this.#isClosing = true;
    }
    return lane;
  }

  noteBuffered(): void {
    const { record, waitingBytes } = this.#socket;
    const received = record === 0 ? 0 : this.engine.field(record, CONNECTION_PENDING_BYTES);
    this.cluster.count(UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED, received);
    this.cluster.count(UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED, waitingBytes);
  }

  rest(nowMs: number): void {
    if (this.#lanes.size === 0) this.#socket.rest(nowMs);
  }

  retire(): void {
    this.#isClosing = true;
    if (this.#lanes.size === 0) this.#socket.close("local");
  }

  destroy(): void {
    this.#socket.close("local");
  }

  endLane(record: number, isBroken: boolean): void {
    if (!this.#lanes.delete(record)) return;
    this.engine.calls.closeConnection(record);
    if (this.#socket.isClosed) return;
    if (isBroken) this.flushLater();
    const nowMs = performance.now();
    if (this.#isClosing && this.#lanes.size === 0) this.#socket.leave();
    else {
      this.rest(nowMs);
      this.#pool.onIdle(this, nowMs);
    }
  }

  flushLater(): void {
    this.cluster.flushes.add(this);
  }

  flush(): void {
    const { record, isClosed } = this.#socket;
    if (isClosed || record === 0 || this.#isFull) return;
    this.#writeAll();
    const nowMs = performance.now();
    this.#work(this.engine.calls.proceed(record, nowMs), nowMs);
  }

  onConnected(nowMs: number): void {
    this.engine.calls.openHttp2(this.#socket.record, nowMs);
    this.flushLater();
    this.cluster.deadlines.start(this.#settling, ACKNOWLEDGE_MS, nowMs);
    const { http2Keepalive } = this.cluster.model;
    if (http2Keepalive !== null) {
      this.#keepalive = new Http2Keepalive(http2Keepalive, this.cluster.deadlines, this, nowMs);
    }
    this.#pool.onConnected(this, nowMs);
  }

  /** Hot. */
  onRead(bytes: number): void {
    this.isUnheard = false;
    const nowMs = performance.now();
    this.#work(this.engine.calls.receive(this.#socket.record, bytes, nowMs), nowMs);
    if (this.#socket.isClosed) return;
    this.#keepalive?.onRead(nowMs);
    if (this.engine.isScarce) this.#socket.close("local");
  }

  ping(): void {
    this.engine.calls.pingHttp2(this.#socket.record);
    this.flushLater();
  }

  get pingsAnswered(): number {
    return this.engine.calls.pingsAnswered(this.#socket.record);
  }

  onSilent(): void {
    this.engine.calls.countHttp2(this.#socket.record, HTTP2_KEEPALIVE_TIMEOUT);
    this.#socket.close("local");
  }

  onWritten(): void {
    this.flush();
    for (const lane of [...this.#lanes.values()]) lane.onWritten();
    if (this.isAvailable) this.#pool.onIdle(this, performance.now());
  }

  /** What came before the end goes on. Of the end lanes hear when the socket is closed. */
  onEnd(): boolean {
    for (const lane of [...this.#lanes.values()]) lane.resumeReading();
    return false;
  }

  onExpired(): void {
    this.retire();
  }

  onClosing(isLocal: boolean): void {
    this.#keepalive?.cancel();
    this.#settling.cancel();
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    if (this.#socket.record !== 0) this.engine.calls.endHttp2(this.#socket.record);
    if (lanes.length > 0) this.#socket.countBusyClose(isLocal);
    for (const lane of lanes) {
      lane.onClosed();
      this.engine.calls.closeConnection(lane.record);
    }
  }

  onClosed(failure: ConnectFailure | null): void {
    if (failure === null) {
      this.cluster.recordTime(UPSTREAM_H_UPSTREAM_RQ_PER_CX, this.#requestCount);
    }
    this.#pool.onClosed(this, failure);
  }

  /** Hot. */
  #work(first: number, nowMs: number): void {
    const { calls } = this.engine;
    for (
      let event = first;
      event !== EVENT_NONE;
      event = calls.proceed(this.#socket.record, nowMs)
    ) {
      this.#handle(event, nowMs);
      if (this.#socket.isClosed) return;
    }
    if (calls.http2Waiting(this.#socket.record) > 0) this.flushLater();
  }

  #handle(event: number, nowMs: number): void {
    const record = this.engine.mailConnection;
    if (record === this.#socket.record) {
      this.#handleOwn(event, nowMs);
      return;
    }
    const lane = this.#lanes.get(record);
    if (lane === undefined) return;
    if (event === EVENT_RESET) lane.onReset(RESETS.get(this.engine.mailError) ?? "reset");
    else if (event === EVENT_WRITTEN) lane.onWritten();
    else lane.onEvent(event, nowMs);
  }

  #handleOwn(event: number, nowMs: number): void {
    if (event === EVENT_SETTINGS) {
      this.#pool.noteStreamsMax(this.engine.mailError);
      this.#pool.onIdle(this, nowMs);
    } else if (event === EVENT_GOAWAY) this.#onGoAway();
    else if (event === EVENT_CLOSE) {
      this.#isClosing = true;
      // What does not read is no protocol error.
      const isFlooded = this.engine.mailError === E_NO_ANSWER;
      this.#writeAll();
      const lanes = isFlooded ? [] : [...this.#lanes.values()];
      for (const lane of lanes) lane.onEvent(EVENT_UPSTREAM_FAILED, nowMs);
      this.#socket.close("local");
    }
  }

  /** The upstream opens no more streams, and has not looked at some that are open. */
  #onGoAway(): void {
    this.cluster.count(UPSTREAM_UPSTREAM_CX_CLOSE_NOTIFY, 1);
    this.#isClosing = true;
    const { calls } = this.engine;
    for (const lane of [...this.#lanes.values()]) {
      // The end of one may have been that of others: its mirrors.
      if (!this.#lanes.has(lane.record)) continue;
      if (calls.isLaneRefused(lane.record) !== 0) lane.onReset("refused");
    }
    if (this.#lanes.size === 0) this.#socket.leave();
  }

  #endUnsettled(): void {
    const { record, isClosed } = this.#socket;
    if (isClosed || record === 0) return;
    if (this.engine.calls.expireSettings(record) === 0) return;
    this.#isClosing = true;
    this.#writeAll();
    this.#socket.close("local");
  }

  #writeAll(): void {
    this.engine.calls.flushHttp2(this.#socket.record);
    if (this.engine.outputBytes > 0) this.#socket.write();
  }
}
