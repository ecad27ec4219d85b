import { Http2UpstreamConnection } from "./http2-upstream-connection.ts";
import { UpstreamConnection } from "./upstream-connection.ts";
import type { ConnectionPool, PooledConnection } from "./upstream-place.ts";
import { UpstreamSocket, type UpstreamSocketListener } from "./upstream-socket.ts";
import type { ConnectFailure, UpstreamLink } from "./upstream-user.ts";

/** A pool that lets one connection take the place of another. */
export interface DecidingPool extends ConnectionPool {
  /** It is known what a connection speaks: `after` is the same from now on. */
  onDecided(before: PooledConnection, after: PooledConnection, isHttp2: boolean): void;
}

/** A connection to an endpoint that is still to say by ALPN what it speaks: `auto_config`. */
export class UndecidedConnection implements PooledConnection, UpstreamSocketListener {
  readonly isAvailable = false;
  readonly requestsActive = 0;
  readonly room = 0;
  isListed = false;
  readonly #pool: DecidingPool;
  readonly #socket: UpstreamSocket;

  /** Begins to connect. The pool hears of the outcome. */
  constructor(pool: DecidingPool) {
    this.#pool = pool;
    this.#socket = new UpstreamSocket(pool, this);
  }

  occupy(): UpstreamLink {
    throw new Error("the connection is not there yet");
  }

  rest(): void {}

  retire(): void {
    this.destroy();
  }

  destroy(): void {
    this.#socket.close("local");
  }

  noteBuffered(): void {}

  onConnected(nowMs: number): void {
    const isHttp2 = this.#socket.protocol === "h2";
    const decided = isHttp2
      ? new Http2UpstreamConnection(this.#pool, this.#socket)
      : new UpstreamConnection(this.#pool, this.#socket);
    this.#pool.onDecided(this, decided, isHttp2);
    decided.onConnected(nowMs);
  }

  onRead(): void {}

  onWritten(): void {}

  onEnd(): boolean {
    return false;
  }

  onExpired(): void {}

  onClosing(): void {}

  onClosed(failure: ConnectFailure | null): void {
    this.#pool.onClosed(this, failure);
  }
}
