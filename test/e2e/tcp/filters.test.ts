import assert from "node:assert/strict";
import { get, ok, type Part, TestProxy, toBootstrap } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate, openTls } from "../../support/tls/sketch.ts";
import { networkFilter, startTcp, toTcpBootstrap } from "./tcp-scene.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
const FRIEND = makeCertificate({
  subject: [["CN", "friend"]],
  uris: ["spiffe://td/friend"],
  dns: ["friend.test"],
  issuer: ROOT,
});

function limit(fields: Part): Part {
  return networkFilter("connection_limit.v3.ConnectionLimit", { stat_prefix: "l", ...fields });
}

function rate(fields: Part): Part {
  return networkFilter("local_ratelimit.v3.LocalRateLimit", { stat_prefix: "r", ...fields });
}

function rbac(action: string, policy: Part, fields: Part = {}): Part {
  const all = { permissions: [{ any: true }], principals: [{ any: true }] };
  const rules = { action, policies: { one: { ...all, ...policy } } };
  return networkFilter("rbac.v3.RBAC", { stat_prefix: "p.", rules, ...fields });
}

/** The bootstrap of a chain for HTTP with filters before the connection manager. */
function withHttp(port: number, filters: readonly Part[]): string {
  const bootstrap = JSON.parse(toBootstrap({ endpoints: [port] }));
  bootstrap.static_resources.listeners[0].filter_chains[0].filters.unshift(...filters);
  return JSON.stringify(bootstrap);
}

describe("network filters", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });

  afterEach(async () => {
    await proxy.stop();
    upstream.close();
  });

  it("echo: what is sent comes back, and the end", async () => {
    proxy = await startTcp({ terminal: networkFilter("echo.v3.Echo") });
    const client = await proxy.connect();
    client.write("hello");
    assert.equal(await client.read(5), "hello");
    const large = "0123456789".repeat(300_000);
    client.end(large);
    assert.ok((await client.readToEnd()).text === large);
    await proxy.untilIdle();
  });

  it("direct_response: sent at once, then closed", async () => {
    const body = "go away\n".repeat(50_000);
    const fields = { response: { inline_string: body } };
    proxy = await startTcp({ terminal: networkFilter("direct_response.v3.Config", fields) });
    const client = await proxy.connect();
    assert.ok((await client.readToEnd()).text === body);
    await proxy.untilIdle();
  });

  it("direct_response: a client may take its time", async () => {
    const body = "slowly now\n".repeat(1_000_000);
    const fields = { response: { inline_string: body } };
    proxy = await startTcp({ terminal: networkFilter("direct_response.v3.Config", fields) });
    const client = await proxy.connect();
    client.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 1200));
    client.socket.resume();
    assert.ok((await client.readToEnd()).text === body);
    await proxy.untilIdle();
  });

  it("connection_limit before HTTP: one too many is closed, and a place comes free", async () => {
    upstream.serve((_, up) => up.write(ok("fine")));
    proxy = await TestProxy.run(withHttp(upstream.port, [limit({ max_connections: 1 })]));
    const first = await proxy.connect();
    first.write(get("/"));
    assert.equal((await first.readMessage()).body, "fine");
    assert.equal(await proxy.stat("connection_limit.l.active_connections"), 1);
    assert.equal((await (await proxy.connect()).readToEnd()).text, "");
    assert.equal(await proxy.stat("connection_limit.l.limited_connections"), 1);
    first.close();
    await proxy.untilStat("connection_limit.l.active_connections", 0);
    const next = await proxy.connect();
    next.write(get("/"));
    assert.equal((await next.readMessage()).body, "fine");
  });

  it("connection_limit with a delay: closed later, or when the client goes", async () => {
    proxy = await startTcp({
      endpoints: [upstream.port],
      filters: [limit({ max_connections: 1, delay: "0.2s" })],
    });
    await proxy.connect();
    await upstream.accept();
    const startMs = performance.now();
    await (await proxy.connect()).readToEnd();
    assert.ok(performance.now() - startMs >= 190);
    const other = await proxy.connect();
    await proxy.untilStat("connection_limit.l.active_connections", 2);
    other.reset();
    await proxy.untilStat("connection_limit.l.active_connections", 1);
  });

  it("two workers: limits and rates are shared", async () => {
    const bucket = { max_tokens: 4, fill_interval: "1000s" };
    proxy = await startTcp(
      {
        terminal: networkFilter("echo.v3.Echo"),
        filters: [rate({ token_bucket: bucket }), limit({ max_connections: 2 })],
      },
      { concurrency: 2 },
    );
    const clients = await Promise.all(Array.from({ length: 8 }, () => proxy.connect()));
    await proxy.untilStat("local_rate_limit.r.rate_limited", 4);
    await proxy.untilStat("connection_limit.l.limited_connections", 2);
    await proxy.untilStat("connection_limit.l.active_connections", 2);
    for (const client of clients) client.close();
    await proxy.untilStat("connection_limit.l.active_connections", 0);
  });

  it("a configuration that is replaced: the same filter goes on with its count", async () => {
    const sketch = { endpoints: [upstream.port], filters: [limit({ max_connections: 1 })] };
    proxy = await startTcp(sketch);
    await proxy.connect();
    await upstream.accept();
    const more = { ...sketch, proxy: { max_connect_attempts: 2 } };
    await proxy.proxy.replace(toTcpBootstrap(more));
    await (await proxy.connect()).readToEnd();
    const other = { ...sketch, filters: [limit({ max_connections: 7 })] };
    await proxy.proxy.replace(toTcpBootstrap(other));
    await proxy.connect();
    await upstream.accept();
  });

  it("local_ratelimit: tokens come back evenly", async () => {
    const bucket = { max_tokens: 1, tokens_per_fill: 1, fill_interval: "0.3s" };
    proxy = await startTcp({
      terminal: networkFilter("echo.v3.Echo"),
      filters: [rate({ token_bucket: bucket })],
    });
    await proxy.connect();
    await (await proxy.connect()).readToEnd();
    await new Promise((resolve) => setTimeout(resolve, 350));
    const client = await proxy.connect();
    client.write("x");
    assert.equal(await client.read(1), "x");
  });

  it("rbac before HTTP: who is denied is never heard", async () => {
    const from = { principals: [{ remote_ip: { address_prefix: "10.0.0.0", prefix_len: 8 } }] };
    proxy = await TestProxy.run(withHttp(upstream.port, [rbac("ALLOW", from)]));
    const client = await proxy.connect();
    client.write(get("/"));
    assert.equal((await client.readToEnd()).text, "");
    assert.equal(await proxy.stat("p.rbac.denied"), 1);
    assert.equal(await proxy.stat("http.test.downstream_rq_total"), 0);
    assert.equal(upstream.acceptableCount, 0);
  });

  for (const [name, inspected] of [
    ["from the handshake", false],
    ["from an inspector", true],
  ] as const) {
    it(`rbac by server name, ${name}: in any case`, async () => {
      const inspector =
        "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector";
      const byName = { permissions: [{ requested_server_name: { exact: "a.test" } }] };
      proxy = await startTcp({
        terminal: networkFilter("echo.v3.Echo"),
        filters: [rbac("DENY", byName)],
        listener: inspected
          ? { listener_filters: [{ name: "tls", typed_config: { "@type": inspector } }] }
          : {},
        chain: {
          transport_socket: downstreamTls({ tls_certificates: [inlineCertificate(SERVER)] }),
        },
      });
      for (const servername of ["a.test", "A.TEST", "b.test"]) {
        const { connection: client } = await openTls(proxy.port, { servername });
        client.write("hello");
        if (servername === "b.test") assert.equal(await client.read(5), "hello");
        else assert.equal((await client.readToEnd()).text, "");
        client.close();
      }
      assert.equal(await proxy.stat("p.rbac.denied"), 2);
    });
  }

  for (const [name, principal, isAllowed] of [
    ["the name in a URI", { principal_name: { exact: "spiffe://td/friend" } }, true],
    ["the name in DNS", { principal_name: { suffix: ".test" } }, true],
    ["the subject", { principal_name: { exact: "CN=friend" } }, true],
    ["another name", { principal_name: { prefix: "spiffe://other/" } }, false],
    ["any name", {}, true],
  ] as const) {
    it(`rbac by certificate: ${name}: ${isAllowed ? "allowed" : "denied"}`, async () => {
      const validation = { trusted_ca: { inline_string: ROOT.pem } };
      const own = [inlineCertificate(SERVER)];
      proxy = await startTcp({
        terminal: networkFilter("echo.v3.Echo"),
        filters: [rbac("ALLOW", { principals: [{ authenticated: principal }] })],
        chain: {
          transport_socket: downstreamTls(
            { tls_certificates: own, validation_context: validation },
            { require_client_certificate: true },
          ),
        },
      });
      const { connection: client } = await openTls(proxy.port, {
        cert: FRIEND.pem,
        key: FRIEND.keyPem,
        servername: "a.test",
      });
      client.write("hello");
      if (isAllowed) assert.equal(await client.read(5), "hello");
      else assert.equal((await client.readToEnd()).text, "");
      client.close();
    });
  }
});
