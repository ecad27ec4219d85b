/**
 * The statistics of HTTP/2, of all listeners or of a cluster: a block of f64 each, like those of
 * `stats.ts`. Numbers are indexes into the names, which are Envoy's. Untyped constants only.
 */

/** Counters and gauges of one side of HTTP/2. */
export const HTTP2_COUNTERS = [
  "deferred_stream_close",
  "dropped_headers_with_underscores",
  "goaway_sent",
  "header_overflow",
  "headers_cb_no_stream",
  "inbound_empty_frames_flood",
  "inbound_priority_frames_flood",
  "inbound_window_update_frames_flood",
  "keepalive_timeout",
  "metadata_empty_frames",
  "outbound_control_flood",
  "outbound_control_frames_active",
  "outbound_flood",
  "outbound_frames_active",
  "pending_send_bytes",
  "requests_rejected_with_underscores_in_headers",
  "rx_messaging_error",
  "rx_reset",
  "stream_refused_errors",
  "streams_active",
  "trailers",
  "tx_flush_timeout",
  "tx_reset",
];

/** `deferred_stream_close`. */
export const HTTP2_DEFERRED_STREAM_CLOSE = 0;
/** `dropped_headers_with_underscores`. */
export const HTTP2_DROPPED_HEADERS_WITH_UNDERSCORES = 1;
/** `goaway_sent`. */
export const HTTP2_GOAWAY_SENT = 2;
/** `header_overflow`. */
export const HTTP2_HEADER_OVERFLOW = 3;
/** `headers_cb_no_stream`. */
export const HTTP2_HEADERS_CB_NO_STREAM = 4;
/** `inbound_empty_frames_flood`. */
export const HTTP2_INBOUND_EMPTY_FRAMES_FLOOD = 5;
/** `inbound_priority_frames_flood`. */
export const HTTP2_INBOUND_PRIORITY_FRAMES_FLOOD = 6;
/** `inbound_window_update_frames_flood`. */
export const HTTP2_INBOUND_WINDOW_UPDATE_FRAMES_FLOOD = 7;
/** `keepalive_timeout`. */
export const HTTP2_KEEPALIVE_TIMEOUT = 8;
/** `metadata_empty_frames`. */
export const HTTP2_METADATA_EMPTY_FRAMES = 9;
/** `outbound_control_flood`. */
export const HTTP2_OUTBOUND_CONTROL_FLOOD = 10;
/** `outbound_control_frames_active`. */
export const HTTP2_OUTBOUND_CONTROL_FRAMES_ACTIVE = 11;
/** `outbound_flood`. */
export const HTTP2_OUTBOUND_FLOOD = 12;
/** `outbound_frames_active`. */
export const HTTP2_OUTBOUND_FRAMES_ACTIVE = 13;
/** `pending_send_bytes`. */
export const HTTP2_PENDING_SEND_BYTES = 14;
/** `requests_rejected_with_underscores_in_headers`. */
export const HTTP2_REQUESTS_REJECTED_WITH_UNDERSCORES_IN_HEADERS = 15;
/** `rx_messaging_error`. */
export const HTTP2_RX_MESSAGING_ERROR = 16;
/** `rx_reset`. */
export const HTTP2_RX_RESET = 17;
/** `stream_refused_errors`. */
export const HTTP2_STREAM_REFUSED_ERRORS = 18;
/** `streams_active`. */
export const HTTP2_STREAMS_ACTIVE = 19;
/** `trailers`. */
export const HTTP2_TRAILERS = 20;
/** `tx_flush_timeout`. */
export const HTTP2_TX_FLUSH_TIMEOUT = 21;
/** `tx_reset`. */
export const HTTP2_TX_RESET = 22;
/** Offset of the histogram addresses in a block: there are none. */
export const HTTP2_HISTOGRAMS_AT = 184;
/** Offset of the addresses of the tables by status code. */
export const HTTP2_CODES_AT = 184;
/** Size of a block. */
export const HTTP2_STATS_BYTES = 208;
