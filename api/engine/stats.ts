/**
 * The statistics that live in the engine's memory, by scope. A scope is one block:
 *
 *   | counters and gauges, f64 each | histogram addresses, u32 each | five addresses, u32 each,
 *   of tables of 100 f64 by status code (1xx … 5xx) |
 *
 * A cluster has such tables three times: of all answers, and of those to requests from inside and
 * from outside.
 *
 * An address of 0 is a table that nothing was recorded in yet. Numbers here are indexes into a
 * scope's names. Untyped constants only, since AssemblyScript reads this file too. Names are
 * Envoy's.
 */

/** Counters and gauges of an HttpConnectionManager. */
export const HTTP_COUNTERS = [
  "downstream_cx_total",
  "downstream_cx_ssl_total",
  "downstream_cx_http1_total",
  "downstream_cx_http2_total",
  "downstream_cx_upgrades_total",
  "downstream_cx_active",
  "downstream_cx_ssl_active",
  "downstream_cx_http1_active",
  "downstream_cx_http2_active",
  "downstream_cx_upgrades_active",
  "downstream_cx_destroy",
  "downstream_cx_destroy_remote",
  "downstream_cx_destroy_local",
  "downstream_cx_destroy_active_rq",
  "downstream_cx_destroy_local_active_rq",
  "downstream_cx_destroy_remote_active_rq",
  "downstream_cx_idle_timeout",
  "downstream_cx_max_duration_reached",
  "downstream_cx_max_requests_reached",
  "downstream_cx_overload_disable_keepalive",
  "downstream_cx_protocol_error",
  "downstream_cx_drain_close",
  "downstream_cx_delayed_close_timeout",
  "downstream_cx_rx_bytes_total",
  "downstream_cx_rx_bytes_buffered",
  "downstream_cx_tx_bytes_total",
  "downstream_cx_tx_bytes_buffered",
  "downstream_flow_control_paused_reading_total",
  "downstream_flow_control_resumed_reading_total",
  "downstream_rq_total",
  "downstream_rq_active",
  "downstream_rq_http1_total",
  "downstream_rq_http2_total",
  "downstream_rq_completed",
  "downstream_rq_1xx",
  "downstream_rq_2xx",
  "downstream_rq_3xx",
  "downstream_rq_4xx",
  "downstream_rq_5xx",
  "downstream_rq_failed_path_normalization",
  "downstream_rq_header_timeout",
  "downstream_rq_idle_timeout",
  "downstream_rq_max_duration_reached",
  "downstream_rq_non_relative_path",
  "downstream_rq_overload_close",
  "downstream_rq_redirected_with_normalized_path",
  "downstream_rq_rejected_via_ip_detection",
  "downstream_rq_response_before_rq_complete",
  "downstream_rq_rx_reset",
  "downstream_rq_timeout",
  "downstream_rq_too_large",
  "downstream_rq_tx_reset",
  "downstream_rq_ws_on_non_ws_route",
  "downstream_rs_too_large",
  "no_cluster",
  "no_route",
  "passthrough_internal_redirect_bad_location",
  "passthrough_internal_redirect_no_route",
  "passthrough_internal_redirect_predicate",
  "passthrough_internal_redirect_too_many_redirects",
  "passthrough_internal_redirect_unsafe_scheme",
  "rq_direct_response",
  "rq_redirect",
  "rq_reset_after_downstream_response_started",
  "rq_total",
  "rq_overload_local_reply",
  "downstream_rq_too_many_premature_resets",
];
/** Histograms of an HttpConnectionManager. */
export const HTTP_HISTOGRAMS = ["downstream_cx_length_ms", "downstream_rq_time"];

/** `downstream_cx_total`. */
export const HTTP_DOWNSTREAM_CX_TOTAL = 0;
/** `downstream_cx_ssl_total`. */
export const HTTP_DOWNSTREAM_CX_SSL_TOTAL = 1;
/** `downstream_cx_http1_total`. */
export const HTTP_DOWNSTREAM_CX_HTTP1_TOTAL = 2;
/** `downstream_cx_http2_total`. */
export const HTTP_DOWNSTREAM_CX_HTTP2_TOTAL = 3;
/** `downstream_cx_upgrades_total`. */
export const HTTP_DOWNSTREAM_CX_UPGRADES_TOTAL = 4;
/** `downstream_cx_active`. */
export const HTTP_DOWNSTREAM_CX_ACTIVE = 5;
/** `downstream_cx_ssl_active`. */
export const HTTP_DOWNSTREAM_CX_SSL_ACTIVE = 6;
/** `downstream_cx_http1_active`. */
export const HTTP_DOWNSTREAM_CX_HTTP1_ACTIVE = 7;
/** `downstream_cx_http2_active`. */
export const HTTP_DOWNSTREAM_CX_HTTP2_ACTIVE = 8;
/** `downstream_cx_upgrades_active`. */
export const HTTP_DOWNSTREAM_CX_UPGRADES_ACTIVE = 9;
/** `downstream_cx_destroy`. */
export const HTTP_DOWNSTREAM_CX_DESTROY = 10;
/** `downstream_cx_destroy_remote`. */
export const HTTP_DOWNSTREAM_CX_DESTROY_REMOTE = 11;
/** `downstream_cx_destroy_local`. */
export const HTTP_DOWNSTREAM_CX_DESTROY_LOCAL = 12;
/** `downstream_cx_destroy_active_rq`. */
export const HTTP_DOWNSTREAM_CX_DESTROY_ACTIVE_RQ = 13;
/** `downstream_cx_destroy_local_active_rq`. */
export const HTTP_DOWNSTREAM_CX_DESTROY_LOCAL_ACTIVE_RQ = 14;
/** `downstream_cx_destroy_remote_active_rq`. */
export const HTTP_DOWNSTREAM_CX_DESTROY_REMOTE_ACTIVE_RQ = 15;
/** `downstream_cx_idle_timeout`. */
export const HTTP_DOWNSTREAM_CX_IDLE_TIMEOUT = 16;
/** `downstream_cx_max_duration_reached`. */
export const HTTP_DOWNSTREAM_CX_MAX_DURATION_REACHED = 17;
/** `downstream_cx_max_requests_reached`. */
export const HTTP_DOWNSTREAM_CX_MAX_REQUESTS_REACHED = 18;
/** `downstream_cx_overload_disable_keepalive`. */
export const HTTP_DOWNSTREAM_CX_OVERLOAD_DISABLE_KEEPALIVE = 19;
/** `downstream_cx_protocol_error`. */
export const HTTP_DOWNSTREAM_CX_PROTOCOL_ERROR = 20;
/** `downstream_cx_drain_close`. */
export const HTTP_DOWNSTREAM_CX_DRAIN_CLOSE = 21;
/** `downstream_cx_delayed_close_timeout`. */
export const HTTP_DOWNSTREAM_CX_DELAYED_CLOSE_TIMEOUT = 22;
/** `downstream_cx_rx_bytes_total`. */
export const HTTP_DOWNSTREAM_CX_RX_BYTES_TOTAL = 23;
/** `downstream_cx_rx_bytes_buffered`. */
export const HTTP_DOWNSTREAM_CX_RX_BYTES_BUFFERED = 24;
/** `downstream_cx_tx_bytes_total`. */
export const HTTP_DOWNSTREAM_CX_TX_BYTES_TOTAL = 25;
/** `downstream_cx_tx_bytes_buffered`. */
export const HTTP_DOWNSTREAM_CX_TX_BYTES_BUFFERED = 26;
/** `downstream_flow_control_paused_reading_total`. */
export const HTTP_DOWNSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL = 27;
/** `downstream_flow_control_resumed_reading_total`. */
export const HTTP_DOWNSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL = 28;
/** `downstream_rq_total`. */
export const HTTP_DOWNSTREAM_RQ_TOTAL = 29;
/** `downstream_rq_active`. */
export const HTTP_DOWNSTREAM_RQ_ACTIVE = 30;
/** `downstream_rq_http1_total`. */
export const HTTP_DOWNSTREAM_RQ_HTTP1_TOTAL = 31;
/** `downstream_rq_http2_total`. */
export const HTTP_DOWNSTREAM_RQ_HTTP2_TOTAL = 32;
/** `downstream_rq_completed`. */
export const HTTP_DOWNSTREAM_RQ_COMPLETED = 33;
/** `downstream_rq_1xx`. */
export const HTTP_DOWNSTREAM_RQ_1XX = 34;
/** `downstream_rq_2xx`. */
export const HTTP_DOWNSTREAM_RQ_2XX = 35;
/** `downstream_rq_3xx`. */
export const HTTP_DOWNSTREAM_RQ_3XX = 36;
/** `downstream_rq_4xx`. */
export const HTTP_DOWNSTREAM_RQ_4XX = 37;
/** `downstream_rq_5xx`. */
export const HTTP_DOWNSTREAM_RQ_5XX = 38;
/** `downstream_rq_failed_path_normalization`. */
export const HTTP_DOWNSTREAM_RQ_FAILED_PATH_NORMALIZATION = 39;
/** `downstream_rq_header_timeout`. */
export const HTTP_DOWNSTREAM_RQ_HEADER_TIMEOUT = 40;
/** `downstream_rq_idle_timeout`. */
export const HTTP_DOWNSTREAM_RQ_IDLE_TIMEOUT = 41;
/** `downstream_rq_max_duration_reached`. */
export const HTTP_DOWNSTREAM_RQ_MAX_DURATION_REACHED = 42;
/** `downstream_rq_non_relative_path`. */
export const HTTP_DOWNSTREAM_RQ_NON_RELATIVE_PATH = 43;
/** `downstream_rq_overload_close`. */
export const HTTP_DOWNSTREAM_RQ_OVERLOAD_CLOSE = 44;
/** `downstream_rq_redirected_with_normalized_path`. */
export const HTTP_DOWNSTREAM_RQ_REDIRECTED_WITH_NORMALIZED_PATH = 45;
/** `downstream_rq_rejected_via_ip_detection`. */
export const HTTP_DOWNSTREAM_RQ_REJECTED_VIA_IP_DETECTION = 46;
/** `downstream_rq_response_before_rq_complete`. */
export const HTTP_DOWNSTREAM_RQ_RESPONSE_BEFORE_RQ_COMPLETE = 47;
/** `downstream_rq_rx_reset`. */
export const HTTP_DOWNSTREAM_RQ_RX_RESET = 48;
/** `downstream_rq_timeout`. */
export const HTTP_DOWNSTREAM_RQ_TIMEOUT = 49;
/** `downstream_rq_too_large`. */
export const HTTP_DOWNSTREAM_RQ_TOO_LARGE = 50;
/** `downstream_rq_tx_reset`. */
export const HTTP_DOWNSTREAM_RQ_TX_RESET = 51;
/** `downstream_rq_ws_on_non_ws_route`. */
export const HTTP_DOWNSTREAM_RQ_WS_ON_NON_WS_ROUTE = 52;
/** `downstream_rs_too_large`. */
export const HTTP_DOWNSTREAM_RS_TOO_LARGE = 53;
/** `no_cluster`. */
export const HTTP_NO_CLUSTER = 54;
/** `no_route`. */
export const HTTP_NO_ROUTE = 55;
/** `passthrough_internal_redirect_bad_location`. */
export const HTTP_PASSTHROUGH_INTERNAL_REDIRECT_BAD_LOCATION = 56;
/** `passthrough_internal_redirect_no_route`. */
export const HTTP_PASSTHROUGH_INTERNAL_REDIRECT_NO_ROUTE = 57;
/** `passthrough_internal_redirect_predicate`. */
export const HTTP_PASSTHROUGH_INTERNAL_REDIRECT_PREDICATE = 58;
/** `passthrough_internal_redirect_too_many_redirects`. */
export const HTTP_PASSTHROUGH_INTERNAL_REDIRECT_TOO_MANY_REDIRECTS = 59;
/** `passthrough_internal_redirect_unsafe_scheme`. */
export const HTTP_PASSTHROUGH_INTERNAL_REDIRECT_UNSAFE_SCHEME = 60;
/** `rq_direct_response`. */
export const HTTP_RQ_DIRECT_RESPONSE = 61;
/** `rq_redirect`. */
export const HTTP_RQ_REDIRECT = 62;
/** `rq_reset_after_downstream_response_started`. */
export const HTTP_RQ_RESET_AFTER_DOWNSTREAM_RESPONSE_STARTED = 63;
/** `rq_total`. */
export const HTTP_RQ_TOTAL = 64;
/** `rq_overload_local_reply`. */
export const HTTP_RQ_OVERLOAD_LOCAL_REPLY = 65;
/** `downstream_rq_too_many_premature_resets`. */
export const HTTP_DOWNSTREAM_RQ_TOO_MANY_PREMATURE_RESETS = 66;
/** Histogram `downstream_cx_length_ms`. */
export const HTTP_H_DOWNSTREAM_CX_LENGTH_MS = 0;
/** Histogram `downstream_rq_time`. */
export const HTTP_H_DOWNSTREAM_RQ_TIME = 1;
/** Offset of the histogram addresses in a block of an HttpConnectionManager. */
export const HTTP_HISTOGRAMS_AT = 536;
/** Offset of the addresses of the tables by status code. */
export const HTTP_CODES_AT = 544;
/** Size of a block of an HttpConnectionManager. */
export const HTTP_STATS_BYTES = 576;

/** Counters and gauges of a cluster. */
export const UPSTREAM_COUNTERS = [
  "upstream_cx_total",
  "upstream_cx_active",
  "upstream_cx_http1_total",
  "upstream_cx_http2_total",
  "upstream_cx_connect_fail",
  "upstream_cx_connect_timeout",
  "upstream_cx_connect_attempts_exceeded",
  "upstream_cx_idle_timeout",
  "upstream_cx_max_duration_reached",
  "upstream_cx_overflow",
  "upstream_cx_pool_overflow",
  "upstream_cx_destroy",
  "upstream_cx_destroy_local",
  "upstream_cx_destroy_remote",
  "upstream_cx_destroy_with_active_rq",
  "upstream_cx_destroy_local_with_active_rq",
  "upstream_cx_destroy_remote_with_active_rq",
  "upstream_cx_close_notify",
  "upstream_cx_rx_bytes_total",
  "upstream_cx_rx_bytes_buffered",
  "upstream_cx_tx_bytes_total",
  "upstream_cx_tx_bytes_buffered",
  "upstream_cx_protocol_error",
  "upstream_cx_max_requests",
  "upstream_cx_none_healthy",
  "upstream_rq_total",
  "upstream_rq_active",
  "upstream_rq_completed",
  "upstream_rq_1xx",
  "upstream_rq_2xx",
  "upstream_rq_3xx",
  "upstream_rq_4xx",
  "upstream_rq_5xx",
  "upstream_rq_unknown",
  "upstream_rq_pending_total",
  "upstream_rq_pending_active",
  "upstream_rq_pending_overflow",
  "upstream_rq_pending_failure_eject",
  "upstream_rq_cancelled",
  "upstream_rq_maintenance_mode",
  "upstream_rq_max_duration_reached",
  "upstream_rq_timeout",
  "upstream_rq_per_try_timeout",
  "upstream_rq_per_try_idle_timeout",
  "upstream_rq_rx_reset",
  "upstream_rq_tx_reset",
  "upstream_rq_retry",
  "upstream_rq_retry_backoff_exponential",
  "upstream_rq_retry_backoff_ratelimited",
  "upstream_rq_retry_limit_exceeded",
  "upstream_rq_retry_success",
  "upstream_rq_retry_overflow",
  "upstream_internal_redirect_failed_total",
  "upstream_internal_redirect_succeeded_total",
  "upstream_flow_control_paused_reading_total",
  "upstream_flow_control_resumed_reading_total",
  "upstream_flow_control_backed_up_total",
  "upstream_flow_control_drained_total",
  "bind_errors",
  "original_dst_host_invalid",
  "retry_or_shadow_abandoned",
  "membership_change",
  "membership_total",
  "membership_healthy",
  "membership_degraded",
  "membership_excluded",
  "update_attempt",
  "update_success",
  "update_failure",
  "update_empty",
  "update_no_rebuild",
  "version",
  "lb_healthy_panic",
  "max_host_weight",
  "circuit_breakers.default.cx_open",
  "circuit_breakers.default.cx_pool_open",
  "circuit_breakers.default.rq_pending_open",
  "circuit_breakers.default.rq_open",
  "circuit_breakers.default.rq_retry_open",
  "internal.upstream_rq_completed",
  "internal.upstream_rq_2xx",
  "internal.upstream_rq_3xx",
  "internal.upstream_rq_4xx",
  "internal.upstream_rq_5xx",
  "external.upstream_rq_completed",
  "external.upstream_rq_2xx",
  "external.upstream_rq_3xx",
  "external.upstream_rq_4xx",
  "external.upstream_rq_5xx",
  "upstream_rq_active_overflow",
  "internal.upstream_rq_1xx",
  "external.upstream_rq_1xx",
];
/** Histograms of a cluster. */
export const UPSTREAM_HISTOGRAMS = [
  "upstream_cx_connect_ms",
  "upstream_cx_length_ms",
  "upstream_rq_time",
  "internal.upstream_rq_time",
  "external.upstream_rq_time",
  "upstream_rq_per_cx",
];

/** `upstream_cx_total`. */
export const UPSTREAM_UPSTREAM_CX_TOTAL = 0;
/** `upstream_cx_active`. */
export const UPSTREAM_UPSTREAM_CX_ACTIVE = 1;
/** `upstream_cx_http1_total`. */
export const UPSTREAM_UPSTREAM_CX_HTTP1_TOTAL = 2;
/** `upstream_cx_http2_total`. */
export const UPSTREAM_UPSTREAM_CX_HTTP2_TOTAL = 3;
/** `upstream_cx_connect_fail`. */
export const UPSTREAM_UPSTREAM_CX_CONNECT_FAIL = 4;
/** `upstream_cx_connect_timeout`. */
export const UPSTREAM_UPSTREAM_CX_CONNECT_TIMEOUT = 5;
/** `upstream_cx_connect_attempts_exceeded`. */
export const UPSTREAM_UPSTREAM_CX_CONNECT_ATTEMPTS_EXCEEDED = 6;
/** `upstream_cx_idle_timeout`. */
export const UPSTREAM_UPSTREAM_CX_IDLE_TIMEOUT = 7;
/** `upstream_cx_max_duration_reached`. */
export const UPSTREAM_UPSTREAM_CX_MAX_DURATION_REACHED = 8;
/** `upstream_cx_overflow`. */
export const UPSTREAM_UPSTREAM_CX_OVERFLOW = 9;
/** `upstream_cx_pool_overflow`. */
export const UPSTREAM_UPSTREAM_CX_POOL_OVERFLOW = 10;
/** `upstream_cx_destroy`. */
export const UPSTREAM_UPSTREAM_CX_DESTROY = 11;
/** `upstream_cx_destroy_local`. */
export const UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL = 12;
/** `upstream_cx_destroy_remote`. */
export const UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE = 13;
/** `upstream_cx_destroy_with_active_rq`. */
export const UPSTREAM_UPSTREAM_CX_DESTROY_WITH_ACTIVE_RQ = 14;
/** `upstream_cx_destroy_local_with_active_rq`. */
export const UPSTREAM_UPSTREAM_CX_DESTROY_LOCAL_WITH_ACTIVE_RQ = 15;
/** `upstream_cx_destroy_remote_with_active_rq`. */
export const UPSTREAM_UPSTREAM_CX_DESTROY_REMOTE_WITH_ACTIVE_RQ = 16;
/** `upstream_cx_close_notify`. */
export const UPSTREAM_UPSTREAM_CX_CLOSE_NOTIFY = 17;
/** `upstream_cx_rx_bytes_total`. */
export const UPSTREAM_UPSTREAM_CX_RX_BYTES_TOTAL = 18;
/** `upstream_cx_rx_bytes_buffered`. */
export const UPSTREAM_UPSTREAM_CX_RX_BYTES_BUFFERED = 19;
/** `upstream_cx_tx_bytes_total`. */
export const UPSTREAM_UPSTREAM_CX_TX_BYTES_TOTAL = 20;
/** `upstream_cx_tx_bytes_buffered`. */
export const UPSTREAM_UPSTREAM_CX_TX_BYTES_BUFFERED = 21;
/** `upstream_cx_protocol_error`. */
export const UPSTREAM_UPSTREAM_CX_PROTOCOL_ERROR = 22;
/** `upstream_cx_max_requests`. */
export const UPSTREAM_UPSTREAM_CX_MAX_REQUESTS = 23;
/** `upstream_cx_none_healthy`. */
export const UPSTREAM_UPSTREAM_CX_NONE_HEALTHY = 24;
/** `upstream_rq_total`. */
export const UPSTREAM_UPSTREAM_RQ_TOTAL = 25;
/** `upstream_rq_active`. */
export const UPSTREAM_UPSTREAM_RQ_ACTIVE = 26;
/** `upstream_rq_completed`. */
export const UPSTREAM_UPSTREAM_RQ_COMPLETED = 27;
/** `upstream_rq_1xx`. */
export const UPSTREAM_UPSTREAM_RQ_1XX = 28;
/** `upstream_rq_2xx`. */
export const UPSTREAM_UPSTREAM_RQ_2XX = 29;
/** `upstream_rq_3xx`. */
export const UPSTREAM_UPSTREAM_RQ_3XX = 30;
/** `upstream_rq_4xx`. */
export const UPSTREAM_UPSTREAM_RQ_4XX = 31;
/** `upstream_rq_5xx`. */
export const UPSTREAM_UPSTREAM_RQ_5XX = 32;
/** `upstream_rq_unknown`. */
export const UPSTREAM_UPSTREAM_RQ_UNKNOWN = 33;
/** `upstream_rq_pending_total`. */
export const UPSTREAM_UPSTREAM_RQ_PENDING_TOTAL = 34;
/** `upstream_rq_pending_active`. */
export const UPSTREAM_UPSTREAM_RQ_PENDING_ACTIVE = 35;
/** `upstream_rq_pending_overflow`. */
export const UPSTREAM_UPSTREAM_RQ_PENDING_OVERFLOW = 36;
/** `upstream_rq_pending_failure_eject`. */
export const UPSTREAM_UPSTREAM_RQ_PENDING_FAILURE_EJECT = 37;
/** `upstream_rq_cancelled`. */
export const UPSTREAM_UPSTREAM_RQ_CANCELLED = 38;
/** `upstream_rq_maintenance_mode`. */
export const UPSTREAM_UPSTREAM_RQ_MAINTENANCE_MODE = 39;
/** `upstream_rq_max_duration_reached`. */
export const UPSTREAM_UPSTREAM_RQ_MAX_DURATION_REACHED = 40;
/** `upstream_rq_timeout`. */
export const UPSTREAM_UPSTREAM_RQ_TIMEOUT = 41;
/** `upstream_rq_per_try_timeout`. */
export const UPSTREAM_UPSTREAM_RQ_PER_TRY_TIMEOUT = 42;
/** `upstream_rq_per_try_idle_timeout`. */
export const UPSTREAM_UPSTREAM_RQ_PER_TRY_IDLE_TIMEOUT = 43;
/** `upstream_rq_rx_reset`. */
export const UPSTREAM_UPSTREAM_RQ_RX_RESET = 44;
/** `upstream_rq_tx_reset`. */
export const UPSTREAM_UPSTREAM_RQ_TX_RESET = 45;
/** `upstream_rq_retry`. */
export const UPSTREAM_UPSTREAM_RQ_RETRY = 46;
/** `upstream_rq_retry_backoff_exponential`. */
export const UPSTREAM_UPSTREAM_RQ_RETRY_BACKOFF_EXPONENTIAL = 47;
/** `upstream_rq_retry_backoff_ratelimited`. */
export const UPSTREAM_UPSTREAM_RQ_RETRY_BACKOFF_RATELIMITED = 48;
/** `upstream_rq_retry_limit_exceeded`. */
export const UPSTREAM_UPSTREAM_RQ_RETRY_LIMIT_EXCEEDED = 49;
/** `upstream_rq_retry_success`. */
export const UPSTREAM_UPSTREAM_RQ_RETRY_SUCCESS = 50;
/** `upstream_rq_retry_overflow`. */
export const UPSTREAM_UPSTREAM_RQ_RETRY_OVERFLOW = 51;
/** `upstream_internal_redirect_failed_total`. */
export const UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_FAILED_TOTAL = 52;
/** `upstream_internal_redirect_succeeded_total`. */
export const UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_SUCCEEDED_TOTAL = 53;
/** `upstream_flow_control_paused_reading_total`. */
export const UPSTREAM_UPSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL = 54;
/** `upstream_flow_control_resumed_reading_total`. */
export const UPSTREAM_UPSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL = 55;
/** `upstream_flow_control_backed_up_total`. */
export const UPSTREAM_UPSTREAM_FLOW_CONTROL_BACKED_UP_TOTAL = 56;
/** `upstream_flow_control_drained_total`. */
export const UPSTREAM_UPSTREAM_FLOW_CONTROL_DRAINED_TOTAL = 57;
/** `bind_errors`. */
export const UPSTREAM_BIND_ERRORS = 58;
/** `original_dst_host_invalid`. */
export const UPSTREAM_ORIGINAL_DST_HOST_INVALID = 59;
/** `retry_or_shadow_abandoned`. */
export const UPSTREAM_RETRY_OR_SHADOW_ABANDONED = 60;
/** `membership_change`. */
export const UPSTREAM_MEMBERSHIP_CHANGE = 61;
/** `membership_total`. */
export const UPSTREAM_MEMBERSHIP_TOTAL = 62;
/** `membership_healthy`. */
export const UPSTREAM_MEMBERSHIP_HEALTHY = 63;
/** `membership_degraded`. */
export const UPSTREAM_MEMBERSHIP_DEGRADED = 64;
/** `membership_excluded`. */
export const UPSTREAM_MEMBERSHIP_EXCLUDED = 65;
/** `update_attempt`. */
export const UPSTREAM_UPDATE_ATTEMPT = 66;
/** `update_success`. */
export const UPSTREAM_UPDATE_SUCCESS = 67;
/** `update_failure`. */
export const UPSTREAM_UPDATE_FAILURE = 68;
/** `update_empty`. */
export const UPSTREAM_UPDATE_EMPTY = 69;
/** `update_no_rebuild`. */
export const UPSTREAM_UPDATE_NO_REBUILD = 70;
/** `version`. */
export const UPSTREAM_VERSION = 71;
/** `lb_healthy_panic`. */
export const UPSTREAM_LB_HEALTHY_PANIC = 72;
/** `max_host_weight`. */
export const UPSTREAM_MAX_HOST_WEIGHT = 73;
/** `circuit_breakers.default.cx_open`. */
export const UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_CX_OPEN = 74;
/** `circuit_breakers.default.cx_pool_open`. */
export const UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_CX_POOL_OPEN = 75;
/** `circuit_breakers.default.rq_pending_open`. */
export const UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_PENDING_OPEN = 76;
/** `circuit_breakers.default.rq_open`. */
export const UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_OPEN = 77;
/** `circuit_breakers.default.rq_retry_open`. */
export const UPSTREAM_CIRCUIT_BREAKERS_DEFAULT_RQ_RETRY_OPEN = 78;
/** `internal.upstream_rq_completed`. */
export const UPSTREAM_INTERNAL_UPSTREAM_RQ_COMPLETED = 79;
/** `internal.upstream_rq_2xx`. */
export const UPSTREAM_INTERNAL_UPSTREAM_RQ_2XX = 80;
/** `internal.upstream_rq_3xx`. */
export const UPSTREAM_INTERNAL_UPSTREAM_RQ_3XX = 81;
/** `internal.upstream_rq_4xx`. */
export const UPSTREAM_INTERNAL_UPSTREAM_RQ_4XX = 82;
/** `internal.upstream_rq_5xx`. */
export const UPSTREAM_INTERNAL_UPSTREAM_RQ_5XX = 83;
/** `external.upstream_rq_completed`. */
export const UPSTREAM_EXTERNAL_UPSTREAM_RQ_COMPLETED = 84;
/** `external.upstream_rq_2xx`. */
export const UPSTREAM_EXTERNAL_UPSTREAM_RQ_2XX = 85;
/** `external.upstream_rq_3xx`. */
export const UPSTREAM_EXTERNAL_UPSTREAM_RQ_3XX = 86;
/** `external.upstream_rq_4xx`. */
export const UPSTREAM_EXTERNAL_UPSTREAM_RQ_4XX = 87;
/** `external.upstream_rq_5xx`. */
export const UPSTREAM_EXTERNAL_UPSTREAM_RQ_5XX = 88;
/** `upstream_rq_active_overflow`. */
export const UPSTREAM_UPSTREAM_RQ_ACTIVE_OVERFLOW = 89;
/** `internal.upstream_rq_1xx`. */
export const UPSTREAM_INTERNAL_UPSTREAM_RQ_1XX = 90;
/** `external.upstream_rq_1xx`. */
export const UPSTREAM_EXTERNAL_UPSTREAM_RQ_1XX = 91;
/** Histogram `upstream_cx_connect_ms`. */
export const UPSTREAM_H_UPSTREAM_CX_CONNECT_MS = 0;
/** Histogram `upstream_cx_length_ms`. */
export const UPSTREAM_H_UPSTREAM_CX_LENGTH_MS = 1;
/** Histogram `upstream_rq_time`. */
export const UPSTREAM_H_UPSTREAM_RQ_TIME = 2;
/** Histogram `internal.upstream_rq_time`. */
export const UPSTREAM_H_INTERNAL_UPSTREAM_RQ_TIME = 3;
/** Histogram `external.upstream_rq_time`. */
export const UPSTREAM_H_EXTERNAL_UPSTREAM_RQ_TIME = 4;
/** Histogram `upstream_rq_per_cx`. */
export const UPSTREAM_H_UPSTREAM_RQ_PER_CX = 5;
/** Offset of the histogram addresses in a block of a cluster. */
export const UPSTREAM_HISTOGRAMS_AT = 736;
/** Offset of the addresses of the tables by status code. */
export const UPSTREAM_CODES_AT = 760;
/** The same of requests from inside. */
export const UPSTREAM_INTERNAL_CODES_AT = 780;
/** The same of requests from outside. */
export const UPSTREAM_EXTERNAL_CODES_AT = 800;
/** Size of a block of a cluster. */
export const UPSTREAM_STATS_BYTES = 824;

/** Counters and gauges of a listener. */
export const LISTENER_COUNTERS = [
  "downstream_cx_total",
  "downstream_cx_active",
  "downstream_cx_destroy",
  "downstream_cx_overflow",
  "downstream_cx_overload_reject",
  "downstream_global_cx_overflow",
  "downstream_cx_transport_socket_connect_timeout",
  "downstream_pre_cx_active",
  "downstream_pre_cx_timeout",
  "no_filter_chain_match",
  "connections_accepted_per_socket_event",
];
/** Histograms of a listener. */
export const LISTENER_HISTOGRAMS = ["downstream_cx_length_ms"];

/** `downstream_cx_total`. */
export const LISTENER_DOWNSTREAM_CX_TOTAL = 0;
/** `downstream_cx_active`. */
export const LISTENER_DOWNSTREAM_CX_ACTIVE = 1;
/** `downstream_cx_destroy`. */
export const LISTENER_DOWNSTREAM_CX_DESTROY = 2;
/** `downstream_cx_overflow`. */
export const LISTENER_DOWNSTREAM_CX_OVERFLOW = 3;
/** `downstream_cx_overload_reject`. */
export const LISTENER_DOWNSTREAM_CX_OVERLOAD_REJECT = 4;
/** `downstream_global_cx_overflow`. */
export const LISTENER_DOWNSTREAM_GLOBAL_CX_OVERFLOW = 5;
/** `downstream_cx_transport_socket_connect_timeout`. */
export const LISTENER_DOWNSTREAM_CX_TRANSPORT_SOCKET_CONNECT_TIMEOUT = 6;
/** `downstream_pre_cx_active`. */
export const LISTENER_DOWNSTREAM_PRE_CX_ACTIVE = 7;
/** `downstream_pre_cx_timeout`. */
export const LISTENER_DOWNSTREAM_PRE_CX_TIMEOUT = 8;
/** `no_filter_chain_match`. */
export const LISTENER_NO_FILTER_CHAIN_MATCH = 9;
/** `connections_accepted_per_socket_event`. */
export const LISTENER_CONNECTIONS_ACCEPTED_PER_SOCKET_EVENT = 10;
/** Histogram `downstream_cx_length_ms`. */
export const LISTENER_H_DOWNSTREAM_CX_LENGTH_MS = 0;
/** Offset of the histogram addresses in a block of a listener. */
export const LISTENER_HISTOGRAMS_AT = 88;
/** Offset of the addresses of the tables by status code. */
export const LISTENER_CODES_AT = 92;
/** Size of a block of a listener. */
export const LISTENER_STATS_BYTES = 120;

/** Counters and gauges of an access log. */
export const ACCESS_LOG_COUNTERS = [
  "write_total",
  "write_failed",
  "write_dropped",
  "lines_total",
  "reopen_failed",
];
/** `write_total`. */
export const ACCESS_LOG_WRITE_TOTAL = 0;
/** `write_failed`. */
export const ACCESS_LOG_WRITE_FAILED = 1;
/** `write_dropped`. */
export const ACCESS_LOG_WRITE_DROPPED = 2;
/** `lines_total`. */
export const ACCESS_LOG_LINES_TOTAL = 3;
/** `reopen_failed`. */
export const ACCESS_LOG_REOPEN_FAILED = 4;
/** Offset of the histogram addresses in a block of an access log. */
export const ACCESS_LOG_HISTOGRAMS_AT = 40;
/** Offset of the addresses of the tables by status code. */
export const ACCESS_LOG_CODES_AT = 40;
/** Size of a block of an access log. */
export const ACCESS_LOG_STATS_BYTES = 72;

/** Buckets of a histogram: 90 per power of ten, from 1 to below 10^10, and one for 0. */
export const HISTOGRAM_BUCKETS = 901;
/** A histogram: {f64 count, f64 sum, u32 bucket[901]}. Values are whole milliseconds. */
export const HISTOGRAM_COUNT_AT = 0;
export const HISTOGRAM_SUM_AT = 8;
export const HISTOGRAM_BUCKETS_AT = 16;
export const HISTOGRAM_BYTES = 3624;
