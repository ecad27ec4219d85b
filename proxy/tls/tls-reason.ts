/**
 * BoringSSL's numbers of errors by OpenSSL's codes, as Envoy writes them: `ERR_PACK` of the library
 * SSL (16) and the reason.
 */
const REASONS: Readonly<Record<string, readonly [code: number, name: string]>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: [268435703, "WRONG_VERSION_NUMBER"],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: [268435703, "WRONG_VERSION_NUMBER"],
  ERR_SSL_HTTP_REQUEST: [268435612, "HTTP_REQUEST"],
  ERR_SSL_UNSUPPORTED_PROTOCOL: [268435696, "UNSUPPORTED_PROTOCOL"],
  ERR_SSL_NO_SHARED_CIPHER: [268435640, "NO_SHARED_CIPHER"],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: [268436526, "TLSV1_ALERT_PROTOCOL_VERSION"],
  ERR_SSL_SSL_TLSV1_ALERT_PROTOCOL_VERSION: [268436526, "TLSV1_ALERT_PROTOCOL_VERSION"],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: [268436496, "SSLV3_ALERT_HANDSHAKE_FAILURE"],
  ERR_SSL_SSL_TLS_ALERT_HANDSHAKE_FAILURE: [268436496, "SSLV3_ALERT_HANDSHAKE_FAILURE"],
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: [268436504, "TLSV1_ALERT_UNKNOWN_CA"],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: [268436572, "TLSV1_CERTIFICATE_REQUIRED"],
};

/** The upstream reset the connection in the middle of the handshake. */
const RESET =
  "TLS_error:|33554536:system library:OPENSSL_internal:Connection reset by peer:TLS_error_end";

const VERIFY_FAILED = 268435581;

/** What Envoy says of a handshake that failed with an OpenSSL code such as `ERR_SSL_…`. */
export function tlsReason(code: string): string {
  if (code === "ECONNRESET") return RESET;
  const known = REASONS[code];
  if (known === undefined) return describe("", code.replace(/^ERR_SSL_/, ""));
  const [number, name] = known;
  return describe(String(number), name);
}

/** What Envoy says of a peer whose certificate it refused. */
export function verifyReason(reason: string): string {
  const text = reason.startsWith("verify cert failed") ? reason : `verify cert failed: ${reason}`;
  return describe(String(VERIFY_FAILED), `CERTIFICATE_VERIFY_FAILED:${text}`);
}

function describe(number: string, text: string): string {
  return `TLS_error:|${number}:SSL routines:OPENSSL_internal:${text}:TLS_error_end`;
}
