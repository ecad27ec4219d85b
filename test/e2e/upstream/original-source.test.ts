import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { get, ok, type Part, TestProxy } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { upstreamTls } from "../../support/tls/sketch.ts";
import { mayBindToSources } from "../../support/upstream/net-admin.ts";
import {
  TAKES_HEADERS,
  toCluster,
  toHttpListener,
} from "../../support/upstream/proxy-resources.ts";
import { keepsSource } from "../../support/upstream/source-resources.ts";

const CLIENT = "PROXY TCP4 127.0.0.9 198.51.100.7 8080 443\r\n";
const LOG_TYPE = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";
const LOG = "%RESPONSE_CODE% %UPSTREAM_LOCAL_ADDRESS% %UPSTREAM_TRANSPORT_FAILURE_REASON%\n";

/** A proxy before one cluster, whose connections come from clients. */
function toResources(cluster: Part, log = ""): string {
  const inline_string = LOG;
  const typed_config = {
    "@type": LOG_TYPE,
    path: log,
    log_format: { text_format_source: { inline_string } },
  };
  const manager = { access_log: log === "" ? [] : [{ name: "file", typed_config }] };
  const filters = [TAKES_HEADERS, keepsSource()];
  const listeners = [toHttpListener("all", { cluster: "up" }, filters, manager)];
  return JSON.stringify({ static_resources: { listeners, clusters: [cluster] } });
}

function portOf(server: net.Server): number {
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

describe("original_src", () => {
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "causeway-source-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Sends one request; returns the connection of the upstream that got it, and its answer. */
  async function ask(
    proxy: TestProxy,
    accept: () => Promise<RawConnection>,
  ): Promise<readonly [up: RawConnection, body: string]> {
    const client = await proxy.connect();
    client.write(CLIENT + get("/"));
    const up = await accept();
    await up.readHead();
    up.write(ok("here"));
    const { body } = await client.readMessage();
    client.close();
    return [up, body];
  }

  it("TLS: the source is the client's", async function () {
    if (!mayBindToSources()) return this.skip();
    const { pem: cert, keyPem: key } = makeCertificate({ subject: [["CN", "server"]] });
    const server = tls.createServer({ cert, key }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const log = join(folder, "tls");
    const cluster = toCluster("up", portOf(server), { transport_socket: upstreamTls({}) });
    const proxy = await TestProxy.run(toResources(cluster, log));
    const [up, body] = await ask(proxy, async () => {
      const [socket] = await once(server, "secureConnection");
      return new RawConnection(socket);
    });
    assert.equal(body, "here");
    assert.equal(up.socket.remoteAddress, "127.0.0.9");
    up.close();
    await proxy.stop();
    server.close();
    assert.match(readFileSync(log, "utf8"), /^200 127\.0\.0\.9:[1-9]\d* -\n$/);
  });

  it("Unix sockets: they have no source, and are connected to as ever", async () => {
    const path = join(folder, "up.sock");
    const upstream = await RawUpstream.listen(path);
    const endpoint = { address: { pipe: { path } } };
    const load_assignment = { cluster_name: "up", endpoints: [{ lb_endpoints: [{ endpoint }] }] };
    const proxy = await TestProxy.run(toResources(toCluster("up", 0, { load_assignment })));
    const [, body] = await ask(proxy, () => upstream.accept());
    assert.equal(body, "here");
    await proxy.stop();
    upstream.close();
  });

  it("failure: an upstream that refuses is told of as ever", async function () {
    if (!mayBindToSources()) return this.skip();
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const port = portOf(server);
    server.close();
    const log = join(folder, "refused");
    const proxy = await TestProxy.run(toResources(toCluster("up", port, {}), log));
    const client = await proxy.connect();
    client.write(CLIENT + get("/"));
    assert.match((await client.readMessage()).body, /reset reason: remote connection failure$/);
    client.close();
    await proxy.stop();
    const line = "503 - delayed_connect_error:_Connection_refused\n";
    assert.equal(readFileSync(log, "utf8"), line);
  });

  it("an address of another family: the log says that there is no binding to it", async () => {
    const log = join(folder, "family");
    const endpoint = { address: { socket_address: { address: "::1", port_value: 1 } } };
    const load_assignment = { cluster_name: "up", endpoints: [{ lb_endpoints: [{ endpoint }] }] };
    const proxy = await TestProxy.run(toResources(toCluster("up", 0, { load_assignment }), log));
    const client = await proxy.connect();
    client.write(CLIENT + get("/"));
    assert.match((await client.readMessage()).head, /^HTTP\/1\.1 503 /);
    client.close();
    await proxy.stop();
    const reason = mayBindToSources()
      ? "failed_to_bind_to_127.0.0.9:0:_Invalid_argument"
      : "cannot_set_IP_TRANSPARENT:_Operation_not_permitted";
    assert.equal(readFileSync(log, "utf8"), `503 - ${reason}\n`);
  });
});
