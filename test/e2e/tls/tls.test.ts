import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { setImmediate } from "node:timers/promises";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { get, ok, TestProxy, type ProxySketch } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import {
  downstreamTls,
  inlineCertificate,
  openTls,
  serveTls,
  type TlsClient,
  upstreamTls,
} from "../../support/tls/sketch.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
const UP = makeCertificate({ subject: [["CN", "up"]], dns: ["up.test"], issuer: ROOT });
const FRIEND = makeCertificate({ subject: [["CN", "friend"]], issuer: ROOT });

const CERTIFICATES = { tls_certificates: [inlineCertificate(SERVER)] };
const TRUST = { validation_context: { trusted_ca: { inline_string: ROOT.pem } } };

describe("tls", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy | null = null;
  const closers: (() => void)[] = [];

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });

  afterEach(async () => {
    await proxy?.stop();
    proxy = null;
    upstream.close();
    for (const close of closers.splice(0)) close();
  });

  async function start(sketch: Partial<ProxySketch>, concurrency = 1): Promise<TestProxy> {
    proxy = await TestProxy.start({ endpoints: [upstream.port], ...sketch }, { concurrency });
    return proxy;
  }

  async function connect(options = {}): Promise<TlsClient> {
    const client = await openTls(proxy?.port ?? 0, options);
    closers.push(() => client.socket.destroy());
    return client;
  }

  it("downstream: requests are served, and the scheme is https", async () => {
    await start({ chain: { transport_socket: downstreamTls(CERTIFICATES) } });
    upstream.serve((head, connection) => connection.write(ok(head)));
    const { connection } = await connect();
    for (let count = 0; count < 3; count++) {
      connection.write(get("/"));
      const { body } = await connection.readMessage();
      assert.match(body, /\r\nx-forwarded-proto: https\r\n/);
    }
    const stats = await proxy?.proxy.readStats();
    const names = [...(stats?.keys() ?? [])].filter((name) => name.endsWith(".ssl.handshake"));
    assert.equal(names.length, 1);
    assert.equal(stats?.get(names[0]), 1);
    assert.equal(stats?.get("http.test.downstream_cx_ssl_total"), 1);
  });

  it("downstream: large bodies arrive whole in both directions", async () => {
    await start({ chain: { transport_socket: downstreamTls(CERTIFICATES) } });
    const body = "0123456789abcdef".repeat(200_000);
    const { connection } = await connect();
    connection.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    const up = await upstream.accept();
    const request = await up.readMessage();
    assert.ok(request.body === body);
    up.write(ok(body));
    const response = await connection.readMessage();
    assert.ok(response.body === body);
  });

  it("downstream: a slow reader holds the upstream back, and gets everything", async () => {
    const chain = { transport_socket: downstreamTls(CERTIFICATES) };
    await start({ chain, listener: { per_connection_buffer_limit_bytes: 65_536 } });
    const { connection, socket } = await connect();
    connection.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    socket.pause();
    const body = "x".repeat(20_000_000);
    up.write(ok(body));
    const paused = "cluster.up.upstream_flow_control_paused_reading_total";
    while ((await proxy?.stat(paused)) === 0) await setImmediate();
    assert.ok(up.socket.writableLength > 0);
    socket.resume();
    assert.equal((await connection.readMessage()).body.length, body.length);
  });

  it("downstream: close_notify ends the connection, after the answer", async () => {
    await start({ chain: { transport_socket: downstreamTls(CERTIFICATES) } });
    const { connection, socket } = await connect({ allowHalfOpen: true });
    connection.end(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("late"));
    assert.match((await connection.readToEnd()).text, /late$/);
    socket.destroy();
    await proxy?.untilIdle();
  });

  it("downstream: half a handshake is closed after its time", async () => {
    const transport_socket = downstreamTls(CERTIFICATES);
    await start({ chain: { transport_socket, transport_socket_connect_timeout: "0.05s" } });
    const socket = net.connect(proxy?.port ?? 0, "127.0.0.1");
    closers.push(() => socket.destroy());
    socket.write(Buffer.from("16030102000100", "hex"));
    socket.resume();
    await once(socket, "close");
    const stats = await proxy?.proxy.readStats();
    const name = [...(stats?.keys() ?? [])].find((each) =>
      each.endsWith("downstream_cx_transport_socket_connect_timeout"),
    );
    assert.equal(stats?.get(name ?? ""), 1);
    await proxy?.untilIdle();
  });

  it("downstream: what is no TLS is closed", async () => {
    await start({ chain: { transport_socket: downstreamTls(CERTIFICATES) } });
    const client = await proxy?.connect();
    client?.write(get("/"));
    assert.equal((await client?.readToEnd())?.text.includes("HTTP/1.1"), false);
    await proxy?.untilIdle();
  });

  it("downstream: a drain ends handshakes and connections", async () => {
    await start({ chain: { transport_socket: downstreamTls(CERTIFICATES) } });
    const socket = net.connect(proxy?.port ?? 0, "127.0.0.1");
    socket.resume();
    const { connection } = await connect();
    const closed = once(socket, "close");
    const drained = proxy?.proxy.drain();
    await closed;
    await connection.readToEnd();
    await drained;
  });

  it("downstream: a session that began in one worker goes on in every other", async () => {
    await start({ chain: { transport_socket: downstreamTls(CERTIFICATES) } }, 2);
    upstream.serve((head, connection) => connection.write(ok(head)));
    const first = await connect();
    let session: Buffer | undefined;
    first.socket.on("session", (each: Buffer) => (session = each));
    first.connection.write(get("/"));
    await first.connection.readMessage();
    assert.ok(session !== undefined);
    // Which worker accepts is the kernel's choice: of so many not all get the first one.
    for (let count = 0; count < 16; count++) {
      const { socket } = await connect({ session });
      assert.equal(socket.isSessionReused(), true);
    }
  });

  it("upstream: requests go out in TLS on connections that are kept", async () => {
    const up = await serveTls(UP);
    closers.push(up.close);
    const transport_socket = upstreamTls(TRUST, { sni: "up.test" });
    await start({ endpoints: [up.port], cluster: { transport_socket } });
    const client = await proxy?.connect();
    for (let count = 0; count < 3; count++) {
      client?.write(get("/"));
      assert.match((await client?.readMessage())?.body ?? "", /^GET \/ HTTP/);
    }
    assert.equal(await proxy?.stat("cluster.up.ssl.handshake"), 1);
    assert.equal(await proxy?.stat("cluster.up.upstream_cx_total"), 1);
  });

  it("upstream: our certificate is sent", async () => {
    const up = await serveTls(UP, { requestCert: true, ca: ROOT.pem });
    closers.push(up.close);
    const common = { ...TRUST, tls_certificates: [inlineCertificate(FRIEND)] };
    await start({ endpoints: [up.port], cluster: { transport_socket: upstreamTls(common) } });
    const client = await proxy?.connect();
    client?.write(get("/"));
    assert.match((await client?.readMessage())?.head ?? "", /^HTTP\/1.1 200 /);
  });

  it("upstream: one that is not trusted gives 503", async () => {
    const up = await serveTls(UP);
    closers.push(up.close);
    const trust = { validation_context: { trusted_ca: { inline_string: FRIEND.pem } } };
    await start({ endpoints: [up.port], cluster: { transport_socket: upstreamTls(trust) } });
    const client = await proxy?.connect();
    client?.write(get("/"));
    const { head, body } = (await client?.readMessage()) ?? { head: "", body: "" };
    assert.match(head, /^HTTP\/1.1 503 /);
    assert.match(body, /reset reason: remote connection failure$/);
    assert.equal(await proxy?.stat("cluster.up.ssl.fail_verify_error"), 1);
  });

  it("upstream: one that closes in the handshake gives 503", async () => {
    await start({ cluster: { transport_socket: upstreamTls({}) } });
    const client = await proxy?.connect();
    client?.write(get("/"));
    (await upstream.accept()).close();
    assert.match((await client?.readMessage())?.head ?? "", /^HTTP\/1.1 503 /);
  });

  it("upstream: one that is silent in the handshake times out", async () => {
    const cluster = { connect_timeout: "0.05s", transport_socket: upstreamTls({}) };
    await start({ cluster });
    const client = await proxy?.connect();
    client?.write(get("/"));
    const { head, body } = (await client?.readMessage()) ?? { head: "", body: "" };
    assert.match(head, /^HTTP\/1.1 503 /);
    assert.match(body, /connection timeout$/);
  });
});
