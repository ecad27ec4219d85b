import assert from "node:assert/strict";
import { readAlternativeNames } from "../../../../../proxy/tls/certificate/alternative-names.ts";
import { makeCertificate } from "../../../../support/tls/certificate.ts";

describe("alternative names", () => {
  it("readAlternativeNames: every kind is read in its order", () => {
    const { der } = makeCertificate({
      subject: [["CN", "a"]],
      uris: ["spiffe://td/ns/a"],
      dns: ["a.test", "*.b.test"],
      emails: ["me@a.test"],
      others: [["1.3.6.1.4.1.311.20.2.3", "me@b.test"]],
      ips: [Buffer.of(10, 0, 0, 1), Buffer.from("20010db8000000000000000000000001", "hex")],
    });
    assert.deepEqual(readAlternativeNames(der), [
      { kind: "uri", value: "spiffe://td/ns/a" },
      { kind: "dns", value: "a.test" },
      { kind: "dns", value: "*.b.test" },
      { kind: "email", value: "me@a.test" },
      { kind: "ip", value: "10.0.0.1" },
      { kind: "ip", value: "2001:db8::1" },
      { kind: "other", objectId: "1.3.6.1.4.1.311.20.2.3", value: "me@b.test" },
    ]);
  });

  it("readAlternativeNames: a separator in a name does not make two of it", () => {
    const { der } = makeCertificate({ subject: [["CN", "a"]], uris: ["a, DNS:evil.test"] });
    assert.deepEqual(readAlternativeNames(der), [{ kind: "uri", value: "a, DNS:evil.test" }]);
  });

  it("readAlternativeNames: an IP address of a wrong length is left out", () => {
    const { der } = makeCertificate({ subject: [["CN", "a"]], ips: [Buffer.of(1, 2, 3)] });
    assert.deepEqual(readAlternativeNames(der), []);
  });

  it("readAlternativeNames: a certificate without the extension has none", () => {
    assert.deepEqual(readAlternativeNames(makeCertificate({ subject: [["CN", "a"]] }).der), []);
  });

  it("readAlternativeNames: no prefix of a certificate is read beyond its end", () => {
    const { der } = makeCertificate({ subject: [["CN", "a"]], dns: ["a.test"] });
    for (let length = 0; length < der.length; length++) {
      assert.deepEqual(readAlternativeNames(der.subarray(0, length)), []);
    }
  });
});
