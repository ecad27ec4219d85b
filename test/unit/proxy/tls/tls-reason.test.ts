import assert from "node:assert/strict";
import { chainReason, tlsReason, verifyReason } from "../../../../proxy/tls/tls-reason.ts";

describe("tls reason", () => {
  // As Envoy 1.40 says it of an upstream that speaks no TLS.
  it("tlsReason: a code that BoringSSL has has its number", () => {
    const want =
      "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end";
    assert.equal(tlsReason("ERR_SSL_WRONG_VERSION_NUMBER"), want);
  });

  // The same of an upstream that resets the connection in the handshake.
  it("tlsReason: a reset has the number of the system", () => {
    const want =
      "TLS_error:|33554536:system library:OPENSSL_internal:Connection reset by peer:TLS_error_end";
    assert.equal(tlsReason("ECONNRESET"), want);
  });

  it("tlsReason: another code is told as it is", () => {
    const want = "TLS_error:|:SSL routines:OPENSSL_internal:BAD_THING:TLS_error_end";
    assert.equal(tlsReason("ERR_SSL_BAD_THING"), want);
  });

  const alerts: readonly (readonly [code: string, want: string])[] = [
    ["ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE", "268436496 SSLV3_ALERT_HANDSHAKE_FAILURE"],
    ["ERR_SSL_SSL_TLS_ALERT_HANDSHAKE_FAILURE", "268436496 SSLV3_ALERT_HANDSHAKE_FAILURE"],
    ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "268436496 SSLV3_ALERT_HANDSHAKE_FAILURE"],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "268436504 TLSV1_ALERT_UNKNOWN_CA"],
    ["ERR_SSL_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "268436526 TLSV1_ALERT_PROTOCOL_VERSION"],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "268436572 TLSV1_CERTIFICATE_REQUIRED"],
    ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "268436568 TLSV1_UNRECOGNIZED_NAME"],
  ];
  for (const [code, want] of alerts) {
    it(`tlsReason: ${code} is ${want}`, () => {
      const [number, name] = want.split(" ");
      const text = `TLS_error:|${number}:SSL routines:OPENSSL_internal:${name}:TLS_error_end`;
      assert.equal(tlsReason(code), text);
    });
  }

  const chains: readonly (readonly [code: string, depth: number, want: string])[] = [
    ["CERT_HAS_EXPIRED", 1, "1: certificate has expired"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", 0, "0: unable to get local issuer certificate"],
    [
      "CERT_REVOKED",
      0,
      "0: certificate revocation check against provided CRLs failed: certificate revoked",
    ],
    ["SOMETHING_NEW", 0, "0: something new"],
  ];
  for (const [code, depth, want] of chains) {
    it(`chainReason: ${code} is told in BoringSSL's words`, () => {
      const start = "X509_verify_cert: certificate verification error at depth";
      assert.equal(chainReason(code, depth), `${start} ${want}`);
    });
  }

  it("verifyReason: a refusal is a failed verification", () => {
    const want =
      "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:" +
      "verify cert failed: SAN matcher, certificate SANs are [a]:TLS_error_end";
    assert.equal(verifyReason("verify cert failed: SAN matcher, certificate SANs are [a]"), want);
    assert.ok(verifyReason("no path").includes(":verify cert failed: no path:"));
  });
});
