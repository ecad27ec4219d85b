import type { TLSSocket } from "node:tls";
import { CONNECTION_PENDING_BYTES } from "../../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_CX_DELAYED_CLOSE_TIMEOUT,
  HTTP_DOWNSTREAM_CX_TX_BYTES_TOTAL,
} from "../../../api/engine/stats.ts";
import type { DownstreamOrigin } from "../../cluster/variant/downstream-origin.ts";
import type { SnapshotUse } from "../../cluster/snapshot-use.ts";
import type { HttpConnectionManagerModel } from "../../config/model.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Transport, TransportListener } from "../../engine/transport.ts";
import type { ConnectionHost } from "./connection-host.ts";
import type { ConnectionCodec } from "./connection-codec.ts";
import { ConnectionLifetime } from "./connection-lifetime.ts";
import type { ConnectionTarget } from "../connection-target.ts";
import { type Closer, ConnectionTally } from "./connection-tally.ts";
import { ConnectionTimer } from "./connection-timer.ts";
import type { Failure } from "../failure.ts";
import { Http1Codec } from "./http1-codec.ts";
import { Http2Codec } from "./http2-codec.ts";
import { PrefaceWatch } from "./preface-watch.ts";
import type { Inspected } from "../../tls/peer-facts.ts";
import type { StreamPool } from "../stream-pool.ts";
import { tellDownstream, tellsMore } from "../../tls/connection-facts.ts";

/** What a connection is told when it is accepted. */
export interface DownstreamSetup {
  readonly streams: StreamPool;
  readonly target: ConnectionTarget;
  /** Address of the engine's connection record. */
  readonly record: number;
  /** Address of the connection manager's statistics. */
  readonly stats: number;
  readonly bufferBytesMax: number;
  /** Null in plain text. */
  readonly tls: TLSSocket | null;
  readonly inspected: Inspected;
  readonly origin: DownstreamOrigin;
  /** What ALPN has chosen, or "". */
  readonly protocol: string;
  /** The connection is closed; the engine's record is still there. */
  readonly onClosing: (snapshot: SnapshotUse, receivedBytes: number, sentBytes: number) => void;
  /** The connection is gone, after so many milliseconds. */
  readonly onClose: (lengthMs: number) => void;
}

/** One accepted connection: owns its transport, its timer and its statistics. */
export class DownstreamConnection implements ConnectionHost, TransportListener {
  readonly streams: StreamPool;
  readonly engine: Engine;
  readonly tally: ConnectionTally;
  readonly timer: ConnectionTimer;
  readonly reading: Transport;
  /** Address of the engine's record; 0 once closed. */
  #record: number;
  #target: ConnectionTarget;
  #codec: ConnectionCodec;
  /** Looks for HTTP/2 while what the peer speaks is not known. */
  #preface: PrefaceWatch | null = null;
  readonly #setup: DownstreamSetup;
  readonly #lifetime: ConnectionLifetime;
  readonly #openedMs = performance.now();
  #sentBytes = 0;
  #isClosing = false;
  /** The close is ours, whoever is faster: the peer need not be waited for. */
  #isCleanClose = false;

  constructor(transport: Transport, setup: DownstreamSetup) {
    this.reading = transport;
    this.#setup = setup;
    this.#target = setup.target;
    this.#target.snapshot.use();
    this.#record = setup.record;
    this.streams = setup.streams;
    const { engine, deadlines } = setup.streams;
    this.engine = engine;
    this.tally = new ConnectionTally(engine, setup.stats, setup.tls !== null);
    this.timer = new ConnectionTimer(deadlines, {
      onIdle: () => this.#codec.drain(true),
      onHeadTimeout: (failure: Failure) => this.#refuseHead(failure),
      onCloseTimeout: () => this.#onCloseTimeout(),
      count: (counter) => this.count(counter, 1),
    });
    this.#lifetime = new ConnectionLifetime(deadlines, this);
    this.#codec = new Http1Codec(this);
    this.#chooseCodec(setup.protocol);
  }

  /** Begins to serve. Called once, when the owner knows of the connection. */
  start(): void {
    const nowMs = this.#openedMs;
    this.timer.startIdle(this.manager, nowMs);
    this.#lifetime.start(nowMs);
    this.reading.listen(this);
  }

  get record(): number {
    return this.#record;
  }

  get origin(): DownstreamOrigin {
    return this.#setup.origin;
  }

  get target(): ConnectionTarget {
    return this.#target;
  }

  get manager(): HttpConnectionManagerModel {
    return this.#target.manager;
  }

  get isFull(): boolean {
    return this.reading.waitingBytes >= this.bufferBytesMax;
  }

  get bufferBytesMax(): number {
    return this.#setup.bufferBytesMax;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Has the connection run with another snapshot from its next request on. */
  moveTo(target: ConnectionTarget): void {
    if (this.#record !== 0) this.#codec.moveTo(target);
  }

  move(target: ConnectionTarget): void {
    const { snapshot, manager } = target;
    snapshot.use();
    this.#target.snapshot.leave();
    const { tls } = this.#setup;
    if (tls !== null && tellsMore(this.#target.manager, manager)) {
      tellDownstream(this.engine, this.#record, tls, manager, this.#setup.inspected);
    }
    this.#target = target;
    this.engine.calls.rebase(this.#record, snapshot.image, snapshot.image + manager.record);
  }

  /** Bytes are in the engine's input region. Hot. */
  onRead(bytes: number): void {
    // What comes after the decision to close is answered by the close.
    if (this.#isClosing || this.#record === 0) return;
    if (this.#preface !== null) {
      const known = this.#findCodec(this.#preface, bytes);
      if (known === 0) return;
      bytes = known;
    }
    this.tally.onRead(bytes);
    this.#codec.onRead(bytes, performance.now());
  }

  /** Hot. */
  writeOutput(): void {
    const { outputBytes } = this.engine;
    this.#sentBytes += outputBytes;
    this.count(HTTP_DOWNSTREAM_CX_TX_BYTES_TOTAL, outputBytes);
    this.reading.writeOutput();
  }

  resumeReading(): void {
    if (!this.reading.isPaused) return;
    this.tally.onResumed();
    this.reading.resume();
  }

  pushBack(): void {
    this.tally.onPushedBack();
    this.reading.pause();
  }

  onUsed(): void {
    this.#lifetime.onUsed();
    this.streams.afterStream();
  }

  close(): void {
    if (this.#isClosing || this.#record === 0) return;
    this.#isClosing = true;
    this.reading.end();
    this.reading.resume();
    if (this.manager.delayedCloseTimeoutMs === 0) this.reading.whenSent(() => this.destroy());
    this.timer.startClose(this.manager, this.reading, performance.now());
  }

  closeCleanly(): void {
    this.#isCleanClose = true;
    this.close();
  }

  onPeerGone(): void {
    this.#close("remote");
  }

  /** The peer will send no more. */
  onEnd(): void {
    if (this.#isClosing) this.#close("remote");
    else this.#codec.onEnd();
  }

  onWritten(): void {
    this.#codec.onWritten();
  }

  onBroken(): void {
    this.#close("remote");
  }

  onClosed(): void {
    this.#close("remote");
  }

  /** Closes at once. */
  destroy(): void {
    this.#close("local");
  }

  /** Has the peer go elsewhere with its next request; an idle connection closes, if it shall. */
  drain(closesIdle: boolean): void {
    if (this.#record === 0) return;
    this.engine.calls.drainConnection(this.#record);
    this.#codec.drain(closesIdle);
  }

  count(counter: number, by: number): void {
    this.tally.count(counter, by);
  }

  /** Adds what waits here to the gauges that a report shows. */
  noteBuffered(): void {
    const receivedBytes = this.engine.field(this.#record, CONNECTION_PENDING_BYTES);
    this.tally.noteBuffered(receivedBytes, this.reading.waitingBytes);
  }

  #chooseCodec(protocol: string): void {
    const { codec } = this.manager;
    if (codec === "http2" || (codec === "auto" && protocol === "h2")) this.#speakHttp2();
    else if (codec === "auto" && protocol === "") this.#preface = new PrefaceWatch(this.engine);
  }

  #speakHttp2(): void {
    this.tally.speakHttp2();
    this.#codec = new Http2Codec(this);
  }

  /** Returns how much of the input there is to work on, or 0 when more must come to know. */
  #findCodec(preface: PrefaceWatch, bytes: number): number {
    const length = preface.take(bytes);
    if (preface.verdict === "unknown") {
      const { snapshot, manager } = this.#target;
      const record = snapshot.image + manager.record;
      this.timer.startHead(manager, this.engine, record, performance.now());
      return 0;
    }
    this.#preface = null;
    if (preface.verdict === "http2") this.#speakHttp2();
    return length;
  }

  /** Who has not said what it speaks gets no answer. */
  #refuseHead(failure: Failure): void {
    if (this.#preface === null) this.#codec.refuseHead(failure);
    else this.destroy();
  }

  #onCloseTimeout(): void {
    if (!this.#isCleanClose) this.count(HTTP_DOWNSTREAM_CX_DELAYED_CLOSE_TIMEOUT, 1);
    this.destroy();
  }

  #close(closer: Closer): void {
    if (this.#record === 0) return;
    this.timer.cancel();
    this.#lifetime.cancel();
    this.reading.destroy();
    const lengthMs = performance.now() - this.#openedMs;
    const hadRequest = this.#codec.end();
    if (hadRequest) this.streams.afterStream();
    this.tally.onClosed(this.#isCleanClose ? "local" : closer, hadRequest, lengthMs);
    const { snapshot } = this.#target;
    this.#setup.onClosing(snapshot, this.tally.receivedBytes, this.#sentBytes);
    this.engine.calls.closeConnection(this.#record);
    this.#record = 0;
    snapshot.leave();
    this.#setup.onClose(lengthMs);
  }
}
