import { UPSTREAM_RETRY_OR_SHADOW_ABANDONED } from "../../api/engine/stats.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { ConnectionTarget } from "./connection-target.ts";

/** The copies of one request that go to other clusters. */
export interface Mirrors {
  /**
   * There may be more of the body. Returns how many mirrors were given up, since they were so slow
   * that too much of it had to be kept.
   */
  feed(nowMs: number): number;
  /** The request is over: mirrors without all of its body are given up. */
  end(isRequestWhole: boolean, nowMs: number): void;
}

/** Opens the mirrors of a request; `null` is none. */
export type OpenMirrors = (
  target: ConnectionTarget,
  record: number,
  nowMs: number,
) => Mirrors | null;

/** What a stream has to do with mirrors; nearly always nothing. */
export class StreamMirrors {
  readonly #openMirrors: OpenMirrors;
  /** The route mirrors, and that has not begun yet. */
  #isExpected = false;
  #mirrors: Mirrors | null = null;

  constructor(openMirrors: OpenMirrors) {
    this.#openMirrors = openMirrors;
  }

  /** A request begins. Hot. */
  expect(isMirrored: boolean): void {
    this.#isExpected = isMirrored;
  }

  /** There is an endpoint to send to: without one Envoy mirrors nothing either. Hot. */
  begin(target: ConnectionTarget, record: number, nowMs: number): void {
    if (!this.#isExpected) return;
    this.#isExpected = false;
    this.#mirrors = this.#openMirrors(target, record, nowMs);
  }

  /** There may be more of the body. Hot. */
  feed(cluster: Pick<Cluster, "count"> | null, nowMs: number): void {
    if (this.#mirrors === null) return;
    const lostCount = this.#mirrors.feed(nowMs);
    if (lostCount > 0) cluster?.count(UPSTREAM_RETRY_OR_SHADOW_ABANDONED, lostCount);
  }

  /**
   * The request is over. Its mirrors hear of it a little later, since they use the engine's output,
   * in which the reply to the request may still be. Hot.
   */
  end(isRequestWhole: boolean): void {
    const mirrors = this.#mirrors;
    if (mirrors === null) return;
    this.#mirrors = null;
    queueMicrotask(() => mirrors.end(isRequestWhole, performance.now()));
  }
}
