import type net from "node:net";
import { CLUSTER_STATS } from "../../api/engine/image.ts";
import {
  UPSTREAM_HISTOGRAMS_AT,
  UPSTREAM_H_UPSTREAM_CX_CONNECT_MS,
  UPSTREAM_H_UPSTREAM_CX_LENGTH_MS,
  UPSTREAM_UPSTREAM_CX_ACTIVE,
  UPSTREAM_UPSTREAM_CX_CONNECT_FAIL,
  UPSTREAM_UPSTREAM_CX_CONNECT_TIMEOUT,
  UPSTREAM_UPSTREAM_CX_DESTROY,
  UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL,
  UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE,
  UPSTREAM_UPSTREAM_CX_DESTROY_WITH_ACTIVE_RQ,
  UPSTREAM_UPSTREAM_CX_HTTP1_TOTAL,
  UPSTREAM_UPSTREAM_CX_IDLE_TIMEOUT,
  UPSTREAM_UPSTREAM_CX_MAX_DURATION_REACHED,
  UPSTREAM_UPSTREAM_CX_RX_BYTES_TOTAL,
  UPSTREAM_UPSTREAM_CX_TOTAL,
  UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL,
} from "../../api/engine/stats.ts";
import { openSocket } from "../engine/socket.ts";
import { OutputWriter } from "../engine/output.ts";
import { Deadline } from "../timer/deadline.ts";
import type { Cluster } from "./cluster.ts";
import { BREAKER_CONNECTIONS } from "./breaker.ts";
import { connectReason } from "./connect-reason.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ConnectFailure, UpstreamUser } from "./upstream-user.ts";

/** One HTTP/1 connection to an endpoint: connecting, idle in its pool, or serving a request. */
export class UpstreamConnection {
  readonly cluster: Cluster;
  readonly endpoint: Endpoint;
  readonly socket: net.Socket;
  readonly output: OutputWriter;
  /** Address of the engine's record; 0 until connected and after closing. */
  record = 0;
  /** Whose request is served now. */
  user: UpstreamUser | null = null;
  requestCount = 0;
  readonly #openedMs = performance.now();
  readonly #waiting: Deadline;
  readonly #lifetime: Deadline;
  #isExpired = false;
  #isClosed = false;

  /** Begins to connect. The pool hears of the outcome. */
  constructor(cluster: Cluster, endpoint: Endpoint) {
    this.cluster = cluster;
    this.endpoint = endpoint;
    this.#waiting = new Deadline(() => this.#onWaitedTooLong());
    this.#lifetime = new Deadline(() => this.#onLifetimeEnd());
    this.socket = this.#connect();
    this.output = new OutputWriter(cluster.context.engine, this.socket);
    cluster.count(UPSTREAM_UPSTREAM_CX_TOTAL, 1);
    cluster.count(UPSTREAM_UPSTREAM_CX_HTTP1_TOTAL, 1);
    cluster.count(UPSTREAM_UPSTREAM_CX_ACTIVE, 1);
    cluster.addBreaker(BREAKER_CONNECTIONS, 1);
    const { deadlines } = cluster.context;
    deadlines.start(this.#waiting, cluster.model.connectTimeoutMs, this.#openedMs);
  }

  /** True when it may serve another request after this one. */
  get isReusable(): boolean {
    const most = this.cluster.model.requestsPerConnectionMax;
    return !this.#isClosed && !this.#isExpired && (most === 0 || this.requestCount < most);
  }

  /** Gives the connection to a request. Hot. */
  occupy(user: UpstreamUser): void {
    this.user = user;
    this.requestCount++;
    this.#waiting.cancel();
  }

  /** Takes the connection from its request and lets the idle time begin. Hot. */
  vacate(nowMs: number): void {
    this.user = null;
    const idleMs = this.cluster.model.idleTimeoutMs;
    if (idleMs > 0) this.cluster.context.deadlines.start(this.#waiting, idleMs, nowMs);
  }

  /** Writes the engine's output. Hot. */
  write(): void {
    this.cluster.count(UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL, this.cluster.context.engine.outputBytes);
    this.output.writeOutput();
  }

  /** True when so much waits to be written that no more should be read for it. */
  get isFull(): boolean {
    return this.socket.writableLength >= this.cluster.model.bufferBytesMax;
  }

  /** Closes at once. */
  destroy(): void {
    if (!this.#isClosed) this.cluster.count(UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL, 1);
    this.#close();
  }

  #connect(): net.Socket {
    const { model, context } = this.cluster;
    const { address } = this.endpoint.model;
    const socket = openSocket(context.engine, null, (bytes) => this.#onRead(bytes));
    socket.on("connect", () => this.#onConnect());
    socket.on("error", (error: NodeJS.ErrnoException) => this.#onError(error));
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => this.#onClose());
    socket.on("drain", () => this.user?.onUpstreamDrained());
    if (address.kind === "pipe") socket.connect(address.path);
    else socket.connect({ host: address.host, port: address.port });
    socket.setNoDelay(true);
    if (model.hasKeepAlive) socket.setKeepAlive(true, model.keepAliveDelayMs);
    return socket;
  }

  #onConnect(): void {
    const { context, record } = this.cluster;
    const nowMs = performance.now();
    this.#waiting.cancel();
    const { engine } = context;
    const { address, length } = this.endpoint.text;
    this.record = engine.calls.openUpstream(record, address, length, nowMs);
    const { localAddress, localPort } = this.socket;
    if (localAddress !== undefined) {
      const local = localAddress.includes(":")
        ? `[${localAddress}]:${localPort}`
        : `${localAddress}:${localPort}`;
      const texts = engine.placeTexts([local]);
      engine.calls.setEnds(this.record, texts.address, 0, 0, texts.lengths[0]);
    }
    const durationMs = this.cluster.model.connectionDurationMaxMs;
    if (durationMs > 0) context.deadlines.start(this.#lifetime, durationMs, nowMs);
    this.#recordTime(UPSTREAM_H_UPSTREAM_CX_CONNECT_MS);
    this.endpoint.onConnected(this);
  }

  #onRead(bytes: number): boolean {
    const { engine } = this.cluster.context;
    this.cluster.count(UPSTREAM_UPSTREAM_CX_RX_BYTES_TOTAL, bytes);
    const event = engine.calls.receive(this.record, bytes, performance.now());
    const { user } = this;
    // Bytes on an idle connection answer nothing: what the peer thinks it does is unknown.
    if (user === null) this.destroy();
    else user.onUpstreamEvent(this, event);
    return true;
  }

  #onEnd(): void {
    if (this.#isClosed) return;
    this.cluster.count(UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE, 1);
    if (this.user !== null && this.record !== 0) {
      const { engine } = this.cluster.context;
      const event = engine.calls.endUpstream(this.record, performance.now());
      this.user.onUpstreamEvent(this, event);
    }
    this.#close();
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (this.#isClosed) return;
    if (this.record === 0) {
      this.#failToConnect({ isTimeout: false, reason: connectReason(error) });
      return;
    }
    this.cluster.count(UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE, 1);
    this.#close();
  }

  #onClose(): void {
    this.#close();
  }

  #onWaitedTooLong(): void {
    if (this.record === 0) {
      this.cluster.count(UPSTREAM_UPSTREAM_CX_CONNECT_TIMEOUT, 1);
      this.#failToConnect({ isTimeout: true, reason: "" });
      return;
    }
    this.cluster.count(UPSTREAM_UPSTREAM_CX_IDLE_TIMEOUT, 1);
    this.destroy();
  }

  #onLifetimeEnd(): void {
    this.cluster.count(UPSTREAM_UPSTREAM_CX_MAX_DURATION_REACHED, 1);
    this.#isExpired = true;
    if (this.user === null) this.destroy();
  }

  #failToConnect(failure: ConnectFailure): void {
    this.cluster.count(UPSTREAM_UPSTREAM_CX_CONNECT_FAIL, 1);
    this.#close();
    this.endpoint.onConnectFailed(failure);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.cancel();
    this.#lifetime.cancel();
    this.endpoint.remove(this);
    this.socket.destroy();
    this.cluster.count(UPSTREAM_UPSTREAM_CX_ACTIVE, -1);
    this.cluster.count(UPSTREAM_UPSTREAM_CX_DESTROY, 1);
    this.cluster.addBreaker(BREAKER_CONNECTIONS, -1);
    this.#recordTime(UPSTREAM_H_UPSTREAM_CX_LENGTH_MS);
    const { user } = this;
    this.user = null;
    if (user !== null) {
      this.cluster.count(UPSTREAM_UPSTREAM_CX_DESTROY_WITH_ACTIVE_RQ, 1);
      user.onUpstreamClosed(this);
    }
    if (this.record !== 0) this.cluster.context.engine.calls.closeConnection(this.record);
    this.record = 0;
    this.cluster.onConnectionClosed();
  }

  #recordTime(histogram: number): void {
    const { context, record } = this.cluster;
    const stats = context.engine.field(record, CLUSTER_STATS);
    const place = stats + UPSTREAM_HISTOGRAMS_AT + histogram * 4;
    context.engine.calls.recordTime(place, performance.now() - this.#openedMs);
  }
}
