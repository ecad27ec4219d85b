/**
 * Numbers of the HTTP/1 codec that both sides use. Untyped constants only: AssemblyScript reads
 * this file too.
 */

/** `Reader.next` results: what the reader found. */
export const READ_MORE = 0;
/** A whole message head. */
export const READ_HEAD = 1;
/** A piece of the body. */
export const READ_DATA = 2;
/** The end of the message, after its trailers if it had some. */
export const READ_END = 3;
/** The message is malformed; `Reader.error` says how. */
export const READ_ERROR = 4;

/** How the end of a message body is found. RFC 9112 §6.3. */
export const FRAMING_NONE = 0;
export const FRAMING_LENGTH = 1;
export const FRAMING_CHUNKED = 2;
export const FRAMING_CLOSE = 3;

/** Ways in which a message can be malformed: `HTTP1_ERROR_DETAILS[n]` names it. */
export const E_REQUEST_LINE = 1;
export const E_METHOD = 2;
export const E_TARGET = 3;
export const E_VERSION = 4;
export const E_STATUS_LINE = 5;
export const E_LINE_END = 6;
export const E_HEADER_NAME = 7;
export const E_HEADER_VALUE = 8;
export const E_OBS_FOLD = 9;
export const E_HEAD_TOO_LARGE = 10;
export const E_TOO_MANY_HEADERS = 11;
export const E_CONTENT_LENGTH = 12;
export const E_LENGTH_AND_CHUNKED = 13;
export const E_TRANSFER_ENCODING = 14;
export const E_TRANSFER_CODING_UNKNOWN = 15;
export const E_CHUNK_SIZE = 16;
export const E_CHUNK_EXTENSION = 17;
export const E_CHUNK_END = 18;
export const E_HOST = 19;
export const E_HOST_MISSING = 20;
export const E_EARLY_END = 21;
export const E_TRANSFER_ENCODING_HTTP10 = 22;
export const E_UNEXPECTED = 23;
export const E_CONNECTION_HEADER = 24;
export const E_TRAILER = 25;
/** The upstream closed before the first byte of an answer. */
export const E_NO_ANSWER = 26;
/** gRPC-Web: the body is no base64, or ends within a group. No errors of a codec. */
export const E_BASE64 = 27;
export const E_BASE64_LENGTH = 28;

/** HTTP status with which a downstream is answered, by the number of the error. */
export const HTTP1_ERROR_STATUSES = [
  0, 400, 400, 400, 400, 400, 400, 400, 400, 400, 431, 431, 400, 400, 400, 501, 400, 400, 400, 400,
  400, 400, 400, 400, 400, 400, 400, 400, 400,
];

/** Envoy's response code details, by the number of the error. */
export const HTTP1_ERROR_DETAILS = [
  "",
  "http1.codec_error",
  "http1.invalid_method",
  "http1.invalid_url",
  "http1.codec_error",
  "http1.codec_error",
  "http1.codec_error",
  "http1.invalid_characters",
  "http1.invalid_characters",
  "http1.codec_error",
  "http1.headers_too_large",
  "http1.too_many_headers",
  "http1.content_length_not_allowed",
  "http1.content_length_and_chunked_not_allowed",
  "http1.invalid_transfer_encoding",
  "http1.invalid_transfer_encoding",
  "http1.codec_error",
  "http1.codec_error",
  "http1.codec_error",
  "http1.invalid_host",
  "missing_host_header",
  "http1.codec_error",
  "http1.transfer_encoding_not_allowed",
  "http1.codec_error",
  "http1.connection_header_rejected",
  "http1.codec_error",
  "http1.codec_error",
  "grpc_base_64_decode_failed",
  "grpc_base_64_decode_failed_bad_size",
];

/** `Reader.flags`: the last request asked for, or the response allows, another message. */
export const READER_KEEP_ALIVE = 1;
/** The head carries `Connection: upgrade` and an Upgrade header. */
export const READER_UPGRADE = 2;
/** The head carries `Expect: 100-continue`. */
export const READER_EXPECT_CONTINUE = 4;
/** The Connection header names further headers, which must be removed. */
export const READER_CONNECTION_NAMES = 8;
/** `Connection: close` was seen. */
export const READER_CLOSE = 16;
/** The connection is the upstream one: heads are status lines. */
export const READER_RESPONSE = 32;
/** The response answers HEAD: it has no body whatever its headers say. */
export const READER_NO_BODY = 64;
/** Methods outside the list of known ones are let through. Envoy `allow_custom_methods`. */
export const READER_CUSTOM_METHODS = 128;
/** Trailers are kept for the other side. Envoy `enable_trailers`. */
export const READER_KEEP_TRAILERS = 256;
/** `Transfer-Encoding` with `Content-Length` is let through. Envoy `allow_chunked_length`. */
export const READER_CHUNKED_LENGTH = 512;
/** A message has begun and is not over. */
export const READER_IN_MESSAGE = 1024;
/** Names are kept as they stand, for the other side. Envoy `preserve_case`. */
export const READER_KEEP_CASE = 2048;
/** With it, the other side puts names that did not stand there into Train-Case. */
export const READER_KEEP_CASE_PROPER = 4096;
/** Reason phrases are kept, too. Envoy `forward_reason_phrase`. */
export const READER_KEEP_REASON = 8192;
/** Another codec takes the frames off the body, and has taken off the last one. */
export const READER_RAW_END = 16384;
/** Flags that come from the configuration. */
export const READER_SETTINGS =
  READER_CUSTOM_METHODS |
  READER_KEEP_TRAILERS |
  READER_CHUNKED_LENGTH |
  READER_KEEP_CASE |
  READER_KEEP_CASE_PROPER |
  READER_KEEP_REASON;
/** Flags that describe one head; cleared before the next. */
export const READER_HEAD_FLAGS = 31;
