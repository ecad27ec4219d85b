import assert from "node:assert/strict";
import {
  CERTIFICATE_LABELS,
  readCertificates,
  REVOCATION_LABELS,
  splitPem,
} from "../../../../../proxy/tls/certificate/pem.ts";
import { makeCertificate, makeRevocations } from "../../../../support/tls/certificate.ts";

describe("pem", () => {
  const first = makeCertificate({ subject: [["CN", "first"]], isAuthority: true });
  const second = makeCertificate({ subject: [["CN", "second"]] });
  const list = makeRevocations(first, [7]);
  const text = `a comment\n${first.pem}\n${list}${second.pem}${second.keyPem}`;

  it("splitPem: blocks come by their label, and comments are left out", () => {
    assert.deepEqual(splitPem(text, CERTIFICATE_LABELS), [first.pem, second.pem]);
    assert.deepEqual(splitPem(text, REVOCATION_LABELS), [list]);
  });

  it("splitPem: a block without its end is none", () => {
    assert.deepEqual(splitPem(first.pem.slice(0, -10), CERTIFICATE_LABELS), []);
  });

  it("splitPem: more than 10,000 blocks are not looked at", () => {
    const block = "-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n";
    assert.equal(splitPem(block.repeat(10_000), REVOCATION_LABELS).length, 10_000);
    assert.equal(splitPem(block.repeat(10_001), REVOCATION_LABELS).length, 10_000);
  });

  it("readCertificates: all certificates of a text are read", () => {
    const subjects = readCertificates(text).map(({ subject }) => subject);
    assert.deepEqual(subjects, ["CN=first", "CN=second"]);
  });
});
