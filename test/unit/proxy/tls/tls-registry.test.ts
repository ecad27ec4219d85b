import assert from "node:assert/strict";
import { makeCertificate } from "../../../support/tls/certificate.ts";
import { loadEngine } from "../../../support/load-engine.ts";
import { clientModel, serverModel } from "../../../support/tls/model.ts";
import { openTlsRegistry } from "../../../support/tls/registry.ts";

describe("tls registry", () => {
  const first = serverModel([makeCertificate({ subject: [["CN", "first"]] })]);
  const second = serverModel([makeCertificate({ subject: [["CN", "second"]] })]);

  it("server: the same configuration has the same TLS", () => {
    const registry = openTlsRegistry(loadEngine());
    const own = registry.server(first, "listener.a");
    assert.equal(registry.server({ ...first }, "listener.a"), own);
    assert.notEqual(registry.server(first, "listener.b"), own);
    assert.notEqual(registry.server(second, "listener.b"), own);
  });

  it("update: new secrets reach what is configured at their place", () => {
    const registry = openTlsRegistry(loadEngine());
    const server = registry.server(first, "listener.a");
    const client = registry.client(clientModel({ path: "other" }), "cluster.a");
    registry.update(second);
    assert.equal(server.model, second);
    assert.equal(client.model.path, "other");
    assert.equal(registry.server({ ...second }, "listener.a"), server);
  });

  it("update: what is configured as before keeps the new secrets", () => {
    const registry = openTlsRegistry(loadEngine());
    const server = registry.server(first, "listener.a");
    registry.update(second);
    assert.equal(registry.server(first, "listener.a"), server);
    assert.equal(server.model, second);
  });

  it("update: what came before the first connection is used, until a renewal", () => {
    const registry = openTlsRegistry(loadEngine());
    registry.update(second);
    assert.equal(registry.server(first, "listener.a").model, second);
    registry.renew();
    assert.equal(
      registry.server({ ...first }, "listener.a").model.certificates,
      first.certificates,
    );
  });

  it("retain: what is configured nowhere is forgotten", () => {
    const registry = openTlsRegistry(loadEngine());
    const server = registry.server(first, "listener.a");
    registry.retain(new Set([first.path]));
    assert.equal(registry.server(first, "listener.a"), server);
    registry.retain(new Set());
    assert.notEqual(registry.server(first, "listener.a"), server);
  });
});
