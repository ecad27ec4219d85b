import assert from "node:assert/strict";
import type { TlsContextModel } from "../../../../proxy/config/tls-model.ts";
import { findFault } from "../../../../proxy/tls/secret-fault.ts";
import { makeCertificate, makeRevocations } from "../../../support/tls/certificate.ts";
import { NO_VALIDATION, serverModel, toCertificate, trusting } from "../../../support/tls/model.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const A = makeCertificate({ subject: [["CN", "a"]] });
const B = makeCertificate({ subject: [["CN", "b"]] });
const PLAIN = toCertificate(A);
const LOCKED = A.key
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" })
  .toString();
const LIST = { certificates: makeRevocations(ROOT, [1]), origin: "list.pem" };

const CERTIFICATE = "common_tls_context.tls_certificates[0]";
const VALIDATION = "common_tls_context.validation_context";
const PARAMETERS = "common_tls_context.tls_params";
const KEY = "Failed to load private key from key.pem, Cause:";

/** What differs from a good context, and what is wrong then. */
const rows: readonly { name: string; facts: Partial<TlsContextModel>; want: string | null }[] = [
  { name: "a good context", facts: {}, want: null },
  {
    name: "a key that is locked, with its password",
    facts: { certificates: [{ ...PLAIN, key: LOCKED, password: "open" }] },
    want: null,
  },
  {
    name: "a key that is locked, without",
    facts: { certificates: [{ ...PLAIN, key: LOCKED, keyOrigin: "key.pem" }] },
    want: `${CERTIFICATE} ${KEY} the key is encrypted, and the password is missing or wrong`,
  },
  {
    name: "another password",
    facts: { certificates: [{ ...PLAIN, key: LOCKED, password: "x", keyOrigin: "key.pem" }] },
    want: `${CERTIFICATE} ${KEY} the key is encrypted, and the password is missing or wrong`,
  },
  {
    name: "another's key",
    facts: { certificates: [{ ...PLAIN, key: B.keyPem, keyOrigin: "key.pem" }] },
    want: `${CERTIFICATE} ${KEY} it is not the certificate's`,
  },
  {
    name: "no key",
    facts: { certificates: [{ ...PLAIN, key: "secret", keyOrigin: "key.pem" }] },
    want: `${CERTIFICATE} ${KEY} it cannot be read`,
  },
  {
    name: "no certificate",
    facts: { certificates: [{ ...PLAIN, chain: "", origin: "cert.pem" }] },
    want: `${CERTIFICATE} Failed to load certificate chain from cert.pem`,
  },
  {
    name: "an authority that is none",
    facts: { validation: { ...NO_VALIDATION, authority: { certificates: "x", origin: "ca.pem" } } },
    want: `${VALIDATION} Failed to load trusted CA certificates from ca.pem`,
  },
  {
    name: "a revocation list",
    facts: { validation: trusting(ROOT, { revocations: LIST }) },
    want: null,
  },
  {
    name: "a revocation list that is none",
    facts: { validation: trusting(ROOT, { revocations: { ...LIST, certificates: A.pem } }) },
    want: "common_tls_context.validation_context.crl Failed to load CRL from list.pem",
  },
  {
    name: "a cipher that nobody knows beside one that is known",
    facts: { ciphers: ["ECDHE-RSA-AES128-GCM-SHA256", "NONE-SUCH"] },
    want:
      `${PARAMETERS}.cipher_suites Failed to initialize cipher suites ` +
      "ECDHE-RSA-AES128-GCM-SHA256:NONE-SUCH. The following ciphers were rejected when tried " +
      "individually: NONE-SUCH",
  },
  {
    name: "a curve that nobody knows",
    facts: { curves: ["P-1"] },
    want: `${PARAMETERS}.ecdh_curves Failed to initialize ECDH curves P-1`,
  },
  {
    name: "a signature algorithm that nobody knows",
    facts: { signatureAlgorithms: ["rsa_none"] },
    want:
      `${PARAMETERS}.signature_algorithms Failed to initialize TLS signature algorithms ` +
      "rsa_none",
  },
  {
    name: "TLS 1.0",
    facts: { versionMin: "TLSv1", ciphers: ["ECDHE-ECDSA-AES128-SHA"] },
    want: null,
  },
];

describe("secret fault", () => {
  for (const { name, facts, want } of rows) {
    it(`findFault: ${name}`, () => {
      const fault = findFault(serverModel([A], facts));
      assert.equal(fault === null ? null : `${fault.field} ${fault.reason}`, want);
    });
  }

  it("findFault: nothing of a key is told", () => {
    const key = A.keyPem.replace("M", "!");
    const fault = findFault(serverModel([A], { certificates: [{ ...PLAIN, key }] }));
    assert.notEqual(fault, null);
    const body = A.keyPem.split("\n").slice(1, -2);
    for (const line of body) assert.ok(!JSON.stringify(fault).includes(line.slice(1, 20)));
  });
});
