import assert from "node:assert/strict";
import {
  daysUntilExpiry,
  expiryTimes,
  reportCertificates,
} from "../../../../proxy/tls/certificate-report.ts";
import { makeCertificate } from "../../../support/tls/certificate.ts";
import { serverModel, trusting } from "../../../support/tls/model.ts";

describe("certificate report", () => {
  const now = new Date();
  const root = makeCertificate({ subject: [["CN", "root"]], isAuthority: true, toDays: 10.5 });
  const leaf = makeCertificate({
    subject: [["CN", "leaf"]],
    issuer: root,
    serial: 0xabcd,
    dns: ["a.test"],
    uris: ["spiffe://td/a"],
    emails: ["a@a.test"],
    ips: [Buffer.of(127, 0, 0, 1)],
    toDays: 20.5,
  });

  it("reportCertificates: files, names and days are told, and no key", () => {
    const model = serverModel([leaf], { validation: trusting(root) });
    const { caCert = [], certChain = [] } = reportCertificates(model, now);
    assert.equal(caCert.length, 1);
    assert.equal(caCert[0].daysUntilExpiration, 10n);
    assert.equal(certChain.length, 1);
    const { path, serialNumber, subjectAltNames, daysUntilExpiration } = certChain[0];
    assert.deepEqual([path, serialNumber, daysUntilExpiration], ["<inline>", "abcd", 20n]);
    assert.deepEqual(subjectAltNames, [
      { name: { case: "dns", value: "a.test" } },
      { name: { case: "uri", value: "spiffe://td/a" } },
      { name: { case: "ipAddress", value: "127.0.0.1" } },
    ]);
  });

  it("daysUntilExpiry: the first to end counts, authorities too", () => {
    const model = serverModel([leaf], { validation: trusting(root) });
    assert.equal(daysUntilExpiry([serverModel([leaf]), model], now), 10);
    assert.equal(daysUntilExpiry([serverModel([leaf])], now), 20);
    assert.equal(daysUntilExpiry([], now), null);
  });

  it("expiryTimes: an authority and certificates have the names of their secrets, or none", () => {
    const names = { certificates: ["own"], authority: "", dynamic: [] };
    const model = serverModel([leaf], { validation: trusting(root), names });
    const seconds = (days: number): number => Math.floor(now.getTime() / 1000) + days * 86_400;
    const times = [...expiryTimes(model)];
    assert.deepEqual(
      times.map(([name]) => name),
      ["unnamed_ca_cert_e3b0c442", "own"],
    );
    for (const [index, days] of [10, 20].entries()) {
      assert.ok(Math.abs(times[index][1] - seconds(days)) <= 86_400);
    }
  });

  it("daysUntilExpiry: what is over has 0 days", () => {
    const old = makeCertificate({ subject: [["CN", "old"]], fromDays: -9, toDays: -3 });
    assert.equal(daysUntilExpiry([serverModel([old])], now), 0);
  });
});
