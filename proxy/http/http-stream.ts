import {
  EVENT_TO_DOWNSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_COMPLETE,
  FLAG_REQUEST_END,
  FLAG_REUSABLE,
  STATE_REQUEST_END,
  STATE_RESPONSE_BEGUN,
  STREAM_CLUSTER,
  STREAM_DURATION_MAX_MS,
  STREAM_IDLE_TIMEOUT_MS,
  STREAM_STATE,
  STREAM_TIMEOUT_MS,
} from "../../api/engine/layout.ts";
import {
  UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR,
  UPSTREAM_UPSTREAM_RQ_ACTIVE,
  UPSTREAM_UPSTREAM_RQ_CANCELLED,
  UPSTREAM_UPSTREAM_RQ_PENDING_OVERFLOW,
  UPSTREAM_UPSTREAM_RQ_PENDING_TOTAL,
  UPSTREAM_UPSTREAM_RQ_RETRY,
  UPSTREAM_UPSTREAM_RQ_RX_RESET,
  UPSTREAM_UPSTREAM_RQ_TIMEOUT,
  UPSTREAM_UPSTREAM_RQ_TOTAL,
  UPSTREAM_UPSTREAM_RQ_TX_RESET,
} from "../../api/engine/stats.ts";
import { BREAKER_REQUESTS } from "../cluster/breaker.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Endpoint } from "../cluster/endpoint.ts";
import type { UpstreamConnection } from "../cluster/upstream-connection.ts";
import type { ConnectFailure, UpstreamUser } from "../cluster/upstream-user.ts";
import { Deadline } from "../timer/deadline.ts";
import type { DownstreamConnection } from "./downstream-connection.ts";
import {
  CONNECTION_TERMINATION,
  type Failure,
  NO_HEALTHY_UPSTREAM,
  OVERFLOW,
  PROTOCOL_ERROR,
  REQUEST_TIMEOUT,
  RESPONSE_TIMEOUT,
  afterResponseBegan,
  connectFailure,
  durationTimeout,
  idleTimeout,
} from "./failure.ts";
import type { HttpContext } from "./http-context.ts";

/** Attempts on connections that turn out dead before one is opened afresh. */
const REPLAYS_MAX = 2;

/**
 * One request on its way: picks an upstream, sends the request, passes the response on, and ends
 * with exactly one `#end`. Pooled: `open` makes it ready for the next request.
 */
export class HttpStream implements UpstreamUser {
  /** Address of the engine's record; 0 while it is in the pool. */
  record = 0;
  downstream: DownstreamConnection | null = null;
  upstream: UpstreamConnection | null = null;
  #cluster: Cluster | null = null;
  /** Where the request waits for a connection, or `null`. */
  #waitsAt: Endpoint | null = null;
  #replays = 0;
  readonly #context: HttpContext;
  readonly #timeout: Deadline;
  readonly #idle: Deadline;
  readonly #duration: Deadline;
  readonly #request: Deadline;

  /** Called by the pool only. */
  constructor(context: HttpContext) {
    this.#context = context;
    this.#timeout = new Deadline(() => this.#onTimeout());
    this.#idle = new Deadline(() => this.#fail(idleTimeout(this.isRequestWhole)));
    this.#duration = new Deadline(() => this.#fail(durationTimeout(this.isRequestWhole)));
    this.#request = new Deadline(() => this.#fail(REQUEST_TIMEOUT));
  }

  /** Begins to serve the request whose head the engine accepted. Hot. */
  open(record: number, downstream: DownstreamConnection, isWhole: boolean, nowMs: number): void {
    const { engine, deadlines } = this.#context;
    this.record = record;
    this.downstream = downstream;
    this.#replays = 0;
    const idleMs = engine.field(record, STREAM_IDLE_TIMEOUT_MS);
    if (idleMs > 0) deadlines.start(this.#idle, idleMs, nowMs);
    const durationMs = engine.field(record, STREAM_DURATION_MAX_MS);
    if (durationMs > 0) deadlines.start(this.#duration, durationMs, nowMs);
    if (isWhole) this.#startTimeout(nowMs);
    else {
      const requestMs = downstream.manager.requestTimeoutMs;
      if (requestMs > 0) deadlines.start(this.#request, requestMs, nowMs);
    }
    const cluster = downstream.clusters[engine.field(record, STREAM_CLUSTER)];
    this.#cluster = cluster;
    cluster.count(UPSTREAM_UPSTREAM_RQ_TOTAL, 1);
    this.#attempt(cluster, nowMs);
  }

  /** More of the request's body is in the engine's output. Hot for uploads. */
  sendBody(flags: number, nowMs: number): void {
    this.touch(nowMs);
    if ((flags & FLAG_REQUEST_END) !== 0) this.#onRequestWhole(nowMs);
    this.upstream?.write();
  }

  /** True when the upstream takes no more at present. */
  get isUpstreamFull(): boolean {
    return this.upstream === null || this.upstream.isFull;
  }

  /** Something moved: the idle time begins again. */
  touch(nowMs: number): void {
    const idleMs = this.#context.engine.field(this.record, STREAM_IDLE_TIMEOUT_MS);
    if (idleMs > 0) this.#context.deadlines.start(this.#idle, idleMs, nowMs);
  }

  /** The downstream connection is gone. */
  onDownstreamGone(failure: Failure): void {
    this.#cluster?.count(UPSTREAM_UPSTREAM_RQ_CANCELLED, this.#waitsAt === null ? 0 : 1);
    this.#cluster?.count(UPSTREAM_UPSTREAM_RQ_TX_RESET, this.upstream === null ? 0 : 1);
    this.#dropUpstream();
    this.#context.abandon(this.record, failure);
    this.#end();
  }

  /** The engine ended the stream while it worked on downstream input. */
  onEnded(): void {
    this.#dropUpstream();
    this.#end();
  }

  onUpstreamReady(connection: UpstreamConnection): void {
    this.#waitsAt = null;
    this.#send(connection, performance.now());
  }

  onUpstreamConnectFailed(failure: ConnectFailure): void {
    this.#waitsAt = null;
    this.#fail(connectFailure(failure));
  }

  onUpstreamEvent(connection: UpstreamConnection, event: number): void {
    const { engine } = this.#context;
    if (event === EVENT_TO_DOWNSTREAM) {
      const flags = engine.mailFlags;
      const { downstream } = this;
      if (downstream === null) return;
      downstream.writeOutput();
      const nowMs = performance.now();
      if ((flags & FLAG_COMPLETE) === 0) {
        this.touch(nowMs);
        if (downstream.isFull) connection.socket.pause();
        return;
      }
      this.#onResponseWhole(connection, flags, nowMs);
      downstream.onStreamEnd(flags, nowMs);
    } else if (event === EVENT_UPSTREAM_FAILED) {
      this.#onMalformed(connection);
    }
  }

  onUpstreamClosed(connection: UpstreamConnection): void {
    this.upstream = null;
    this.#countOut(connection.cluster);
    this.#cluster?.count(UPSTREAM_UPSTREAM_RQ_RX_RESET, 1);
    if (this.#mayReplay(connection)) {
      this.#replay();
      return;
    }
    this.#fail(CONNECTION_TERMINATION);
  }

  onUpstreamDrained(): void {
    this.downstream?.resumeReading();
  }

  /** The downstream socket has room again. */
  onDownstreamDrained(): void {
    this.upstream?.socket.resume();
  }

  /** True when nothing more of the request will come. */
  get isRequestWhole(): boolean {
    return (this.#context.engine.field(this.record, STREAM_STATE) & STATE_REQUEST_END) !== 0;
  }

  get #hasResponseBegun(): boolean {
    return (this.#context.engine.field(this.record, STREAM_STATE) & STATE_RESPONSE_BEGUN) !== 0;
  }

  #attempt(cluster: Cluster, nowMs: number): void {
    if (!cluster.mayRequest()) {
      cluster.count(UPSTREAM_UPSTREAM_RQ_PENDING_OVERFLOW, 1);
      this.#fail(OVERFLOW);
      return;
    }
    const endpoint = cluster.pick();
    if (endpoint === null) {
      this.#fail(NO_HEALTHY_UPSTREAM);
      return;
    }
    const idle = endpoint.takeIdle();
    if (idle !== null) {
      idle.occupy(this);
      this.#send(idle, nowMs);
      return;
    }
    if (!cluster.mayWait()) {
      cluster.count(UPSTREAM_UPSTREAM_RQ_PENDING_OVERFLOW, 1);
      this.#fail(OVERFLOW);
      return;
    }
    cluster.count(UPSTREAM_UPSTREAM_RQ_PENDING_TOTAL, 1);
    this.downstream?.holdInput();
    this.#waitsAt = endpoint;
    endpoint.wait(this);
  }

  #send(connection: UpstreamConnection, nowMs: number): void {
    const { engine } = this.#context;
    const { cluster } = connection;
    this.upstream = connection;
    cluster.count(UPSTREAM_UPSTREAM_RQ_ACTIVE, 1);
    cluster.addBreaker(BREAKER_REQUESTS, 1);
    const wasWhole = this.isRequestWhole;
    const error = engine.calls.attempt(this.record, connection.record, nowMs);
    if (error !== 0) {
      this.#refuse(error, nowMs);
      return;
    }
    const isWhole = (engine.mailFlags & FLAG_REQUEST_END) !== 0;
    connection.write();
    if (isWhole && !wasWhole) this.#onRequestWhole(nowMs);
    if (!isWhole) this.downstream?.resumeReading();
  }

  #refuse(error: number, nowMs: number): void {
    const { downstream } = this;
    this.#dropUpstream();
    this.#context.engine.calls.refuseRequest(this.record, error, nowMs);
    this.#end();
    downstream?.onReply(nowMs);
  }

  #onRequestWhole(nowMs: number): void {
    this.#request.cancel();
    if (!this.#timeout.isStarted) this.#startTimeout(nowMs);
  }

  #startTimeout(nowMs: number): void {
    const timeoutMs = this.#context.engine.field(this.record, STREAM_TIMEOUT_MS);
    if (timeoutMs > 0) this.#context.deadlines.start(this.#timeout, timeoutMs, nowMs);
  }

  #onResponseWhole(connection: UpstreamConnection, flags: number, nowMs: number): void {
    this.upstream = null;
    this.#countOut(connection.cluster);
    this.#end();
    if ((flags & FLAG_REUSABLE) !== 0) connection.endpoint.release(connection, nowMs);
    else {
      connection.user = null;
      connection.destroy();
    }
  }

  #onMalformed(connection: UpstreamConnection): void {
    connection.cluster.count(UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR, 1);
    const isEarlyEnd = this.#context.isEarlyEnd();
    if (isEarlyEnd && this.#mayReplay(connection)) {
      this.#dropUpstream();
      this.#replay();
      return;
    }
    this.#fail(isEarlyEnd ? CONNECTION_TERMINATION : PROTOCOL_ERROR);
  }

  /**
   * A kept connection may be closed by the upstream just as a request is written to it. Such a
   * request is sent once more when that cannot do harm.
   */
  #mayReplay(connection: UpstreamConnection): boolean {
    const { engine } = this.#context;
    const isStale = connection.requestCount > 1 && this.#replays < REPLAYS_MAX;
    return isStale && engine.calls.canReplay(this.record) !== 0;
  }

  #replay(): void {
    const cluster = this.#cluster;
    if (cluster === null) return;
    this.#replays++;
    this.#context.engine.calls.detach(this.record);
    cluster.count(UPSTREAM_UPSTREAM_RQ_RETRY, 1);
    this.#attempt(cluster, performance.now());
  }

  #onTimeout(): void {
    this.#cluster?.count(UPSTREAM_UPSTREAM_RQ_TIMEOUT, 1);
    this.#fail(RESPONSE_TIMEOUT);
  }

  /** Ends the stream with a local reply, or with a broken connection when it is too late for one. */
  #fail(failure: Failure): void {
    const { downstream, record } = this;
    if (downstream === null) return;
    const hasBegun = this.#hasResponseBegun;
    this.#dropUpstream();
    const nowMs = performance.now();
    if (hasBegun) {
      this.#context.abandon(record, afterResponseBegan(failure));
      this.#end();
      downstream.destroy();
      return;
    }
    this.#context.reply(record, failure, nowMs);
    this.#end();
    downstream.onReply(nowMs);
  }

  /** Leaves the queue, or closes the connection that serves a request which nobody waits for. */
  #dropUpstream(): void {
    this.#waitsAt?.cancel(this);
    this.#waitsAt = null;
    const connection = this.upstream;
    if (connection === null) {
      if (this.record !== 0 && this.#cluster !== null) this.#context.engine.calls.detach(this.record);
      return;
    }
    this.upstream = null;
    this.#countOut(connection.cluster);
    this.#context.engine.calls.detach(this.record);
    connection.user = null;
    connection.destroy();
  }

  #countOut(cluster: Cluster): void {
    cluster.count(UPSTREAM_UPSTREAM_RQ_ACTIVE, -1);
    cluster.addBreaker(BREAKER_REQUESTS, -1);
  }

  #end(): void {
    this.#timeout.cancel();
    this.#idle.cancel();
    this.#duration.cancel();
    this.#request.cancel();
    this.record = 0;
    this.downstream = null;
    this.#cluster = null;
    this.#context.giveBack(this);
  }
}
