import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FullBacklog } from "../support/full-backlog.ts";
import { get, ok, type ProxySketch, TestProxy } from "../support/proxy-sketch.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { RawUpstream } from "../support/raw-upstream.ts";
import { skipFor } from "../support/mocha/skip.ts";

const OVERFLOW_BODY =
  "upstream connect error or disconnect/reset before headers. reset reason: overflow";

describe("upstream connections", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy | undefined;

  before(async () => {
    upstream = await RawUpstream.listen();
  });

  after(() => upstream.close());

  afterEach(async () => {
    await proxy?.untilIdle();
    await proxy?.stop();
    assert.equal(upstream.acceptableCount, 0);
  });

  async function start(sketch: Partial<ProxySketch> = {}): Promise<TestProxy> {
    proxy = await TestProxy.start({ endpoints: [upstream.port], ...sketch });
    return proxy;
  }

  const limits = (thresholds: Record<string, number>): Partial<ProxySketch> => {
    return { cluster: { circuit_breakers: { thresholds: [thresholds] } } };
  };

  /** Sends a request on a connection of its own. */
  async function ask(running: TestProxy, path: string): Promise<RawConnection> {
    const client = await running.connect();
    client.write(get(path));
    return client;
  }

  async function answer(up: RawConnection, body: string): Promise<void> {
    await up.readHead();
    up.write(ok(body));
  }

  for (const { ratio, asked, connections } of [
    { ratio: 1, asked: 1, connections: 1 },
    { ratio: 2, asked: 1, connections: 2 },
    { ratio: 1.5, asked: 2, connections: 3 },
    { ratio: 3, asked: 1, connections: 3 },
  ]) {
    it(`preconnect ratio ${ratio}: ${asked} requests, ${connections} connections`, async () => {
      const preconnect_policy = { per_upstream_preconnect_ratio: ratio };
      const running = await start({ cluster: { preconnect_policy } });
      const clients: RawConnection[] = [];
      const ups: RawConnection[] = [];
      for (let i = 0; i < asked; i++) clients.push(await ask(running, `/${i}`));
      while (ups.length < connections) ups.push(await upstream.accept());
      await running.untilStat("cluster.up.upstream_cx_total", connections);
      await running.untilStat("cluster.up.upstream_rq_active", asked);
      assert.equal(await running.stat("cluster.up.upstream_cx_total"), connections);
      for (const client of clients) client.close();
      for (const up of ups) up.close();
    });
  }

  it("per_upstream_preconnect_ratio: no connection beyond the circuit breaker", async () => {
    const running = await start({
      cluster: {
        preconnect_policy: { per_upstream_preconnect_ratio: 3 },
        ...limits({ max_connections: 2 }).cluster,
      },
    });
    const client = await ask(running, "/");
    const ups = [await upstream.accept(), await upstream.accept()];
    await running.untilStat("cluster.up.upstream_rq_active", 1);
    assert.equal(await running.stat("cluster.up.upstream_cx_total"), 2);
    client.close();
    for (const up of ups) up.close();
  });

  it("connections are kept: the one used last serves next", async () => {
    const running = await start();
    const first = await ask(running, "/1");
    const a = await upstream.accept();
    await a.readHead();
    const second = await ask(running, "/2");
    const b = await upstream.accept();
    await b.readHead();
    a.write(ok("a"));
    assert.equal((await first.readMessage()).body, "a");
    b.write(ok("b"));
    assert.equal((await second.readMessage()).body, "b");
    first.write(get("/3"));
    await answer(b, "b again");
    assert.equal((await first.readMessage()).body, "b again");
    assert.equal(await running.stat("cluster.up.upstream_cx_total"), 2);
    assert.equal(await running.stat("cluster.up.upstream_rq_total"), 3);
    for (const end of [first, second, a, b]) end.close();
  });

  it("connection: close from upstream: the connection is not kept, the client's is", async () => {
    const running = await start();
    const client = await ask(running, "/");
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    assert.doesNotMatch((await client.readMessage()).head, /connection: close/);
    await up.readToEnd();
    client.close();
  });

  it("refused connection: 503 with the reason", async () => {
    const closed = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => closed.once("listening", resolve));
    const address = closed.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    await new Promise((resolve) => closed.close(resolve));
    const running = await start({ endpoints: [port] });
    const client = await ask(running, "/");
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 503 /);
    assert.match(body, /reset reason: remote connection failure/);
    assert.equal(await running.stat("cluster.up.upstream_cx_connect_fail"), 1);
    assert.equal(await running.stat("cluster.up.upstream_rq_pending_failure_eject"), 1);
    client.close();
  });

  it("no endpoint: 503 UH", async () => {
    const running = await start({ endpoints: [] });
    const client = await ask(running, "/");
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 503 /);
    assert.equal(body, "no healthy upstream");
    assert.equal(await running.stat("cluster.up.upstream_cx_none_healthy"), 1);
    client.close();
  });

  it("endpoints: they take turns", async () => {
    const other = await RawUpstream.listen();
    const running = await start({ endpoints: [upstream.port, other.port] });
    const seen = { one: 0, two: 0 };
    upstream.serve((_, up) => {
      seen.one++;
      up.write(ok("one"));
    });
    other.serve((_, up) => {
      seen.two++;
      up.write(ok("two"));
    });
    const client = await running.connect();
    for (let i = 0; i < 10; i++) {
      client.write(get("/"));
      await client.readMessage();
    }
    assert.deepEqual(seen, { one: 5, two: 5 });
    client.close();
    other.close();
    upstream.close();
    upstream = await RawUpstream.listen();
  });

  it("max_requests 2: the second is served, the third overflows", async () => {
    const running = await start(limits({ max_requests: 2 }));
    const first = await ask(running, "/1");
    const a = await upstream.accept();
    await a.readHead();
    const second = await ask(running, "/2");
    const b = await upstream.accept();
    await b.readHead();
    assert.equal(await running.stat("cluster.up.circuit_breakers.default.rq_open"), 1);
    const third = await ask(running, "/3");
    const { head, body } = await third.readMessage();
    assert.match(head, /^HTTP\/1.1 503 /);
    assert.equal(body, OVERFLOW_BODY);
    assert.equal(await running.stat("cluster.up.upstream_rq_active_overflow"), 1);
    const c = await upstream.accept();
    a.write(ok("a"));
    assert.equal((await first.readMessage()).body, "a");
    b.write(ok("b"));
    assert.equal((await second.readMessage()).body, "b");
    assert.equal(await running.stat("cluster.up.circuit_breakers.default.rq_open"), 0);
    third.write(get("/4"));
    await answer(b, "b again");
    assert.equal((await third.readMessage()).body, "b again");
    for (const end of [first, second, third, a, b, c]) end.close();
  });

  it("max_pending_requests 2: the second waits, the third overflows", async () => {
    const backlog = await FullBacklog.open();
    const running = await start({
      endpoints: [backlog.port],
      ...limits({ max_pending_requests: 2 }),
    });
    const first = await ask(running, "/1");
    const second = await ask(running, "/2");
    await running.untilStat("cluster.up.upstream_rq_pending_active", 2);
    assert.equal(await running.stat("cluster.up.circuit_breakers.default.rq_pending_open"), 1);
    const third = await ask(running, "/3");
    assert.equal((await third.readMessage()).body, OVERFLOW_BODY);
    first.close();
    second.reset();
    await running.untilStat("cluster.up.upstream_rq_cancelled", 1);
    const fourth = await ask(running, "/4");
    await running.untilStat("cluster.up.upstream_rq_pending_total", 3);
    fourth.reset();
    third.close();
    await backlog.close();
    await running.untilStat("cluster.up.upstream_rq_pending_active", 0);
  });

  it("max_connections 2: the third request waits for one of the two connections", async () => {
    const running = await start(limits({ max_connections: 2 }));
    const first = await ask(running, "/1");
    const a = await upstream.accept();
    await a.readHead();
    const second = await ask(running, "/2");
    const b = await upstream.accept();
    await b.readHead();
    assert.equal(await running.stat("cluster.up.circuit_breakers.default.cx_open"), 1);
    const third = await ask(running, "/3");
    await running.untilStat("cluster.up.upstream_rq_pending_active", 1);
    assert.equal(await running.stat("cluster.up.upstream_cx_overflow"), 1);
    assert.equal(upstream.acceptableCount, 0);
    a.write(ok("a"));
    assert.equal((await first.readMessage()).body, "a");
    assert.match(await a.readHead(), /^GET \/3 /);
    a.write(ok("a again"));
    assert.equal((await third.readMessage()).body, "a again");
    b.write(ok("b"));
    assert.equal((await second.readMessage()).body, "b");
    for (const end of [first, second, third, a, b]) end.close();
  });

  it("max_connections 1: a request that waits gets a new one when the other breaks", async () => {
    const running = await start(limits({ max_connections: 1 }));
    const first = await ask(running, "/1");
    const a = await upstream.accept();
    await a.readHead();
    const second = await ask(running, "/2");
    await running.untilStat("cluster.up.upstream_rq_pending_active", 1);
    a.close();
    assert.match((await first.readMessage()).head, /^HTTP\/1.1 503 /);
    const b = await upstream.accept();
    await answer(b, "b");
    assert.equal((await second.readMessage()).body, "b");
    for (const end of [first, second, b]) end.close();
  });

  it("max_connections 1: who waits too long is logged with the endpoint", async () => {
    const format = "%RESPONSE_FLAGS% %UPSTREAM_HOST% %UPSTREAM_REQUEST_ATTEMPT_COUNT%";
    const body = { text_format_source: { inline_string: format } };
    const hasty = { match: { path: "/2" }, route: { cluster: "up", timeout: "0.1s" } };
    const running = await start({
      ...limits({ max_connections: 1 }),
      manager: { local_reply_config: { body_format: body } },
      routes: [hasty],
    });
    const first = await ask(running, "/1");
    const a = await upstream.accept();
    const second = await ask(running, "/2");
    const late = await second.readMessage();
    assert.match(late.head, /^HTTP\/1.1 504 /);
    assert.equal(late.body, `UT 127.0.0.1:${upstream.port} 1`);
    await answer(a, "a");
    await first.readMessage();
    for (const end of [first, second, a]) end.close();
  });

  it("max_connections 1: every endpoint gets one, so that nobody waits for ever", async () => {
    const other = await RawUpstream.listen();
    const running = await start({
      endpoints: [upstream.port, other.port],
      ...limits({ max_connections: 1 }),
    });
    const first = await ask(running, "/1");
    const second = await ask(running, "/2");
    const [a, b] = await Promise.all([upstream.accept(), other.accept()]);
    await Promise.all([answer(a, "yes"), answer(b, "yes")]);
    assert.equal((await first.readMessage()).body, "yes");
    assert.equal((await second.readMessage()).body, "yes");
    for (const end of [first, second, a, b]) end.close();
    other.close();
  });

  it("max_requests_per_connection 2 upstream: the third request gets another", async () => {
    const running = await start({ upstreamOptions: { max_requests_per_connection: 2 } });
    const client = await ask(running, "/1");
    const a = await upstream.accept();
    await answer(a, "1");
    await client.readMessage();
    client.write(get("/2"));
    await answer(a, "2");
    await client.readMessage();
    await a.readToEnd();
    assert.equal(await running.stat("cluster.up.upstream_cx_max_requests"), 1);
    client.write(get("/3"));
    const b = await upstream.accept();
    await answer(b, "3");
    assert.equal((await client.readMessage()).body, "3");
    client.close();
    b.close();
  });

  it("max_connection_duration upstream: a busy connection ends after its request", async () => {
    const running = await start({ upstreamOptions: { max_connection_duration: "0.2s" } });
    const client = await ask(running, "/1");
    const up = await upstream.accept();
    await running.untilStat("cluster.up.upstream_cx_max_duration_reached", 1);
    await answer(up, "1");
    assert.equal((await client.readMessage()).body, "1");
    assert.equal((await up.readToEnd()).text, "");
    client.close();
  });

  it("max_requests_per_connection 2 downstream: the second answer says close", async () => {
    const running = await start({
      manager: { common_http_protocol_options: { max_requests_per_connection: 2 } },
    });
    const client = await ask(running, "/1");
    const up = await upstream.accept();
    await answer(up, "1");
    assert.doesNotMatch((await client.readMessage()).head, /connection: close/);
    client.write(get("/2"));
    await answer(up, "2");
    assert.match((await client.readMessage()).head, /\r\nconnection: close\r\n/);
    assert.equal((await client.readToEnd()).text, "");
    assert.equal(await running.stat("http.test.downstream_cx_max_requests_reached"), 1);
    client.close();
    up.close();
  });

  it("upload: what comes before the connection is there is kept in order", async () => {
    const running = await start(limits({ max_connections: 1 }));
    const first = await ask(running, "/1");
    const a = await upstream.accept();
    await a.readHead();
    const body = "0123456789".repeat(50_000);
    const second = await running.connect();
    second.write(`POST / HTTP/1.1\r\nhost: test\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await running.untilStat("cluster.up.upstream_rq_pending_active", 1);
    a.write(ok("a"));
    await first.readMessage();
    assert.equal((await a.readMessage()).body, body);
    a.write(ok("got it"));
    assert.equal((await second.readMessage()).body, "got it");
    for (const end of [first, second, a]) end.close();
  });

  it("Unix sockets: both a listener and an endpoint may be one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "causeway-"));
    const [above, below] = [join(folder, "listener"), join(folder, "upstream")];
    const local = await RawUpstream.listen(below);
    const running = await start({
      endpoints: [below],
      listener: { address: { pipe: { path: above } } },
    });
    const client = await RawConnection.open(above);
    client.write(get("/"));
    await answer(await local.accept(), "over a pipe");
    assert.equal((await client.readMessage()).body, "over a pipe");
    client.close();
    await running.untilIdle();
    local.close();
    rmSync(folder, { recursive: true });
  });

  it("Unix sockets: an endpoint may be abstract", async function () {
    if (process.platform !== "linux") skipFor(this, "needs Linux: others have no such sockets");
    const name = `causeway-pool-${process.pid}`;
    const local = await RawUpstream.listen(`\0${name}`);
    const running = await start({ endpoints: [`@${name}`] });
    const client = await ask(running, "/");
    await answer(await local.accept(), "no file");
    assert.equal((await client.readMessage()).body, "no file");
    client.close();
    await running.untilIdle();
    local.close();
  });
});
