/**
 * The statistics of network filters, and of PROXY headers to upstreams: blocks of f64, like those
 * of `stats.ts`. Numbers are indexes into the names, which are Envoy's. Untyped constants only.
 */

/** Below `connection_limit.<stat_prefix>.`. */
export const CONNECTION_LIMIT_NUMBERS = ["active_connections", "limited_connections"];
/** `active_connections`, a gauge. */
export const CONNECTION_LIMIT_ACTIVE_CONNECTIONS = 0;
/** `limited_connections`. */
export const CONNECTION_LIMIT_LIMITED_CONNECTIONS = 1;

/** Below `local_rate_limit.<stat_prefix>.`. */
export const RATE_LIMIT_COUNTERS = ["rate_limited"];
/** `rate_limited`. */
export const RATE_LIMIT_RATE_LIMITED = 0;

/** Below `<stat_prefix>rbac.`. */
export const RBAC_COUNTERS = ["allowed", "denied"];
/** Below `<stat_prefix>rbac.<shadow_rules_stat_prefix>`. */
export const RBAC_SHADOW_COUNTERS = ["shadow_allowed", "shadow_denied"];
/** `allowed` or `shadow_allowed`. */
export const RBAC_ALLOWED = 0;
/** `denied` or `shadow_denied`. */
export const RBAC_DENIED = 1;

/** Below `metadata_exchange.`: all filters count together. */
export const METADATA_EXCHANGE_COUNTERS = [
  "alpn_protocol_found",
  "alpn_protocol_not_found",
  "header_not_found",
  "initial_header_not_found",
  "metadata_added",
];
/** `alpn_protocol_not_found`. */
export const METADATA_EXCHANGE_ALPN_PROTOCOL_NOT_FOUND = 1;
/** Below `cluster.<name>.upstream.proxyprotocol.`. */
export const UPSTREAM_PROXY_COUNTERS = ["v2_tlvs_exceed_max_length"];
/** `v2_tlvs_exceed_max_length`. */
export const UPSTREAM_PROXY_V2_TLVS_EXCEED_MAX_LENGTH = 0;

/** Offset of the histogram addresses in a block. */
export const FILTER_HISTOGRAMS_AT = 40;
/** Offset of the addresses of the tables by status code. */
export const FILTER_CODES_AT = 40;
/** Size of a block. */
export const FILTER_STATS_BYTES = 72;
