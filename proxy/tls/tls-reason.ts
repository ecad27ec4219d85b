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
};

/** BoringSSL's names of alerts of peers, by OpenSSL's; their numbers begin at `ALERT`. */
const ALERTS: ReadonlyMap<string, readonly [alert: number, name: string]> = new Map([
  ["UNEXPECTED_MESSAGE", [10, "SSLV3_ALERT_UNEXPECTED_MESSAGE"]],
  ["BAD_RECORD_MAC", [20, "SSLV3_ALERT_BAD_RECORD_MAC"]],
  ["RECORD_OVERFLOW", [22, "TLSV1_ALERT_RECORD_OVERFLOW"]],
  ["HANDSHAKE_FAILURE", [40, "SSLV3_ALERT_HANDSHAKE_FAILURE"]],
  ["NO_CERTIFICATE", [41, "SSLV3_ALERT_NO_CERTIFICATE"]],
  ["BAD_CERTIFICATE", [42, "SSLV3_ALERT_BAD_CERTIFICATE"]],
  ["UNSUPPORTED_CERTIFICATE", [43, "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE"]],
  ["CERTIFICATE_REVOKED", [44, "SSLV3_ALERT_CERTIFICATE_REVOKED"]],
  ["CERTIFICATE_EXPIRED", [45, "SSLV3_ALERT_CERTIFICATE_EXPIRED"]],
  ["CERTIFICATE_UNKNOWN", [46, "SSLV3_ALERT_CERTIFICATE_UNKNOWN"]],
  ["ILLEGAL_PARAMETER", [47, "SSLV3_ALERT_ILLEGAL_PARAMETER"]],
  ["UNKNOWN_CA", [48, "TLSV1_ALERT_UNKNOWN_CA"]],
  ["ACCESS_DENIED", [49, "TLSV1_ALERT_ACCESS_DENIED"]],
  ["DECODE_ERROR", [50, "TLSV1_ALERT_DECODE_ERROR"]],
  ["DECRYPT_ERROR", [51, "TLSV1_ALERT_DECRYPT_ERROR"]],
  ["PROTOCOL_VERSION", [70, "TLSV1_ALERT_PROTOCOL_VERSION"]],
  ["INSUFFICIENT_SECURITY", [71, "TLSV1_ALERT_INSUFFICIENT_SECURITY"]],
  ["INTERNAL_ERROR", [80, "TLSV1_ALERT_INTERNAL_ERROR"]],
  ["NO_RENEGOTIATION", [100, "TLSV1_ALERT_NO_RENEGOTIATION"]],
  ["UNSUPPORTED_EXTENSION", [110, "TLSV1_UNSUPPORTED_EXTENSION"]],
  ["UNRECOGNIZED_NAME", [112, "TLSV1_UNRECOGNIZED_NAME"]],
  ["CERTIFICATE_REQUIRED", [116, "TLSV1_CERTIFICATE_REQUIRED"]],
  ["NO_APPLICATION_PROTOCOL", [120, "TLSV1_ALERT_NO_APPLICATION_PROTOCOL"]],
]);
const ALERT = 268436456;
/** Such as `ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE`: which one it is depends on the version. */
const ALERT_CODE = /^ERR_SSL_(?:SSL[/_])?(?:TLSV13|TLSV1|SSLV3|TLS)_(?:ALERT_)?(\w+)$/;

/** BoringSSL's texts for faults of a chain, by OpenSSL's codes. */
const CHAIN_FAULTS: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", "certificate has expired"],
  ["CERT_NOT_YET_VALID", "certificate is not yet valid"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "self signed certificate"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "self signed certificate in certificate chain"],
  ["UNABLE_TO_GET_ISSUER_CERT", "unable to get issuer certificate"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unable to get local issuer certificate"],
  // OpenSSL goes on and tells the last fault, BoringSSL stops at the first.
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unable to get local issuer certificate"],
  ["CERT_SIGNATURE_FAILURE", "certificate signature failure"],
  ["INVALID_CA", "invalid CA certificate"],
  ["PATH_LENGTH_EXCEEDED", "path length constraint exceeded"],
  ["INVALID_PURPOSE", "unsupported certificate purpose"],
  ["CERT_UNTRUSTED", "certificate not trusted"],
  ["CERT_REJECTED", "certificate rejected"],
  ["CERT_CHAIN_TOO_LONG", "certificate chain too long"],
]);
const REVOCATION_FAULTS: ReadonlyMap<string, string> = new Map([
  ["CERT_REVOKED", "certificate revoked"],
  ["UNABLE_TO_GET_CRL", "unable to get certificate CRL"],
  ["CRL_HAS_EXPIRED", "CRL has expired"],
  ["CRL_NOT_YET_VALID", "CRL is not yet valid"],
  ["CRL_SIGNATURE_FAILURE", "CRL signature failure"],
]);

/**
 * What Envoy says of a chain that leads to no authority.
 *
 * @param code OpenSSL's, such as `CERT_HAS_EXPIRED`.
 * @param depth Of the certificate that is at fault; 0 is the peer's own.
 */
export function chainReason(code: string, depth: number): string {
  const where = `X509_verify_cert: certificate verification error at depth ${depth}`;
  const revocation = REVOCATION_FAULTS.get(code);
  if (revocation !== undefined) {
    const what = "certificate revocation check against provided CRLs failed";
    return `${where}: ${what}: ${revocation}`;
  }
  return `${where}: ${CHAIN_FAULTS.get(code) ?? code.toLowerCase().replaceAll("_", " ")}`;
}

/** The upstream reset the connection in the middle of the handshake. */
const RESET =
  "TLS_error:|33554536:system library:OPENSSL_internal:Connection reset by peer:TLS_error_end";

const VERIFY_FAILED = 268435581;

/** What Envoy says of a handshake that failed with an OpenSSL code such as `ERR_SSL_…`. */
export function tlsReason(code: string): string {
  if (code === "ECONNRESET") return RESET;
  const known = REASONS[code] ?? alertOf(code);
  if (known === undefined) return describe("", code.replace(/^ERR_SSL_/, ""));
  const [number, name] = known;
  return describe(String(number), name);
}

function alertOf(code: string): readonly [code: number, name: string] | undefined {
  const alert = ALERTS.get(ALERT_CODE.exec(code)?.[1] ?? "");
  return alert && [ALERT + alert[0], alert[1]];
}

/** What Envoy says of a peer whose certificate it refused. */
export function verifyReason(reason: string): string {
  const text = reason.startsWith("verify cert failed") ? reason : `verify cert failed: ${reason}`;
  return describe(String(VERIFY_FAILED), `CERTIFICATE_VERIFY_FAILED:${text}`);
}

function describe(number: string, text: string): string {
  return `TLS_error:|${number}:SSL routines:OPENSSL_internal:${text}:TLS_error_end`;
}
