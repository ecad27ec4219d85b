import { CONNECTION_PENDING_BYTES } from "../../../api/engine/layout.ts";
import {
  UPSTREAM_UPSTREAM_CX_MAX_REQUESTS,
  UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED,
  UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED,
  UPSTREAM_UPSTREAM_RQ_TOTAL,
} from "../../../api/engine/stats.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { ConnectionPool, PooledConnection } from "./upstream-place.ts";
import { type Closer, UpstreamSocket, type UpstreamSocketListener } from "./upstream-socket.ts";
import type {
  ConnectFailure,
  EndpointStats,
  FlushListener,
  UpstreamLink,
  UpstreamUser,
} from "./upstream-user.ts";

/** A connection to an endpoint that carries the payload of one stream, and no HTTP. */
export class RawUpstreamConnection
  implements PooledConnection, UpstreamLink, UpstreamSocketListener
{
  readonly isRaw = true;
  readonly mayBeStale = false;
  readonly stats: EndpointStats;
  isListed = false;
  readonly #pool: ConnectionPool;
  readonly #cluster: ClusterView;
  readonly #socket: UpstreamSocket;
  #user: UpstreamUser | null = null;
  /** Hears of what is left when the stream is over. */
  #flush: FlushListener | null = null;
  /** What the upstream said before there was a stream. */
  #early: Buffer[] = [];
  #wasUsed = false;
  /** The upstream is just saying that it sends no more. */
  #isEnding = false;
  #isReset = false;

  /** Begins to connect. The pool hears of the outcome. */
  constructor(pool: ConnectionPool) {
    this.#pool = pool;
    this.#cluster = pool.cluster;
    this.stats = pool.stats;
    this.#socket = new UpstreamSocket(pool, this);
  }

  get record(): number {
    return this.#socket.record;
  }

  get isAvailable(): boolean {
    return !this.#wasUsed && this.#socket.record !== 0;
  }

  get room(): number {
    return this.isAvailable ? 1 : 0;
  }

  get requestsActive(): number {
    return this.#user === null ? 0 : 1;
  }

  occupy(user: UpstreamUser): UpstreamLink {
    this.#wasUsed = true;
    this.#user = user;
    this.#socket.wake();
    const { opening } = this.#pool.variant;
    if (opening !== null) this.#socket.writeBytes(opening);
    this.#cluster.count(UPSTREAM_UPSTREAM_RQ_TOTAL, 1);
    if (this.#cluster.model.requestsPerConnectionMax === 1) {
      this.#cluster.count(UPSTREAM_UPSTREAM_CX_MAX_REQUESTS, 1);
    }
    this.stats.requestsTotal++;
    this.stats.requestsActive++;
    // The user is ready for bytes when it has the link.
    if (this.#early.length > 0) process.nextTick(() => this.#readEarly());
    return this;
  }

  noteBuffered(): void {
    const { record, waitingBytes } = this.#socket;
    const received =
      record === 0 ? 0 : this.#cluster.engine.field(record, CONNECTION_PENDING_BYTES);
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED, received);
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED, waitingBytes);
  }

  rest(nowMs: number): void {
    if (this.#user === null) this.#socket.rest(nowMs);
  }

  /** The stream is over: closes when all is sent. */
  finish(_isReusable: boolean, _nowMs: number, flush: FlushListener | null = null): void {
    if (this.#vacate() === null) return;
    if (this.#socket.waitingBytes > 0) this.#flush = flush;
    this.#flush?.onFlushing(() => this.#socket.close("local"));
    this.#socket.leaveWhenSent(this.#closer);
    // How long that may take is for the listener to say.
    if (this.#flush !== null) this.#socket.wake();
  }

  drop(isReset = false): void {
    if (this.#vacate() === null) return;
    if (isReset) this.#socket.reset(this.#closer);
    else this.#socket.close(this.#closer);
  }

  write(): void {
    this.#socket.write();
  }

  end(): void {
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
    if (this.#user === null) this.#socket.close("local");
  }

  destroy(): void {
    this.#socket.close("local");
  }

  onConnected(nowMs: number): void {
    this.#cluster.engine.calls.speakRaw(this.#socket.record);
    this.#pool.onConnected(this, nowMs);
  }

  onWritten(): void {
    this.#user?.onUpstreamWritten();
    this.#flush?.onFlushed();
  }

  /** Hot. */
  onRead(bytes: number): void {
    const user = this.#user;
    if (user === null) {
      if (!this.#wasUsed) this.#keepEarly(bytes);
      return;
    }
    const nowMs = performance.now();
    const event = this.#cluster.engine.calls.receive(this.record, bytes, nowMs);
    user.onUpstreamEvent(this, event, nowMs);
  }

  /** The upstream sends no more; what goes there may go on. */
  onEnd(isReset: boolean): boolean {
    const user = this.#user;
    this.#isReset = isReset;
    if (user === null || isReset) return false;
    const nowMs = performance.now();
    const event = this.#cluster.engine.calls.endUpstream(this.record, 0, nowMs);
    this.#isEnding = true;
    user.onUpstreamEvent(this, event, nowMs);
    this.#isEnding = false;
    // What is left to be sent closes the connection when it is sent.
    return this.#user !== null || this.#socket.waitingBytes > 0;
  }

  onExpired(): void {
    if (this.#user === null) this.#socket.close("local");
  }

  onClosing(isLocal: boolean): void {
    // As in Envoy, where the stream has its connection to the end.
    if (this.#wasUsed) this.#socket.countBusyClose(isLocal);
    this.#vacate()?.onUpstreamLost(this, this.#isReset ? "reset" : "closed");
  }

  onClosed(failure: ConnectFailure | null): void {
    this.#flush?.onFlushEnd();
    this.#flush = null;
    this.#pool.onClosed(this, failure);
  }

  /** A preconnected upstream speaks first: it has to wait for somebody who listens. */
  #keepEarly(bytes: number): void {
    this.#early.push(Buffer.from(this.#cluster.engine.input.subarray(0, bytes)));
    this.#socket.holdReading();
  }

  #readEarly(): void {
    const { input } = this.#cluster.engine;
    // What comes now comes behind these, in another turn of the event loop.
    this.#socket.releaseReading();
    for (const bytes of this.#early.splice(0)) {
      input.set(bytes);
      this.onRead(bytes.length);
    }
  }

  /** In Envoy's words who closes is who ends last. */
  get #closer(): Closer {
    return this.#isEnding ? "remote" : "local";
  }

  /** Takes the connection from its stream, once. */
  #vacate(): UpstreamUser | null {
    const user = this.#user;
    if (user === null) return null;
    this.#user = null;
    this.stats.requestsActive--;
    return user;
  }
}
