import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  FACT_FORWARDED_CERTIFICATE,
  FACT_LOCAL_DNS_SAN,
  FACT_PEER_CERT_V_END,
  FACT_PEER_ISSUER,
  FACT_PEER_SERIAL,
  FACT_PEER_SUBJECT,
  FACT_PEER_URI_SAN,
} from "../../../../api/engine/tls-facts.ts";
import { factTexts } from "../../../../proxy/tls/peer-facts.ts";
import { makeCertificate, sha256 } from "../../../support/tls/certificate.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const MIDDLE = makeCertificate({ subject: [["CN", "middle"]], isAuthority: true, issuer: ROOT });
const OWN = makeCertificate({ subject: [["CN", "own"]], dns: ["a.test", "b.test"] });
const PEER = makeCertificate({
  subject: [
    ["C", "US"],
    ["O", "Acme, Inc"],
    ["CN", "peer"],
  ],
  uris: ["spiffe://td/a", "spiffe://td/b;By=x", "spiffe://td/c\r\nx: y"],
  issuer: MIDDLE,
  serial: 0xff,
});
const NONE = { subject: false, cert: false, chain: false, dns: false, uri: false };

describe("peer facts", () => {
  const read = ({ der }: { readonly der: Buffer }) => new X509Certificate(der);
  const own = read(OWN);
  const peer = read(PEER);

  it("factTexts: names stand in the order of RFC 2253, numbers in hexadecimal", () => {
    const texts = factTexts(own, peer, [], NONE);
    assert.equal(texts[FACT_PEER_SUBJECT], "CN=peer,O=Acme\\, Inc,C=US");
    assert.equal(texts[FACT_PEER_ISSUER], "CN=middle");
    assert.equal(texts[FACT_PEER_SERIAL], "ff");
    assert.equal(texts[FACT_LOCAL_DNS_SAN], "a.test,b.test");
    assert.match(texts[FACT_PEER_CERT_V_END], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  });

  it("factTexts: a name that could pass for another part is left out", () => {
    const texts = factTexts(own, peer, [], { ...NONE, uri: true });
    assert.equal(texts[FACT_PEER_URI_SAN], "spiffe://td/a");
    const want = `Hash=${sha256(PEER.der, "hex")};URI=spiffe://td/a`;
    assert.equal(texts[FACT_FORWARDED_CERTIFICATE], want);
  });

  it("factTexts: a chain has what was sent, and not the root", () => {
    const sent = [read(MIDDLE), read(ROOT)];
    const texts = factTexts(null, peer, sent, { ...NONE, chain: true });
    const chain = encodeURIComponent(PEER.pem) + encodeURIComponent(MIDDLE.pem);
    const want = `Hash=${sha256(PEER.der, "hex")};Chain="${chain}"`;
    assert.equal(texts[FACT_FORWARDED_CERTIFICATE], want);
  });

  it("factTexts: without a peer there is nothing to forward", () => {
    const texts = factTexts(own, null, [], NONE);
    assert.equal(texts[FACT_FORWARDED_CERTIFICATE], "");
    assert.equal(texts[FACT_PEER_SUBJECT], "");
  });
});
