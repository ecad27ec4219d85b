import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  TLS_FAIL_VERIFY_CERT_HASH,
  TLS_FAIL_VERIFY_ERROR,
  TLS_FAIL_VERIFY_NO_CERT,
  TLS_FAIL_VERIFY_SAN,
} from "../../../../api/engine/tls/tls-stats.ts";
import type { NameMatchModel, ValidationModel } from "../../../../proxy/config/tls-model.ts";
import { PeerCheck, requiresCertificate } from "../../../../proxy/tls/peer-check.ts";
import { makeCertificate, sha256, type TestCertificate } from "../../../support/tls/certificate.ts";
import { NO_VALIDATION, trusting } from "../../../support/tls/model.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const OTHER = makeCertificate({ subject: [["CN", "other"]], isAuthority: true });
const MIDDLE = makeCertificate({ subject: [["CN", "middle"]], isAuthority: true, issuer: ROOT });
const LEAF = makeCertificate({
  subject: [["CN", "leaf"]],
  issuer: ROOT,
  uris: ["spiffe://td/a"],
  dns: ["a.test"],
});
const DEEP = makeCertificate({ subject: [["CN", "deep"]], issuer: MIDDLE });

const URI: NameMatchModel = {
  kind: "uri",
  how: "prefix",
  value: "spiffe://td/",
  ignoresCase: false,
};
const DNS: NameMatchModel = { kind: "dns", how: "exact", value: "b.test", ignoresCase: false };

function spiffe(bundles: Readonly<Record<string, TestCertificate>>): ValidationModel {
  const trustDomains = Object.entries(bundles).map(([name, { pem }]) => {
    return { name, bundle: { certificates: pem, origin: "<inline>" } };
  });
  return { ...NO_VALIDATION, trustDomains };
}

interface Row {
  readonly name: string;
  readonly model: ValidationModel | null;
  readonly peer?: TestCertificate | null;
  readonly sent?: readonly TestCertificate[];
  readonly fault?: string;
  readonly isRequired?: boolean;
  /** Whether it was validated, or the counter of the refusal. */
  readonly want: boolean | number;
}

const rows: readonly Row[] = [
  { name: "nothing is asked for", model: null, want: false },
  { name: "nobody is asked", model: null, peer: null, want: false },
  {
    name: "somebody is required",
    model: null,
    peer: null,
    isRequired: true,
    want: TLS_FAIL_VERIFY_NO_CERT,
  },
  { name: "anybody is required", model: null, isRequired: true, want: false },
  {
    name: "no authority is there to check with",
    model: NO_VALIDATION,
    fault: "SELF_SIGNED",
    want: false,
  },
  { name: "OpenSSL found a path", model: trusting(ROOT), want: true },
  {
    name: "OpenSSL found none",
    model: trusting(ROOT),
    fault: "CERT_HAS_EXPIRED",
    want: TLS_FAIL_VERIFY_ERROR,
  },
  {
    name: "who is not trusted is let in without being validated",
    model: trusting(ROOT, { acceptsUntrusted: true }),
    fault: "CERT_HAS_EXPIRED",
    want: false,
  },
  { name: "a name is as wanted", model: trusting(ROOT, { names: [DNS, URI] }), want: true },
  {
    name: "no name is as wanted",
    model: trusting(ROOT, { names: [DNS] }),
    want: TLS_FAIL_VERIFY_SAN,
  },
  {
    name: "the hash is known",
    model: { ...NO_VALIDATION, hashes: [sha256(LEAF.der, "hex")] },
    want: true,
  },
  {
    name: "the hash is another",
    model: trusting(ROOT, { hashes: [sha256(ROOT.der, "hex")] }),
    want: TLS_FAIL_VERIFY_CERT_HASH,
  },
  {
    name: "the key is known though the hash is another",
    model: trusting(ROOT, {
      hashes: [sha256(ROOT.der, "hex")],
      keyHashes: [sha256(LEAF.publicKeyDer, "base64")],
    }),
    want: true,
  },
  {
    name: "the path is as long as it may be",
    model: trusting(ROOT, { depthMax: 2 }),
    peer: DEEP,
    sent: [MIDDLE],
    want: true,
  },
  {
    name: "the path is longer",
    model: trusting(ROOT, { depthMax: 1 }),
    peer: DEEP,
    sent: [MIDDLE],
    want: TLS_FAIL_VERIFY_ERROR,
  },
  { name: "SPIFFE: the domain's own bundle", model: spiffe({ td: ROOT, ud: OTHER }), want: true },
  {
    name: "SPIFFE: the bundle of another domain",
    model: spiffe({ td: OTHER, ud: ROOT }),
    want: TLS_FAIL_VERIFY_ERROR,
  },
  {
    name: "SPIFFE: a domain without a bundle",
    model: spiffe({ ud: ROOT }),
    want: TLS_FAIL_VERIFY_ERROR,
  },
  {
    name: "SPIFFE: no SPIFFE ID",
    model: spiffe({ td: ROOT }),
    peer: DEEP,
    sent: [MIDDLE],
    want: TLS_FAIL_VERIFY_ERROR,
  },
  {
    name: "SPIFFE: names are matched",
    model: { ...spiffe({ td: ROOT }), names: [URI] },
    want: true,
  },
  {
    name: "SPIFFE: names that are no URIs do not count",
    model: { ...spiffe({ td: ROOT }), names: [{ ...DNS, value: "a.test" }] },
    want: TLS_FAIL_VERIFY_SAN,
  },
];

describe("peer check", () => {
  for (const {
    name,
    model,
    peer = LEAF,
    sent = [],
    fault = null,
    isRequired = false,
    want,
  } of rows) {
    it(`judge: ${name}`, () => {
      const read = ({ der }: TestCertificate) => new X509Certificate(der);
      const check = new PeerCheck(model, isRequired);
      const certificate = peer === null ? null : read(peer);
      const verdict = check.judge(
        { certificate, sent: sent.map(read), chainFault: fault },
        new Date(),
      );
      assert.equal(verdict.isAccepted ? verdict.isValidated : verdict.counter, want);
    });
  }

  it("judge: the names that were found are told", () => {
    const check = new PeerCheck(trusting(ROOT, { names: [DNS] }), false);
    const certificate = new X509Certificate(LEAF.der);
    const { reason } = check.judge({ certificate, sent: [], chainFault: null }, new Date());
    const want = "verify cert failed: SAN matcher, certificate SANs are [spiffe://td/a, a.test]";
    assert.equal(reason, want);
  });

  it("requiresCertificate: what is to be compared has to be there", () => {
    assert.equal(requiresCertificate(null), false);
    assert.equal(requiresCertificate(trusting(ROOT)), false);
    assert.equal(requiresCertificate(trusting(ROOT, { names: [URI] })), true);
    assert.equal(requiresCertificate({ ...NO_VALIDATION, hashes: ["aa"] }), true);
    assert.equal(requiresCertificate({ ...NO_VALIDATION, keyHashes: ["aa"] }), true);
  });
});
