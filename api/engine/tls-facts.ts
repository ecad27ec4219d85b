/**
 * What TLS tells of a downstream connection, as texts in one block of the engine's memory:
 *
 *   | offset and length of each text, u32 each | the texts |
 *
 * A text of length 0 is not known. Numbers here are places. Untyped constants only, since
 * AssemblyScript reads this file too.
 */

/** The element of this connection for `x-forwarded-client-cert`. */
export const FACT_FORWARDED_CERTIFICATE = 0;
export const FACT_TLS_VERSION = 1;
export const FACT_TLS_CIPHER = 2;
export const FACT_PEER_SUBJECT = 3;
export const FACT_PEER_ISSUER = 4;
export const FACT_PEER_CERT = 5;
export const FACT_PEER_URI_SAN = 6;
export const FACT_PEER_DNS_SAN = 7;
export const FACT_PEER_IP_SAN = 8;
export const FACT_PEER_EMAIL_SAN = 9;
export const FACT_PEER_FINGERPRINT_256 = 10;
export const FACT_PEER_FINGERPRINT_1 = 11;
export const FACT_PEER_SERIAL = 12;
export const FACT_PEER_CERT_V_START = 13;
export const FACT_PEER_CERT_V_END = 14;
export const FACT_LOCAL_SUBJECT = 15;
export const FACT_LOCAL_URI_SAN = 16;
export const FACT_LOCAL_DNS_SAN = 17;
export const FACT_LOCAL_IP_SAN = 18;
/** What the TLS inspector found, also of a connection that is handed on as it is. */
export const FACT_REQUESTED_SERVER_NAME = 19;
export const FACT_JA3 = 20;
export const FACT_COUNT = 21;
/** Bytes of one offset and length. */
export const FACT_BYTES = 8;
