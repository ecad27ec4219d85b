import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import tls from "node:tls";
import { type Part, TestProxy } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { upstreamTls } from "../../support/tls/sketch.ts";
import { toCluster, toHttpListener } from "../../support/upstream/proxy-resources.ts";

const LARGE_BYTES = 3_000_000;
const FORMAT =
  "%REQ(:METHOD)% %RESPONSE_CODE% %UPSTREAM_HEADER_BYTES_SENT% %UPSTREAM_WIRE_BYTES_SENT%\n";

function toResources(port: number, connectConfig: Part, more: Part = {}, log = ""): string {
  const upgrade_configs = [{ upgrade_type: "CONNECT", connect_config: connectConfig }];
  const typed_config = {
    "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
    path: log,
    log_format: { text_format_source: { inline_string: FORMAT } },
  };
  const manager = {
    upgrade_configs: [{ upgrade_type: "CONNECT" }],
    access_log: log === "" ? [] : [{ name: "file", typed_config }],
  };
  const route = { cluster: "up", upgrade_configs };
  const routes = [
    { match: { connect_matcher: {} }, route },
    { match: { prefix: "/" }, route },
  ];
  return JSON.stringify({
    static_resources: {
      listeners: [toHttpListener("payload", routes, [], manager)],
      clusters: [toCluster("up", port, more)],
    },
  });
}

const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

describe("payload without HTTP to upstreams", () => {
  let upstream: RawUpstream;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });
  afterEach(() => upstream.close());

  it("HTTP/2: a POST has its end, and its answer has one", async () => {
    const proxy = await TestProxy.run(toResources(upstream.port, { allow_post: true }));
    const session = connect(`http://127.0.0.1:${proxy.port}`);
    try {
      const stream = session.request({ ":method": "POST", ":path": "/" });
      stream.write("hello");
      const up = await upstream.accept();
      const [headers] = await once(stream, "response");
      assert.equal(headers[":status"], 200);
      assert.equal(await up.read(5), "hello");
      stream.end(" all");
      assert.equal((await up.readToEnd()).text, " all");
      up.end("answer");
      assert.equal(await text(stream), "answer");
    } finally {
      session.destroy();
      await proxy.stop();
    }
  });

  it("POST: megabytes both ways at once arrive as they were sent", async () => {
    const proxy = await TestProxy.run(toResources(upstream.port, { allow_post: true }));
    try {
      const [upload, download] = [randomBytes(LARGE_BYTES), randomBytes(LARGE_BYTES)];
      const client = await proxy.connect();
      client.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${LARGE_BYTES}\r\n\r\n`);
      const up = await upstream.accept();
      client.socket.write(upload);
      up.socket.write(download);
      const upEnd = up.read(LARGE_BYTES).then((got) => {
        up.end();
        return got;
      });
      const [got, { body }] = await Promise.all([upEnd, client.readMessage()]);
      assert.equal(digest(Buffer.from(got, "latin1")), digest(upload));
      assert.equal(digest(Buffer.from(body, "latin1")), digest(download));
    } finally {
      await proxy.stop();
    }
  }).timeout(30_000);

  it("HTTP/2: megabytes both ways at once arrive as they were sent", async () => {
    const proxy = await TestProxy.run(toResources(upstream.port, { allow_post: true }));
    const session = connect(`http://127.0.0.1:${proxy.port}`);
    try {
      const [upload, download] = [randomBytes(LARGE_BYTES), randomBytes(LARGE_BYTES)];
      const stream = session.request({ ":method": "POST", ":path": "/" });
      stream.end(upload);
      const up = await upstream.accept();
      up.socket.write(download);
      const upEnd = up.readToEnd().then(({ text: got }) => {
        up.end();
        return got;
      });
      const [got, body] = await Promise.all([upEnd, buffer(stream)]);
      assert.equal(digest(Buffer.from(got, "latin1")), digest(upload));
      assert.equal(digest(body), digest(download));
    } finally {
      session.destroy();
      await proxy.stop();
    }
  }).timeout(30_000);

  it("header: it is in the cluster's TLS, and counts as a head", async () => {
    const certificate = makeCertificate({ subject: [["CN", "server"]] });
    const own = { cert: certificate.pem, key: certificate.keyPem, allowHalfOpen: true };
    const server = tls.createServer(own).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const folder = mkdtempSync(join(tmpdir(), "causeway-payload-"));
    const log = join(folder, "log");
    const config = { proxy_protocol_config: { version: "V1" } };
    const cluster = { transport_socket: upstreamTls({}) };
    const proxy = await TestProxy.run(toResources(address.port, config, cluster, log));
    const secured = once(server, "secureConnection");
    const client = await proxy.connect();
    client.write("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n");
    const [socket] = await secured;
    const up = new RawConnection(socket);
    const header = await up.readUntil("\r\n");
    const { localPort } = client.socket;
    assert.equal(header, `PROXY TCP4 127.0.0.1 127.0.0.1 ${localPort} ${proxy.port}\r\n`);
    await client.readHead();
    client.write("hello");
    assert.equal(await up.read(5), "hello");
    up.end();
    await client.readToEnd();
    await proxy.stop();
    server.close();
    const line = readFileSync(log, "utf8");
    assert.equal(line, `CONNECT 200 ${header.length} ${header.length + 5}\n`);
    rmSync(folder, { recursive: true });
  });
});
