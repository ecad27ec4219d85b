import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import {
  UPSTREAM_RETRY_OR_SHADOW_ABANDONED,
  UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_FAILED_TOTAL,
  UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_SUCCEEDED_TOTAL,
  UPSTREAM_UPSTREAM_RQ_ACTIVE,
} from "../../../api/engine/stats.ts";
import { LocalWorker } from "../../support/local-worker.ts";
import {
  get,
  ok,
  type Part,
  type ProxySketch,
  toBootstrap,
  toCluster,
} from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { FOUND, POST, RedirectScene } from "./redirect-scene.ts";

const MIB = 1024 * 1024;
/** A port that nothing listens on. */
const REFUSED_PORT = 1;

describe("internal redirects, failures", () => {
  let scene: RedirectScene;
  let client: RawConnection;

  afterEach(() => scene.stop());

  async function start(sketch?: Partial<ProxySketch>, target?: Part): Promise<void> {
    scene = await RedirectScene.start(sketch, target);
    client = await scene.proxy.connect();
  }

  const targets: { name: string; route: Part; clusters?: Part[]; want: RegExp }[] = [
    {
      name: "a cluster that refuses",
      route: { route: { cluster: "refused" } },
      clusters: [toCluster("refused", [REFUSED_PORT])],
      want: /^HTTP\/1.1 503 .*remote connection failure$/s,
    },
    {
      name: "a cluster without endpoints",
      route: { route: { cluster: "empty" } },
      clusters: [toCluster("empty", [])],
      want: /^HTTP\/1.1 503 .*no healthy upstream$/s,
    },
    {
      name: "a cluster that is not there",
      route: { route: { cluster_header: "x-none" } },
      want: /^HTTP\/1.1 503 /,
    },
    {
      name: "a direct response",
      route: { direct_response: { status: 418, body: { inline_string: "tea" } } },
      want: /^HTTP\/1.1 418 .*\r\n\r\ntea$/s,
    },
    {
      name: "another redirect",
      route: { redirect: { path_redirect: "/there" } },
      want: /^HTTP\/1.1 301 .*location: http:\/\/test\/there\r\n/s,
    },
  ];
  for (const { name, route, clusters = [], want } of targets) {
    for (const request of [get("/"), `${POST}content-length: 5\r\n\r\nhello`]) {
      it(`${request.slice(0, 4).trim()} to ${name}: the answer is that of the place`, async () => {
        await start({ routes: [{ match: { path: "/target" }, ...route }], moreClusters: clusters });
        client.write(request);
        const link = await scene.up.accept();
        await link.readMessage();
        link.write(FOUND);
        const { head, body } = await client.readMessage();
        assert.match(`${head}${body}`, want);
        client.write(get("/next"));
        assert.match((await link.readMessage()).head, /^GET \/next /);
        link.write(ok("next"));
        assert.equal((await client.readMessage()).body, "next");
        client.close();
        await scene.proxy.untilIdle();
      });
    }
  }

  it("timeouts: those of the route at the end count", async () => {
    await start({ action: { timeout: "100s" } }, { route: { cluster: "other", timeout: "0.1s" } });
    client.write(get("/"));
    const [, target] = await scene.redirect();
    await target.readMessage();
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 504 /);
    await target.readToEnd();
    assert.equal(await scene.proxy.stat("cluster.other.upstream_rq_timeout"), 1);
    client.close();
    await scene.proxy.untilIdle();
  });

  it("a connection that was dead: the request is sent once more", async () => {
    await start();
    client.write(get("/"));
    const [link, target] = await scene.redirect();
    await target.readMessage();
    target.write(ok("1"));
    await client.readMessage();
    client.write(get("/"));
    await link.readMessage();
    link.write(FOUND);
    await target.readMessage();
    target.close();
    const fresh = await scene.other.accept();
    assert.match((await fresh.readMessage()).head, /^GET \/target /);
    fresh.write(ok("2"));
    assert.equal((await client.readMessage()).body, "2");
  });

  it("the client goes away while its request is followed: so does the request", async () => {
    await start();
    client.write(get("/"));
    const [, target] = await scene.redirect();
    await target.readMessage();
    client.reset();
    await target.readToEnd();
    await scene.proxy.untilIdle();
    assert.equal(await scene.proxy.stat("http.test.downstream_rq_rx_reset"), 1);
  });

  it("the client closes its side behind the request: it is followed and answered", async () => {
    await start();
    client.end(get("/"));
    const [, target] = await scene.redirect();
    await target.readMessage();
    target.write(ok("target"));
    assert.match((await client.readToEnd()).text, /\r\n\r\ntarget$/);
    await scene.proxy.untilIdle();
  });

  it("a redirect before the request is whole: it goes to the client", async () => {
    await start();
    client.write(`${POST}content-length: 10\r\n\r\nhello`);
    const link = await scene.up.accept();
    await link.readUntil("hello");
    link.write(FOUND);
    assert.match((await client.readToEnd()).text, /^HTTP\/1.1 302 Found\r\n/);
    assert.equal(await scene.proxy.stat("cluster.up.upstream_internal_redirect_failed_total"), 1);
    await scene.proxy.untilIdle();
  });

  it("100 Continue: what waits for leave is followed when it was sent", async () => {
    await start();
    client.write(`${POST}content-length: 5\r\nexpect: 100-continue\r\n\r\n`);
    assert.equal(await client.readHead(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.write("hello");
    const [, target] = await scene.redirect();
    assert.equal((await target.readMessage()).body, "hello");
    target.write(ok("target"));
    assert.equal((await client.readMessage()).body, "target");
  });
});

describe("internal redirects, memory", function () {
  this.timeout(60_000);
  let up: RawUpstream;
  let worker: LocalWorker;

  before(async () => {
    up = await RawUpstream.listen();
    const policy = { max_internal_redirects: 3, response_headers_to_copy: ["x-pad"] };
    worker = await LocalWorker.start(
      toBootstrap({ endpoints: [up.port], action: { internal_redirect_policy: policy } }),
    );
  });

  after(() => {
    worker.stop();
    up.close();
  });

  /** Asks many times on many connections: GET, with a length, in chunks, and too large. */
  async function run(count: number): Promise<void> {
    let left = count;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = await RawConnection.open(worker.port);
        while (left > 0) {
          left--;
          const body = "b".repeat((left % 100) * 100);
          if (left % 3 === 0) client.write(get("/"));
          else if (left % 3 === 1) {
            client.write(`${POST}content-length: ${body.length}\r\n\r\n${body}`);
          } else {
            client.write(
              `${POST}transfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nx-t: 1\r\n\r\n`,
            );
          }
          await client.readMessage();
        }
        client.close();
      }),
    );
    while (worker.connectionCount > 0) await setImmediate();
    while (worker.clusterCount("up", UPSTREAM_UPSTREAM_RQ_ACTIVE) > 0) await setImmediate();
  }

  it("10,000 requests: memory is as it was", async () => {
    let asked = 0;
    up.serve((_head, link) => {
      asked++;
      const pad = `x-pad: ${"p".repeat(asked % 2000)}\r\n`;
      link.write(asked % 5 === 0 ? ok("end") : FOUND.replace("content", `${pad}content`));
    });
    await run(2000);
    const before = worker.measureCollected();
    await run(10_000);
    const after = worker.measureCollected();
    const succeeded = UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_SUCCEEDED_TOTAL;
    assert.ok(worker.clusterCount("up", succeeded) > 12_000);
    assert.ok(worker.clusterCount("up", UPSTREAM_UPSTREAM_INTERNAL_REDIRECT_FAILED_TOTAL) > 1000);
    const engineBytes = after.engineBytes - before.engineBytes;
    assert.ok(engineBytes < 256 * 1024, `the engine grew by ${engineBytes} bytes`);
    const heapBytes = after.heapBytes - before.heapBytes;
    assert.ok(heapBytes < 3 * MIB, `the heap grew by ${heapBytes} bytes`);
  });

  it("clients: those that go away with half a body leave nothing behind", async () => {
    const hold = await RawUpstream.listen();
    const other = await LocalWorker.start(
      toBootstrap({ endpoints: [hold.port], action: { internal_redirect_policy: {} } }),
    );
    const leave = async (): Promise<void> => {
      const client = await RawConnection.open(other.port);
      client.write(`${POST}content-length: 100000\r\n\r\n${"b".repeat(50_000)}`);
      const link = await hold.accept();
      await link.read(50_000);
      client.reset();
      await link.readToEnd();
    };
    for (let i = 0; i < 20; i++) await leave();
    while (other.connectionCount > 0) await setImmediate();
    const before = other.measureCollected().engineBytes;
    for (let i = 0; i < 200; i++) await leave();
    while (other.connectionCount > 0) await setImmediate();
    const grown = other.measureCollected().engineBytes - before;
    assert.ok(grown <= 0, `the engine grew by ${grown} bytes`);
    other.stop();
    hold.close();
  });

  it("memory: a crowd of uploads leaves room for who keeps nothing", async () => {
    const hold = await RawUpstream.listen();
    hold.serve((_head, link) => link.write(ok("whole")));
    const other = await LocalWorker.start(
      toBootstrap({ endpoints: [hold.port], action: { internal_redirect_policy: {} } }),
    );
    const { calls } = other.engine;
    const blocks: number[] = [];
    while (calls.bytesLeft() > 74 * MIB) blocks.push(calls.allocate(1_000_000));
    const clients = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const client = await RawConnection.open(other.port);
        client.write(`${POST}content-length: 1000001\r\n\r\n${"b".repeat(1_000_000)}`);
        return client;
      }),
    );
    const abandonedCount = () => other.clusterCount("up", UPSTREAM_RETRY_OR_SHADOW_ABANDONED);
    while (abandonedCount() < 20) await setImmediate();
    assert.ok(calls.bytesLeft() > 50 * MIB, `${calls.bytesLeft() / MIB} MiB`);
    const visitor = await RawConnection.open(other.port);
    visitor.write(get("/"));
    assert.equal((await visitor.readMessage()).body, "whole");
    for (const client of clients) {
      client.write("b");
      assert.equal((await client.readMessage()).body, "whole");
      client.close();
    }
    visitor.close();
    other.stop();
    hold.close();
  });

  it("memory: when it is scarce no body is kept, and the redirect goes to the client", async () => {
    const hold = await RawUpstream.listen();
    const other = await LocalWorker.start(
      toBootstrap({ endpoints: [hold.port], action: { internal_redirect_policy: {} } }),
    );
    const client = await RawConnection.open(other.port);
    client.write(`${POST}content-length: 10\r\n\r\nhello`);
    const link = await hold.accept();
    await link.readUntil("hello");
    const blocks = other.fillMemory();
    client.write("world");
    assert.equal(await link.read(5), "world");
    link.write(FOUND);
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 302 /);
    assert.equal(other.clusterCount("up", UPSTREAM_RETRY_OR_SHADOW_ABANDONED), 1);
    // A request without a body is not followed, either: each redirect takes some memory.
    client.write(get("/"));
    await link.readMessage();
    link.write(FOUND);
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 302 /);
    for (const block of blocks) other.engine.calls.release(block);
    client.write(get("/"));
    await link.readMessage();
    link.write(FOUND);
    assert.match((await link.readMessage()).head, /^GET \/target /);
    client.close();
    other.stop();
    hold.close();
  });
});
