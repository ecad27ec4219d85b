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
