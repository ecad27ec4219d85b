/**
 * What TLS tells of a connection, downstream or upstream, as texts in one block of the engine's
 * memory:
 *
 *   | offset and length of each text, u32 each | how many have the block, u32 | the texts |
 *
 * A text of length 0 is not known. Numbers here are places, and below 31, since sets of them are
 * bits of one number. Untyped constants only, since AssemblyScript reads this file too.
 */

/** The element of a downstream connection for `x-forwarded-client-cert`. */
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
/** Moments are milliseconds since 1970, an f64. */
export const FACT_PEER_CERT_V_START = 13;
export const FACT_PEER_CERT_V_END = 14;
export const FACT_LOCAL_SUBJECT = 15;
export const FACT_LOCAL_URI_SAN = 16;
export const FACT_LOCAL_DNS_SAN = 17;
export const FACT_LOCAL_IP_SAN = 18;
export const FACT_LOCAL_EMAIL_SAN = 19;
export const FACT_LOCAL_OTHERNAME_SAN = 20;
export const FACT_PEER_OTHERNAME_SAN = 21;
export const FACT_PEER_CHAIN_FINGERPRINTS_256 = 22;
export const FACT_PEER_CHAIN_FINGERPRINTS_1 = 23;
export const FACT_PEER_CHAIN_SERIALS = 24;
export const FACT_PEER_ISSUER_FINGERPRINT_256 = 25;
export const FACT_PEER_ISSUER_SERIAL = 26;
export const FACT_TLS_SESSION_ID = 27;
/** Of connections that were made here: the group of the key exchange, and the name for SNI. */
export const FACT_TLS_GROUP = 28;
export const FACT_SERVER_NAME = 29;
/** What the TLS inspector found, also of a connection that is handed on as it is. */
export const FACT_REQUESTED_SERVER_NAME = 30;
export const FACT_JA3 = 31;
export const FACT_COUNT = 32;
/** Bytes of one offset and length. */
export const FACT_BYTES = 8;
/** How many have the block: behind the offsets. */
export const FACT_USERS = 256;
/** Where the texts begin. */
export const FACT_TEXTS = 264;
