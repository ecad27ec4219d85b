import {
  CONNECTION_PENDING_BYTES,
  EVENT_TO_DOWNSTREAM,
  EVENT_TO_UPSTREAM,
  FLAG_REQUEST_END,
  STREAM_CLUSTER,
  STREAM_DOWNSTREAM,
  STREAM_STATE,
  STATE_REQUEST_END,
  STATE_STARVED,
} from "../../api/engine/layout.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { HttpConnectionManagerModel } from "../config/model.ts";
import type { Engine } from "../engine/engine.ts";
import type { ConnectionTarget } from "./connection-target.ts";
import type { Downstream } from "./downstream.ts";
import { DOWNSTREAM_DISCONNECT } from "./failure.ts";
import type { HttpStream } from "./http-stream.ts";
import type { Mirrors } from "./mirrors.ts";

/** Where mirrors get their streams, which end with them. */
export interface MirrorSetting {
  readonly engine: Engine;
  /** A stream that is not in use. */
  take(): HttpStream;
}

/**
 * The downstream end of a mirrored request: the engine has put its body into a connection record
 * without a socket, and the response goes nowhere. A mirror never slows down the request that it
 * copies: it is given up when more waits than may wait for its cluster.
 */
class Mirror implements Downstream {
  /** As in Envoy, whatever the request itself came in. */
  readonly protocol = "http1";
  readonly target: ConnectionTarget;
  readonly isFull = false;
  /** To upstreams a mirror is a request of the proxy's own, as in Envoy. */
  readonly origin = null;
  readonly #engine: Engine;
  /** Address of the connection record; 0 once over. */
  #record: number;
  /** Address of the stream record, which is the engine's again when the other is. */
  readonly #streamRecord: number;
  readonly #bufferBytesMax: number;
  #stream: HttpStream | null;

  constructor(setting: MirrorSetting, target: ConnectionTarget, stream: number, nowMs: number) {
    const { engine } = setting;
    this.target = target;
    this.#engine = engine;
    this.#streamRecord = stream;
    this.#record = engine.field(stream, STREAM_DOWNSTREAM);
    const { model } = this.clusters[engine.field(stream, STREAM_CLUSTER)];
    this.#bufferBytesMax = model.bufferBytesMax;
    target.snapshot.use();
    this.#stream = setting.take();
    const isWhole = (engine.field(stream, STREAM_STATE) & STATE_REQUEST_END) !== 0;
    this.#stream.open(stream, this, isWhole ? FLAG_REQUEST_END : 0, nowMs, nowMs);
  }

  get manager(): HttpConnectionManagerModel {
    return this.target.manager;
  }

  get clusters(): readonly Cluster[] {
    return this.target.snapshot.clusters;
  }

  /** Sends what there is of the body. Returns false when the mirror had to be given up. */
  feed(nowMs: number): boolean {
    const stream = this.#stream;
    if (stream === null) return true;
    if (!stream.isUpstreamFull && !stream.isRequestWhole) {
      const event = this.#engine.calls.proceed(this.#record, nowMs);
      if (event === EVENT_TO_UPSTREAM) stream.sendBody(this.#engine.mailFlags, nowMs);
      else if (event === EVENT_TO_DOWNSTREAM) throw new Error("a mirror's body is well formed");
    }
    if (this.#record === 0 || this.#mayWait()) return true;
    this.giveUp();
    return false;
  }

  /** Whether what waits for the cluster may go on waiting, and is all that came. */
  #mayWait(): boolean {
    const engine = this.#engine;
    if ((engine.field(this.#streamRecord, STREAM_STATE) & STATE_STARVED) !== 0) return false;
    const waiting = engine.field(this.#record, CONNECTION_PENDING_BYTES);
    return waiting === 0 || (waiting <= this.#bufferBytesMax && engine.hasSpare);
  }

  /** Ends the mirror in the middle of its request. */
  giveUp(): void {
    const stream = this.#stream;
    if (stream === null) return;
    this.#stream = null;
    stream.onDownstreamGone(DOWNSTREAM_DISCONNECT);
    this.#close();
  }

  resumeReading(): void {
    this.feed(performance.now());
  }

  count(): void {}

  writeOutput(): void {}

  onBodyTaken(): void {}

  /** A mirror cannot be upgraded. */
  onUpgraded(): void {}

  onReply(): void {
    this.#close();
  }

  onStreamEnd(): void {
    this.#close();
  }

  onStreamBroken(): void {
    this.#close();
  }

  onRedirected(): void {
    throw new Error("a mirror follows no redirect");
  }

  #close(): void {
    this.#stream = null;
    if (this.#record === 0) return;
    this.#engine.calls.closeConnection(this.#record);
    this.#record = 0;
    this.target.snapshot.leave();
  }
}

/** Opens the mirrors that route, chance and memory let a request have; `null` is none. */
export function openMirrors(
  setting: MirrorSetting,
  target: ConnectionTarget,
  stream: number,
  nowMs: number,
): Mirrors | null {
  const { engine } = setting;
  const { calls } = engine;
  const mirrors: Mirror[] = [];
  for (let place = 0; place < calls.countMirrors(stream) && engine.hasSpare; place++) {
    const record = calls.openMirror(stream, place, nowMs);
    if (record !== 0) mirrors.push(new Mirror(setting, target, record, nowMs));
  }
  return mirrors.length === 0 ? null : new MirrorGroup(mirrors);
}

class MirrorGroup implements Mirrors {
  readonly #mirrors: readonly Mirror[];

  constructor(mirrors: readonly Mirror[]) {
    this.#mirrors = mirrors;
  }

  feed(nowMs: number): number {
    return this.#mirrors.filter((mirror) => !mirror.feed(nowMs)).length;
  }

  end(isRequestWhole: boolean, nowMs: number): void {
    if (isRequestWhole) this.feed(nowMs);
    else for (const mirror of this.#mirrors) mirror.giveUp();
  }
}
