import { EVENT_CLOSE, EVENT_TO_DOWNSTREAM, EVENT_TO_UPSTREAM } from "../../../api/engine/layout.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { DownstreamOrigin } from "../../cluster/variant/downstream-origin.ts";
import type { HttpConnectionManagerModel } from "../../config/model.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ConnectionTarget } from "../connection-target.ts";
import type { Downstream } from "../downstream.ts";
import { DOWNSTREAM_DISCONNECT, DOWNSTREAM_RESET } from "../failure.ts";
import type { LaneHost } from "./connection-host.ts";
import type { HttpStream } from "../http-stream.ts";

/** One stream of an HTTP/2 connection, as the request in it sees its connection. */
export class Http2Lane implements Downstream {
  readonly protocol = "http2";
  /** Address of the engine's record. */
  readonly record: number;
  readonly target: ConnectionTarget;
  readonly #host: LaneHost;
  readonly #engine: Engine;
  #stream: HttpStream | null = null;
  #isPaused = false;
  #wasFull = false;

  constructor(host: LaneHost, record: number) {
    this.#host = host;
    this.#engine = host.connection.engine;
    this.record = record;
    this.target = host.connection.target;
    this.target.snapshot.use();
  }

  get origin(): DownstreamOrigin {
    return this.#host.connection.origin;
  }

  get manager(): HttpConnectionManagerModel {
    return this.target.manager;
  }

  get clusters(): readonly Cluster[] {
    return this.target.snapshot.clusters;
  }

  /** Also true when the peer's windows are shut and much waits for them. */
  get isFull(): boolean {
    const { connection } = this.#host;
    const isFull =
      connection.isFull || this.#engine.calls.laneWaiting(this.record) >= connection.bufferBytesMax;
    if (isFull) this.#wasFull = true;
    return isFull;
  }

  /** Begins to serve the request. */
  begin(stream: number, flags: number, nowMs: number): void {
    this.#stream = this.#host.connection.streams.take();
    this.#stream.open(stream, this, flags, nowMs, nowMs);
    this.#pauseIfFull();
  }

  /** Does what an event of this lane asks for. */
  handle(event: number, flags: number, nowMs: number): void {
    if (event === EVENT_TO_UPSTREAM) {
      this.#stream?.sendBody(flags, nowMs);
      this.#pauseIfFull();
    } else if (event === EVENT_TO_DOWNSTREAM || event === EVENT_CLOSE) {
      // The engine has answered, or has given the stream up.
      this.#stream?.onEnded();
      this.#end(nowMs);
    }
  }

  /** The peer gave the stream up. */
  onReset(nowMs: number): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.onDownstreamGone(DOWNSTREAM_RESET);
    this.#end(nowMs);
  }

  /** Some of what waited is sent. */
  onWritten(nowMs: number): void {
    if (!this.#wasFull || this.isFull) return;
    this.#wasFull = false;
    this.#stream?.onDownstreamWritten(false, nowMs);
  }

  /** The connection is gone. */
  abandon(): void {
    const stream = this.#stream;
    this.#stream = null;
    stream?.onDownstreamGone(DOWNSTREAM_DISCONNECT);
    this.#engine.calls.closeConnection(this.record);
    this.target.snapshot.leave();
  }

  count(counter: number, by: number): void {
    this.#host.connection.count(counter, by);
  }

  writeOutput(): void {
    this.#host.flushLater();
  }

  onBodyTaken(): void {
    this.#host.flushLater();
  }

  resumeReading(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#engine.calls.pauseLane(this.record, 0);
    this.#proceed(performance.now());
  }

  onUpgraded(nowMs: number): void {
    this.#isPaused = false;
    this.#engine.calls.pauseLane(this.record, 0);
    this.#proceed(nowMs);
  }

  onReply(nowMs: number): void {
    this.#end(nowMs);
  }

  onStreamEnd(_flags: number, nowMs: number): void {
    this.#end(nowMs);
  }

  onStreamBroken(): void {
    this.#end(performance.now());
  }

  onRedirected(nowMs: number): void {
    this.#stream = null;
    this.#host.connection.streams.afterStream();
    const event = this.#engine.calls.proceed(this.record, nowMs);
    const flags = this.#engine.mailFlags;
    if (event === EVENT_TO_DOWNSTREAM) this.#end(nowMs);
    else this.begin(this.#engine.mailStream, flags, nowMs);
  }

  /** Goes on with what is kept of the body. */
  #proceed(nowMs: number): void {
    const event = this.#engine.calls.proceed(this.record, nowMs);
    this.handle(event, this.#engine.mailFlags, nowMs);
    this.#host.flushLater();
  }

  #pauseIfFull(): void {
    const stream = this.#stream;
    if (stream === null || stream.isRequestWhole || stream.isWaiting) return;
    if (!stream.isUpstreamFull || this.#isPaused) return;
    this.#isPaused = true;
    this.#engine.calls.pauseLane(this.record, 1);
  }

  #end(nowMs: number): void {
    this.#stream = null;
    this.#host.endLane(this.record, nowMs);
    this.target.snapshot.leave();
  }
}
