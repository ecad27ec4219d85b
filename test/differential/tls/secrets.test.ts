import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Part } from "../../support/proxy-sketch.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate } from "../../support/tls/sketch.ts";
import { runTls } from "./tls-pair.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const MIDDLE = makeCertificate({ subject: [["CN", "mid"]], isAuthority: true, issuer: ROOT });
const OWN = makeCertificate({ subject: [["CN", "own"]], dns: ["a.test"], issuer: ROOT });
const PEER = makeCertificate({ subject: [["CN", "peer"]], dns: ["peer.test"], issuer: MIDDLE });

const TYPE = "type.googleapis.com/envoy";
const SECRET = `${TYPE}.extensions.transport_sockets.tls.v3.Secret`;
const RESOURCE = { "@type": `${TYPE}.service.discovery.v3.Resource` };

const certificate = {
  "@type": SECRET,
  name: "own",
  tls_certificate: inlineCertificate(OWN),
};
const trusted_ca = { inline_string: ROOT.pem };
const trust = { "@type": SECRET, name: "trust", validation_context: { trusted_ca } };
const named = (name: string): Part => ({ san_type: "DNS", matcher: { exact: name } });

/** What a file of SDS has, all of which have the certificate `own`. */
const files: Readonly<Record<string, Part>> = {
  "a secret alone": { resources: [certificate] },
  "a version and a type": { version_info: "7", type_url: SECRET, resources: [certificate] },
  "a resource with a name and a version": {
    resources: [{ ...RESOURCE, name: "own", version: "3", resource: certificate }],
  },
  "a resource with another name": {
    resources: [{ ...RESOURCE, name: "other", resource: certificate }],
  },
};

/** A default context, what a secret lays over it, and whether the peer is let in. */
const merges: Readonly<Record<string, readonly [first: Part, second: Part, isTaken: boolean]>> = {
  "an authority from the secret": [{}, { trusted_ca }, true],
  "an authority from the default": [{ trusted_ca }, {}, true],
  "the secret's depth wins": [{ trusted_ca, max_verify_depth: 4 }, { max_verify_depth: 1 }, false],
  "a depth of 0 is no depth beside another": [
    { trusted_ca, max_verify_depth: 4 },
    { max_verify_depth: 0 },
    true,
  ],
  "names are joined": [
    { trusted_ca, match_typed_subject_alt_names: [named("x.test")] },
    { match_typed_subject_alt_names: [named("peer.test")] },
    true,
  ],
  "names of neither": [
    { trusted_ca, match_typed_subject_alt_names: [named("x.test")] },
    { match_typed_subject_alt_names: [named("y.test")] },
    false,
  ],
  "hashes are joined": [
    { trusted_ca, verify_certificate_hash: ["0".repeat(64)] },
    { verify_certificate_hash: ["1".repeat(64)] },
    false,
  ],
  "what is the default of an enumeration changes nothing": [
    {
      trusted_ca,
      trust_chain_verification: "ACCEPT_UNTRUSTED",
      match_typed_subject_alt_names: [named("x.test")],
    },
    { trust_chain_verification: "VERIFY_TRUST_CHAIN" },
    true,
  ],
};

describe("differential, secrets from files", function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "causeway-secrets-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function secretFrom(name: string, content: Part): Part {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify(content));
    return { name, sds_config: { path_config_source: { path } } };
  }

  async function compare(
    context: Mocha.Context,
    common: Part,
    want: string,
    fields: Part = {},
  ): Promise<void> {
    const { envoy, ours } = await runTls(context, {
      sketch: {
        endpoints: [1],
        routes: [{ match: { prefix: "/" }, direct_response: { status: 200 } }],
        chain: { transport_socket: downstreamTls(common, fields) },
      },
      operators: ["RESPONSE_CODE"],
      clients: [{ cert: PEER.pem + MIDDLE.pem, key: PEER.keyPem }],
    });
    assert.deepEqual(envoy.answers, [want]);
    assert.deepEqual(ours.answers, envoy.answers);
  }

  for (const [name, content] of Object.entries(files)) {
    it(`sds: ${name}`, async function () {
      const config = secretFrom("own", content);
      await compare(this, { tls_certificate_sds_secret_configs: [config] }, "200 ");
    });
  }

  it("sds: certificate and validation context", async function () {
    const common = {
      tls_certificate_sds_secret_configs: [secretFrom("own", { resources: [certificate] })],
      validation_context_sds_secret_config: secretFrom("trust", { resources: [trust] }),
    };
    await compare(this, common, "200 ", { require_client_certificate: true });
  });

  for (const [name, [first, second, isTaken]] of Object.entries(merges)) {
    it(`combined_validation_context: ${name}`, async function () {
      const secret = { "@type": SECRET, name: "trust", validation_context: second };
      const common = {
        tls_certificates: [inlineCertificate(OWN)],
        combined_validation_context: {
          default_validation_context: first,
          validation_context_sds_secret_config: secretFrom("trust", { resources: [secret] }),
        },
      };
      await compare(this, common, isTaken ? "200 " : "closed");
    });
  }
});
