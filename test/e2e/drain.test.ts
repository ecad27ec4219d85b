import assert from "node:assert/strict";
import { get, ok, type ProxySketch, TestProxy, toBootstrap } from "../support/proxy-sketch.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { RawUpstream } from "../support/raw-upstream.ts";

describe("drain, stop and replacement", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
    proxy = await TestProxy.start(sketch());
  });

  afterEach(async () => {
    await proxy.stop();
    upstream.close();
  });

  function sketch(more: Partial<ProxySketch> = {}): ProxySketch {
    return { endpoints: [upstream.port], ...more };
  }

  /** A client whose request is with the upstream. */
  async function begin(path: string): Promise<{ client: RawConnection; up: RawConnection }> {
    const client = await proxy.connect();
    client.write(get(path));
    const up = await upstream.accept();
    await up.readHead();
    return { client, up };
  }

  it("drain: idle connections close, busy ones are answered and close, none come in", async () => {
    const { client: busy, up } = await begin("/busy");
    const { client: idle, up: kept } = await begin("/idle");
    kept.write(ok("idle"));
    await idle.readMessage();
    const drained = proxy.proxy.drain();
    assert.deepEqual(await idle.readToEnd(), { text: "", isBroken: false });
    await untilRefused(proxy.port);
    up.write(ok("busy"));
    const { head, body } = await busy.readMessage();
    assert.match(head, /\r\nconnection: close\r\n/);
    assert.equal(body, "busy");
    assert.deepEqual(await busy.readToEnd(), { text: "", isBroken: false });
    busy.close();
    idle.close();
    await drained;
    assert.equal(await proxy.stat("http.test.downstream_cx_drain_close"), 1);
  });

  it("drain: what was pipelined behind the answer that says close is not served", async () => {
    const { client, up } = await begin("/1");
    client.write(get("/2"));
    await proxy.untilStat("http.test.downstream_cx_rx_bytes_buffered", get("/2").length);
    const drained = proxy.proxy.drain();
    await untilRefused(proxy.port);
    up.write(ok("one"));
    assert.match((await client.readMessage()).head, /\r\nconnection: close\r\n/);
    assert.equal((await client.readToEnd()).text, "");
    client.close();
    await drained;
  });

  it("drain: what takes longer than the drain time is not waited for", async () => {
    await proxy.stop();
    proxy = await TestProxy.start(sketch(), { drainTimeS: 0.1 });
    const { client, up } = await begin("/slow");
    await proxy.proxy.drain();
    await proxy.proxy.stop();
    assert.equal((await client.readToEnd()).text, "");
    assert.equal((await up.readToEnd()).text, "");
  });

  it("stop: everything ends at once", async () => {
    const { client, up } = await begin("/");
    await proxy.proxy.stop();
    assert.equal((await client.readToEnd()).text, "");
    assert.equal((await up.readToEnd()).text, "");
  });

  it("replacement: a request in flight ends as it began, the next one is new", async () => {
    const other = await RawUpstream.listen();
    const { client, up } = await begin("/old");
    await proxy.proxy.replace(toBootstrap({ endpoints: [other.port], manager: { via: "new" } }));
    up.write(ok("old"));
    const old = await client.readMessage();
    assert.equal(old.body, "old");
    assert.doesNotMatch(old.head, /\r\nvia: /);
    client.write(get("/new"));
    const next = await other.accept();
    assert.match(await next.readHead(), /\r\nvia: new\r\n/);
    next.write(ok("new"));
    const fresh = await client.readMessage();
    assert.equal(fresh.body, "new");
    assert.match(fresh.head, /\r\nvia: new\r\n/);
    // The old cluster's connection was let go when its request was over.
    await up.readToEnd();
    client.close();
    await proxy.untilIdle();
    other.close();
  });

  it("replacement: a head that is half here, and an idle connection, are served", async () => {
    const half = await proxy.connect();
    half.write("GET /half HTTP/1.1\r\nhost: ");
    const { client: idle, up } = await begin("/idle");
    up.write(ok("idle"));
    await idle.readMessage();
    await proxy.proxy.replace(toBootstrap(sketch({ manager: { via: "new" } })));
    half.write("test\r\n\r\n");
    assert.match(await up.readHead(), /^GET \/half /);
    up.write(ok("half"));
    assert.equal((await half.readMessage()).body, "half");
    idle.write(get("/again"));
    assert.match(await up.readHead(), /\r\nvia: new\r\n/);
    up.write(ok("again"));
    assert.equal((await idle.readMessage()).body, "again");
    half.close();
    idle.close();
    await proxy.untilIdle();
  });

  it("replacement: an unchanged cluster keeps its connections, in many replacements", async () => {
    const { client, up } = await begin("/0");
    up.write(ok("0"));
    await client.readMessage();
    for (let i = 1; i <= 20; i++) {
      await proxy.proxy.replace(toBootstrap(sketch({ manager: { via: `v${i}` } })));
      client.write(get(`/${i}`));
      assert.match(await up.readHead(), new RegExp(`\r\nvia: v${i}\r\n`));
      up.write(ok(`${i}`));
      assert.equal((await client.readMessage()).body, `${i}`);
    }
    assert.equal(await proxy.stat("cluster.up.upstream_cx_total"), 1);
    client.close();
    await proxy.untilIdle();
  });

  it("replacement: listeners come and go", async () => {
    const oldPort = proxy.port;
    const { client, up } = await begin("/old");
    await proxy.proxy.replace(toBootstrap(sketch({ listenerName: "second" })));
    await untilRefused(oldPort);
    const second = proxy.proxy.listenerAddresses.find(({ name }) => name === "second");
    assert.ok(second !== undefined);
    const newcomer = await RawConnection.open(second.port);
    newcomer.write(get("/new"));
    const newUp = await upstream.accept();
    await newUp.readHead();
    newUp.write(ok("new"));
    assert.equal((await newcomer.readMessage()).body, "new");
    up.write(ok("old"));
    const { head, body } = await client.readMessage();
    assert.equal(body, "old");
    assert.match(head, /\r\nconnection: close\r\n/);
    assert.equal((await client.readToEnd()).text, "");
    client.close();
    newcomer.close();
    await proxy.untilIdle();
  });

  it("replacement: what is wrong is refused, and the old goes on", async () => {
    await assert.rejects(proxy.proxy.replace("static_resources: { listeners: 3 }"), {
      code: "CONFIG_INVALID",
    });
    const { client, up } = await begin("/");
    up.write(ok("still here"));
    assert.equal((await client.readMessage()).body, "still here");
    client.close();
  });
});

/** Resolves when nobody listens any more. */
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const error = await RawConnection.open(port).then(
      (connection) => connection.close(),
      (reason: NodeJS.ErrnoException) => reason,
    );
    if (error?.code === "ECONNREFUSED") return;
  }
}
