import assert from "node:assert/strict";
import type { Part } from "../../support/proxy-sketch.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  serveTls,
  upstreamTls,
} from "../../support/tls/sketch.ts";
import { runTls } from "./tls-pair.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const OWN = makeCertificate({ subject: [["CN", "own"]], issuer: ROOT });
const UP = makeCertificate({
  subject: [["CN", "up"]],
  dns: ["up.test", "*.wild.test"],
  uris: ["spiffe://td/up"],
  issuer: ROOT,
});

const named = (san_type: string, exact: string): Part => ({
  match_typed_subject_alt_names: [{ san_type, matcher: { exact } }],
});
const both = { auto_host_sni: true, auto_sni_san_validation: true };

/** Fields of the context, the endpoint's name, fields of the validation, and what comes of it. */
const rows: readonly (readonly [
  name: string,
  fields: Part,
  hostname: string,
  validation: Part,
  sent: string | null,
  status: string,
])[] = [
  ["the endpoint's name", { auto_host_sni: true }, "up.test", {}, "up.test", "200"],
  ["it wins over sni", { auto_host_sni: true, sni: "b.test" }, "a.test", {}, "a.test", "200"],
  ["sni where there is none", { auto_host_sni: true, sni: "b.test" }, "", {}, "b.test", "200"],
  ["no name at all", { auto_host_sni: true }, "", {}, null, "200"],
  ["a name that is checked", both, "up.test", {}, "up.test", "200"],
  ["a name under a wildcard", both, "a.wild.test", {}, "a.wild.test", "200"],
  ["a name that the upstream has not", both, "other.test", {}, null, "503"],
  ["instead of other names", both, "up.test", named("DNS", "x.test"), "up.test", "200"],
  ["sni is checked, too", { ...both, sni: "b.test" }, "", {}, null, "503"],
  ["without a name the others count", both, "", named("DNS", "x.test"), null, "503"],
  ["without a name a right one does", both, "", named("DNS", "up.test"), null, "200"],
  ["a name of another kind", { ...both, sni: "spiffe://td/up" }, "", {}, null, "503"],
];

describe("differential, server name", function () {
  this.timeout(60_000);

  for (const [name, fields, hostname, validation, sent, status] of rows) {
    it(`auto_host_sni: ${name}`, async function () {
      const up = await serveTls(UP);
      const common = {
        validation_context: { trusted_ca: { inline_string: ROOT.pem }, ...validation },
      };
      const address = { socket_address: { address: "127.0.0.1", port_value: up.port } };
      const load_assignment = {
        cluster_name: "up",
        endpoints: [{ lb_endpoints: [{ endpoint: { address, hostname } }] }],
      };
      try {
        const { envoy, ours } = await runTls(this, {
          sketch: {
            endpoints: [up.port],
            chain: {
              transport_socket: downstreamTls({ tls_certificates: [inlineCertificate(OWN)] }),
            },
            cluster: { load_assignment, transport_socket: upstreamTls(common, fields) },
          },
          operators: ["UPSTREAM_SERVER_NAME", "UPSTREAM_TRANSPORT_FAILURE_REASON"],
          clients: [{}],
        });
        assert.deepEqual(ours.lines, envoy.lines);
        assert.equal(ours.lines[0].UPSTREAM_SERVER_NAME, sent);
        assert.equal(ours.answers[0].slice(0, 3), status);
        assert.equal(envoy.answers[0].slice(0, 3), status);
        const refusals = "cluster.up.ssl.fail_verify_san";
        assert.equal(ours.stats.get(refusals), envoy.stats.get(refusals));
      } finally {
        up.close();
      }
    });
  }
});
