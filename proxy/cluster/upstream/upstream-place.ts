import type {
  EndpointAddress,
  HttpCodec,
  MetadataValueModel,
  TlvModel,
} from "../../config/model.ts";
import type { Engine, KeptText } from "../../engine/engine.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { PoolVariant } from "../variant/pool-variant.ts";
import type { ConnectFailure, EndpointStats, UpstreamLink, UpstreamUser } from "./upstream-user.ts";

/** Where connections lead: an endpoint, as its pools see it. */
export interface EndpointPlace {
  readonly cluster: ClusterView;
  readonly address: EndpointAddress;
  /** What connections within the worker carry along. */
  readonly passedMetadata: readonly MetadataValueModel[];
  /** TLVs of the PROXY header that connections begin with, where they begin with one. */
  readonly proxyTlvs: readonly TlvModel[];
  /** `ip:port` in the engine's memory. */
  readonly text: KeptText;
  /** The endpoint's name in DNS or in the configuration; empty without one. */
  readonly hostname: string;
  /** The same in the engine's memory. */
  readonly hostText: KeptText | null;
  readonly stats: EndpointStats;
}

/** The same, as the connections of one pool see it. */
export interface UpstreamPlace extends EndpointPlace {
  readonly variant: PoolVariant;
  /** What the connections speak, or are to find out; null for no HTTP. */
  readonly codec: HttpCodec | null;
}

/** A connection as its pool sees it. */
export interface PooledConnection {
  /** Whether it can take a request now. */
  readonly isAvailable: boolean;
  /** How many requests it serves now. */
  readonly requestsActive: number;
  /** How many requests it can take now. */
  readonly room: number;
  /** Kept by the pool: whether it is among those that serve next. */
  isListed: boolean;
  /** Gives it to a request; returns what the request sees of it. */
  occupy(user: UpstreamUser): UpstreamLink;
  /** Lets the idle time begin, if it serves no request. */
  rest(nowMs: number): void;
  /** Takes no more requests, and closes after the last. */
  retire(): void;
  /** Closes at once; requests that are served hear of it. */
  destroy(): void;
  /** Adds what waits here to the gauges that a report shows. */
  noteBuffered(): void;
}

/** An HTTP/2 connection as its lanes see it. */
export interface UpstreamLaneHost {
  readonly engine: Engine;
  readonly cluster: ClusterView;
  /** Nothing came since the first of its present requests, which was not the first of all. */
  readonly isUnheard: boolean;
  /** Bytes that wait for the socket. */
  readonly waitingBytes: number;
  /** Writes soon what the engine has gathered. */
  flushLater(): void;
  /** The request of the lane with that record is over, or given up. */
  endLane(record: number, isBroken: boolean): void;
}

/** The pool that connections belong to, as they see it. */
export interface ConnectionPool extends UpstreamPlace {
  /** Requests at a time that one HTTP/2 connection takes, as far as is known. */
  readonly streamsMax: number;
  /** The upstream said how many streams it allows on a connection. */
  noteStreamsMax(streams: number): void;
  /** The connection is ready for its first request. */
  onConnected(connection: PooledConnection, nowMs: number): void;
  /** The connection may serve another request. */
  onIdle(connection: PooledConnection, nowMs: number): void;
  /** The connection is closed. `failure` says why it never connected, if that is so. */
  onClosed(connection: PooledConnection, failure: ConnectFailure | null): void;
}
