import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { findTrustPath } from "../../../../../proxy/tls/certificate/trust-path.ts";
import { makeCertificate } from "../../../../support/tls/certificate.ts";

describe("trust path", () => {
  const root = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
  const middle = makeCertificate({ subject: [["CN", "middle"]], isAuthority: true, issuer: root });
  const leaf = makeCertificate({ subject: [["CN", "leaf"]], issuer: middle });
  const twin = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
  const plain = makeCertificate({ subject: [["CN", "plain"]], issuer: root });
  const belowPlain = makeCertificate({ subject: [["CN", "below"]], issuer: plain });
  const old = makeCertificate({
    subject: [["CN", "old"]],
    isAuthority: true,
    fromDays: -20,
    toDays: -10,
    issuer: root,
  });
  const belowOld = makeCertificate({ subject: [["CN", "below"]], issuer: old });

  const rows = [
    { name: "a path goes over what the peer sent", of: leaf, sent: [middle], to: [root], want: 3 },
    {
      name: "an authority in the middle may be an anchor",
      of: leaf,
      sent: [],
      to: [middle],
      want: 2,
    },
    { name: "the certificate itself may be an anchor", of: leaf, sent: [], to: [leaf], want: 1 },
    { name: "without the middle there is no path", of: leaf, sent: [], to: [root], want: 0 },
    {
      name: "the same name with another key is another",
      of: leaf,
      sent: [middle],
      to: [twin],
      want: 0,
    },
    {
      name: "what is no authority cannot issue",
      of: belowPlain,
      sent: [plain],
      to: [root],
      want: 0,
    },
    { name: "what is over cannot issue", of: belowOld, sent: [old], to: [root], want: 0 },
  ];
  for (const { name, of, sent, to, want } of rows) {
    it(`findTrustPath: ${name}`, () => {
      const read = (each: { readonly der: Buffer }) => new X509Certificate(each.der);
      const path = findTrustPath(read(of), sent.map(read), to.map(read), new Date());
      assert.equal(path?.length ?? 0, want);
    });
  }
});
