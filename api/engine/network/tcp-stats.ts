/**
 * The statistics of a TCP proxy: a block of f64 each, like those of `stats.ts`. Numbers are indexes
 * into the names, which are Envoy's. Untyped constants only.
 */

/** Counters of a TCP proxy, below `tcp.<stat_prefix>.`. */
export const TCP_COUNTERS = [
  "downstream_cx_total",
  "downstream_cx_no_route",
  "downstream_cx_tx_bytes_total",
  "downstream_cx_tx_bytes_buffered",
  "downstream_cx_rx_bytes_total",
  "downstream_cx_rx_bytes_buffered",
  "downstream_cx_drain_close",
  "downstream_cx_overload_close",
  "downstream_flow_control_paused_reading_total",
  "downstream_flow_control_resumed_reading_total",
  "early_data_received_count_total",
  "idle_timeout",
  "max_downstream_connection_duration",
  "route_delayed_total",
  "upstream_flush_total",
  "upstream_flush_active",
];

/** `downstream_cx_total`. */
export const TCP_DOWNSTREAM_CX_TOTAL = 0;
/** `downstream_cx_no_route`. */
export const TCP_DOWNSTREAM_CX_NO_ROUTE = 1;
/** `downstream_cx_tx_bytes_total`. */
export const TCP_DOWNSTREAM_CX_TX_BYTES_TOTAL = 2;
/** `downstream_cx_tx_bytes_buffered`. */
export const TCP_DOWNSTREAM_CX_TX_BYTES_BUFFERED = 3;
/** `downstream_cx_rx_bytes_total`. */
export const TCP_DOWNSTREAM_CX_RX_BYTES_TOTAL = 4;
/** `downstream_cx_rx_bytes_buffered`. */
export const TCP_DOWNSTREAM_CX_RX_BYTES_BUFFERED = 5;
/** `downstream_cx_drain_close`. */
export const TCP_DOWNSTREAM_CX_DRAIN_CLOSE = 6;
/** `downstream_flow_control_paused_reading_total`. */
export const TCP_DOWNSTREAM_FLOW_CONTROL_PAUSED_READING_TOTAL = 8;
/** `downstream_flow_control_resumed_reading_total`. */
export const TCP_DOWNSTREAM_FLOW_CONTROL_RESUMED_READING_TOTAL = 9;
/** `idle_timeout`. */
export const TCP_IDLE_TIMEOUT = 11;
/** `max_downstream_connection_duration`. */
export const TCP_MAX_DOWNSTREAM_CONNECTION_DURATION = 12;
/** `upstream_flush_total`. */
export const TCP_UPSTREAM_FLUSH_TOTAL = 14;
/** `upstream_flush_active`. */
export const TCP_UPSTREAM_FLUSH_ACTIVE = 15;
/** Offset of the histogram addresses in a block. */
export const TCP_HISTOGRAMS_AT = 128;
/** Offset of the addresses of the tables by status code. */
export const TCP_CODES_AT = 128;
/** Size of a block. */
export const TCP_STATS_BYTES = 160;
