import type { ChainMatcherModel, ListenerFiltersModel, TlvChoice } from "./listener-model.ts";
import type { DirectResponseModel, EchoModel, NetworkFilterModel } from "./network-filter-model.ts";
import type { TlsContextModel } from "./tls-model.ts";

/** Where to listen or connect. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "pipe"; readonly path: string; readonly mode: number };

/** Where an endpoint is. */
export type EndpointAddress = Address | InternalAddress;

/** A listener of the same worker. */
export interface InternalAddress {
  readonly kind: "internal";
  /** Name of the listener. */
  readonly listener: string;
  /** Tells endpoints with the same listener apart. */
  readonly endpointId: string;
}

/** What the workers need of an HttpConnectionManager beside its record in the engine image. */
export interface HttpConnectionManagerModel {
  readonly kind: "http";
  /** Offset of the record in the image. */
  readonly record: number;
  /** Name of the scope of its statistics: those of each listener are kept apart. */
  readonly statScope: string;
  readonly codec: HttpCodec;
  /** Milliseconds; 0 is none, here and below. Default 1 hour. */
  readonly idleTimeoutMs: number;
  readonly connectionDurationMaxMs: number;
  /** From the first byte of a request to its last. */
  readonly requestTimeoutMs: number;
  /** From the first byte of a request to the end of its head. */
  readonly requestHeadersTimeoutMs: number;
  /** How long a closed connection waits for the peer to close too. Default 1 second. */
  readonly delayedCloseTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** Null where nothing is said of the certificates of this connection. */
  readonly forwardedDetails: ForwardedDetails | null;
  /** Facts of downstream TLS that formats ask for: bits `1 << FACT_*`. */
  readonly tlsFacts: number;
  readonly http2Keepalive: KeepaliveModel | null;
}

/** `connection_keepalive` of HTTP/2. */
export interface KeepaliveModel {
  /** From one PING to the next; 0: none at intervals. */
  readonly intervalMs: number;
  /** How long the answer may take. */
  readonly timeoutMs: number;
  /** By how much of itself the interval is longer at most. */
  readonly jitterRatio: number;
  /** After so much silence PING goes before a request; 0: it does not. Of clusters only. */
  readonly idleIntervalMs: number;
}

/** A version of HTTP: 1.0 and 1.1, or 2. */
export type HttpProtocol = "http1" | "http2";

/** `auto`: what ALPN said, or else what the first bytes are. */
export type HttpCodec = HttpProtocol | "auto";

/** What of a certificate goes into `x-forwarded-client-cert`, besides its hash. */
export interface ForwardedDetails {
  readonly subject: boolean;
  readonly cert: boolean;
  readonly chain: boolean;
  readonly dns: boolean;
  readonly uri: boolean;
}

/** What the workers need of a TcpProxy beside its record in the engine image. */
export interface TcpProxyModel {
  readonly kind: "tcp";
  /** Offset of the record in the image. */
  readonly record: number;
  /** Name of the scope of its statistics. */
  readonly statScope: string;
  /** Milliseconds; 0 is none, here and below. Default 1 hour. */
  readonly idleTimeoutMs: number;
  readonly durationMaxMs: number;
  /** Facts of TLS that formats ask for: bits `1 << FACT_*`. */
  readonly tlsFacts: number;
  /** How often connecting is tried, at least once. */
  readonly attemptsMax: number;
  /** How often a line is logged of a connection that lives on. */
  readonly logIntervalMs: number;
  /** A line is logged when the upstream is connected, too. */
  readonly logsConnected: boolean;
}

/** The filter that a filter chain ends in, which has the connection. */
export type TerminalModel =
  | HttpConnectionManagerModel
  | TcpProxyModel
  | EchoModel
  | DirectResponseModel;

/** The access logs of the admin interface. */
export interface AdminLogModel {
  /** An engine image with one connection manager, which has the logs. */
  readonly image: Uint8Array;
  /** Offset of its record. */
  readonly record: number;
  /** Where the logs go, by the numbers that the image has for them. */
  readonly sinks: readonly LogSinkModel[];
}

/** What chooses a filter chain: `FilterChainMatch`. */
export interface FilterChainMatchModel {
  /** 0 for any. */
  readonly destinationPort: number;
  /** CIDR ranges as `address/bits`; empty for any. */
  readonly prefixRanges: readonly string[];
  /** In full, or `*.` with a suffix, in lower case; empty for any. */
  readonly serverNames: readonly string[];
  /** Empty for any. */
  readonly transportProtocol: string;
  readonly applicationProtocols: readonly string[];
  readonly directSourcePrefixRanges: readonly string[];
  readonly sourcePrefixRanges: readonly string[];
  readonly sourcePorts: readonly number[];
  readonly sourceType: "any" | "same-ip-or-loopback" | "external";
}

/** A filter chain. */
export interface FilterChainModel {
  readonly name: string;
  readonly match: FilterChainMatchModel | null;
  /** The filters before the last, in their order. */
  readonly filters: readonly NetworkFilterModel[];
  readonly terminal: TerminalModel;
  /** Offsets of what each `set_filter_state` before it sets. */
  readonly stateSets: readonly number[];
  /** Null for plain text. */
  readonly tls: TlsContextModel | null;
  /** How long a handshake may take, in milliseconds; 0 is none. */
  readonly handshakeTimeoutMs: number;
}

/** A listener with all its addresses. */
export interface ListenerModel {
  readonly name: string;
  /** It has no address: connections come from clusters of the same worker. */
  readonly isInternal: boolean;
  /** Offset of the record with the access logs of connections, or 0. */
  readonly logRecord: number;
  readonly addresses: readonly Address[];
  /** Prefix of its statistics: the first address with colons as underscores, or `stat_prefix`. */
  readonly statName: string;
  /** Whether each worker has a socket of its own for a port: `SO_REUSEPORT`. */
  readonly reusesPort: boolean;
  /** Its traffic_direction is INBOUND. */
  readonly isInbound: boolean;
  readonly backlog: number;
  /** Bytes that may wait in one direction of a connection before reading stops. */
  readonly bufferBytesMax: number;
  readonly filterChains: readonly FilterChainModel[];
  readonly defaultFilterChain: FilterChainModel | null;
  /** Names the filter chain, instead of their matches. */
  readonly chainMatcher: ChainMatcherModel | null;
  readonly listenerFilters: ListenerFiltersModel;
  /** Gives a connection whose destination was restored to the listener of that destination. */
  readonly usesOriginalDestination: boolean;
  /** Without a socket it gets connections of other listeners only. */
  readonly bindsToPort: boolean;
}

/**
 * Whether there is one socket for an address, however many workers accept from it, rather than one
 * for each worker.
 */
export function takesOneSocket(
  { reusesPort, bindsToPort }: ListenerModel,
  address: Address,
): boolean {
  return bindsToPort && (address.kind === "pipe" || !reusesPort);
}

/** One address that serves a cluster. */
export interface EndpointModel {
  readonly address: EndpointAddress;
  /** The configured hostname, or the DNS name that the address came from; empty without both. */
  readonly hostname: string;
  readonly weight: number;
  readonly priority: number;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  readonly isHealthy: boolean;
  /** Metadata that goes on to the listener of an internal address. */
  readonly passedMetadata: readonly MetadataValueModel[];
  /** TLVs of the PROXY header that connections to it begin with, where they begin with one. */
  readonly proxyTlvs: readonly TlvModel[];
}

/** A type-length-value vector of a PROXY header. */
export interface TlvModel {
  readonly type: number;
  readonly value: Uint8Array;
}

/** The PROXY header that connections of a cluster begin with: `upstream_proxy_protocol`. */
export interface ProxyUpstreamModel {
  readonly version: 1 | 2;
  /** Types of TLVs of downstream connections that are passed on. */
  readonly passed: TlvChoice;
  readonly added: readonly TlvModel[];
}

/** A value of metadata. */
export interface MetadataValueModel {
  /** Namespace and keys, joined by colons. */
  readonly path: string;
  readonly text: string;
  readonly isJson: boolean;
}

/** Where connections of a cluster go whose endpoints are not known before: ORIGINAL_DST. */
export interface OriginalDstModel {
  /** Request header, in lower case, that says where; empty for none. */
  readonly header: string;
  /** Path of the metadata that says where; empty for none. */
  readonly metadataPath: string;
  /** The port in place of that of the destination; 0 for none. */
  readonly port: number;
  /** How long a destination is kept that nobody uses. */
  readonly cleanupMs: number;
}

/** A name that must be looked up to get endpoints. */
export interface DnsTargetModel {
  readonly host: string;
  readonly port: number;
  /** What the endpoints are called: the configured hostname, or the name that is looked up. */
  readonly hostname: string;
  readonly weight: number;
  readonly priority: number;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  readonly proxyTlvs: readonly TlvModel[];
}

/** Limits of one priority of a cluster. */
export interface CircuitBreakerModel {
  readonly connectionsMax: number;
  readonly pendingMax: number;
  readonly requestsMax: number;
  readonly retriesMax: number;
}

/** A cluster; its place in the list is its index in the engine image. */
export interface ClusterModel {
  readonly name: string;
  readonly observedName: string;
  readonly discovery: "static" | "strict-dns" | "logical-dns" | "original-dst";
  /** Null for other kinds of discovery. */
  readonly originalDst: OriginalDstModel | null;
  readonly endpoints: readonly EndpointModel[];
  readonly dnsTargets: readonly DnsTargetModel[];
  readonly dnsRefreshMs: number;
  readonly dnsFailureRefreshMs: number;
  readonly respectsDnsTtl: boolean;
  readonly dnsFamily: "auto" | "v4-only" | "v6-only" | "v4-preferred" | "all";
  readonly connectTimeoutMs: number;
  /** 0 is no limit. */
  readonly requestsPerConnectionMax: number;
  readonly idleTimeoutMs: number;
  readonly connectionDurationMaxMs: number;
  readonly bufferBytesMax: number;
  /** `auto`: what the upstream chooses by ALPN. */
  readonly codec: HttpCodec;
  /**
   * Requests go on in the version in which they came; `codec` is for what came in none. Envoy
   * `use_downstream_protocol_config`.
   */
  readonly followsDownstream: boolean;
  /** Requests at a time on one HTTP/2 connection, at most. */
  readonly http2StreamsMax: number;
  readonly http2Keepalive: KeepaliveModel | null;
  /** Connections that an endpoint shall have for each that its requests need, 1 to 3. */
  readonly preconnectRatio: number;
  readonly circuitBreaker: CircuitBreakerModel;
  readonly hasKeepAlive: boolean;
  readonly keepAliveDelayMs: number;
  /** Null where connections begin with no PROXY header. */
  readonly proxyHeader: ProxyUpstreamModel | null;
  /** Null for plain text. */
  readonly tls: TlsContextModel | null;
  /** Facts of TLS that formats ask for: bits `1 << FACT_*`. */
  readonly tlsFacts: number;
}

/** One file or stream that access logs are written to. */
export interface LogSinkModel {
  readonly kind: "file" | "stdout" | "stderr";
  readonly path: string;
}

/** What workers run: one immutable whole that is replaced, never changed. */
export interface Snapshot {
  readonly version: number;
  /** The engine image. */
  readonly image: Uint8Array;
  readonly listeners: readonly ListenerModel[];
  readonly clusters: readonly ClusterModel[];
  readonly logSinks: readonly LogSinkModel[];
  /** What each cell of memory is for that workers share; network filters name them by place. */
  readonly cells: readonly string[];
}

/** Every TLS of a snapshot. */
export function contextsOf({ listeners, clusters }: Snapshot): readonly TlsContextModel[] {
  const chains = listeners.flatMap(({ filterChains, defaultFilterChain }) =>
    defaultFilterChain === null ? filterChains : [...filterChains, defaultFilterChain],
  );
  return [...chains, ...clusters].flatMap(({ tls }) => (tls === null ? [] : [tls]));
}

/** A snapshot in which one context has other secrets. */
export function withContext(snapshot: Snapshot, context: TlsContextModel): Snapshot {
  const change = <Owner extends { readonly tls: TlsContextModel | null }>(owner: Owner): Owner =>
    owner.tls?.path === context.path ? { ...owner, tls: context } : owner;
  const listeners = snapshot.listeners.map((listener) => ({
    ...listener,
    filterChains: listener.filterChains.map(change),
    defaultFilterChain:
      listener.defaultFilterChain === null ? null : change(listener.defaultFilterChain),
  }));
  return { ...snapshot, listeners, clusters: snapshot.clusters.map(change) };
}

/** What the statistics of a context's owner begin with, without the dot. */
export function scopeOf({ listeners, clusters }: Snapshot, path: string): string | null {
  for (const { statName, filterChains, defaultFilterChain } of listeners) {
    const chains = [...filterChains, ...(defaultFilterChain === null ? [] : [defaultFilterChain])];
    if (chains.some(({ tls }) => tls?.path === path)) {
      return `listener.${statName}.server_ssl_socket_factory`;
    }
  }
  const cluster = clusters.find(({ tls }) => tls?.path === path);
  return cluster === undefined ? null : `cluster.${cluster.observedName}.client_ssl_socket_factory`;
}
