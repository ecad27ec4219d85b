import { E_NO_ANSWER } from "../../api/engine/http1.ts";
import {
  EVENT_REDIRECT,
  EVENT_TO_DOWNSTREAM,
  EVENT_UPSTREAM_FAILED,
  FLAG_ABANDON_UPSTREAM,
  FLAG_CLOSE,
  FLAG_COMPLETE,
  FLAG_MIRRORED,
  FLAG_REQUEST_END,
  FLAG_REUSABLE,
  FLAG_UPGRADED,
  STATE_REQUEST_END,
  STATE_RESPONSE_BEGUN,
  STATE_TUNNEL,
  STATE_UPGRADE,
  STREAM_CLUSTER,
  STREAM_STATE,
  STREAM_STATUS,
} from "../../api/engine/layout.ts";
import {
  HTTP_DOWNSTREAM_RQ_TX_RESET,
  UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR,
  UPSTREAM_UPSTREAM_RQ_RETRY,
} from "../../api/engine/stats.ts";
import { RESPONSE_FLAG_UT } from "../../api/engine/response-flags.ts";
import { noteConnectFailure, noteEndpoint } from "../cluster/attempt-note.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Endpoint } from "../cluster/endpoint.ts";
import { PLAIN_VARIANT, type PoolVariant } from "../cluster/variant/pool-variant.ts";
import { variantOf } from "../cluster/variant/opened-variant.ts";
import type {
  ConnectFailure,
  UpstreamLink,
  UpstreamLoss,
  UpstreamUser,
} from "../cluster/upstream/upstream-user.ts";
import type { Engine } from "../engine/engine.ts";
import type { DeadlineQueue } from "../timer/deadline.ts";
import type { Downstream } from "./downstream.ts";
import { DownstreamTimer } from "./downstream-timer.ts";
import {
  CONNECTION_TERMINATION,
  type Failure,
  NO_HEALTHY_UPSTREAM,
  OVERFLOW,
  PROTOCOL_ERROR,
  REMOTE_RESET,
  afterResponseBegan,
  connectFailure,
} from "./failure.ts";
import { abandonStream, writeReply } from "./local-reply.ts";
import { type OpenMirrors, StreamMirrors } from "./mirrors.ts";
import { ReplayCount } from "./replay-count.ts";
import { UpstreamTimer } from "./upstream-timer.ts";

/** What the streams of a worker share. */
export interface StreamSetting {
  readonly engine: Engine;
  readonly deadlines: DeadlineQueue;
  readonly openMirrors: OpenMirrors;
  /** Takes back a stream whose request is over. */
  giveBack(stream: HttpStream): void;
}

/**
 * One request on its way: picks an upstream, sends the request, passes the response on, and ends
 * with exactly one `#end`, before the downstream connection hears of the end. Pooled: `open` makes
 * it ready for the next request. The engine's record lives as long as the stream; who ends the one
 * ends the other at once.
 */
export class HttpStream implements UpstreamUser {
  /** Address of the engine's record; 0 while it is in the pool. */
  #record = 0;
  #downstream: Downstream | null = null;
  #cluster: Cluster | null = null;
  /** Where the request waits for a connection, or `null`. */
  #waitsAt: Endpoint | null = null;
  /** The connection that serves the request, or `null`. */
  #link: UpstreamLink | null = null;
  #variant: PoolVariant = PLAIN_VARIANT;
  readonly #replays: ReplayCount;
  readonly #mirrors: StreamMirrors;
  readonly #setting: StreamSetting;
  readonly #engine: Engine;
  readonly #upstreamTimer: UpstreamTimer;
  readonly #timer: DownstreamTimer;

  constructor(setting: StreamSetting) {
    this.#setting = setting;
    this.#engine = setting.engine;
    this.#replays = new ReplayCount((record) => this.#engine.calls.canReplay(record) !== 0);
    this.#mirrors = new StreamMirrors(setting.openMirrors);
    const onLate = (failure: Failure, counter: number) => this.#onUpstreamLate(failure, counter);
    this.#upstreamTimer = new UpstreamTimer(setting.engine, setting.deadlines, onLate);
    this.#timer = new DownstreamTimer(setting.engine, setting.deadlines, (failure, counter) => {
      this.#downstream?.count(counter, 1);
      this.#fail(failure);
    });
  }

  /**
   * Begins to serve the request whose head the engine accepted. Hot.
   *
   * @param flags FLAG_REQUEST_END, FLAG_MIRRORED, FLAG_UPGRADED and FLAG_RAW.
   * @param startMs When the first byte of the head was there.
   */
  open(
    record: number,
    downstream: Downstream,
    flags: number,
    startMs: number,
    nowMs: number,
  ): void {
    this.#record = record;
    this.#downstream = downstream;
    this.#replays.clear();
    this.#variant = variantOf(flags, downstream.origin);
    this.#upstreamTimer.open(record);
    this.#timer.open(record, nowMs);
    this.#mirrors.expect((flags & FLAG_MIRRORED) !== 0);
    if ((flags & (FLAG_REQUEST_END | FLAG_UPGRADED)) !== 0)
      this.#upstreamTimer.onRequestWhole(nowMs);
    else this.#timer.expectRest(downstream.manager.requestTimeoutMs, startMs);
    this.#cluster = downstream.clusters[this.#field(STREAM_CLUSTER)];
    this.#attempt(this.#cluster, nowMs);
  }

  /** More of the request's body is in the engine's output. Hot for uploads. */
  sendBody(flags: number, nowMs: number): void {
    this.#timer.touch(nowMs);
    if ((flags & FLAG_REQUEST_END) !== 0) this.#onAttemptWhole(nowMs);
    this.#link?.write();
    if ((flags & FLAG_CLOSE) !== 0) this.#link?.end();
    this.#mirrors.feed(this.#cluster, nowMs);
  }

  /** True when no more of the request should be read at present. */
  get isUpstreamFull(): boolean {
    return this.#link === null || this.#link.isFull;
  }

  /** True while the request waits for a connection. */
  get isWaiting(): boolean {
    return this.#waitsAt !== null;
  }

  /** True while a tunnel was asked for, and its upstream has not answered. */
  get asksForTunnel(): boolean {
    return (this.#field(STREAM_STATE) & (STATE_UPGRADE | STATE_TUNNEL)) === STATE_UPGRADE;
  }

  /** True when nothing more of the request will come. */
  get isRequestWhole(): boolean {
    return (this.#field(STREAM_STATE) & STATE_REQUEST_END) !== 0;
  }

  /** Some of what waited to be sent downstream is with the kernel. */
  onDownstreamWritten(isFull: boolean, nowMs: number): void {
    this.#timer.touch(nowMs);
    if (!isFull) this.#link?.resumeReading();
  }

  /** The downstream connection is gone. */
  onDownstreamGone(failure: Failure): void {
    this.#leaveUpstream();
    abandonStream(this.#engine, this.#record, failure, performance.now());
    this.#end();
  }

  /** The engine ended the stream while it worked on downstream input. */
  onEnded(): void {
    const link = this.#link;
    this.#link = null;
    this.#end();
    link?.drop();
  }

  onUpstreamReady(link: UpstreamLink, nowMs: number): void {
    const downstream = this.#downstream;
    this.#waitsAt = null;
    this.#link = link;
    const error = this.#engine.calls.attempt(this.#record, link.record, nowMs);
    if (error !== 0) {
      this.#refuse(error, nowMs);
      return;
    }
    const isWhole = (this.#engine.mailFlags & FLAG_REQUEST_END) !== 0;
    downstream?.onBodyTaken();
    this.#upstreamTimer.onAttempt(nowMs);
    if (isWhole) this.#onAttemptWhole(nowMs);
    link.write();
    this.#mirrors.feed(this.#cluster, nowMs);
    if (link.isRaw) this.#enterTunnel(link, nowMs);
    if (this.#link !== link) return;
    if (!isWhole && !link.isFull) downstream?.resumeReading();
    else if (isWhole && link.isRaw) link.end();
  }

  /** The tunnel ends here, and the connection is there: the client may speak, or is answered. */
  #enterTunnel({ record }: UpstreamLink, nowMs: number): void {
    const headerBytes = this.#variant.opening?.length ?? 0;
    const event = this.#engine.calls.enterTunnel(record, headerBytes, nowMs);
    if (this.#link !== null) this.onUpstreamEvent(this.#link, event, nowMs);
  }

  onUpstreamOverflow(): void {
    this.#waitsAt = null;
    this.#fail(OVERFLOW);
  }

  onUpstreamConnectFailed(failure: ConnectFailure): void {
    if (this.#waitsAt !== null) noteEndpoint(this.#engine, this.#record, this.#waitsAt);
    noteConnectFailure(this.#engine, this.#record, failure);
    this.#waitsAt = null;
    this.#fail(connectFailure(failure));
  }

  onUpstreamEvent(link: UpstreamLink, event: number, nowMs: number): void {
    if (event === EVENT_TO_DOWNSTREAM) this.#passOn(link, nowMs);
    else if (event === EVENT_REDIRECT) this.#onRedirected(link, nowMs);
    else if (event === EVENT_UPSTREAM_FAILED) this.#onMalformed(link);
  }

  onUpstreamLost(link: UpstreamLink, how: UpstreamLoss): void {
    this.#link = null;
    this.#engine.calls.detach(this.#record);
    // What was refused was not looked at. RFC 9113 §8.7. Only in HTTP is it a stream that is reset.
    const isStale = how === "closed" && this.#replays.allows(this.#record, link);
    const isRefused = how === "refused" && this.#replays.allowsAfterRefusal(this.#record);
    if (isStale || isRefused) this.#replay();
    else if (how === "malformed") this.#failBy(link, PROTOCOL_ERROR);
    else this.#failBy(link, how === "closed" || link.isRaw ? CONNECTION_TERMINATION : REMOTE_RESET);
  }

  onUpstreamWritten(): void {
    this.#timer.touch(performance.now());
    if (!this.isRequestWhole && !this.isUpstreamFull) this.#downstream?.resumeReading();
  }

  /** Writes what the engine made of the response; ends the stream with its end. Hot. */
  #passOn(link: UpstreamLink, nowMs: number): void {
    const downstream = this.#downstream;
    if (downstream === null) return;
    const flags = this.#engine.mailFlags;
    downstream.writeOutput();
    if ((flags & FLAG_COMPLETE) === 0) {
      this.#timer.touch(nowMs);
      if (downstream.isFull) link.pauseReading();
      if ((flags & FLAG_UPGRADED) !== 0) {
        this.#upstreamTimer.close();
        if (this.isRequestWhole) link.end(); // The client has ended before the tunnel began.
        downstream.onUpgraded(nowMs);
      }
      return;
    }
    // The record is the engine's again, but nothing was written over it yet.
    if (this.#field(STREAM_STATUS) >= 500) link.stats.errors++;
    else link.stats.successes++;
    this.#link = null;
    this.#end();
    if ((flags & FLAG_ABANDON_UPSTREAM) !== 0) link.drop();
    else link.finish((flags & FLAG_REUSABLE) !== 0, nowMs);
    downstream.onStreamEnd(flags, nowMs);
  }

  /** The engine follows the upstream's redirect: the request goes on in another stream. */
  #onRedirected(link: UpstreamLink, nowMs: number): void {
    const downstream = this.#downstream;
    const isReusable = (this.#engine.mailFlags & FLAG_REUSABLE) !== 0;
    if (this.#engine.outputBytes > 0) downstream?.writeOutput();
    this.#link = null;
    link.stats.successes++;
    this.#end();
    if (isReusable) link.finish(true, nowMs);
    else link.drop();
    downstream?.onRedirected(nowMs);
  }

  get #hasResponseBegun(): boolean {
    return (this.#field(STREAM_STATE) & STATE_RESPONSE_BEGUN) !== 0;
  }

  #field(offset: number): number {
    return this.#engine.field(this.#record, offset);
  }

  #attempt(cluster: Cluster, nowMs: number): void {
    const downstream = this.#downstream;
    const endpoint = cluster.pick(this.#record);
    if (endpoint === null || downstream === null) {
      this.#fail(NO_HEALTHY_UPSTREAM);
      return;
    }
    this.#mirrors.begin(downstream.target, this.#record, nowMs);
    this.#waitsAt = endpoint;
    endpoint.serve(this, nowMs, cluster.variantFor(this.#record, this.#variant, downstream));
  }

  #refuse(error: number, nowMs: number): void {
    const downstream = this.#downstream;
    this.#leaveUpstream();
    this.#engine.calls.refuseRequest(this.#record, error, nowMs);
    this.#end();
    downstream?.onReply(nowMs);
  }

  #onAttemptWhole(nowMs: number): void {
    this.#timer.onRequestWhole();
    this.#upstreamTimer.onRequestWhole(nowMs);
    this.#upstreamTimer.onAttemptWhole(nowMs);
  }

  #onMalformed(link: UpstreamLink): void {
    const isUnanswered = this.#engine.mailError === E_NO_ANSWER;
    if (isUnanswered && this.#replays.allows(this.#record, link)) {
      this.#leaveUpstream();
      this.#replay();
      return;
    }
    if (!isUnanswered) this.#cluster?.count(UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR, 1);
    this.#failBy(link, isUnanswered ? CONNECTION_TERMINATION : PROTOCOL_ERROR);
  }

  #replay(): void {
    const cluster = this.#cluster;
    if (cluster === null) return;
    this.#replays.add();
    this.#upstreamTimer.endAttempt();
    cluster.count(UPSTREAM_UPSTREAM_RQ_RETRY, 1);
    this.#attempt(cluster, performance.now());
  }

  #onUpstreamLate(failure: Failure, counter: number): void {
    this.#cluster?.count(counter, 1);
    if (this.#link !== null && failure.flag === RESPONSE_FLAG_UT) {
      this.#link.stats.timeouts++;
      if (!this.#hasResponseBegun) this.#link.stats.errors++;
    }
    this.#fail(failure);
  }

  #failBy(link: UpstreamLink, failure: Failure): void {
    link.stats.errors++;
    this.#fail(failure);
  }

  /** Ends the stream with a local reply, or with a broken connection when that is too late. */
  #fail(failure: Failure): void {
    const downstream = this.#downstream;
    if (downstream === null) return;
    const record = this.#record;
    const hasBegun = this.#hasResponseBegun;
    const nowMs = performance.now();
    this.#leaveUpstream();
    if (hasBegun) {
      downstream.count(HTTP_DOWNSTREAM_RQ_TX_RESET, 1);
      abandonStream(this.#engine, record, afterResponseBegan(failure), nowMs);
      this.#end();
      downstream.onStreamBroken();
      return;
    }
    writeReply(this.#engine, record, failure, nowMs);
    this.#end();
    downstream.onReply(nowMs);
  }

  /** Leaves the queue, or closes the connection whose response nobody waits for. */
  #leaveUpstream(): void {
    if (this.#waitsAt !== null) {
      noteEndpoint(this.#engine, this.#record, this.#waitsAt);
      this.#waitsAt.cancel(this);
    }
    this.#waitsAt = null;
    const link = this.#link;
    if (link === null) return;
    this.#link = null;
    this.#engine.calls.detach(this.#record);
    link.drop();
  }

  #end(): void {
    if (this.#record === 0) throw new Error("a stream ends once");
    this.#upstreamTimer.close();
    this.#timer.close();
    this.#mirrors.end(this.isRequestWhole);
    this.#record = 0;
    this.#downstream = null;
    this.#cluster = null;
    this.#setting.giveBack(this);
  }
}
