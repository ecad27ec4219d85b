import type { Cluster } from "../cluster/cluster.ts";
import type { PoolClient } from "../cluster/variant/downstream-origin.ts";
import type { HttpConnectionManagerModel, HttpProtocol } from "../config/model.ts";
import type { ConnectionTarget } from "./connection-target.ts";

/** A downstream connection as the request that it serves sees it. */
export interface Downstream extends PoolClient {
  /** What the request came in. */
  readonly protocol: HttpProtocol;
  /** What the connection runs with. */
  readonly target: ConnectionTarget;
  /** Settings of the connection manager. */
  readonly manager: HttpConnectionManagerModel;
  /** Clusters by their index in the engine image. */
  readonly clusters: readonly Cluster[];
  /** True when so much waits to be written that no more should be read for it. */
  readonly isFull: boolean;
  /** Adds to a counter of the connection manager: `HTTP_*`. */
  count(counter: number, by: number): void;
  /** Writes the engine's output. */
  writeOutput(): void;
  /** Goes on reading. */
  resumeReading(): void;
  /** The engine took what it had kept of the request's body, so that the client may send more. */
  onBodyTaken(): void;
  /** The upstream has switched protocols: goes on with what the client sends. */
  onUpgraded(nowMs: number): void;
  /** The engine wrote a local reply to its output and ended the stream. */
  onReply(nowMs: number): void;
  /** The stream is over; `FLAG_*` say how the connection goes on. */
  onStreamEnd(flags: number, nowMs: number): void;
  /** The stream is over in the middle of its response, which must not look whole. */
  onStreamBroken(): void;
  /** The stream is over, and the engine has another that goes on with its request. */
  onRedirected(nowMs: number): void;
}
