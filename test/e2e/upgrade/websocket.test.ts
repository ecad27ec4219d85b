import assert from "node:assert/strict";
import { type Part, type ProxySketch, TestProxy, toCluster } from "../../support/proxy-sketch.ts";
import type { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";

const WEBSOCKET: Partial<ProxySketch> = {
  manager: { upgrade_configs: [{ upgrade_type: "websocket" }] },
};
const SWITCH =
  "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\n";

/** A request that asks for an upgrade. */
function ask(type = "websocket", more = ""): string {
  return (
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\n" +
    `upgrade: ${type}\r\nsec-websocket-key: x\r\n${more}\r\n`
  );
}

describe("upgrades", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;
  let client: RawConnection;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });

  afterEach(async () => {
    client.close();
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  async function start(sketch: Partial<ProxySketch> = WEBSOCKET): Promise<void> {
    proxy = await TestProxy.start({ endpoints: [upstream.port], ...sketch });
    client = await proxy.connect();
  }

  /** Upgrades the client's connection; resolves with the upstream's end. */
  async function upgrade(): Promise<RawConnection> {
    client.write(ask());
    const up = await upstream.accept();
    await up.readHead();
    up.write(SWITCH);
    await client.readHead();
    return up;
  }

  const route = (configs: readonly Part[]): Partial<ProxySketch> => {
    return { action: { upgrade_configs: configs } };
  };

  it("websocket: Connection and Upgrade go both ways", async () => {
    await start();
    client.write(ask());
    const up = await upstream.accept();
    const head = await up.readHead();
    assert.match(head, /\r\nconnection: keep-alive, Upgrade\r\nupgrade: websocket\r\n/);
    up.write(SWITCH);
    const answer = await client.readHead();
    assert.match(answer, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
    assert.match(answer, /\r\nupgrade: websocket\r\nconnection: Upgrade\r\n/);
    assert.doesNotMatch(answer, /connection: close|content-length|transfer-encoding/);
    assert.equal(await proxy.stat("http.test.downstream_cx_upgrades_total"), 1);
    assert.equal(await proxy.stat("http.test.downstream_cx_upgrades_active"), 1);
    client.close();
    await up.readToEnd();
    await proxy.untilStat("http.test.downstream_cx_upgrades_active", 0);
    assert.equal(await proxy.stat("http.test.downstream_rq_1xx"), 1);
  });

  it("after 101: bytes go both ways as they are", async () => {
    await start();
    const up = await upgrade();
    client.write("GET /not-a-request HTTP/1.1\r\n\r\n");
    assert.equal(await up.readUntil("\r\n\r\n"), "GET /not-a-request HTTP/1.1\r\n\r\n");
    up.write("\0\x01\x02");
    assert.equal(await client.read(3), "\0\x01\x02");
    const large = "0123456789".repeat(300_000);
    client.write(large);
    up.write(large);
    assert.ok((await up.read(large.length)) === large);
    assert.ok((await client.read(large.length)) === large);
  });

  it("after 101: what came with it is not lost", async () => {
    await start();
    client.write(ask());
    const up = await upstream.accept();
    await up.readHead();
    up.write(`${SWITCH}hello`);
    await client.readHead();
    assert.equal(await client.read(5), "hello");
  });

  it("an upstream that closes: the client gets all, then the end", async () => {
    await start();
    const up = await upgrade();
    up.end("bye");
    assert.deepEqual(await client.readToEnd(), { text: "bye", isBroken: false });
  });

  it("bytes before the 101: kept until it comes, never sent before", async () => {
    await start();
    client.write(`${ask()}GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n`);
    const up = await upstream.accept();
    await up.readHead();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(up.waiting, "");
    up.write(SWITCH);
    await client.readHead();
    assert.match(await up.readUntil("\r\n\r\n"), /^GET \/smuggled /);
  });

  it("an upstream that refuses: its answer, then the end; nothing was smuggled", async () => {
    await start();
    client.write(`${ask()}GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n`);
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno");
    const { text } = await client.readToEnd();
    assert.match(text, /^HTTP\/1\.1 403 (.|\s)*\r\nconnection: close\r\n(.|\s)*no$/);
    assert.equal((await up.readToEnd()).text, "");
  });

  it("the route's timeout: until the upstream has switched, not later", async () => {
    await start({ ...WEBSOCKET, action: { timeout: "0.2s" } });
    client.write(ask());
    const silent = await upstream.accept();
    assert.match((await client.readMessage()).head, /^HTTP\/1\.1 504 /);
    silent.close();
    client.close();
    client = await proxy.connect();
    const up = await upgrade();
    await new Promise((resolve) => setTimeout(resolve, 300));
    up.write("still");
    assert.equal(await client.read(5), "still");
  });

  it("stream_idle_timeout: also of what was upgraded", async () => {
    const manager = { ...WEBSOCKET.manager, stream_idle_timeout: "0.1s" };
    await start({ manager });
    const up = await upgrade();
    await client.readToEnd();
    await up.readToEnd();
    assert.equal(await proxy.stat("http.test.downstream_rq_idle_timeout"), 1);
  });

  for (const [name, sketch, type, isAllowed] of [
    ["none is configured", {}, "websocket", false],
    ["another type", WEBSOCKET, "foo", false],
    ["the type in another case", WEBSOCKET, "WebSocket", true],
    ["the manager turns it off", manager([{ upgrade_type: "a", enabled: false }]), "a", false],
    ["the route allows it", route([{ upgrade_type: "foo" }]), "foo", true],
    [
      "the route turns it off",
      { ...WEBSOCKET, ...route([{ upgrade_type: "websocket", enabled: false }]) },
      "websocket",
      false,
    ],
    [
      "the route turns on what the manager turns off",
      { ...manager([{ upgrade_type: "a", enabled: false }]), ...route([{ upgrade_type: "A" }]) },
      "a",
      true,
    ],
  ] as const) {
    it(`upgrade_configs: ${name}: ${isAllowed ? "allowed" : "403"}`, async () => {
      await start(sketch);
      client.write(ask(type));
      if (!isAllowed) {
        assert.match((await client.readMessage()).head, /^HTTP\/1\.1 403 /);
        return;
      }
      const up = await upstream.accept();
      assert.match(await up.readHead(), new RegExp(`\r\nupgrade: ${type}\r\n`));
      up.close();
    });
  }

  for (const [name, value] of [
    ["content-length", "3"],
    ["transfer-encoding", "chunked"],
  ]) {
    it(`${name}: 403, since the body could be taken for a request`, async () => {
      await start();
      client.write(ask("websocket", `${name}: ${value}\r\n`));
      assert.match((await client.readMessage()).head, /^HTTP\/1\.1 403 /);
    });
  }

  it("request_mirror_policies: an upgrade is not mirrored", async () => {
    const mirror = await RawUpstream.listen();
    const policies = [{ cluster: "mirror" }];
    await start({
      ...WEBSOCKET,
      action: { request_mirror_policies: policies },
      moreClusters: [toCluster("mirror", [mirror.port])],
    });
    const up = await upgrade();
    client.write("GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n");
    await up.readUntil("\r\n\r\n");
    assert.equal(await proxy.stat("cluster.mirror.upstream_rq_total"), 0);
    assert.equal(mirror.acceptableCount, 0);
    mirror.close();
  });

  it("a 101 without Upgrade: 502", async () => {
    await start();
    client.write(ask());
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    assert.match((await client.readMessage()).head, /^HTTP\/1\.1 502 /);
  });
});

function manager(configs: readonly Part[]): Partial<ProxySketch> {
  return { manager: { upgrade_configs: configs } };
}
