import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import * as facts from "../../../../api/engine/tls/tls-facts.ts";
import { factsOf, type ToldConnection, NOT_INSPECTED } from "../../../../proxy/tls/peer-facts.ts";
import { makeCertificate, sha256 } from "../../../support/tls/certificate.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const MIDDLE = makeCertificate({
  subject: [["CN", "middle"]],
  isAuthority: true,
  issuer: ROOT,
  serial: 0xaa,
});
const OWN = makeCertificate({
  subject: [["CN", "own"]],
  dns: ["a.test", "b.test"],
  emails: ["own@a.test"],
});
const PEER = makeCertificate({
  subject: [
    ["C", "US"],
    ["O", "Acme, Inc"],
    ["CN", "peer"],
  ],
  uris: ["spiffe://td/a", "spiffe://td/b;By=x", "spiffe://td/c\r\nx: y"],
  emails: ["a@a.test"],
  ips: [Buffer.of(1, 2, 3, 4)],
  others: [["1.3.6.1.4.1.311.20.2.3", "user@a.test"]],
  issuer: MIDDLE,
  serial: 0xff,
});
const NONE = { subject: false, cert: false, chain: false, dns: false, uri: false };
const PLACES: ReadonlyMap<string, number> = new Map(Object.entries(facts));
const EVERYTHING = 2 ** facts.FACT_COUNT - 1;

describe("peer facts", () => {
  const read = ({ der }: { readonly der: Buffer }) => new X509Certificate(der);
  const own = read(OWN);
  const peer = read(PEER);
  const middle = read(MIDDLE);
  const plain: ToldConnection = {
    own,
    peer,
    sent: [],
    forwarded: null,
    version: "TLSv1.2",
    cipher: "ECDHE-ECDSA-AES128-GCM-SHA256",
    sessionId: "0a0b",
    group: "X25519",
    serverName: "a.test",
    inspected: NOT_INSPECTED,
  };

  function tell(differing: Partial<ToldConnection>, place: number): string {
    const bytes = factsOf({ ...plain, ...differing }, 1 << place).get(place);
    return Buffer.from(bytes ?? []).toString("latin1");
  }

  const texts: readonly (readonly [name: string, want: string])[] = [
    ["FACT_TLS_VERSION", "TLSv1.2"],
    ["FACT_TLS_CIPHER", "ECDHE-ECDSA-AES128-GCM-SHA256"],
    ["FACT_TLS_SESSION_ID", "0a0b"],
    ["FACT_TLS_GROUP", "X25519"],
    ["FACT_SERVER_NAME", "a.test"],
    ["FACT_PEER_SUBJECT", "CN=peer,O=Acme\\, Inc,C=US"],
    ["FACT_PEER_ISSUER", "CN=middle"],
    ["FACT_PEER_SERIAL", "ff"],
    ["FACT_PEER_CERT", encodeURIComponent(PEER.pem)],
    ["FACT_PEER_EMAIL_SAN", "a@a.test"],
    ["FACT_PEER_OTHERNAME_SAN", "user@a.test"],
    ["FACT_PEER_IP_SAN", "1.2.3.4"],
    ["FACT_PEER_FINGERPRINT_256", sha256(PEER.der, "hex")],
    ["FACT_PEER_CHAIN_FINGERPRINTS_256", `${sha256(PEER.der, "hex")},${sha256(MIDDLE.der, "hex")}`],
    ["FACT_PEER_CHAIN_SERIALS", "ff,aa"],
    ["FACT_PEER_ISSUER_FINGERPRINT_256", sha256(MIDDLE.der, "hex")],
    ["FACT_PEER_ISSUER_SERIAL", "aa"],
    ["FACT_LOCAL_SUBJECT", "CN=own"],
    ["FACT_LOCAL_DNS_SAN", "a.test,b.test"],
    ["FACT_LOCAL_EMAIL_SAN", "own@a.test"],
  ];
  for (const [name, want] of texts) {
    it(`factsOf: ${name} is told as Envoy tells it`, () => {
      const sent = [middle, read(ROOT)];
      assert.equal(tell({ sent }, PLACES.get(name) ?? -1), want);
    });
  }

  it("factsOf: moments are milliseconds", () => {
    const bytes = factsOf(plain, 1 << facts.FACT_PEER_CERT_V_END).get(facts.FACT_PEER_CERT_V_END);
    const moment = Buffer.from(bytes ?? []).readDoubleLE();
    assert.equal(moment, peer.validToDate.getTime());
  });

  it("factsOf: what nobody asks for is not found out", () => {
    const costly = { ...plain };
    Object.defineProperty(costly, "sent", { get: () => assert.fail("nobody asked") });
    assert.deepEqual(
      [...factsOf(costly, 1 << facts.FACT_TLS_VERSION).keys()],
      [facts.FACT_TLS_VERSION],
    );
    assert.equal(factsOf(costly, 0).size, 0);
  });

  it("factsOf: a name that could pass for another part is left out", () => {
    assert.equal(tell({}, facts.FACT_PEER_URI_SAN), "spiffe://td/a");
    const want = `Hash=${sha256(PEER.der, "hex")};URI=spiffe://td/a`;
    assert.equal(
      tell({ forwarded: { ...NONE, uri: true } }, facts.FACT_FORWARDED_CERTIFICATE),
      want,
    );
  });

  it("factsOf: a chain has what was sent, and not the root", () => {
    const told = { own: null, sent: [middle, read(ROOT)], forwarded: { ...NONE, chain: true } };
    const chain = encodeURIComponent(PEER.pem) + encodeURIComponent(MIDDLE.pem);
    const want = `Hash=${sha256(PEER.der, "hex")};Chain="${chain}"`;
    assert.equal(tell(told, facts.FACT_FORWARDED_CERTIFICATE), want);
  });

  it("factsOf: without a peer nothing is told of one", () => {
    const all = factsOf({ ...plain, peer: null, forwarded: NONE }, EVERYTHING);
    const named = Object.entries(facts).filter(([name]) => name.startsWith("FACT_PEER_"));
    assert.equal(named.length, 18);
    for (const [, place] of named) assert.equal(all.get(place)?.length ?? 0, 0);
    assert.equal(all.get(facts.FACT_FORWARDED_CERTIFICATE)?.length, 0);
  });
});
