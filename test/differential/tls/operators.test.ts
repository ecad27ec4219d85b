import assert from "node:assert/strict";
import { makeCertificate } from "../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  serveTls,
  upstreamTls,
} from "../../support/tls/sketch.ts";
import { runTls, type TlsOutcomes } from "./tls-pair.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const MIDDLE = makeCertificate({ subject: [["CN", "mid"]], isAuthority: true, issuer: ROOT });
const OTHER = "1.3.6.1.4.1.311.20.2.3";
const SERVER = makeCertificate({
  subject: [["CN", "server"]],
  dns: ["a.test", "b.test"],
  uris: ["spiffe://td/server"],
  emails: ["s@x.test"],
  ips: [Buffer.of(127, 0, 0, 1)],
  others: [[OTHER, "server@x.test"]],
  issuer: ROOT,
});
const UP = makeCertificate({
  subject: [
    ["CN", "up"],
    ["O", "Up, Inc"],
  ],
  dns: ["up.test", "*.up.test"],
  uris: ["spiffe://td/up"],
  ips: [Buffer.from("20010db8000000000000000000000001", "hex")],
  issuer: ROOT,
});
const FRIEND = makeCertificate({
  subject: [
    ["C", "US"],
    ["O", 'Acme, "Inc"'],
    ["CN", "friend"],
  ],
  uris: ["spiffe://td/friend", "spiffe://td/two"],
  dns: ["one.test", "two.test"],
  emails: ["f@x.test"],
  ips: [Buffer.of(1, 2, 3, 4)],
  others: [
    [OTHER, "friend@x.test"],
    ["2.5.4.3", "name"],
  ],
  issuer: MIDDLE,
  serial: 0xbeef,
});

const SIDES = ["URI_SAN", "DNS_SAN", "IP_SAN"];
const PEER = ["SUBJECT", "ISSUER", "CERT", "CERT_V_START", "CERT_V_END", "CERT_V_END(%Y/%m/%d %H)"];
const OPERATORS = [
  ...["DOWNSTREAM", "UPSTREAM"].flatMap((side) => [
    ...["VERSION", "CIPHER"].map((name) => `${side}_TLS_${name}`),
    ...SIDES.flatMap((name) => [`${side}_PEER_${name}`, `${side}_LOCAL_${name}`]),
    ...PEER.map((name) => `${side}_PEER_${name}`),
  ]),
  ...["EMAIL_SAN", "OTHERNAME_SAN", "SUBJECT"].map((name) => `DOWNSTREAM_LOCAL_${name}`),
  ...["EMAIL_SAN", "OTHERNAME_SAN", "FINGERPRINT_256", "FINGERPRINT_1", "SERIAL"].map(
    (name) => `DOWNSTREAM_PEER_${name}`,
  ),
  ...["FINGERPRINTS_256", "FINGERPRINTS_1", "SERIALS"].map(
    (name) => `DOWNSTREAM_PEER_CHAIN_${name}`,
  ),
  "DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256",
  "DOWNSTREAM_PEER_ISSUER_SERIAL",
  "DOWNSTREAM_TLS_SESSION_ID",
  "DOWNSTREAM_TRANSPORT_FAILURE_REASON",
  "REQUESTED_SERVER_NAME",
  "TLS_JA3_FINGERPRINT",
  "TLS_JA4_FINGERPRINT",
  "UPSTREAM_SERVER_NAME",
  "UPSTREAM_TLS_GROUP",
  "UPSTREAM_TRANSPORT_FAILURE_REASON",
];
/** Random, or times: only whether there is one, and of what form, is the same. */
const FORMS = ["UPSTREAM_TLS_SESSION_ID", "DOWNSTREAM_HANDSHAKE_DURATION"];

function formOf(value: unknown): unknown {
  if (typeof value === "number") return "number";
  return typeof value === "string" ? value.replaceAll(/[0-9a-f]/g, "0") : value;
}

describe("differential, operators of TLS", function () {
  this.timeout(60_000);
  const trust = { validation_context: { trusted_ca: { inline_string: ROOT.pem } } };
  const friend = { cert: FRIEND.pem + MIDDLE.pem, key: FRIEND.keyPem };

  async function run(
    context: Mocha.Context,
    version: "TLSv1_2" | "TLSv1_3",
    own: object,
  ): Promise<TlsOutcomes> {
    const up = await serveTls(UP, { requestCert: true, ca: ROOT.pem });
    const common = {
      tls_params: { tls_maximum_protocol_version: version },
      tls_certificates: [inlineCertificate(SERVER)],
      ...trust,
    };
    try {
      return await runTls(context, {
        sketch: {
          endpoints: [up.port],
          chain: { transport_socket: downstreamTls(common) },
          cluster: { transport_socket: upstreamTls(common, { sni: "x.up.test" }) },
        },
        operators: [...OPERATORS, ...FORMS],
        clients: [own],
      });
    } finally {
      up.close();
    }
  }

  for (const version of ["TLSv1_2", "TLSv1_3"] as const) {
    for (const [who, own] of [
      ["a friend", friend],
      ["nobody", {}],
    ] as const) {
      it(`operators: ${version} of ${who}`, async function () {
        const { envoy, ours } = await run(this, version, own);
        assert.equal(envoy.lines.length, 1);
        assert.equal(ours.lines.length, 1);
        for (const name of OPERATORS) assert.equal(ours.lines[0][name], envoy.lines[0][name], name);
        for (const name of FORMS) {
          assert.equal(formOf(ours.lines[0][name]), formOf(envoy.lines[0][name]), name);
        }
      });
    }
  }
});
