import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  findRevocation,
  readRevocations,
} from "../../../../../proxy/tls/certificate/revocation.ts";
import {
  makeCertificate,
  makeRevocations,
  type TestCertificate,
} from "../../../../support/tls/certificate.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const RSA = makeCertificate({ subject: [["CN", "rsa"]], isAuthority: true, key: "rsa" });
const OTHER = makeCertificate({ subject: [["CN", "other"]], isAuthority: true });
const NOW = new Date();
const DAY_MS = 86_400_000;
const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);

function leafOf(issuer: TestCertificate, serial: number): X509Certificate {
  return new X509Certificate(makeCertificate({ subject: [["CN", "leaf"]], issuer, serial }).pem);
}

function find(
  leaf: X509Certificate,
  authority: TestCertificate | null,
  text: string,
  now = NOW,
): string | null {
  const lists = readRevocations(text);
  assert.ok(lists !== null);
  return findRevocation(
    leaf,
    authority === null ? undefined : new X509Certificate(authority.pem),
    lists,
    now,
  );
}

describe("revocation", () => {
  for (const [name, authority] of [
    ["ECDSA", ROOT],
    ["RSA", RSA],
  ] as const) {
    it(`findRevocation: a serial number in a list of ${name} is revoked, and no other`, () => {
      const list = makeRevocations(authority, [1, 0x80, 0x4242]);
      assert.equal(find(leafOf(authority, 0x80), authority, list), "CERT_REVOKED");
      assert.equal(find(leafOf(authority, 0x4242), authority, list), "CERT_REVOKED");
      assert.equal(find(leafOf(authority, 0x42), authority, list), null);
    });
  }

  it("findRevocation: a list without entries revokes nobody", () => {
    assert.equal(find(leafOf(ROOT, 5), ROOT, makeRevocations(ROOT, [])), null);
  });

  it("findRevocation: one of several lists is enough to revoke", () => {
    const lists = makeRevocations(ROOT, []) + makeRevocations(ROOT, [5]);
    assert.equal(find(leafOf(ROOT, 5), ROOT, lists), "CERT_REVOKED");
  });

  it("findRevocation: without a list of the authority nobody knows", () => {
    const list = makeRevocations(OTHER, []);
    assert.equal(find(leafOf(ROOT, 5), ROOT, list), "UNABLE_TO_GET_CRL");
    assert.equal(find(leafOf(ROOT, 5), null, makeRevocations(ROOT, [])), "UNABLE_TO_GET_CRL");
  });

  it("findRevocation: a list that somebody else signed is no use", () => {
    const forged = makeRevocations({ ...ROOT, key: OTHER.key }, []);
    assert.equal(find(leafOf(ROOT, 5), ROOT, forged), "CRL_SIGNATURE_FAILURE");
    const withOtherKind = makeRevocations({ ...ROOT, key: RSA.key }, []);
    assert.equal(find(leafOf(ROOT, 5), ROOT, withOtherKind), "CRL_SIGNATURE_FAILURE");
  });

  it("findRevocation: a list counts from its beginning to its end", () => {
    const list = makeRevocations(ROOT, []);
    const leaf = leafOf(ROOT, 5);
    assert.equal(find(leaf, ROOT, list, inDays(-2)), "CRL_NOT_YET_VALID");
    assert.equal(find(leaf, ROOT, list, inDays(29)), null);
    assert.equal(find(leaf, ROOT, list, inDays(31)), "CRL_HAS_EXPIRED");
  });

  it("readRevocations: a list that is cut off or changed cannot be read, or is not signed", () => {
    const [head, tail] = ["-----BEGIN X509 CRL-----\n", "\n-----END X509 CRL-----\n"];
    const text = makeRevocations(ROOT, [5]);
    const der = Buffer.from(text.replaceAll(/-----[^-]+-----/g, ""), "base64");
    for (let length = 0; length < der.length; length++) {
      const cut = der.subarray(0, length).toString("base64");
      assert.equal(readRevocations(`${head}${cut}${tail}`), null);
    }
    for (let at = 0; at < der.length; at++) {
      const changed = Buffer.from(der);
      changed[at] ^= 1;
      const lists = readRevocations(`${head}${changed.toString("base64")}${tail}`);
      if (lists === null) continue;
      const authority = new X509Certificate(ROOT.pem);
      assert.notEqual(findRevocation(leafOf(ROOT, 6), authority, lists, NOW), null);
    }
  });
});
