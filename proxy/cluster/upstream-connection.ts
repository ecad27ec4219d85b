import type net from "node:net";
import { CONNECTION_PENDING_BYTES } from "../../api/engine/layout.ts";
import {
  UPSTREAM_H_UPSTREAM_CX_CONNECT_MS,
  UPSTREAM_H_UPSTREAM_CX_LENGTH_MS,
  UPSTREAM_H_UPSTREAM_RQ_PER_CX,
  UPSTREAM_UPSTREAM_CX_ACTIVE,
  UPSTREAM_UPSTREAM_CX_CONNECT_FAIL,
  UPSTREAM_UPSTREAM_CX_CONNECT_TIMEOUT,
  UPSTREAM_UPSTREAM_CX_DESTROY,
  UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL,
  UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL_WITH_ACTIVE_RQ,
  UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE,
  UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE_WITH_ACTIVE_RQ,
  UPSTREAM_UPSTREAM_CX_DESTROY_WITH_ACTIVE_RQ,
  UPSTREAM_UPSTREAM_CX_HTTP1_TOTAL,
  UPSTREAM_UPSTREAM_CX_IDLE_TIMEOUT,
  UPSTREAM_UPSTREAM_CX_MAX_DURATION_REACHED,
  UPSTREAM_UPSTREAM_CX_MAX_REQUESTS,
  UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR,
  UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED,
  UPSTREAM_UPSTREAM_CX_RX_BYTES_TOTAL,
  UPSTREAM_UPSTREAM_CX_TOTAL,
  UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED,
  UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL,
  UPSTREAM_UPSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL,
  UPSTREAM_UPSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL,
  UPSTREAM_UPSTREAM_RQ_ACTIVE,
  UPSTREAM_UPSTREAM_RQ_TOTAL,
} from "../../api/engine/stats.ts";
import type { Address } from "../config/model.ts";
import type { Engine, KeptText } from "../engine/engine.ts";
import { OutputWriter } from "../engine/output.ts";
import { ReadGate } from "../engine/read-gate.ts";
import { openSocket } from "../engine/socket.ts";
import { toSystemPath } from "../engine/socket-path.ts";
import { Deadline } from "../timer/deadline.ts";
import { handshakeReason } from "../tls/client-tls.ts";
import { BREAKER_CONNECTIONS, BREAKER_REQUESTS } from "./breaker.ts";
import type { ClusterView } from "./cluster-view.ts";
import { connectReason } from "./connect-reason.ts";
import type { ConnectFailure, EndpointStats, UpstreamLink, UpstreamUser } from "./upstream-user.ts";

/** The pool that a connection belongs to, as the connection sees it. */
export interface ConnectionPool {
  readonly cluster: ClusterView;
  readonly address: Address;
  /** `ip:port` in the engine's memory. */
  readonly text: KeptText;
  /** The endpoint's hostname in the engine's memory, where it has one. */
  readonly hostText: KeptText | null;
  readonly stats: EndpointStats;
  /** The connection is ready for its first request. */
  onConnected(connection: UpstreamConnection, nowMs: number): void;
  /** The connection is idle again. */
  onIdle(connection: UpstreamConnection, nowMs: number): void;
  /** The connection is closed. `failure` says why it never connected, if that is so. */
  onClosed(connection: UpstreamConnection, failure: ConnectFailure | null): void;
}

/** Who ended a connection. */
type Closer = "local" | "remote";

/** One HTTP/1 connection to an endpoint: connecting, idle in its pool, or serving a request. */
export class UpstreamConnection implements UpstreamLink {
  readonly stats: EndpointStats;
  /** Address of the engine's record; 0 until connected and after closing. */
  record = 0;
  requestCount = 0;
  /** Whose request is served now. */
  #user: UpstreamUser | null = null;
  readonly #pool: ConnectionPool;
  readonly #cluster: ClusterView;
  readonly #engine: Engine;
  readonly #socket: net.Socket;
  readonly #output: OutputWriter;
  readonly #reading: ReadGate;
  readonly #openedMs = performance.now();
  readonly #waiting: Deadline;
  readonly #lifetime: Deadline;
  #isExpired = false;
  /** The upstream sent its FIN. */
  #hasEnded = false;
  #isClosed = false;

  /** Begins to connect. The pool hears of the outcome. */
  constructor(pool: ConnectionPool) {
    const { cluster } = pool;
    this.#pool = pool;
    this.#cluster = cluster;
    this.#engine = cluster.engine;
    this.stats = pool.stats;
    this.#waiting = new Deadline(() => this.#onWaitedTooLong());
    this.#lifetime = new Deadline(() => this.#onLifetimeEnd());
    this.#socket = this.#connect(pool.address);
    this.#reading = new ReadGate(this.#socket);
    this.#output = new OutputWriter(this.#engine, this.#socket, {
      onWritten: () => this.#user?.onUpstreamWritten(),
      // The upstream may have answered before it closed: what it said is still read.
      onBroken: () => this.#reading.resume(),
    });
    cluster.count(UPSTREAM_UPSTREAM_CX_TOTAL, 1);
    cluster.count(UPSTREAM_UPSTREAM_CX_HTTP1_TOTAL, 1);
    cluster.count(UPSTREAM_UPSTREAM_CX_ACTIVE, 1);
    cluster.addBreaker(BREAKER_CONNECTIONS, 1);
    this.stats.connectionsTotal++;
    cluster.deadlines.start(this.#waiting, cluster.model.connectTimeoutMs, this.#openedMs);
  }

  /** True between two requests, and before the first. */
  get isFree(): boolean {
    return this.#user === null;
  }

  /** Gives the connection to a request. Hot. */
  occupy(user: UpstreamUser): void {
    this.#user = user;
    this.requestCount++;
    this.#waiting.cancel();
    this.#cluster.count(UPSTREAM_UPSTREAM_RQ_TOTAL, 1);
    this.#cluster.count(UPSTREAM_UPSTREAM_RQ_ACTIVE, 1);
    this.#cluster.addBreaker(BREAKER_REQUESTS, 1);
    this.stats.requestsTotal++;
    this.stats.requestsActive++;
  }

  /** Adds what waits here to the gauges that a report shows. */
  noteBuffered(): void {
    const received =
      this.record === 0 ? 0 : this.#engine.field(this.record, CONNECTION_PENDING_BYTES);
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED, received);
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED, this.#output.waitingBytes);
  }

  /** Lets the idle time begin. Hot. */
  rest(nowMs: number): void {
    const idleMs = this.#cluster.model.idleTimeoutMs;
    if (idleMs > 0) this.#cluster.deadlines.start(this.#waiting, idleMs, nowMs);
  }

  finish(isReusable: boolean, nowMs: number): void {
    if (this.#vacate() === null) return;
    if (!isReusable || !this.#mayServeAnother()) {
      this.#leave();
      return;
    }
    this.resumeReading();
    this.rest(nowMs);
    this.#pool.onIdle(this, nowMs);
  }

  drop(): void {
    if (this.#vacate() === null) return;
    this.#countBusyClose(!this.#hasEnded);
    this.#leave();
  }

  write(): void {
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL, this.#engine.outputBytes);
    this.#output.writeOutput();
  }

  get isFull(): boolean {
    return this.#output.waitingBytes >= this.#cluster.model.bufferBytesMax;
  }

  pauseReading(): void {
    if (!this.#reading.isPaused) {
      this.#cluster.count(UPSTREAM_UPSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL, 1);
    }
    this.#reading.pause();
  }

  resumeReading(): void {
    if (!this.#reading.isPaused) return;
    this.#cluster.count(UPSTREAM_UPSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL, 1);
    this.#reading.resume();
  }

  /** Closes at once; a request that is served hears of it. */
  destroy(): void {
    this.#close("local", null);
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
    if (this.#isClosed || this.#isExpired) return false;
    const most = this.#cluster.model.requestsPerConnectionMax;
    if (most === 0 || this.requestCount < most) return true;
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_MAX_REQUESTS, 1);
    return false;
  }

  #connect(address: Address): net.Socket {
    const { model } = this.#cluster;
    const socket = this.#openSocket(address);
    socket.on("error", (error: NodeJS.ErrnoException) => this.#onError(error));
    socket.on("end", () => this.#onEnd(false));
    socket.on("close", () => this.#close("remote", null));
    if (address.kind === "pipe") {
      socket.connect(toSystemPath(address.path));
      return socket;
    }
    socket.connect({ host: address.host, port: address.port });
    socket.setNoDelay(true);
    if (model.hasKeepAlive) socket.setKeepAlive(true, model.keepAliveDelayMs);
    return socket;
  }

  /** A socket that says when plain text may flow: at once, or after the handshake. */
  #openSocket(address: Address): net.Socket {
    const { tls } = this.#cluster;
    const onRead = (bytes: number): void => this.#onRead(bytes);
    if (tls === null) {
      const socket = openSocket(this.#engine, null, onRead);
      return socket.on("connect", () => this.#onConnect());
    }
    const reader = { input: this.#engine.input, onRead };
    return tls.open(reader, address.kind === "pipe", {
      onSecure: () => this.#onConnect(),
      onRefused: (reason) => this.#failToConnect({ isTimeout: false, reason }),
    });
  }

  #onConnect(): void {
    if (this.#isClosed) return;
    const { deadlines, model, record } = this.#cluster;
    const nowMs = performance.now();
    this.#waiting.cancel();
    const { address, length } = this.#pool.text;
    this.record = this.#engine.calls.openUpstream(record, address, length, nowMs);
    const { hostText } = this.#pool;
    if (hostText !== null) {
      this.#engine.calls.setUpstreamName(this.record, hostText.address, hostText.length);
    }
    const local = this.#localText();
    const texts = this.#engine.placeTexts([local]);
    this.#engine.calls.setEnds(this.record, texts.address, 0, 0, texts.lengths[0]);
    const durationMs = model.connectionDurationMaxMs;
    if (durationMs > 0) deadlines.start(this.#lifetime, durationMs, nowMs);
    this.#cluster.recordTime(UPSTREAM_H_UPSTREAM_CX_CONNECT_MS, nowMs - this.#openedMs);
    this.#pool.onConnected(this, nowMs);
  }

  #localText(): string {
    const { localAddress, localPort } = this.#socket;
    if (localAddress === undefined) return "";
    return localAddress.includes(":")
      ? `[${localAddress}]:${localPort}`
      : `${localAddress}:${localPort}`;
  }

  #onRead(bytes: number): void {
    if (this.#isClosed) return;
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_RX_BYTES_TOTAL, bytes);
    const user = this.#user;
    // Bytes on an idle connection answer nothing: what the upstream thinks it does is unknown.
    if (user === null) {
      this.#cluster.count(UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR, 1);
      this.#close("local", null);
      return;
    }
    const nowMs = performance.now();
    user.onUpstreamEvent(this, this.#engine.calls.receive(this.record, bytes, nowMs), nowMs);
  }

  /** The upstream closed the connection, or reset it. */
  #onEnd(isReset: boolean): void {
    if (this.#isClosed) return;
    if (this.record === 0) {
      // The upstream closed in the middle of the handshake.
      this.#failToConnect({ isTimeout: false, reason: "" });
      return;
    }
    this.#hasEnded = true;
    const user = this.#user;
    if (user !== null) {
      const nowMs = performance.now();
      const event = this.#engine.calls.endUpstream(this.record, isReset ? 1 : 0, nowMs);
      user.onUpstreamEvent(this, event, nowMs);
    }
    this.#close("remote", null);
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (this.record !== 0) {
      this.#onEnd(true);
      return;
    }
    const ofTls = this.#cluster.tls === null ? null : handshakeReason(error);
    this.#failToConnect({ isTimeout: false, reason: ofTls ?? connectReason(error) });
  }

  #onWaitedTooLong(): void {
    if (this.record === 0) {
      this.#cluster.count(UPSTREAM_UPSTREAM_CX_CONNECT_TIMEOUT, 1);
      this.#failToConnect({ isTimeout: true, reason: "" });
      return;
    }
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_IDLE_TIMEOUT, 1);
    this.#close("local", null);
  }

  #onLifetimeEnd(): void {
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_MAX_DURATION_REACHED, 1);
    this.#isExpired = true;
    if (this.#user === null) this.#close("local", null);
  }

  /** Closes for good what serves nobody any more; an upstream that ended first is who closed. */
  #leave(): void {
    this.#close(this.#hasEnded ? "remote" : "local", null);
  }

  #failToConnect(failure: ConnectFailure): void {
    if (this.#isClosed) return;
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_CONNECT_FAIL, 1);
    this.stats.connectFailures++;
    this.#close(failure.isTimeout ? "local" : "remote", failure);
  }

  #close(closer: Closer, failure: ConnectFailure | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.cancel();
    this.#lifetime.cancel();
    this.#output.close();
    this.#socket.destroy();
    const isLocal = closer === "local";
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_ACTIVE, -1);
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_DESTROY, 1);
    this.#cluster.count(
      isLocal ? UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL : UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE,
      1,
    );
    this.#cluster.addBreaker(BREAKER_CONNECTIONS, -1);
    const lengthMs = performance.now() - this.#openedMs;
    this.#cluster.recordTime(UPSTREAM_H_UPSTREAM_CX_LENGTH_MS, lengthMs);
    if (failure === null) {
      this.#cluster.recordTime(UPSTREAM_H_UPSTREAM_RQ_PER_CX, this.requestCount);
    }
    this.#abandonUser(isLocal);
    // The engine takes off a stream that is still bound, so the user came first.
    if (this.record !== 0) this.#engine.calls.closeConnection(this.record);
    this.record = 0;
    this.#pool.onClosed(this, failure);
  }

  #abandonUser(isLocal: boolean): void {
    const user = this.#vacate();
    if (user === null) return;
    this.#countBusyClose(isLocal);
    user.onUpstreamClosed(this);
  }

  #countBusyClose(isLocal: boolean): void {
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_DESTROY_WITH_ACTIVE_RQ, 1);
    this.#cluster.count(
      isLocal
        ? UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL_WITH_ACTIVE_RQ
        : UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE_WITH_ACTIVE_RQ,
      1,
    );
  }
}
