import type { Socket } from "node:net";
import {
  CONNECTION_FLAGS,
  CONNECTION_HEAD_BEGUN,
  EVENT_CLOSE,
  EVENT_HELD,
  EVENT_NONE,
  EVENT_REQUEST,
  EVENT_TO_DOWNSTREAM,
  EVENT_TO_UPSTREAM,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_MORE,
  FLAG_REQUEST_END,
} from "../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_CX_DELAYED_CLOSE_TIMEOUT,
  HTTP_DOWNSTREAM_CX_IDLE_TIMEOUT,
  HTTP_DOWNSTREAM_CX_MAX_DURATION_REACHED,
  HTTP_DOWNSTREAM_CX_RX_BYTES_TOTAL,
  HTTP_DOWNSTREAM_CX_TX_BYTES_TOTAL,
  HTTP_DOWNSTREAM_RQ_HEADER_TIMEOUT,
  HTTP_DOWNSTREAM_RQ_RX_RESET,
} from "../../api/engine/stats.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { ConnectionManagerModel } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import { OutputWriter } from "../engine/output.ts";
import { Deadline } from "../timer/deadline.ts";
import type { ConnectionTarget } from "./connection-target.ts";
import { DOWNSTREAM_DISCONNECT, type Failure, REQUEST_HEADER_TIMEOUT } from "./failure.ts";
import type { HttpContext } from "./http-context.ts";
import type { HttpStream } from "./http-stream.ts";

/** What a connection is told when it is accepted. */
export interface DownstreamSetup {
  readonly context: HttpContext;
  readonly target: ConnectionTarget;
  /** Address of the engine's connection record. */
  readonly record: number;
  /** Index of the connection manager's statistics in `engine.floats`. */
  readonly stats: number;
  readonly bufferBytesMax: number;
  readonly onClose: (connection: DownstreamConnection) => void;
}

/** One accepted connection that speaks HTTP/1: drives the engine and owns the socket. */
export class DownstreamConnection {
  readonly socket: Socket;
  /** Address of the engine's record; 0 once closed. */
  record: number;
  #target: ConnectionTarget;
  /** What the connection shall run with as soon as no request is served. */
  #nextTarget: ConnectionTarget | null = null;
  readonly #setup: DownstreamSetup;
  readonly #engine: Engine;
  readonly #output: OutputWriter;
  readonly #idle: Deadline;
  readonly #lifetime: Deadline;
  #stream: HttpStream | null = null;
  #isClosing = false;
  #isHalfClosed = false;
  #isHeadTimed = false;

  constructor(socket: Socket, setup: DownstreamSetup) {
    this.socket = socket;
    this.#setup = setup;
    this.#target = setup.target;
    this.#target.snapshot.use();
    this.record = setup.record;
    this.#engine = setup.context.engine;
    this.#output = new OutputWriter(this.#engine, socket);
    this.#idle = new Deadline(() => this.#onIdleTooLong());
    this.#lifetime = new Deadline(() => this.#onLifetimeEnd());
    socket.on("error", () => this.#onGone());
    socket.on("end", () => this.#onEnd());
    socket.on("close", () => this.#onGone());
    socket.on("drain", () => this.#stream?.onDownstreamDrained());
    const nowMs = performance.now();
    this.#startIdle(nowMs);
    const durationMs = this.manager.connectionDurationMaxMs;
    if (durationMs > 0) setup.context.deadlines.start(this.#lifetime, durationMs, nowMs);
  }

  /** Settings of the connection manager. */
  get manager(): ConnectionManagerModel {
    return this.#target.manager;
  }

  /** Clusters that requests of this connection may be sent to. */
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
    if (target === null || this.record === 0) return;
    this.#nextTarget = null;
    target.snapshot.use();
    this.#target.snapshot.leave();
    this.#target = target;
    const { snapshot, manager } = target;
    this.#engine.calls.rebase(this.record, snapshot.image, snapshot.image + manager.record);
  }

  /** Bytes are in the engine's input region. Returns false to stop reading. Hot. */
  onRead(bytes: number): boolean {
    if (this.record === 0) return true;
    this.#count(HTTP_DOWNSTREAM_CX_RX_BYTES_TOTAL, bytes);
    const nowMs = performance.now();
    const event = this.#engine.calls.receive(this.record, bytes, nowMs);
    return this.#handle(event, nowMs);
  }

  /** True when so much waits to be written that no more should be read for it. */
  get isFull(): boolean {
    return this.socket.writableLength >= this.#setup.bufferBytesMax;
  }

  /** True while a request is being served. */
  get isBusy(): boolean {
    return this.#stream !== null;
  }

  /** Writes the engine's output. Hot. */
  writeOutput(): void {
    this.#count(HTTP_DOWNSTREAM_CX_TX_BYTES_TOTAL, this.#engine.outputBytes);
    this.#output.writeOutput();
  }

  /** Keeps what is left of the input, and stops reading until a connection is there. */
  holdInput(): void {
    this.#engine.calls.hold(this.record);
    this.socket.pause();
  }

  /** Goes on reading. */
  resumeReading(): void {
    if (!this.#isClosing) this.socket.resume();
  }

  /** The engine wrote a local reply and ended the stream. */
  onReply(nowMs: number): void {
    const flags = this.#engine.mailFlags;
    this.writeOutput();
    this.onStreamEnd(flags, nowMs);
  }

  /** The stream is over, `flags` say how the connection goes on. Hot. */
  onStreamEnd(flags: number, nowMs: number): void {
    this.#stream = null;
    this.#setup.context.afterStream();
    if ((flags & FLAG_CLOSE) !== 0 || this.#isHalfClosed) {
      this.close();
      return;
    }
    if (this.#nextTarget !== null) this.#move();
    this.#startIdle(nowMs);
    if ((flags & FLAG_MORE) === 0) {
      if (this.socket.isPaused()) this.socket.resume();
      return;
    }
    // A request was held behind this one. The next turn serves it, so that a long pipeline of
    // local replies cannot grow the stack.
    setImmediate(() => this.#proceed());
  }

  /** Sends what waits, then closes: the peer gets `delayed_close_timeout` to close first. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.socket.end();
    this.socket.resume();
    const waitMs = this.manager.delayedCloseTimeoutMs;
    if (waitMs === 0) this.destroy();
    else this.#setup.context.deadlines.start(this.#idle, waitMs, performance.now());
  }

  /** Closes at once. */
  destroy(): void {
    this.socket.destroy();
    this.#onGone();
  }

  /** Answers from now on say `Connection: close`; an idle connection closes. */
  drain(): void {
    if (this.record === 0) return;
    this.#engine.calls.drainConnection(this.record);
    if (this.#stream === null && !this.#hasHeadBegun) this.close();
  }

  #proceed(): void {
    if (this.record === 0 || this.#isClosing) return;
    const nowMs = performance.now();
    const event = this.#engine.calls.proceed(this.record, nowMs);
    if (this.#handle(event, nowMs) && this.socket.isPaused()) this.socket.resume();
  }

  /** Does what an event of the downstream side asks for. Returns false to stop reading. Hot. */
  #handle(event: number, nowMs: number): boolean {
    const flags = this.#engine.mailFlags;
    switch (event) {
      case EVENT_REQUEST:
        return this.#onRequest(flags, nowMs);
      case EVENT_TO_UPSTREAM:
        this.#stream?.sendBody(flags, nowMs);
        return this.#stream === null || !this.#stream.isUpstreamFull;
      case EVENT_TO_DOWNSTREAM:
        this.writeOutput();
        if ((flags & FLAG_COMPLETE) !== 0) this.#onAnsweredByEngine(flags, nowMs);
        return true;
      case EVENT_HELD:
        return false;
      case EVENT_NONE:
        if (this.#stream === null && this.#hasHeadBegun) this.#waitForHead(nowMs);
        return true;
      case EVENT_CLOSE:
        this.#stream?.onEnded();
        this.#stream = null;
        this.destroy();
        return true;
      default:
        throw new Error(`event ${event} does not belong to a downstream connection`);
    }
  }

  #onRequest(flags: number, nowMs: number): boolean {
    this.#idle.cancel();
    this.#isHeadTimed = false;
    const record = this.#engine.mailStream;
    // `100 Continue`, when the client waits for it.
    if (this.#engine.outputBytes > 0) this.writeOutput();
    const stream = this.#setup.context.takeStream();
    this.#stream = stream;
    stream.open(record, this, (flags & FLAG_REQUEST_END) !== 0, nowMs);
    return this.#stream === null || this.#stream.upstream !== null || (flags & FLAG_MORE) === 0;
  }

  #onAnsweredByEngine(flags: number, nowMs: number): void {
    this.#stream?.onEnded();
    this.#idle.cancel();
    this.onStreamEnd(flags, nowMs);
  }

  get #hasHeadBegun(): boolean {
    const flags = this.#engine.field(this.record, CONNECTION_FLAGS);
    return (flags & CONNECTION_HEAD_BEGUN) !== 0;
  }

  #startIdle(nowMs: number): void {
    const idleMs = this.manager.idleTimeoutMs;
    if (idleMs > 0) this.#setup.context.deadlines.start(this.#idle, idleMs, nowMs);
  }

  /** The first byte of a head is there: its own timeout counts from then. */
  #waitForHead(nowMs: number): void {
    const headMs = this.manager.requestHeadersTimeoutMs;
    if (headMs > 0 && !this.#isHeadTimed) {
      this.#isHeadTimed = true;
      this.#setup.context.deadlines.start(this.#idle, headMs, nowMs);
    }
  }

  #onIdleTooLong(): void {
    if (this.#isClosing) {
      this.#count(HTTP_DOWNSTREAM_CX_DELAYED_CLOSE_TIMEOUT, 1);
      this.destroy();
    } else if (this.#hasHeadBegun && this.#isHeadTimed) {
      this.#count(HTTP_DOWNSTREAM_RQ_HEADER_TIMEOUT, 1);
      this.#refuseHead(REQUEST_HEADER_TIMEOUT);
    } else {
      this.#count(HTTP_DOWNSTREAM_CX_IDLE_TIMEOUT, 1);
      this.close();
    }
  }

  /** Answers a request whose head never came in full. */
  #refuseHead(failure: Failure): void {
    const nowMs = performance.now();
    const stream = this.#engine.calls.takeOpening(this.record);
    this.#setup.context.reply(stream, failure, nowMs);
    this.onReply(nowMs);
  }

  #onLifetimeEnd(): void {
    this.#count(HTTP_DOWNSTREAM_CX_MAX_DURATION_REACHED, 1);
    this.drain();
  }

  /** The peer will send no more: what it asked for in full is still answered. */
  #onEnd(): void {
    if (this.#isClosing) {
      this.destroy();
      return;
    }
    this.#isHalfClosed = true;
    if (this.#stream === null) this.close();
    else if (!this.#stream.isRequestWhole) this.destroy();
  }

  #onGone(): void {
    if (this.record === 0) return;
    this.#idle.cancel();
    this.#lifetime.cancel();
    const stream = this.#stream;
    this.#stream = null;
    if (stream !== null) {
      this.#count(HTTP_DOWNSTREAM_RQ_RX_RESET, 1);
      stream.onDownstreamGone(DOWNSTREAM_DISCONNECT);
    }
    this.#engine.calls.closeConnection(this.record);
    this.record = 0;
    this.#target.snapshot.leave();
    this.#setup.onClose(this);
  }

  #count(counter: number, by: number): void {
    this.#engine.floats[this.#setup.stats + counter] += by;
  }
}
