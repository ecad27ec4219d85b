/** Why no connection could be made. */
export interface ConnectFailure {
  /** Who gave it up: the upstream, this proxy, or its `connect_timeout`. */
  readonly kind: "remote" | "local" | "timeout";
  /**
   * In Envoy's words: `delayed connect error: Connection refused`. Empty for a timeout, and for an
   * upstream that closed in the middle of a TLS handshake.
   */
  readonly reason: string;
}

/** Numbers of one endpoint, as `/clusters` shows them. */
export interface EndpointStats {
  connectionsTotal: number;
  connectFailures: number;
  requestsTotal: number;
  requestsActive: number;
  errors: number;
  successes: number;
  timeouts: number;
}

/** A connection as the request that it serves sees it. */
export interface UpstreamLink {
  /** Address of the engine's record. */
  readonly record: number;
  /** The connection speaks no HTTP: a tunnel ends here. */
  readonly isRaw: boolean;
  /**
   * True when the connection was kept idle before the request, and nothing came since: the upstream
   * may have closed it before it saw the request.
   */
  readonly mayBeStale: boolean;
  /** Numbers of its endpoint. */
  readonly stats: EndpointStats;
  /** True when so much waits to be written that no more should be read for it. */
  readonly isFull: boolean;
  /** Writes the engine's output. */
  write(): void;
  /** Says that nothing more will be sent, where a tunnel has the connection for itself. */
  end(): void;
  /** Stops reading the response. */
  pauseReading(): void;
  /** Goes on reading the response. */
  resumeReading(): void;
  /**
   * The response is whole: takes the connection from its request, to keep or to close it. One that
   * carries no HTTP is closed when all is sent; `flush` hears of it where that takes time.
   */
  finish(isReusable: boolean, nowMs: number, flush?: FlushListener): void;
  /**
   * Nobody waits for the response any more: takes the connection from its request, closes it, with
   * `isReset` by a reset where it carries no HTTP.
   */
  drop(isReset?: boolean): void;
}

/** Who hears of bytes that are left for an upstream when nobody is there for it any more. */
export interface FlushListener {
  /** Some are left: `close` drops them. */
  onFlushing(close: () => void): void;
  /** Some of them are with the kernel. */
  onFlushed(): void;
  /** The connection is closed. */
  onFlushEnd(): void;
}

/**
 * How a link broke: the connection was closed, or a stream of HTTP/2 given up, perhaps (`refused`)
 * before the upstream looked at it, or (`malformed`) here, since the upstream sent what is no HTTP.
 */
export type UpstreamLoss = "closed" | "reset" | "refused" | "malformed";

/** A request on its way to a cluster, as connections and pools see it. */
export interface UpstreamUser {
  /** A connection is there, and is the request's: send it. */
  onUpstreamReady(link: UpstreamLink, nowMs: number): void;
  /** The request has waited for a connection, and may not be sent: too many are being served. */
  onUpstreamOverflow(): void;
  /** The connection that was being made for requests like this one failed. */
  onUpstreamConnectFailed(failure: ConnectFailure): void;
  /** The engine worked on bytes from upstream. */
  onUpstreamEvent(link: UpstreamLink, event: number, nowMs: number): void;
  /** The link broke before the response was whole; it is no more the request's. */
  onUpstreamLost(link: UpstreamLink, how: UpstreamLoss): void;
  /** Some of what waited to be written is with the kernel. */
  onUpstreamWritten(): void;
}
