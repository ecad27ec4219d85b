import type { Socket } from "node:net";
import {
  CONNECTION_FLAGS,
  CONNECTION_HEAD_BEGUN,
  CONNECTION_PENDING_BYTES,
  EVENT_CLOSE,
  EVENT_HELD,
  EVENT_NONE,
  EVENT_REQUEST,
  EVENT_TO_DOWNSTREAM,
  EVENT_TO_UPSTREAM,
  FLAG_CLEAN,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_MORE,
} from "../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_CX_DELAYED_CLOSE_TIMEOUT,
  HTTP_DOWNSTREAM_CX_TX_BYTES_TOTAL,
} from "../../api/engine/stats.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { HttpConnectionManagerModel } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import { isTlsSocket } from "../engine/node-tls.ts";
import { OutputWriter } from "../engine/output.ts";
import { ReadGate } from "../engine/read-gate.ts";
import { ConnectionLifetime } from "./connection-lifetime.ts";
import type { ConnectionTarget } from "./connection-target.ts";
import { type Closer, ConnectionTally } from "./connection-tally.ts";
import { ConnectionTimer } from "./connection-timer.ts";
import type { Downstream } from "./downstream.ts";
import { DOWNSTREAM_DISCONNECT, type Failure } from "./failure.ts";
import type { HttpStream } from "./http-stream.ts";
import { abandonStream, writeReply } from "./local-reply.ts";
import type { StreamPool } from "./stream-pool.ts";

/** What a connection is told when it is accepted. */
export interface DownstreamSetup {
  readonly streams: StreamPool;
  readonly target: ConnectionTarget;
  /** Address of the engine's connection record. */
  readonly record: number;
  /** Address of the connection manager's statistics. */
  readonly stats: number;
  readonly bufferBytesMax: number;
  /** The connection is gone, after so many milliseconds. */
  readonly onClose: (connection: DownstreamConnection, lengthMs: number) => void;
}

/** One accepted connection that speaks HTTP/1: drives the engine and owns the socket. */
export class DownstreamConnection implements Downstream {
  readonly socket: Socket;
  /** Address of the engine's record; 0 once closed. */
  #record: number;
  #target: ConnectionTarget;
  /** What the connection shall run with as soon as no request is served. */
  #nextTarget: ConnectionTarget | null = null;
  readonly #setup: DownstreamSetup;
  readonly #engine: Engine;
  readonly #output: OutputWriter;
  readonly #reading: ReadGate;
  readonly #tally: ConnectionTally;
  readonly #timer: ConnectionTimer;
  readonly #lifetime: ConnectionLifetime;
  readonly #openedMs = performance.now();
  #stream: HttpStream | null = null;
  #isClosing = false;
  /** The close is ours, whoever is faster: the peer need not be waited for. */
  #isCleanClose = false;
  #isHalfClosed = false;
  /** Input was kept, and the next turn of the event loop takes it. */
  #hasHeldInput = false;

  constructor(socket: Socket, setup: DownstreamSetup) {
    this.socket = socket;
    this.#setup = setup;
    this.#target = setup.target;
    this.#target.snapshot.use();
    this.#record = setup.record;
    const { engine, deadlines } = setup.streams;
    this.#engine = engine;
    this.#tally = new ConnectionTally(engine, setup.stats, isTlsSocket(socket));
    this.#reading = new ReadGate(socket);
    this.#output = new OutputWriter(engine, socket, {
      onWritten: () => this.#onWritten(),
      onBroken: () => this.#close("remote"),
    });
    this.#timer = new ConnectionTimer(deadlines, {
      onIdle: () => this.#closeCleanly(),
      onHeadTimeout: (failure) => this.#refuseHead(failure),
      onCloseTimeout: () => this.#onCloseTimeout(),
      count: (counter) => this.count(counter, 1),
    });
    this.#lifetime = new ConnectionLifetime(deadlines, this);
    socket.on("error", () => this.#close("remote"));
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => this.#close("remote"));
    const nowMs = this.#openedMs;
    this.#timer.startIdle(this.manager, nowMs);
    this.#lifetime.start(nowMs);
  }

  get target(): ConnectionTarget {
    return this.#target;
  }

  get manager(): HttpConnectionManagerModel {
    return this.#target.manager;
  }

  get clusters(): readonly Cluster[] {
    return this.#target.snapshot.clusters;
  }

  /** Has the connection run with another snapshot from its next request on. */
  moveTo(target: ConnectionTarget): void {
    this.#nextTarget = target;
    if (this.#stream === null && !this.#hasHeadBegun) this.#move();
  }

  #move(): void {
    const target = this.#nextTarget;
    if (target === null || this.#record === 0) return;
    this.#nextTarget = null;
    target.snapshot.use();
    this.#target.snapshot.leave();
    this.#target = target;
    const { snapshot, manager } = target;
    this.#engine.calls.rebase(this.#record, snapshot.image, snapshot.image + manager.record);
  }

  /** Bytes are in the engine's input region. Hot. */
  onRead(bytes: number): void {
    // What comes after the decision to close is answered by the close.
    if (this.#isClosing || this.#record === 0) return;
    this.#tally.onRead(bytes);
    const nowMs = performance.now();
    this.#handle(this.#engine.calls.receive(this.#record, bytes, nowMs), nowMs);
  }

  get isFull(): boolean {
    return this.#output.waitingBytes >= this.#setup.bufferBytesMax;
  }

  /** Hot. */
  writeOutput(): void {
    this.count(HTTP_DOWNSTREAM_CX_TX_BYTES_TOTAL, this.#engine.outputBytes);
    this.#output.writeOutput();
  }

  resumeReading(): void {
    if (!this.#reading.isPaused) return;
    this.#tally.onResumed();
    this.#reading.resume();
  }

  onReply(nowMs: number): void {
    const flags = this.#engine.mailFlags;
    this.writeOutput();
    this.onStreamEnd(flags, nowMs);
  }

  /** Hot. */
  onStreamEnd(flags: number, nowMs: number): void {
    this.#stream = null;
    this.#lifetime.onUsed();
    this.#setup.streams.afterStream();
    if ((flags & FLAG_CLOSE) !== 0) {
      if ((flags & FLAG_CLEAN) !== 0) this.#closeCleanly();
      else this.close();
      return;
    }
    if (this.#nextTarget !== null) this.#move();
    if ((flags & FLAG_MORE) === 0) {
      if (this.#isHalfClosed) {
        this.close();
        return;
      }
      this.#timer.startIdle(this.manager, nowMs);
      this.resumeReading();
      return;
    }
    // A request was held behind this one. The next turn serves it, so that a long pipeline of
    // local replies cannot grow the stack.
    this.#reading.pause();
    if (this.#hasHeldInput) return;
    this.#hasHeldInput = true;
    setImmediate(() => this.#proceed());
  }

  onStreamBroken(): void {
    this.#stream = null;
    this.#setup.streams.afterStream();
    this.destroy();
  }

  onRedirected(nowMs: number): void {
    this.#stream = null;
    this.#setup.streams.afterStream();
    this.#handle(this.#engine.calls.proceed(this.#record, nowMs), nowMs);
  }

  /** Sends what waits, then closes: the peer gets `delayed_close_timeout` to close first. */
  close(): void {
    if (this.#isClosing || this.#record === 0) return;
    this.#isClosing = true;
    this.#output.end();
    this.#reading.resume();
    if (this.manager.delayedCloseTimeoutMs === 0) {
      if (this.socket.writableFinished) this.destroy();
      else this.socket.once("finish", () => this.destroy());
    }
    this.#timer.startClose(this.manager, this.#output, performance.now());
  }

  #closeCleanly(): void {
    this.#isCleanClose = true;
    this.close();
  }

  /** Closes at once. */
  destroy(): void {
    this.#close("local");
  }

  /** Answers from now on say `Connection: close`; an idle connection closes, if it shall. */
  drain(closesIdle: boolean): void {
    if (this.#record === 0) return;
    this.#engine.calls.drainConnection(this.#record);
    if (!closesIdle) return;
    if (this.#stream === null && !this.#hasHeadBegun && !this.#hasHeldInput) this.#closeCleanly();
  }

  count(counter: number, by: number): void {
    this.#tally.count(counter, by);
  }

  /** Adds what waits here to the gauges that a report shows. */
  noteBuffered(): void {
    const receivedBytes = this.#engine.field(this.#record, CONNECTION_PENDING_BYTES);
    this.#tally.noteBuffered(receivedBytes, this.#output.waitingBytes);
  }

  #proceed(): void {
    this.#hasHeldInput = false;
    if (this.#record === 0 || this.#isClosing) return;
    const nowMs = performance.now();
    this.resumeReading();
    this.#handle(this.#engine.calls.proceed(this.#record, nowMs), nowMs);
    if (this.#isHalfClosed && this.#stream === null && !this.#hasHeldInput) this.close();
  }

  /** Does what an event of the downstream side asks for. Hot. */
  #handle(event: number, nowMs: number): void {
    const flags = this.#engine.mailFlags;
    switch (event) {
      case EVENT_REQUEST:
        this.#onRequest(flags, nowMs);
        break;
      case EVENT_TO_UPSTREAM:
        this.#onBody(flags, nowMs);
        break;
      case EVENT_TO_DOWNSTREAM:
        this.writeOutput();
        if ((flags & FLAG_COMPLETE) !== 0) this.#onAnsweredByEngine(flags, nowMs);
        break;
      case EVENT_HELD:
        this.#holdInput();
        break;
      case EVENT_NONE:
        if (this.#stream === null) this.#waitForRequest(nowMs);
        break;
      case EVENT_CLOSE:
        this.#stream?.onEnded();
        this.onStreamBroken();
        break;
      default:
        throw new Error(`event ${event} does not belong to a downstream connection`);
    }
  }

  #onRequest(flags: number, nowMs: number): void {
    const startMs = this.#timer.endHead(nowMs);
    const record = this.#engine.mailStream;
    // `100 Continue`, when the client waits for it.
    if (this.#engine.outputBytes > 0) this.writeOutput();
    const stream = this.#setup.streams.take();
    this.#stream = stream;
    stream.open(record, this, flags, startMs, nowMs);
    if (this.#stream === null) return;
    // What is left is in the region that all sockets share.
    if ((flags & FLAG_MORE) !== 0 && stream.isWaiting) this.#holdInput();
    else if (!stream.isRequestWhole && stream.isWaiting) this.#reading.pause();
    else if (!stream.isRequestWhole && stream.isUpstreamFull) this.#pushBack();
  }

  #onBody(flags: number, nowMs: number): void {
    const stream = this.#stream;
    if (stream === null) return;
    stream.sendBody(flags, nowMs);
    if (stream.isUpstreamFull && !stream.isRequestWhole) this.#pushBack();
  }

  #onAnsweredByEngine(flags: number, nowMs: number): void {
    this.#stream?.onEnded();
    this.#timer.endHead(nowMs);
    this.onStreamEnd(flags, nowMs);
  }

  /** Keeps input for later and stops reading. Nothing is kept for anybody when memory is scarce. */
  #holdInput(): void {
    this.#engine.calls.hold(this.#record);
    this.#reading.pause();
    if (this.#engine.isScarce) this.destroy();
  }

  #pushBack(): void {
    this.#tally.onPushedBack();
    this.#reading.pause();
  }

  #onWritten(): void {
    this.#stream?.onDownstreamWritten(this.isFull);
  }

  get #hasHeadBegun(): boolean {
    const flags = this.#engine.field(this.#record, CONNECTION_FLAGS);
    return (flags & CONNECTION_HEAD_BEGUN) !== 0;
  }

  #waitForRequest(nowMs: number): void {
    const { snapshot, manager } = this.#target;
    if (!this.#hasHeadBegun) {
      this.#timer.keepIdle(manager, nowMs);
      return;
    }
    this.#timer.startHead(manager, this.#engine, snapshot.image + manager.record, nowMs);
    if (this.#engine.isScarce) this.destroy();
  }

  /** Answers a request whose head never came in full. */
  #refuseHead(failure: Failure): void {
    const nowMs = performance.now();
    const record = this.#engine.calls.takeOpening(this.#record);
    writeReply(this.#engine, record, failure, nowMs);
    this.onReply(nowMs);
  }

  #onCloseTimeout(): void {
    if (!this.#isCleanClose) this.count(HTTP_DOWNSTREAM_CX_DELAYED_CLOSE_TIMEOUT, 1);
    this.destroy();
  }

  /** The peer will send no more: what it asked for in full is still answered. */
  #onEnd(): void {
    if (this.#isClosing) {
      this.#close("remote");
      return;
    }
    this.#isHalfClosed = true;
    if (this.#stream !== null) {
      if (!this.#stream.isRequestWhole) this.#close("remote");
    } else if (!this.#hasHeldInput) {
      this.close();
    }
  }

  #close(closer: Closer): void {
    if (this.#record === 0) return;
    this.#timer.cancel();
    this.#lifetime.cancel();
    this.#output.close();
    this.socket.destroy();
    const lengthMs = performance.now() - this.#openedMs;
    this.#tally.onClosed(this.#isCleanClose ? "local" : closer, this.#endStream(), lengthMs);
    this.#engine.calls.closeConnection(this.#record);
    this.#record = 0;
    this.#target.snapshot.leave();
    this.#setup.onClose(this, lengthMs);
  }

  /** Ends the request that is served, or whose head is being read; says if there was one. */
  #endStream(): boolean {
    const stream = this.#stream;
    if (stream !== null) {
      this.#stream = null;
      stream.onDownstreamGone(DOWNSTREAM_DISCONNECT);
    } else if (this.#hasHeadBegun) {
      const record = this.#engine.calls.takeOpening(this.#record);
      abandonStream(this.#engine, record, DOWNSTREAM_DISCONNECT, performance.now());
    } else {
      return false;
    }
    this.#setup.streams.afterStream();
    return true;
  }
}
