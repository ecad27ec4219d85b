import type { UpstreamConnection } from "./upstream-connection.ts";

/** Why no connection could be made. */
export interface ConnectFailure {
  readonly isTimeout: boolean;
  /** In Envoy's words: `delayed connect error: Connection refused`. Empty for a timeout. */
  readonly reason: string;
}

/** A request on its way to a cluster, as connections and pools see it. */
export interface UpstreamUser {
  /** A connection is there: send the request. */
  onUpstreamReady(connection: UpstreamConnection): void;
  /** The connection that was being made for requests like this one failed. */
  onUpstreamConnectFailed(failure: ConnectFailure): void;
  /** The engine worked on bytes from upstream. */
  onUpstreamEvent(connection: UpstreamConnection, event: number): void;
  /** The connection broke before the response was whole. */
  onUpstreamClosed(connection: UpstreamConnection): void;
  /** All that was written is with the kernel. */
  onUpstreamDrained(): void;
}
