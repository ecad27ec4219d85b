import assert from "node:assert/strict";
import {
  type CertificateChoice,
  ServerCertificates,
} from "../../../../proxy/tls/server-certificates.ts";
import { makeCertificate } from "../../../support/tls/certificate.ts";
import { toCertificate } from "../../../support/tls/model.ts";

const CERTIFICATES = {
  rsa: makeCertificate({ subject: [["CN", "rsa"]], key: "rsa", dns: ["a.test"] }),
  ec: makeCertificate({ subject: [["CN", "ec"]], dns: ["A.test", "*.w.test"] }),
  late: makeCertificate({ subject: [["CN", "late"]], dns: ["a.test", "b.test"] }),
  exact: makeCertificate({ subject: [["CN", "exact"]], dns: ["x.w.test"] }),
  common: makeCertificate({
    subject: [
      ["O", "o"],
      ["CN", "common.test"],
    ],
  }),
};
const MODELS = Object.values(CERTIFICATES).map(toCertificate);
const NAMES = Object.keys(CERTIFICATES);

/** A server name and the certificates for it, by key type, as Envoy's selector has them. */
const rows: readonly (readonly [name: string, want: string])[] = [
  ["a.test", "rsa ec"],
  ["A.TEST", "rsa ec"],
  ["b.test", "late"],
  ["y.w.test", "ec"],
  ["x.w.test", "exact"],
  ["z.y.w.test", "rsa"],
  ["w.test", "rsa"],
  ["common.test", "common"],
  ["ec", "rsa"],
  ["unknown.test", "rsa"],
];

describe("server certificates", () => {
  const toNames = (chosen: CertificateChoice): string =>
    chosen.map((each) => NAMES[MODELS.indexOf(each)]).join(" ");

  for (const [name, want] of rows) {
    it(`choose: ${name} gets ${want}`, () => {
      assert.equal(toNames(new ServerCertificates(MODELS, false).choose(name)), want);
    });
  }

  it("choose: a full scan takes the first of each key type", () => {
    assert.equal(toNames(new ServerCertificates(MODELS, true).choose("unknown.test")), "rsa ec");
  });

  it("unnamed: without a name the first of each key type is taken", () => {
    assert.equal(toNames(new ServerCertificates(MODELS, false).unnamed), "rsa ec");
  });
});
