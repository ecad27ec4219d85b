import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import type { TlsOptions } from "node:tls";
import type { Part } from "../../support/proxy-sketch.ts";
import { makeCertificate, makeRevocations } from "../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  serveTls,
  upstreamTls,
} from "../../support/tls/sketch.ts";
import { runTls } from "./tls-pair.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const OWN = makeCertificate({ subject: [["CN", "own"]], issuer: ROOT });
const MIDDLE = makeCertificate({ subject: [["CN", "mid"]], isAuthority: true, issuer: ROOT });
const OLD = makeCertificate({
  subject: [["CN", "old"]],
  isAuthority: true,
  issuer: ROOT,
  fromDays: -3,
  toDays: -1,
});
const OTHER = makeCertificate({ subject: [["CN", "other"]], isAuthority: true });
const good = { subject: [["CN", "up"]], dns: ["up.test"], issuer: ROOT } as const;
const UP = makeCertificate(good);
const LEAF_ONLY: Part = { only_verify_leaf_cert_crl: true };
const named = (exact: string): Part => ({
  match_typed_subject_alt_names: [{ san_type: "DNS", matcher: { exact } }],
});

/** An upstream, fields of the validation and of the parameters. */
interface Row {
  readonly certificate?: typeof UP;
  readonly options?: TlsOptions;
  /** Envoy adds what its libraries say. */
  readonly isSaidOtherwise?: boolean;
  /** Sent behind the certificate. */
  readonly sent?: string;
  /** Plays the upstream in plain text instead. */
  readonly play?: (socket: net.Socket) => void;
  readonly validation?: Part;
  readonly parameters?: Part;
}

const rows: Readonly<Record<string, Row>> = {
  "is of nobody": { certificate: makeCertificate({ subject: [["CN", "x"]], dns: ["up.test"] }) },
  "is expired": { certificate: makeCertificate({ ...good, fromDays: -3, toDays: -1 }) },
  "is not valid yet": { certificate: makeCertificate({ ...good, fromDays: 1 }) },
  "has another name": { validation: named("other.test") },
  "has another hash": { validation: { verify_certificate_hash: ["ab".repeat(32)] } },
  "is revoked": {
    certificate: makeCertificate({ ...good, serial: 0x4242 }),
    validation: { crl: { inline_string: makeRevocations(ROOT, [0x4242]) } },
  },
  "has no list of its authority": {
    certificate: makeCertificate({ ...good, issuer: MIDDLE }),
    sent: MIDDLE.pem,
    validation: { crl: { inline_string: makeRevocations(ROOT, []) } },
  },
  "has no list of its authority's authority, and needs none": {
    certificate: makeCertificate({ ...good, issuer: MIDDLE }),
    sent: MIDDLE.pem,
    validation: { crl: { inline_string: makeRevocations(MIDDLE, [1]) }, ...LEAF_ONLY },
  },
  "has no list of its authority, and needs one": {
    certificate: makeCertificate({ ...good, issuer: MIDDLE }),
    sent: MIDDLE.pem,
    validation: { crl: { inline_string: makeRevocations(ROOT, [1]) }, ...LEAF_ONLY },
  },
  "is revoked itself": {
    certificate: makeCertificate({ ...good, issuer: MIDDLE, serial: 0x4242 }),
    sent: MIDDLE.pem,
    validation: {
      crl: { inline_string: makeRevocations(MIDDLE, [7, 0x4242, 9]) },
      ...LEAF_ONLY,
    },
  },
  "has a list that somebody else signed": {
    validation: {
      crl: { inline_string: makeRevocations({ ...ROOT, key: OTHER.key }, []) },
      ...LEAF_ONLY,
    },
    isSaidOtherwise: true,
  },
  "does not send its authority": { certificate: makeCertificate({ ...good, issuer: MIDDLE }) },
  "has an authority that is expired": {
    certificate: makeCertificate({ ...good, issuer: OLD }),
    sent: OLD.pem,
  },
  "sends a root of its own": {
    certificate: makeCertificate({ ...good, issuer: OTHER }),
    sent: OTHER.pem,
  },
  "speaks HTTP": { play: (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n") },
  "closes at once": { play: (socket) => socket.end() },
  "resets at once": { play: (socket) => socket.once("data", () => socket.resetAndDestroy()) },
  "wants another version": {
    options: { minVersion: "TLSv1.3" },
    parameters: { tls_maximum_protocol_version: "TLSv1_2" },
  },
  "wants a certificate": {
    options: { requestCert: true, ca: ROOT.pem },
    parameters: { tls_maximum_protocol_version: "TLSv1_2" },
  },
};

describe("differential, upstreams whose TLS fails", function () {
  this.timeout(60_000);

  for (const [name, { certificate = UP, options = {}, play, ...fields }] of Object.entries(rows)) {
    it(`upstream: one that ${name}`, async function () {
      const up =
        play === undefined
          ? await serveTls({ ...certificate, pem: certificate.pem + (fields.sent ?? "") }, options)
          : await servePlain(play);
      const common = {
        tls_params: fields.parameters,
        validation_context: { trusted_ca: { inline_string: ROOT.pem }, ...fields.validation },
      };
      try {
        const { envoy, ours } = await runTls(this, {
          sketch: {
            endpoints: [up.port],
            chain: {
              transport_socket: downstreamTls({ tls_certificates: [inlineCertificate(OWN)] }),
            },
            cluster: { transport_socket: upstreamTls(common, { sni: "up.test" }) },
          },
          operators: [
            "RESPONSE_CODE",
            "RESPONSE_FLAGS",
            "RESPONSE_CODE_DETAILS",
            "UPSTREAM_TRANSPORT_FAILURE_REASON",
            "UPSTREAM_TLS_VERSION",
            "UPSTREAM_PEER_SUBJECT",
          ],
          clients: [{}],
        });
        const told = (line: Part): Part =>
          fields.isSaidOtherwise === true ? { code: line.RESPONSE_CODE } : line;
        assert.deepEqual(ours.lines.map(told), envoy.lines.map(told));
        assert.equal(ours.answers[0].slice(0, 3), envoy.answers[0].slice(0, 3));
        const count = (stats: ReadonlyMap<string, number>): [string, number][] =>
          [...stats].filter(([each, value]) => COUNTED.test(each) && value !== 0);
        assert.deepEqual(new Map(count(ours.stats)), new Map(count(envoy.stats)));
      } finally {
        up.close();
      }
    });
  }
});

const COUNTED = /^cluster\.up\.(ssl\.(handshake|connection_error|fail_)|upstream_cx_connect_fail)/;

async function servePlain(
  play: (socket: net.Socket) => void,
): Promise<{ readonly port: number; close(): void }> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.resume();
    play(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { port: address.port, close: () => server.close() };
}
