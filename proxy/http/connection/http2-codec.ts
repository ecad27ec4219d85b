import { HTTP2_KEEPALIVE_TIMEOUT } from "../../../api/engine/http2-stats.ts";
import {
  HCM_REQUESTS_PER_CONNECTION_MAX,
  HCM_STREAM_IDLE_TIMEOUT_MS,
} from "../../../api/engine/image.ts";
import {
  EVENT_CLOSE,
  EVENT_NONE,
  EVENT_REQUEST,
  EVENT_RESET,
  EVENT_WRITTEN,
} from "../../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_CX_DRAIN_CLOSE,
  HTTP_DOWNSTREAM_CX_MAX_REQUESTS_REACHED,
} from "../../../api/engine/stats.ts";
import {
  ACKNOWLEDGE_MS,
  Http2Keepalive,
  type KeepaliveConnection,
} from "../../cluster/http2-keepalive.ts";
import type { Engine } from "../../engine/engine.ts";
import { Deadline } from "../../timer/deadline.ts";
import type { ConnectionCodec } from "./connection-codec.ts";
import type { ConnectionTarget } from "../connection-target.ts";
import type { ConnectionHost, LaneHost } from "./connection-host.ts";
import type { Flushable } from "../../engine/flush-queue.ts";
import { Http2Lane } from "./http2-lane.ts";

/** Output that waits here while much waits for the socket, too; more ends the connection. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/**
 * HTTP/2 on a downstream connection: many requests at a time, each in a lane. What the engine has
 * to send gathers there until the end of the turn.
 */
export class Http2Codec implements ConnectionCodec, LaneHost, Flushable, KeepaliveConnection {
  readonly connection: ConnectionHost;
  readonly #engine: Engine;
  /** By the addresses of their records. */
  readonly #lanes = new Map<number, Http2Lane>();
  /** When the peer has been told for long enough that the connection ends. */
  readonly #goodbye: Deadline;
  readonly #keepalive: Http2Keepalive | null;
  readonly #settling: Deadline;
  #requestCount = 0;
  #isDraining = false;
  /** Ends streams that are over here, but whose answers the peer does not take. */
  readonly #flushing: Deadline;
  /** No request is served, but answers wait for the windows of the peer. */
  #hasLeftovers = false;

  constructor(connection: ConnectionHost) {
    this.connection = connection;
    this.#engine = connection.engine;
    this.#goodbye = new Deadline(() => this.#sayGoodbye());
    this.#flushing = new Deadline(() => this.#endUntaken());
    const nowMs = performance.now();
    this.#engine.calls.openHttp2(connection.record, nowMs);
    const { http2Keepalive } = connection.manager;
    const { deadlines } = connection.streams;
    this.#keepalive =
      http2Keepalive === null ? null : new Http2Keepalive(http2Keepalive, deadlines, this, nowMs);
    this.#settling = new Deadline(() => this.#endUnsettled());
    deadlines.start(this.#settling, ACKNOWLEDGE_MS, nowMs);
    this.flushLater();
  }

  /** Hot. */
  onRead(bytes: number, nowMs: number): void {
    this.#work(this.#engine.calls.receive(this.connection.record, bytes, nowMs), nowMs);
    if (this.connection.record === 0) return;
    this.#keepalive?.onRead(nowMs);
    this.#watchHead(nowMs);
    if (this.#engine.isScarce) this.connection.destroy();
  }

  /** Streams cannot outlive the connection. */
  onEnd(): void {
    this.connection.onPeerGone();
  }

  onWritten(): void {
    if (this.connection.isFull) return;
    this.flush();
    const nowMs = performance.now();
    for (const lane of [...this.#lanes.values()]) lane.onWritten(nowMs);
  }

  /** Requests that are served go on with what they have. */
  moveTo(target: ConnectionTarget): void {
    this.connection.move(target);
  }

  drain(closesIdle: boolean): void {
    const { connection } = this;
    // A peer that takes no more of its answers while it drains is not waited for.
    const isIdle = this.#lanes.size === 0 && (!this.#hasLeftovers || this.#isDraining);
    if (closesIdle && isIdle) {
      this.#closeCleanly();
      return;
    }
    if (this.#isDraining) return;
    this.#isDraining = true;
    connection.count(HTTP_DOWNSTREAM_CX_DRAIN_CLOSE, 1);
    this.#engine.calls.drainHttp2(connection.record, 0);
    this.flushLater();
    const { drainTimeoutMs } = connection.manager;
    const { deadlines } = connection.streams;
    deadlines.start(this.#goodbye, Math.max(drainTimeoutMs, 1), performance.now());
  }

  end(): boolean {
    this.#goodbye.cancel();
    this.#flushing.cancel();
    this.#keepalive?.cancel();
    this.#settling.cancel();
    this.#engine.calls.endHttp2(this.connection.record);
    const lanes = [...this.#lanes.values()];
    this.#lanes.clear();
    for (const lane of lanes) lane.abandon();
    return lanes.length > 0;
  }

  ping(): void {
    this.#engine.calls.pingHttp2(this.connection.record);
    this.flushLater();
  }

  get pingsAnswered(): number {
    return this.#engine.calls.pingsAnswered(this.connection.record);
  }

  onSilent(): void {
    this.#engine.calls.countHttp2(this.connection.record, HTTP2_KEEPALIVE_TIMEOUT);
    this.connection.destroy();
  }

  flushLater(): void {
    this.connection.streams.flushes.add(this);
  }

  flush(): void {
    const { connection } = this;
    // What does not fit now follows when some of what waits is written.
    if (connection.record === 0 || connection.isClosing) return;
    if (connection.isFull) {
      const waiting = this.#engine.calls.http2Waiting(connection.record);
      if (waiting > WAITING_BYTES_MAX) connection.destroy();
      return;
    }
    this.#writeAll();
    const nowMs = performance.now();
    this.#work(this.#engine.calls.proceed(connection.record, nowMs), nowMs);
  }

  endLane(record: number, nowMs: number): void {
    const { connection } = this;
    this.#lanes.delete(record);
    this.#closeLane(record, nowMs);
    connection.onUsed();
    this.flushLater();
    if (connection.streams.isHealthFailed) this.drain(false);
    this.#rest(nowMs);
  }

  /** Waits for requests, or closes, when none is served and all answers are sent. */
  #rest(nowMs: number): void {
    const { connection } = this;
    if (this.#lanes.size > 0) return;
    this.#hasLeftovers = this.#engine.calls.http2Streams(connection.record) > 0;
    const isOver = this.#isDraining && !this.#goodbye.isStarted && !this.#hasLeftovers;
    if (isOver) this.#closeCleanly();
    else if (!connection.timer.isAtHead) connection.timer.startIdle(connection.manager, nowMs);
  }

  /** Does what an event asks for that is about a lane. Hot. */
  handle(event: number, nowMs: number): void {
    const record = this.#engine.mailConnection;
    const flags = this.#engine.mailFlags;
    if (event === EVENT_REQUEST) {
      this.#hasLeftovers = false;
      this.#onRequest(record, flags, nowMs);
      return;
    }
    const lane = this.#lanes.get(record);
    if (lane === undefined) this.#onAnswered(record, nowMs);
    else if (event === EVENT_RESET) lane.onReset(nowMs);
    else if (event === EVENT_WRITTEN) lane.onWritten(nowMs);
    else lane.handle(event, flags, nowMs);
  }

  /** Hot. */
  #work(first: number, nowMs: number): void {
    const { connection } = this;
    const { calls } = this.#engine;
    for (let event = first; event !== EVENT_NONE; event = calls.proceed(connection.record, nowMs)) {
      const isBroken = event === EVENT_CLOSE && this.#engine.mailConnection === connection.record;
      if (isBroken) {
        this.#onBroken();
        return;
      }
      this.handle(event, nowMs);
      if (connection.record === 0 || connection.isClosing) return;
    }
    if (this.#hasLeftovers) this.#rest(nowMs);
    if (connection.isClosing) return;
    if (calls.http2Waiting(connection.record) > 0) this.flushLater();
  }

  #onRequest(record: number, flags: number, nowMs: number): void {
    const { connection } = this;
    connection.timer.endHead(nowMs);
    const lane = new Http2Lane(this, record);
    this.#lanes.set(record, lane);
    this.#countRequest();
    lane.begin(this.#engine.mailStream, flags, nowMs);
  }

  /** The engine has answered a request before there was a lane for it. */
  #onAnswered(record: number, nowMs: number): void {
    this.#closeLane(record, nowMs);
    this.#countRequest();
    this.connection.onUsed();
    if (this.connection.streams.isHealthFailed) this.drain(false);
    this.#rest(nowMs);
  }

  /** Frees a lane; what waits of its answer has as long to go as a stream may be idle. */
  #closeLane(record: number, nowMs: number): void {
    const { calls } = this.#engine;
    const isWaiting = calls.laneWaiting(record) > 0;
    calls.closeConnection(record);
    if (!isWaiting || this.#flushing.isStarted) return;
    const timeoutMs = this.#field(HCM_STREAM_IDLE_TIMEOUT_MS);
    if (timeoutMs > 0) this.connection.streams.deadlines.start(this.#flushing, timeoutMs, nowMs);
  }

  #endUntaken(): void {
    const { connection } = this;
    if (connection.record === 0) return;
    const nowMs = performance.now();
    const timeoutMs = this.#field(HCM_STREAM_IDLE_TIMEOUT_MS);
    const leftMs = this.#engine.calls.expireHttp2(connection.record, timeoutMs, nowMs);
    const nextMs = Math.ceil(leftMs);
    if (leftMs >= 0) connection.streams.deadlines.start(this.#flushing, nextMs, nowMs);
    this.flushLater();
    this.#rest(nowMs);
  }

  /** A head that has begun to come must be whole in time; nothing else can come meanwhile. */
  #watchHead(nowMs: number): void {
    const { connection } = this;
    if (connection.isClosing) return;
    const { snapshot, manager } = connection.target;
    const { timer } = connection;
    if (this.#engine.calls.isHeadUnfinished(connection.record) !== 0) {
      timer.startHead(manager, this.#engine, snapshot.image + manager.record, nowMs);
    } else if (timer.isAtHead) {
      timer.endHead(nowMs);
      this.#rest(nowMs);
    }
  }

  /** The rest of the head may be anything, so that nothing behind it could be read. */
  refuseHead(): void {
    this.#engine.calls.drainHttp2(this.connection.record, 1);
    this.#onBroken();
  }

  #field(offset: number): number {
    const { snapshot, manager } = this.connection.target;
    return this.#engine.field(snapshot.image + manager.record, offset);
  }

  #countRequest(): void {
    const { connection } = this;
    const most = this.#field(HCM_REQUESTS_PER_CONNECTION_MAX);
    if (most === 0 || ++this.#requestCount !== most) return;
    connection.count(HTTP_DOWNSTREAM_CX_MAX_REQUESTS_REACHED, 1);
    this.drain(false);
  }

  #sayGoodbye(): void {
    if (this.connection.record === 0) return;
    this.#engine.calls.drainHttp2(this.connection.record, 1);
    this.flushLater();
    this.#rest(performance.now());
  }

  #closeCleanly(): void {
    const { connection } = this;
    if (connection.record === 0) return;
    this.#engine.calls.drainHttp2(connection.record, 1);
    this.#writeAll();
    connection.closeCleanly();
  }

  #endUnsettled(): void {
    const { record, isClosing } = this.connection;
    if (record === 0 || isClosing) return;
    if (this.#engine.calls.expireSettings(record) !== 0) this.#onBroken();
  }

  /** The peer broke the rules: GOAWAY says why, and all requests are given up. */
  #onBroken(): void {
    this.#writeAll();
    this.end();
    this.connection.close();
  }

  #writeAll(): void {
    this.#engine.calls.flushHttp2(this.connection.record);
    if (this.#engine.outputBytes > 0) this.connection.writeOutput();
  }
}
