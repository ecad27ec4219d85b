/**
 * The statistics of listener filters: blocks of f64 each, like those of `stats.ts`. Numbers are
 * indexes into the names, which are Envoy's. Untyped constants only.
 */

/** Counters of all TLS inspectors. */
export const TLS_INSPECTOR_COUNTERS = [
  "alpn_found",
  "alpn_not_found",
  "client_hello_too_large",
  "sni_found",
  "sni_not_found",
  "tls_found",
  "tls_not_found",
];
/** Histograms of all TLS inspectors. */
export const TLS_INSPECTOR_HISTOGRAMS = ["bytes_processed"];

/** Counters of all HTTP inspectors. */
export const HTTP_INSPECTOR_COUNTERS = [
  "http10_found",
  "http11_found",
  "http2_found",
  "http_not_found",
  "read_error",
];

/** Counters of the PROXY protocol filters that have one `stat_prefix`. */
export const PROXY_PROTOCOL_COUNTERS = [
  "not_found_allowed",
  "not_found_disallowed",
  "versions.v1.disallowed",
  "versions.v1.error",
  "versions.v1.found",
  "versions.v2.disallowed",
  "versions.v2.error",
  "versions.v2.found",
];

/** What all PROXY protocol filters count together, below no prefix. */
export const PROXY_PROTOCOL_LEGACY_COUNTERS = ["downstream_cx_proxy_proto_error"];

/** `alpn_found`. */
export const TLS_INSPECTOR_ALPN_FOUND = 0;
/** `alpn_not_found`. */
export const TLS_INSPECTOR_ALPN_NOT_FOUND = 1;
/** `client_hello_too_large`. */
export const TLS_INSPECTOR_CLIENT_HELLO_TOO_LARGE = 2;
/** `sni_found`. */
export const TLS_INSPECTOR_SNI_FOUND = 3;
/** `sni_not_found`. */
export const TLS_INSPECTOR_SNI_NOT_FOUND = 4;
/** `tls_found`. */
export const TLS_INSPECTOR_TLS_FOUND = 5;
/** `tls_not_found`. */
export const TLS_INSPECTOR_TLS_NOT_FOUND = 6;
/** Histogram `bytes_processed`. */
export const TLS_INSPECTOR_H_BYTES_PROCESSED = 0;
/** Offset of the histogram addresses in a block of a TLS inspector. */
export const TLS_INSPECTOR_HISTOGRAMS_AT = 56;

/** `http10_found`. */
export const HTTP_INSPECTOR_HTTP10_FOUND = 0;
/** `http11_found`. */
export const HTTP_INSPECTOR_HTTP11_FOUND = 1;
/** `http2_found`. */
export const HTTP_INSPECTOR_HTTP2_FOUND = 2;
/** `http_not_found`. */
export const HTTP_INSPECTOR_HTTP_NOT_FOUND = 3;
/** `read_error`. */
export const HTTP_INSPECTOR_READ_ERROR = 4;

/** `not_found_allowed`. */
export const PROXY_PROTOCOL_NOT_FOUND_ALLOWED = 0;
/** `not_found_disallowed`. */
export const PROXY_PROTOCOL_NOT_FOUND_DISALLOWED = 1;
/** `versions.v1.disallowed`; those of version 2 are PROXY_PROTOCOL_V2_STEP behind. */
export const PROXY_PROTOCOL_V1_DISALLOWED = 2;
/** `versions.v1.error`. */
export const PROXY_PROTOCOL_V1_ERROR = 3;
/** `versions.v1.found`. */
export const PROXY_PROTOCOL_V1_FOUND = 4;
/** From a number of version 1 to that of version 2. */
export const PROXY_PROTOCOL_V2_STEP = 3;
/** `downstream_cx_proxy_proto_error`. */
export const PROXY_PROTOCOL_LEGACY_ERROR = 0;

/** Offset, behind everything, of the tables by status code, which these scopes do not have. */
export const LISTENER_FILTER_CODES_AT = 64;
/** Size of a block of any of these kinds. */
export const LISTENER_FILTER_STATS_BYTES = 96;
