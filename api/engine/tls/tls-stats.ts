/**
 * The statistics of TLS, of a listener or of a cluster: a block of f64 each, like those of
 * `stats.ts`. Numbers are indexes into the names, which are Envoy's. Untyped constants only.
 */

/** Counters of one side of TLS. */
export const TLS_COUNTERS = [
  "connection_error",
  "handshake",
  "session_reused",
  "no_certificate",
  "fail_verify_no_cert",
  "fail_verify_error",
  "fail_verify_san",
  "fail_verify_cert_hash",
  "ocsp_staple_failed",
  "ocsp_staple_omitted",
  "ocsp_staple_responses",
  "ocsp_staple_requests",
  "versions.TLSv1",
  "versions.TLSv1.1",
  "versions.TLSv1.2",
  "versions.TLSv1.3",
  "ciphers.TLS_AES_128_GCM_SHA256",
  "ciphers.TLS_AES_256_GCM_SHA384",
  "ciphers.TLS_CHACHA20_POLY1305_SHA256",
  "ciphers.ECDHE-ECDSA-AES128-GCM-SHA256",
  "ciphers.ECDHE-ECDSA-AES256-GCM-SHA384",
  "ciphers.ECDHE-ECDSA-CHACHA20-POLY1305",
  "ciphers.ECDHE-RSA-AES128-GCM-SHA256",
  "ciphers.ECDHE-RSA-AES256-GCM-SHA384",
  "ciphers.ECDHE-RSA-CHACHA20-POLY1305",
  "ciphers.other",
  "curves.X25519",
  "curves.P-256",
  "curves.P-384",
  "curves.P-521",
  "curves.X25519MLKEM768",
  "curves.other",
];

/** `connection_error`. */
export const TLS_CONNECTION_ERROR = 0;
/** `handshake`. */
export const TLS_HANDSHAKE = 1;
/** `session_reused`. */
export const TLS_SESSION_REUSED = 2;
/** `no_certificate`. */
export const TLS_NO_CERTIFICATE = 3;
/** `fail_verify_no_cert`. */
export const TLS_FAIL_VERIFY_NO_CERT = 4;
/** `fail_verify_error`. */
export const TLS_FAIL_VERIFY_ERROR = 5;
/** `fail_verify_san`. */
export const TLS_FAIL_VERIFY_SAN = 6;
/** `fail_verify_cert_hash`. */
export const TLS_FAIL_VERIFY_CERT_HASH = 7;
/** Offset of the histogram addresses in a block. */
export const TLS_HISTOGRAMS_AT = 256;
/** Offset of the addresses of the tables by status code. */
export const TLS_CODES_AT = 256;
/** Size of a block. */
export const TLS_STATS_BYTES = 288;
