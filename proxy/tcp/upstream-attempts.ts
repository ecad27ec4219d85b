import { STREAM_CLUSTER } from "../../api/engine/layout.ts";
import {
  RESPONSE_FLAG_NC,
  RESPONSE_FLAG_UF,
  RESPONSE_FLAG_UH,
  RESPONSE_FLAG_UO,
  RESPONSE_FLAG_URX_LATE,
} from "../../api/engine/response-flags.ts";
import {
  UPSTREAM_UPSTREAM_CX_CONNECT_ATTEMPTS_EXCEEDED,
  UPSTREAM_UPSTREAM_CX_OVERFLOW,
} from "../../api/engine/stats.ts";
import { noteConnectFailure, noteEndpoint, noteLostAttempt } from "../cluster/attempt-note.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Endpoint } from "../cluster/endpoint.ts";
import type { ConnectFailure, UpstreamUser } from "../cluster/upstream/upstream-user.ts";
import type { DownstreamOrigin } from "../cluster/variant/downstream-origin.ts";
import { PLAIN_VARIANT, type PoolVariant, RAW_VARIANT } from "../cluster/variant/pool-variant.ts";
import type { Engine } from "../engine/engine.ts";
import type { TcpSetup } from "./tcp-setup.ts";
import type { TcpTarget } from "./tcp-target.ts";

/** The attempts of one connection in TCP to find an upstream. */
export class UpstreamAttempts {
  readonly #engine: Engine;
  readonly #target: TcpTarget;
  readonly #origin: DownstreamOrigin;
  readonly #user: UpstreamUser;
  readonly #giveUp: (flag: number) => void;
  #stream = 0;
  /** Raw where the upstream is to speak no HTTP: there is no tunnel. */
  #variant: PoolVariant = RAW_VARIANT;
  #waitsAt: Endpoint | null = null;
  #count = 0;
  /** An attempt is being made, and has ended in an overflow before it was. */
  #isAttempting = false;
  #hasOverflown = false;

  /**
   * @param user Hears of the outcome of an attempt, and tells it here.
   * @param giveUp There will be no upstream, by reason of that `RESPONSE_FLAG_*`.
   */
  constructor(
    { engine, target, origin }: Pick<TcpSetup, "engine" | "target" | "origin">,
    user: UpstreamUser,
    giveUp: (flag: number) => void,
  ) {
    this.#engine = engine;
    this.#target = target;
    this.#origin = origin;
    this.#user = user;
    this.#giveUp = giveUp;
  }

  /** The cluster in which an upstream is looked for. */
  get cluster(): Cluster {
    return this.#target.snapshot.clusters[this.#engine.field(this.#stream, STREAM_CLUSTER)];
  }

  /** Makes the first attempt for a stream of the engine. */
  start(stream: number, isRaw: boolean, nowMs: number): void {
    this.#stream = stream;
    this.#variant = isRaw ? RAW_VARIANT : PLAIN_VARIANT;
    this.next(nowMs);
  }

  /** Makes an attempt, unless there were enough. */
  next(nowMs: number): void {
    this.#isAttempting = true;
    do {
      this.#hasOverflown = false;
      this.#attempt(nowMs);
    } while (this.#hasOverflown);
    this.#isAttempting = false;
  }

  /** The attempt has found a connection. */
  onReady(): void {
    this.#waitsAt = null;
  }

  /** Too many wait for a connection already. To Envoy this is a failed attempt like others. */
  onOverflow(): void {
    this.#waitsAt = null;
    noteLostAttempt(this.#engine, this.#stream);
    if (this.#isAttempting) this.#hasOverflown = true;
    else this.next(performance.now());
  }

  /** No connection could be made. */
  onConnectFailed(failure: ConnectFailure): void {
    if (this.#waitsAt !== null) noteEndpoint(this.#engine, this.#stream, this.#waitsAt);
    noteConnectFailure(this.#engine, this.#stream, failure);
    this.#waitsAt = null;
    this.onFailed(performance.now());
  }

  /** What was found is gone before it was of use. */
  onFailed(nowMs: number): void {
    this.#engine.calls.noteFlag(this.#stream, RESPONSE_FLAG_UF);
    this.next(nowMs);
  }

  /** Nobody waits for the outcome any more. */
  cancel(): void {
    if (this.#waitsAt === null) return;
    noteLostAttempt(this.#engine, this.#stream);
    this.#waitsAt.cancel(this.#user, true);
    this.#waitsAt = null;
  }

  /** Envoy `Filter::establishUpstreamConnection`. */
  #attempt(nowMs: number): void {
    const { attemptsMax } = this.#target.proxy;
    // As in Envoy, each attempt may come to another of weighted clusters.
    const isAgain = this.#count > 0 && this.#count < attemptsMax;
    if (isAgain && this.#engine.calls.chooseAgain(this.#stream) === 0) {
      this.#giveUp(RESPONSE_FLAG_NC);
      return;
    }
    const { cluster } = this;
    // No connection would ever become free for this one.
    if (!cluster.mayConnect()) {
      cluster.count(UPSTREAM_UPSTREAM_CX_OVERFLOW, 1);
      this.#giveUp(RESPONSE_FLAG_UO);
      return;
    }
    if (this.#count >= attemptsMax) {
      cluster.count(UPSTREAM_UPSTREAM_CX_CONNECT_ATTEMPTS_EXCEEDED, 1);
      this.#giveUp(RESPONSE_FLAG_URX_LATE);
      return;
    }
    this.#count++;
    const endpoint = cluster.pick(this.#stream);
    if (endpoint === null) this.#giveUp(RESPONSE_FLAG_UH);
    else {
      this.#waitsAt = endpoint;
      const client = { origin: this.#origin, protocol: null };
      const variant = cluster.variantFor(this.#stream, this.#variant, client);
      endpoint.serve(this.#user, nowMs, variant);
    }
  }
}
