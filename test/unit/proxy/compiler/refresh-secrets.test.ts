import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileBootstrap } from "../../../../proxy/compiler/compile-bootstrap.ts";
import { refreshSecrets } from "../../../../proxy/compiler/refresh-secrets.ts";
import { toBootstrap } from "../../../support/proxy-sketch.ts";
import { makeCertificate } from "../../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  secretFile,
  upstreamTls,
} from "../../../support/tls/sketch.ts";

describe("refresh secrets", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "secrets-"));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("refreshSecrets: each context is read by itself, and only TLS is told", () => {
    const first = inlineCertificate(makeCertificate({ subject: [["CN", "first"]] }));
    const path = join(folder, "secret.json");
    writeFileSync(path, secretFile("own", { tls_certificate: first }));
    const sds_config = { path_config_source: { path } };
    const config = toBootstrap({
      endpoints: [],
      chain: {
        transport_socket: downstreamTls({
          tls_certificate_sds_secret_configs: [{ name: "own", sds_config }],
        }),
      },
      cluster: { transport_socket: upstreamTls({}) },
      moreClusters: [{ name: "plain" }],
    });
    const request = { id: 0, name: "test.json", config, version: 1, logSinks: [] };
    const { bootstrap } = compileBootstrap(request);
    const [before, cluster, ...more] = refreshSecrets(bootstrap);
    assert.ok("context" in before && "context" in cluster);
    assert.equal(more.length, 0);
    assert.deepEqual(before.context.watched, [folder]);
    writeFileSync(
      path,
      secretFile("own", { tls_certificate: { ...first, private_key: first.certificate_chain } }),
    );
    const [after, same] = refreshSecrets(bootstrap);
    assert.deepEqual(after, {
      path: before.path,
      reason:
        `${before.path}.common_tls_context.tls_certificates[0]: ` +
        "Failed to load private key from <inline>, Cause: it cannot be read",
    });
    assert.deepEqual(same, cluster);
  });
});
