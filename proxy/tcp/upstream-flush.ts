import {
  TCP_IDLE_TIMEOUT,
  TCP_UPSTREAM_FLUSH_ACTIVE,
  TCP_UPSTREAM_FLUSH_TOTAL,
} from "../../api/engine/network/tcp-stats.ts";
import type { FlushListener } from "../cluster/upstream/upstream-user.ts";
import { Deadline, type DeadlineQueue } from "../timer/deadline.ts";

/** What a flush is told of the connection that is over. */
export interface FlushSetup {
  readonly deadlines: DeadlineQueue;
  /** How long the upstream may take nothing, in milliseconds; 0 is for ever. */
  readonly idleTimeoutMs: number;
  /** Adds to a counter of the TCP proxy: `TCP_*`. */
  count(counter: number, by: number): void;
}

/**
 * Sees to it that an upstream gets what is left for it when its client is gone, as long as it takes
 * something from time to time. Envoy `TcpProxy::Drainer`.
 */
export class UpstreamFlush implements FlushListener {
  readonly #setup: FlushSetup;
  #idle: Deadline | null = null;

  constructor(setup: FlushSetup) {
    this.#setup = setup;
  }

  onFlushing(close: () => void): void {
    this.#setup.count(TCP_UPSTREAM_FLUSH_TOTAL, 1);
    this.#setup.count(TCP_UPSTREAM_FLUSH_ACTIVE, 1);
    this.#idle = new Deadline(() => {
      this.#setup.count(TCP_IDLE_TIMEOUT, 1);
      close();
    });
    this.onFlushed();
  }

  onFlushed(): void {
    const { deadlines, idleTimeoutMs } = this.#setup;
    if (this.#idle === null || idleTimeoutMs === 0) return;
    deadlines.start(this.#idle, idleTimeoutMs, performance.now());
  }

  onFlushEnd(): void {
    this.#idle?.cancel();
    this.#idle = null;
    this.#setup.count(TCP_UPSTREAM_FLUSH_ACTIVE, -1);
  }
}
