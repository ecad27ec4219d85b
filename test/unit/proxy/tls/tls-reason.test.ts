import assert from "node:assert/strict";
import { tlsReason, verifyReason } from "../../../../proxy/tls/tls-reason.ts";

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

  it("verifyReason: a refusal is a failed verification", () => {
    const want =
      "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:" +
      "verify cert failed: SAN matcher, certificate SANs are [a]:TLS_error_end";
    assert.equal(verifyReason("verify cert failed: SAN matcher, certificate SANs are [a]"), want);
    assert.ok(verifyReason("no path").includes(":verify cert failed: no path:"));
  });
});
