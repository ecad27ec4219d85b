import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { get, ok, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate, type TestCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, openTls, secretFile, type TlsClient } from "../../support/tls/sketch.ts";

const FIRST = makeCertificate({ subject: [["CN", "first"]] });
const SECOND = makeCertificate({ subject: [["CN", "second"]] });
const THIRD = makeCertificate({ subject: [["CN", "third"]] });

describe("tls rotation", () => {
  let folder: string;
  let upstream: RawUpstream;
  let proxy: TestProxy;
  const clients: TlsClient[] = [];

  /** Replaces certificate and key as a tool does that moves files into place. */
  function place({ pem }: TestCertificate, { keyPem }: TestCertificate): void {
    for (const [name, text] of [["cert.pem", pem] as const, ["key.pem", keyPem] as const]) {
      writeFileSync(join(folder, `${name}.new`), text);
      renameSync(join(folder, `${name}.new`), join(folder, name));
    }
  }

  async function connect(): Promise<TlsClient> {
    const client = await openTls(proxy.port);
    clients.push(client);
    return client;
  }

  async function subject(): Promise<string | undefined> {
    return (await connect()).socket.getPeerX509Certificate()?.subject;
  }

  /** A number of the listener's secrets. */
  async function count(counter: string): Promise<number> {
    const stats = await proxy.proxy.readStats();
    const name = [...stats.keys()].find((each) => each.endsWith(`ssl_socket_factory.${counter}`));
    return name === undefined ? 0 : (stats.get(name) ?? 0);
  }

  /** The time limit of the test ends the wait. */
  async function until(counter: string, value: number): Promise<void> {
    while ((await count(counter)) !== value) await setTimeout(10);
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "rotation-"));
    upstream = await RawUpstream.listen();
    place(FIRST, FIRST);
    const path = join(folder, "sds.json");
    const tls_certificate = {
      certificate_chain: { filename: join(folder, "cert.pem") },
      private_key: { filename: join(folder, "key.pem") },
    };
    writeFileSync(path, secretFile("own", { tls_certificate }));
    const config = { name: "own", sds_config: { path_config_source: { path } } };
    const transport_socket = downstreamTls({ tls_certificate_sds_secret_configs: [config] });
    const sketch = { endpoints: [upstream.port], chain: { transport_socket } };
    proxy = await TestProxy.start(sketch, { concurrency: 2 });
  });

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await proxy.stop();
    upstream.close();
    rmSync(folder, { recursive: true });
  });

  it("rotation: later connections get the new certificate, and those before go on", async () => {
    upstream.serve((head, connection) => connection.write(ok(head)));
    const { connection, socket } = await connect();
    assert.equal(socket.getPeerX509Certificate()?.subject, "CN=first");
    place(SECOND, SECOND);
    await until("ssl_context_update_by_sds", 2);
    while ((await subject()) !== "CN=second") await setTimeout(10);
    connection.write(get("/"));
    assert.match((await connection.readMessage()).head, /^HTTP\/1.1 200 /);
  });

  it("rotation: a key that does not belong to its certificate changes nothing", async () => {
    place(SECOND, THIRD);
    await until("update_rejected", 1);
    assert.equal(await subject(), "CN=first");
    assert.equal(await count("ssl_context_update_by_sds"), 1);
    assert.equal(await proxy.stat("sds.own.update_rejected"), 1);
    assert.equal(await proxy.stat("sds.own.update_success"), 1);
    place(THIRD, THIRD);
    await until("ssl_context_update_by_sds", 2);
    while ((await subject()) !== "CN=third") await setTimeout(10);
  });
});
