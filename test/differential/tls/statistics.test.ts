import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Part } from "../../support/proxy-sketch.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  secretFile,
  serveTls,
  upstreamTls,
} from "../../support/tls/sketch.ts";
import { runTls } from "./tls-pair.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true, toDays: 100 });
const FIRST = makeCertificate({
  subject: [["CN", "first"]],
  uris: ["spiffe://td/first"],
  dns: ["a.test", "b.test"],
  emails: ["a@a.test"],
  ips: [Buffer.of(127, 0, 0, 1), Buffer.from("20010db8000000000000000000000001", "hex")],
  issuer: ROOT,
  toDays: 10,
});
const SECOND = makeCertificate({
  subject: [["CN", "second"]],
  issuer: ROOT,
  key: "rsa",
  toDays: 20,
});
const PEER = makeCertificate({ subject: [["CN", "peer"]], issuer: ROOT });

const OURS = /^(?:listener|cluster)\.|^sds\.|^server\.days_until|^http\.test\..*ssl_total$/;
const ABOUT = /ssl|^sds\.|certificate|days_until/;
/** Names of Envoy's that are not told: by node, or since nobody asks a server. */
const UNTOLD = /\.sigalgs\.|^listener\..*\.curves\.|^sds\..*\.version$/;
/** Names that Envoy has not. */
const ADDED = /_factory\.update_rejected$/;
/** Moments. */
const TIMES = /\.update_time$/;

describe("differential, statistics of TLS", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "causeway-tls-stats-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function place(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  function secret(name: string, content: Part): Part {
    const path = place(`${name}.json`, secretFile(name, content));
    return { name, sds_config: { path_config_source: { path } } };
  }

  const trusted_ca = { inline_string: ROOT.pem };

  /** Where certificates may come from. */
  const rows: Readonly<Record<string, () => Part>> = {
    inline: () => ({
      tls_certificates: [inlineCertificate(FIRST), inlineCertificate(SECOND)],
      validation_context: { trusted_ca },
    }),
    files: () => ({
      tls_certificates: [
        {
          certificate_chain: { filename: place("cert.pem", FIRST.pem + ROOT.pem) },
          private_key: { filename: place("key.pem", FIRST.keyPem) },
        },
      ],
      validation_context: { trusted_ca: { filename: place("ca.pem", ROOT.pem) } },
    }),
    SDS: () => ({
      tls_certificate_sds_secret_configs: [
        secret("own", { tls_certificate: inlineCertificate(FIRST) }),
      ],
      validation_context_sds_secret_config: secret("trust", {
        validation_context: { trusted_ca },
      }),
    }),
    "a combined context": () => ({
      tls_certificates: [inlineCertificate(FIRST)],
      combined_validation_context: {
        default_validation_context: { trusted_ca },
        validation_context_sds_secret_config: secret("a.b", { validation_context: {} }),
      },
    }),
    "a static secret": () => ({
      tls_certificate_sds_secret_configs: [{ name: "fixed" }],
    }),
  };

  for (const [name, common] of Object.entries(rows)) {
    it(`statistics and /certs: certificates from ${name}`, async function () {
      const up = await serveTls(SECOND);
      const upstream = upstreamTls({ validation_context: { trusted_ca } }, { sni: "a.test" });
      const { envoy, ours } = await runTls(this, {
        sketch: {
          endpoints: [up.port],
          chain: { transport_socket: downstreamTls(common()) },
          cluster: { transport_socket: upstream },
          listener: { stat_prefix: "own" },
          secrets: [{ name: "fixed", tls_certificate: inlineCertificate(FIRST) }],
        },
        operators: [],
        clients: [{ cert: PEER.pem, key: PEER.keyPem }],
      });
      up.close();
      for (const each of [envoy, ours]) assert.match(each.answers[0], /^200 /);
      assert.deepEqual(contextsOf(ours.certificates), contextsOf(envoy.certificates));
      const tell = (stats: ReadonlyMap<string, number>, isLeft: RegExp): [string, number][] =>
        [...stats]
          .filter(([each]) => OURS.test(each) && ABOUT.test(each) && !isLeft.test(each))
          .map(([each, value]): [string, number] => [each, TIMES.test(each) ? 0 : value])
          .sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(tell(ours.stats, ADDED), tell(envoy.stats, UNTOLD));
    });
  }
});

/** The contexts of `/certs`, each as a text, in an order of ours: Envoy's is by chance. */
function contextsOf(answer: unknown): readonly string[] {
  assert.ok(typeof answer === "object" && answer !== null && "certificates" in answer);
  assert.ok(Array.isArray(answer.certificates));
  return answer.certificates.map((each) => JSON.stringify(each)).sort();
}
