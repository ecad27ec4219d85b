import type { UpstreamLink } from "../cluster/upstream/upstream-user.ts";

/** Kept connections that may turn out dead before the request fails. */
const REPLAYS_MAX = 2;

/**
 * How often a request was sent once more. A kept connection may be closed by the upstream just as a
 * request is written to it. Such a request is sent again when that cannot do harm: see
 * docs/upstream-connections.md.
 */
export class ReplayCount {
  readonly #canReplay: (record: number) => boolean;
  #count = 0;

  /** @param canReplay Whether the engine has all of the request with that record. */
  constructor(canReplay: (record: number) => boolean) {
    this.#canReplay = canReplay;
  }

  /** Another request begins. */
  clear(): void {
    this.#count = 0;
  }

  /** The request is sent again. */
  add(): void {
    this.#count++;
  }

  /** Whether a request may be sent again that a connection did not answer. */
  allows(record: number, link: Pick<UpstreamLink, "mayBeStale">): boolean {
    return link.mayBeStale && this.allowsAfterRefusal(record);
  }

  /** The same where the upstream says that it did not look at it. */
  allowsAfterRefusal(record: number): boolean {
    return this.#count < REPLAYS_MAX && this.#canReplay(record);
  }
}
