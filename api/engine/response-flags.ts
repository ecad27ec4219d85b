/**
 * Response flags: why a request went another way than usual, as Envoy names it. Each constant is
 * the index of a bit in `responseFlags` of a stream. Untyped constants only, since AssemblyScript
 * reads this file too.
 *
 * Envoy prints flags in the order in which they were set, so the bits are numbered in the order in
 * which a request comes upon them: `URX,UF`, `DI,UT`.
 */
/** Strict checks refused an `x-envoy-*` request header. */
export const RESPONSE_FLAG_IH = 0;
/** The downstream broke the protocol. */
export const RESPONSE_FLAG_DPE = 1;
/** The local health check failed. */
export const RESPONSE_FLAG_LH = 2;
/** The overload manager ended the stream. */
export const RESPONSE_FLAG_OM = 3;
/** A filter's configuration did not arrive in time. */
export const RESPONSE_FLAG_NFCF = 4;
/** A delay was injected. */
export const RESPONSE_FLAG_DI = 5;
/** An abort was injected. */
export const RESPONSE_FLAG_FI = 6;
/** The local rate limit was reached. */
export const RESPONSE_FLAG_RL = 7;
/** The rate limit service failed. */
export const RESPONSE_FLAG_RLSE = 8;
/** The external authorization service refused. */
export const RESPONSE_FLAG_UAEX = 9;
/** The response came from a cache. */
export const RESPONSE_FLAG_RFCF = 10;
/** No route matched. */
export const RESPONSE_FLAG_NR = 11;
/** The cluster of the route does not exist. */
export const RESPONSE_FLAG_NC = 12;
/** All traffic of the cluster is dropped. */
export const RESPONSE_FLAG_UDO = 13;
/** A part of the traffic of the cluster is dropped, and this request with it. */
export const RESPONSE_FLAG_DO = 14;
/** The retries are used up. */
export const RESPONSE_FLAG_URX = 15;
/** No endpoint is healthy. */
export const RESPONSE_FLAG_UH = 16;
/** A circuit breaker is open. */
export const RESPONSE_FLAG_UO = 17;
/** Connecting to the upstream failed. */
export const RESPONSE_FLAG_UF = 18;
/** The upstream closed the connection. */
export const RESPONSE_FLAG_UC = 19;
/** The upstream reset the stream. */
export const RESPONSE_FLAG_UR = 20;
/** The stream was reset here. */
export const RESPONSE_FLAG_LR = 21;
/** The upstream broke the protocol. */
export const RESPONSE_FLAG_UPE = 22;
/** The upstream took too long. */
export const RESPONSE_FLAG_UT = 23;
/** The stream reached its longest duration. */
export const RESPONSE_FLAG_UMSDR = 24;
/** The name of the upstream has no address. */
export const RESPONSE_FLAG_DF = 25;
/** Nothing moved on the stream for too long. */
export const RESPONSE_FLAG_SI = 26;
/** The request or the connection reached its longest duration. */
export const RESPONSE_FLAG_DT = 27;
/** The downstream closed the connection. */
export const RESPONSE_FLAG_DC = 28;
/** The downstream reset the stream. */
export const RESPONSE_FLAG_DR = 29;

/** In TCP it is known last that no other attempt may be made: printed as the other URX is. */
export const RESPONSE_FLAG_URX_LATE = 30;

/** How many flags there are. */
export const RESPONSE_FLAG_COUNT = 31;

/** Short names, by bit: what RESPONSE_FLAGS prints. */
export const RESPONSE_FLAG_NAMES = [
  "IH",
  "DPE",
  "LH",
  "OM",
  "NFCF",
  "DI",
  "FI",
  "RL",
  "RLSE",
  "UAEX",
  "RFCF",
  "NR",
  "NC",
  "UDO",
  "DO",
  "URX",
  "UH",
  "UO",
  "UF",
  "UC",
  "UR",
  "LR",
  "UPE",
  "UT",
  "UMSDR",
  "DF",
  "SI",
  "DT",
  "DC",
  "DR",
  "URX",
];

/** Long names, by bit: what RESPONSE_FLAGS_LONG prints. */
export const RESPONSE_FLAG_LONG_NAMES = [
  "InvalidEnvoyRequestHeaders",
  "DownstreamProtocolError",
  "FailedLocalHealthCheck",
  "OverloadManagerTerminated",
  "NoFilterConfigFound",
  "DelayInjected",
  "FaultInjected",
  "RateLimited",
  "RateLimitServiceError",
  "UnauthorizedExternalService",
  "ResponseFromCacheFilter",
  "NoRouteFound",
  "NoClusterFound",
  "UnconditionalDropOverload",
  "DropOverload",
  "UpstreamRetryLimitExceeded",
  "NoHealthyUpstream",
  "UpstreamOverflow",
  "UpstreamConnectionFailure",
  "UpstreamConnectionTermination",
  "UpstreamRemoteReset",
  "LocalReset",
  "UpstreamProtocolError",
  "UpstreamRequestTimeout",
  "UpstreamMaxStreamDurationReached",
  "DnsResolutionFailed",
  "StreamIdleTimeout",
  "DurationTimeout",
  "DownstreamConnectionTermination",
  "DownstreamRemoteReset",
  "UpstreamRetryLimitExceeded",
];
