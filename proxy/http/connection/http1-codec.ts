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
} from "../../../api/engine/layout.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { DownstreamOrigin } from "../../cluster/variant/downstream-origin.ts";
import type { HttpConnectionManagerModel } from "../../config/model.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ConnectionCodec } from "./connection-codec.ts";
import type { ConnectionTarget } from "../connection-target.ts";
import type { Downstream } from "../downstream.ts";
import type { ConnectionHost } from "./connection-host.ts";
import { DOWNSTREAM_DISCONNECT, type Failure } from "../failure.ts";
import type { HttpStream } from "../http-stream.ts";
import { abandonStream, writeReply } from "../local-reply.ts";

/** HTTP/1 on a downstream connection: one request after the other. */
export class Http1Codec implements ConnectionCodec, Downstream {
  readonly protocol = "http1";
  readonly #connection: ConnectionHost;
  readonly #engine: Engine;
  /** What the connection shall run with as soon as no request is served. */
  #nextTarget: ConnectionTarget | null = null;
  #stream: HttpStream | null = null;
  #isHalfClosed = false;
  /** Input was kept, and the next turn of the event loop takes it. */
  #hasHeldInput = false;

  constructor(connection: ConnectionHost) {
    this.#connection = connection;
    this.#engine = connection.engine;
  }

  get target(): ConnectionTarget {
    return this.#connection.target;
  }

  get origin(): DownstreamOrigin {
    return this.#connection.origin;
  }

  get manager(): HttpConnectionManagerModel {
    return this.#connection.manager;
  }

  get clusters(): readonly Cluster[] {
    return this.#connection.target.snapshot.clusters;
  }

  get isFull(): boolean {
    return this.#connection.isFull;
  }

  moveTo(target: ConnectionTarget): void {
    this.#nextTarget = target;
    if (this.#stream === null && !this.#hasHeadBegun) this.#move();
  }

  #move(): void {
    const target = this.#nextTarget;
    this.#nextTarget = null;
    if (target !== null && this.#connection.record !== 0) this.#connection.move(target);
  }

  /** Hot. */
  onRead(bytes: number, nowMs: number): void {
    this.#handle(this.#engine.calls.receive(this.#connection.record, bytes, nowMs), nowMs);
  }

  count(counter: number, by: number): void {
    this.#connection.count(counter, by);
  }

  /** Hot. */
  writeOutput(): void {
    this.#connection.writeOutput();
  }

  resumeReading(): void {
    this.#connection.resumeReading();
  }

  onBodyTaken(): void {}

  onUpgraded(nowMs: number): void {
    this.#connection.resumeReading();
    this.#handle(this.#engine.calls.proceed(this.#connection.record, nowMs), nowMs);
  }

  onWritten(): void {
    this.#stream?.onDownstreamWritten(this.#connection.isFull, performance.now());
  }

  onReply(nowMs: number): void {
    const flags = this.#engine.mailFlags;
    this.#connection.writeOutput();
    this.onStreamEnd(flags, nowMs);
  }

  /** Hot. */
  onStreamEnd(flags: number, nowMs: number): void {
    const connection = this.#connection;
    this.#stream = null;
    connection.onUsed();
    if ((flags & FLAG_CLOSE) !== 0) {
      if ((flags & FLAG_CLEAN) !== 0) connection.closeCleanly();
      else connection.close();
      return;
    }
    if (this.#nextTarget !== null) this.#move();
    if ((flags & FLAG_MORE) === 0) {
      if (this.#isHalfClosed) {
        connection.close();
        return;
      }
      connection.timer.startIdle(connection.manager, nowMs);
      connection.resumeReading();
      return;
    }
    // A request was held behind this one. The next turn serves it, so that a long pipeline of
    // local replies cannot grow the stack.
    connection.reading.pause();
    if (this.#hasHeldInput) return;
    this.#hasHeldInput = true;
    setImmediate(() => this.#proceed());
  }

  onStreamBroken(): void {
    this.#stream = null;
    this.#connection.streams.afterStream();
    this.#connection.destroy();
  }

  onRedirected(nowMs: number): void {
    this.#stream = null;
    this.#connection.streams.afterStream();
    this.#handle(this.#engine.calls.proceed(this.#connection.record, nowMs), nowMs);
  }

  /** Answers say `Connection: close` since the engine knows. */
  drain(closesIdle: boolean): void {
    if (!closesIdle) return;
    const isIdle = this.#stream === null && !this.#hasHeadBegun && !this.#hasHeldInput;
    if (isIdle) this.#connection.closeCleanly();
  }

  /** Answers a request whose head never came in full. */
  refuseHead(failure: Failure): void {
    const nowMs = performance.now();
    const record = this.#engine.calls.takeOpening(this.#connection.record);
    writeReply(this.#engine, record, failure, nowMs);
    this.onReply(nowMs);
  }

  /** What the peer asked for in full is still answered. */
  onEnd(): void {
    this.#isHalfClosed = true;
    if (this.#stream !== null) {
      if (!this.#stream.isRequestWhole) this.#connection.onPeerGone();
    } else if (!this.#hasHeldInput) {
      this.#connection.close();
    }
  }

  /** Ends the request that is served, or whose head is being read. */
  end(): boolean {
    const stream = this.#stream;
    if (stream !== null) {
      this.#stream = null;
      stream.onDownstreamGone(DOWNSTREAM_DISCONNECT);
      return true;
    }
    if (!this.#hasHeadBegun) return false;
    const record = this.#engine.calls.takeOpening(this.#connection.record);
    abandonStream(this.#engine, record, DOWNSTREAM_DISCONNECT, performance.now());
    return true;
  }

  #proceed(): void {
    const connection = this.#connection;
    this.#hasHeldInput = false;
    if (connection.record === 0 || connection.isClosing) return;
    const nowMs = performance.now();
    connection.resumeReading();
    this.#handle(this.#engine.calls.proceed(connection.record, nowMs), nowMs);
    if (this.#isHalfClosed && this.#stream === null && !this.#hasHeldInput) connection.close();
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
        this.#connection.writeOutput();
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
    const connection = this.#connection;
    const startMs = connection.timer.endHead(nowMs);
    const record = this.#engine.mailStream;
    // `100 Continue`, when the client waits for it.
    if (this.#engine.outputBytes > 0) connection.writeOutput();
    const stream = connection.streams.take();
    this.#stream = stream;
    stream.open(record, this, flags, startMs, nowMs);
    if (this.#stream === null) return;
    // What is left is in the region that all sockets share.
    if ((flags & FLAG_MORE) !== 0 && stream.isWaiting) this.#holdInput();
    else if (!stream.isRequestWhole && stream.isWaiting) connection.reading.pause();
    else if (!stream.isRequestWhole && stream.isUpstreamFull) connection.pushBack();
  }

  #onBody(flags: number, nowMs: number): void {
    const stream = this.#stream;
    if (stream === null) return;
    stream.sendBody(flags, nowMs);
    if (stream.isUpstreamFull && !stream.isRequestWhole) this.#connection.pushBack();
  }

  #onAnsweredByEngine(flags: number, nowMs: number): void {
    this.#stream?.onEnded();
    this.#connection.timer.endHead(nowMs);
    this.onStreamEnd(flags, nowMs);
  }

  /**
   * Keeps input for later and stops reading, unless it is for a tunnel that is not open yet: who
   * leaves while the upstream thinks shall be noticed. Nothing is kept when memory is scarce.
   */
  #holdInput(): void {
    const { record, bufferBytesMax } = this.#connection;
    this.#engine.calls.hold(record);
    const isFull = this.#engine.field(record, CONNECTION_PENDING_BYTES) >= bufferBytesMax;
    if (isFull || this.#stream?.asksForTunnel !== true) this.#connection.reading.pause();
    if (this.#engine.isScarce) this.#connection.destroy();
  }

  get #hasHeadBegun(): boolean {
    const flags = this.#engine.field(this.#connection.record, CONNECTION_FLAGS);
    return (flags & CONNECTION_HEAD_BEGUN) !== 0;
  }

  #waitForRequest(nowMs: number): void {
    const { timer, target } = this.#connection;
    const { snapshot, manager } = target;
    if (!this.#hasHeadBegun) {
      timer.keepIdle(manager, nowMs);
      return;
    }
    timer.startHead(manager, this.#engine, snapshot.image + manager.record, nowMs);
    if (this.#engine.isScarce) this.#connection.destroy();
  }
}
