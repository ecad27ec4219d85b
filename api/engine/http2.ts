/**
 * Numbers of the HTTP/2 codec that both sides use. Untyped constants only: AssemblyScript reads
 * this file too.
 */

/**
 * Ways in which a header block cannot be decoded. The tables of both sides are no longer in step
 * then: a connection error of type COMPRESSION_ERROR. RFC 9113 §4.3.
 */
/** The block ends inside a field. */
export const E_HPACK_TRUNCATED = 1;
/** A number has more digits, or is larger, than any number needs. RFC 7541 §5.1. */
export const E_HPACK_INTEGER = 2;
/** No table has such an index. RFC 7541 §2.3.3. */
export const E_HPACK_INDEX = 3;
/** A text holds EOS, or its padding is too long or not all ones. RFC 7541 §5.2. */
export const E_HPACK_HUFFMAN = 4;
/** The table is made larger than was allowed. RFC 7541 §6.3. */
export const E_HPACK_TABLE_SIZE = 5;
/** The size of the table changes behind a field. RFC 7541 §4.2. */
export const E_HPACK_TABLE_SIZE_LATE = 6;
/** We reduced the size of the table, and the block does not say that it is. RFC 9113 §4.3.1. */
export const E_HPACK_TABLE_SIZE_MISSING = 7;

/** `Decoder.overflow`: whether a head is within the limits, and which of them it is over. */
export const HEAD_FITS = 0;
export const HEAD_TOO_LARGE = 1;
export const HEAD_TOO_MANY = 2;

/**
 * Ways in which a head can be malformed: a stream error of type PROTOCOL_ERROR (RFC 9113 §8.1.1).
 * `HEAD_ERROR_DETAILS[n]` names it.
 */
/** A name is empty, has an upper-case letter or another character that no name may have. */
export const E_HEAD_NAME = 1;
/** A value has a control character. */
export const E_HEAD_VALUE = 2;
/** A field of HTTP/1 that speaks of the connection. RFC 9113 §8.2.2. */
export const E_HEAD_CONNECTION = 3;
/** TE says something else than `trailers`. RFC 9113 §8.2.2. */
export const E_HEAD_TE = 4;
/** A pseudo-header that is not known, or not for this kind of message. RFC 9113 §8.3. */
export const E_HEAD_PSEUDO = 5;
/** A pseudo-header behind a field. RFC 9113 §8.3. */
export const E_HEAD_PSEUDO_ORDER = 6;
/** A pseudo-header twice. RFC 9113 §8.3. */
export const E_HEAD_PSEUDO_TWICE = 7;
/** A pseudo-header is empty, or its value is not of its form. RFC 9113 §8.3.1 and §8.3.2. */
export const E_HEAD_PSEUDO_VALUE = 8;
/** Host stands there twice, is empty, or has a character that no authority may have. */
export const E_HEAD_HOST = 9;
/** Content-Length is no number, stands there twice, or where there is no body. */
export const E_HEAD_CONTENT_LENGTH = 10;
/** A pseudo-header is missing. RFC 9113 §8.3.1 and §8.3.2. */
export const E_HEAD_PSEUDO_MISSING = 11;
/** `:path` begins with no slash, and is not the `*` of OPTIONS. RFC 9113 §8.3.1. */
export const E_HEAD_PATH = 12;
/** Pseudo-headers that do not go with the method. RFC 9113 §8.5, RFC 8441 §4. */
export const E_HEAD_CONNECT = 13;

/** Envoy's response code details, by the number of the error. */
export const HEAD_ERROR_DETAILS = [
  "",
  "http2.invalid.header.field",
  "http2.invalid.header.field",
  "http2.invalid.header.field",
  "http2.invalid.header.field",
  "http2.invalid.header.field",
  "http2.invalid.header.field",
  "http2.invalid.header.field",
  "http2.invalid.header.field",
  "http2.invalid.header.field",
  "http2.invalid.header.field",
  "http2.violation.of.messaging.rule",
  "http2.violation.of.messaging.rule",
  "http2.violation.of.messaging.rule",
];

/** Frame types. RFC 9113 §6. */
export const FRAME_DATA = 0;
export const FRAME_HEADERS = 1;
export const FRAME_PRIORITY = 2;
export const FRAME_RST_STREAM = 3;
export const FRAME_SETTINGS = 4;
export const FRAME_PUSH_PROMISE = 5;
export const FRAME_PING = 6;
export const FRAME_GOAWAY = 7;
export const FRAME_WINDOW_UPDATE = 8;
export const FRAME_CONTINUATION = 9;

/** Flags of frames. */
export const FRAME_END_STREAM = 1;
export const FRAME_ACK = 1;
export const FRAME_END_HEADERS = 4;
export const FRAME_PADDED = 8;
export const FRAME_PRIORITY_FIELDS = 32;

/** Error codes. RFC 9113 §7. */
export const H2_NO_ERROR = 0;
export const H2_PROTOCOL_ERROR = 1;
export const H2_INTERNAL_ERROR = 2;
export const H2_FLOW_CONTROL_ERROR = 3;
export const H2_SETTINGS_TIMEOUT = 4;
export const H2_STREAM_CLOSED = 5;
export const H2_FRAME_SIZE_ERROR = 6;
export const H2_REFUSED_STREAM = 7;
export const H2_CANCEL = 8;
export const H2_COMPRESSION_ERROR = 9;
export const H2_CONNECT_ERROR = 10;
export const H2_ENHANCE_YOUR_CALM = 11;
export const H2_INADEQUATE_SECURITY = 12;
export const H2_HTTP_1_1_REQUIRED = 13;

/** Settings. RFC 9113 §6.5.2, RFC 8441 §3. */
export const SETTINGS_HEADER_TABLE_SIZE = 1;
export const SETTINGS_ENABLE_PUSH = 2;
export const SETTINGS_MAX_CONCURRENT_STREAMS = 3;
export const SETTINGS_INITIAL_WINDOW_SIZE = 4;
export const SETTINGS_MAX_FRAME_SIZE = 5;
export const SETTINGS_MAX_HEADER_LIST_SIZE = 6;
export const SETTINGS_ENABLE_CONNECT_PROTOCOL = 8;

/** What `readFrames` found. More input is needed. */
export const FOUND_MORE = 0;
/** A whole head: of a request, a response or an interim response. */
export const FOUND_HEAD = 1;
/** A piece of a body; with `isEnd`, the last one. */
export const FOUND_DATA = 2;
/** Trailers, which end the message. */
export const FOUND_TRAILERS = 3;
/** The peer gave a stream up, or broke its rules so that we did: it is closed. */
export const FOUND_RESET = 4;
/** The peer will answer no stream above `lastStream`. */
export const FOUND_GOAWAY = 5;
/** The peer's settings changed: how many streams it allows, for one. */
export const FOUND_SETTINGS = 6;
/** The connection is broken; GOAWAY is in the output. */
export const FOUND_ERROR = 7;

/** Why a connection or a stream was given up, for logs and statistics. */
export const REASON_NONE = 0;
export const REASON_PREFACE = 1;
export const REASON_FRAME_SIZE = 2;
export const REASON_UNEXPECTED_FRAME = 3;
export const REASON_STREAM_ID = 4;
export const REASON_STREAM_CLOSED = 5;
export const REASON_PADDING = 6;
export const REASON_SETTINGS = 7;
export const REASON_WINDOW = 8;
export const REASON_COMPRESSION = 9;
export const REASON_HEAD = 10;
export const REASON_CONTENT_LENGTH = 11;
export const REASON_PRIORITY = 12;
export const REASON_REFUSED = 13;
export const REASON_PEER = 14;
export const REASON_HEAD_TOO_LARGE = 15;
export const REASON_CONTINUATION_FLOOD = 16;
export const REASON_EMPTY_FRAMES_FLOOD = 17;
export const REASON_PRIORITY_FLOOD = 18;
export const REASON_WINDOW_UPDATE_FLOOD = 19;
export const REASON_OUTBOUND_FLOOD = 20;
export const REASON_OUTBOUND_CONTROL_FLOOD = 21;
export const REASON_RESET_FLOOD = 22;
export const REASON_SETTINGS_FLOOD = 23;
export const REASON_HEADER_COUNT = 24;

/**
 * Options of one side, as the engine image has them: Envoy's Http2ProtocolOptions with its
 * defaults filled in.
 */
export const H2_OPTION_TABLE_BYTES = 0;
export const H2_OPTION_STREAMS_MAX = 4;
export const H2_OPTION_STREAM_WINDOW = 8;
export const H2_OPTION_CONNECTION_WINDOW = 12;
/** `H2_OPTION_FLAG_*` bits. */
export const H2_OPTION_FLAGS = 16;
export const H2_OPTION_OUTBOUND_FRAMES_MAX = 20;
export const H2_OPTION_OUTBOUND_CONTROL_FRAMES_MAX = 24;
export const H2_OPTION_EMPTY_FRAMES_MAX = 28;
export const H2_OPTION_PRIORITY_FRAMES_PER_STREAM = 32;
export const H2_OPTION_WINDOW_UPDATES_PER_DATA_FRAME = 36;
/** Of a head: decoded bytes as RFC 9113 §6.5.2 counts them, and headers. */
export const H2_OPTION_HEAD_BYTES_MAX = 40;
export const H2_OPTION_HEADER_COUNT_MAX = 44;
/** Address of the statistics: `HTTP2_*`. */
export const H2_OPTION_STATS = 48;
/** What the windows grow to where a peer makes use of them. As large as at first: they stay. */
export const H2_OPTION_STREAM_WINDOW_MAX = 52;
export const H2_OPTION_CONNECTION_WINDOW_MAX = 56;
export const H2_OPTION_BYTES = 64;
/** `allow_connect`: extended CONNECT is offered. */
export const H2_OPTION_FLAG_CONNECT = 1;
/** A malformed message ends its stream alone: `override_stream_error_on_invalid_http_message`. */
export const H2_OPTION_FLAG_STREAM_ERRORS = 2;
