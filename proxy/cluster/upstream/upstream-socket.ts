import {
  UPSTREAM_H_UPSTREAM_CX_CONNECT_MS,
  UPSTREAM_H_UPSTREAM_CX_LENGTH_MS,
  UPSTREAM_UPSTREAM_CX_ACTIVE,
  UPSTREAM_UPSTREAM_CX_CONNECT_FAIL,
  UPSTREAM_UPSTREAM_CX_CONNECT_TIMEOUT,
  UPSTREAM_UPSTREAM_CX_DESTROY,
  UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL,
  UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL_WITH_ACTIVE_RQ,
  UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE,
  UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE_WITH_ACTIVE_RQ,
  UPSTREAM_UPSTREAM_CX_DESTROY_WITH_ACTIVE_RQ,
  UPSTREAM_UPSTREAM_CX_IDLE_TIMEOUT,
  UPSTREAM_UPSTREAM_CX_MAX_DURATION_REACHED,
  UPSTREAM_UPSTREAM_CX_RX_BYTES_TOTAL,
  UPSTREAM_UPSTREAM_CX_TOTAL,
  UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL,
  UPSTREAM_UPSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL,
  UPSTREAM_UPSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL,
} from "../../../api/engine/stats.ts";
import type { Engine } from "../../engine/engine.ts";
import { isTlsSocket } from "../../engine/node-tls.ts";
import type { Transport } from "../../engine/transport.ts";
import { Deadline } from "../../timer/deadline.ts";
import { handshakeReason } from "../../tls/client-tls.ts";
import { type SecurePeer, tellUpstream } from "../../tls/connection-facts.ts";
import { BREAKER_CONNECTIONS } from "../breaker.ts";
import type { ClusterView } from "../cluster-view.ts";
import { connectReason } from "./connect-reason.ts";
import { UpstreamDial } from "./upstream-dial.ts";
import type { UpstreamPlace } from "./upstream-place.ts";
import type { ConnectFailure } from "./upstream-user.ts";

/** Who ended a connection. */
export type Closer = "local" | "remote";

/** What a connection makes of what happens to its socket. */
export interface UpstreamSocketListener {
  /** Connected; the engine has a record of it. */
  onConnected(nowMs: number): void;
  /** Bytes are in the engine's input region. Hot. */
  onRead(bytes: number): void;
  /** Some of what waited to be written is with the kernel. */
  onWritten(): void;
  /**
   * The upstream closed the connection, or reset it. It is closed here next, unless this returns
   * true: then something is still to be sent.
   */
  onEnd(isReset: boolean): boolean;
  /** `max_connection_duration` is over. */
  onExpired(): void;
  /** The socket is closed: ends the requests. The record is still there. */
  onClosing(isLocal: boolean): void;
  /** All is over. `failure` says why it never connected, if that is so. */
  onClosed(failure: ConnectFailure | null): void;
}

/** The socket of an upstream connection, with its times and its statistics. */
export class UpstreamSocket {
  /** Address of the engine's record; 0 until connected and after closing. */
  record = 0;
  readonly #place: UpstreamPlace;
  /** Who hears of it; another one when the protocol is known. */
  listener: UpstreamSocketListener;
  readonly #cluster: ClusterView;
  readonly #engine: Engine;
  readonly #dial: UpstreamDial;
  readonly #transport: Transport;
  readonly #openedMs = performance.now();
  readonly #waiting: Deadline;
  readonly #lifetime: Deadline;
  /** The upstream sent its FIN. */
  #hasEnded = false;
  #isClosed = false;

  /** Begins to connect. */
  constructor(place: UpstreamPlace, listener: UpstreamSocketListener) {
    const { cluster } = place;
    this.#place = place;
    this.listener = listener;
    this.#cluster = cluster;
    this.#engine = cluster.engine;
    this.#waiting = new Deadline(() => this.#onWaitedTooLong());
    this.#lifetime = new Deadline(() => this.#onLifetimeEnd());
    this.#dial = new UpstreamDial(place, {
      onRead: (bytes) => this.#onRead(bytes),
      onConnected: (peer) => this.#onConnect(peer),
      onFailed: (failure) => this.#failToConnect(failure),
    });
    this.#transport = this.#dial.transport;
    this.#transport.listen({
      onRead: (bytes) => this.#onRead(bytes),
      onEnd: () => this.#onEnd(false),
      onWritten: () => this.listener.onWritten(),
      // The upstream may have answered before it closed: what it said is still read.
      onBroken: () => this.#transport.resume(),
      onClosed: (error) => {
        if (error === null) this.close("remote");
        else this.#onError(error);
      },
    });
    cluster.count(UPSTREAM_UPSTREAM_CX_TOTAL, 1);
    cluster.count(UPSTREAM_UPSTREAM_CX_ACTIVE, 1);
    cluster.addBreaker(BREAKER_CONNECTIONS, 1);
    place.stats.connectionsTotal++;
    cluster.deadlines.start(this.#waiting, cluster.model.connectTimeoutMs, this.#openedMs);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** True when the upstream sends no more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What ALPN has chosen, or "". */
  get protocol(): string {
    const { socket } = this.#dial;
    return socket !== null && isTlsSocket(socket) ? socket.alpnProtocol || "" : "";
  }

  /** Bytes that wait to be written. */
  get waitingBytes(): number {
    return this.#transport.waitingBytes;
  }

  /** Lets the idle time begin. Hot. */
  rest(nowMs: number): void {
    const idleMs = this.#cluster.model.idleTimeoutMs;
    if (idleMs > 0) this.#cluster.deadlines.start(this.#waiting, idleMs, nowMs);
  }

  /** The connection is in use. Hot. */
  wake(): void {
    this.#waiting.cancel();
  }

  /** Writes the engine's output. Hot. */
  write(): void {
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL, this.#engine.outputBytes);
    this.#transport.writeOutput();
  }

  /** Writes what the engine knows nothing of, before its output. */
  writeBytes(bytes: Uint8Array): void {
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL, bytes.length);
    this.#transport.writeBytes(bytes);
  }

  /** Says that nothing more will be sent; reading goes on. */
  end(): void {
    this.#transport.end();
  }

  pauseReading(): void {
    if (!this.#transport.isPaused) {
      this.#cluster.count(UPSTREAM_UPSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL, 1);
    }
    this.#transport.pause();
  }

  resumeReading(): void {
    if (!this.#transport.isPaused) return;
    this.#cluster.count(UPSTREAM_UPSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL, 1);
    this.#transport.resume();
  }

  /** Stops reading while there is nobody to read for. */
  holdReading(): void {
    this.#transport.pause();
  }

  /** Goes on when there is. */
  releaseReading(): void {
    this.#transport.resume();
  }

  /** Counts a connection that ends in the middle of a request. */
  countBusyClose(isLocal: boolean): void {
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_DESTROY_WITH_ACTIVE_RQ, 1);
    this.#cluster.count(
      isLocal
        ? UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL_WITH_ACTIVE_RQ
        : UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE_WITH_ACTIVE_RQ,
      1,
    );
  }

  /** Closes for good what serves nobody any more; an upstream that ended first is who closed. */
  leave(): void {
    this.close(this.#hasEnded ? "remote" : "local");
  }

  /** Closes when all that was written is sent. */
  leaveWhenSent(closer: Closer): void {
    this.rest(performance.now());
    this.#transport.end();
    this.#transport.resume();
    this.#transport.whenSent(() => this.close(closer));
  }

  /** Closes at once, with a reset. */
  reset(closer: Closer): void {
    if (!this.#isClosed) this.#transport.reset();
    this.close(closer);
  }

  /** Closes at once. */
  close(closer: Closer, failure: ConnectFailure | null = null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.cancel();
    this.#lifetime.cancel();
    this.#transport.destroy();
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
    this.listener.onClosing(isLocal);
    // The engine takes off a stream that is still bound, so the users came first.
    if (this.record !== 0) this.#engine.calls.closeConnection(this.record);
    this.record = 0;
    this.listener.onClosed(failure);
  }

  #onConnect(peer: SecurePeer | null): void {
    if (this.#isClosed) return;
    const { deadlines, model, record } = this.#cluster;
    const nowMs = performance.now();
    this.#waiting.cancel();
    const { address, length } = this.#place.text;
    this.record = this.#engine.calls.openUpstream(record, address, length, nowMs);
    const { hostText } = this.#place;
    if (hostText !== null) {
      this.#engine.calls.setUpstreamName(this.record, hostText.address, hostText.length);
    }
    const texts = this.#engine.placeTexts([this.#dial.localText]);
    this.#engine.calls.setEnds(this.record, texts.address, 0, 0, texts.lengths[0]);
    const { socket } = this.#dial;
    if (peer !== null && socket !== null && isTlsSocket(socket)) {
      tellUpstream(this.#engine, this.record, socket, peer, model.tlsFacts);
    }
    const durationMs = model.connectionDurationMaxMs;
    if (durationMs > 0) deadlines.start(this.#lifetime, durationMs, nowMs);
    this.#cluster.recordTime(UPSTREAM_H_UPSTREAM_CX_CONNECT_MS, nowMs - this.#openedMs);
    this.listener.onConnected(nowMs);
  }

  #onRead(bytes: number): void {
    if (this.#isClosed) return;
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_RX_BYTES_TOTAL, bytes);
    this.listener.onRead(bytes);
  }

  /** The upstream closed the connection, or reset it. */
  #onEnd(isReset: boolean): void {
    if (this.#isClosed) return;
    if (this.record === 0) {
      // The upstream closed in the middle of the handshake.
      this.#failToConnect({ kind: "remote", reason: "" });
      return;
    }
    this.#hasEnded = true;
    if (!this.listener.onEnd(isReset)) this.close("remote");
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (this.record !== 0) {
      this.#onEnd(true);
      return;
    }
    const ofTls = this.#cluster.tls === null ? null : handshakeReason(error);
    this.#failToConnect({ kind: "remote", reason: ofTls ?? connectReason(error) });
  }

  #onWaitedTooLong(): void {
    if (this.record === 0) {
      this.#cluster.count(UPSTREAM_UPSTREAM_CX_CONNECT_TIMEOUT, 1);
      this.#failToConnect({ kind: "timeout", reason: "" });
      return;
    }
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_IDLE_TIMEOUT, 1);
    this.close("local");
  }

  #onLifetimeEnd(): void {
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_MAX_DURATION_REACHED, 1);
    this.listener.onExpired();
  }

  #failToConnect(failure: ConnectFailure): void {
    if (this.#isClosed) return;
    this.#cluster.count(UPSTREAM_UPSTREAM_CX_CONNECT_FAIL, 1);
    this.#place.stats.connectFailures++;
    this.close(failure.kind === "remote" ? "remote" : "local", failure);
  }
}
