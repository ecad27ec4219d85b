import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { type Part, type ProxySketch, TestProxy } from "../../support/proxy-sketch.ts";
import { TunnelClient, type TunnelRequest, type Version } from "./tunnel-client.ts";
import type { TunnelEnd } from "./tunnel-end.ts";
import { nameOf, tunnelSketch, WAYS } from "./tunnel-sketch.ts";
import { TunnelUpstream } from "./tunnel-upstream.ts";

const VERSIONS: readonly Version[] = ["HTTP/1", "HTTP/2"];
const CONNECT = { upgrade_type: "CONNECT" };
const CONNECT_OFF = { ...CONNECT, enabled: false };
const WEBSOCKET = { upgrade_type: "websocket" };
const WEBSOCKET_OFF = { ...WEBSOCKET, enabled: false };

/** What the manager and the route say of upgrades, and what is answered: Envoy's table. */
const permissions: readonly (readonly [
  kind: TunnelRequest["kind"],
  manager: readonly Part[],
  route: readonly Part[],
  isAllowed: boolean,
])[] = [
  ["websocket", [], [], false],
  ["websocket", [WEBSOCKET], [], true],
  ["websocket", [WEBSOCKET], [WEBSOCKET_OFF], false],
  ["websocket", [], [WEBSOCKET], true],
  ["websocket", [WEBSOCKET_OFF], [WEBSOCKET], true],
  ["websocket", [CONNECT], [CONNECT], false],
  ["CONNECT", [], [], false],
  ["CONNECT", [CONNECT], [], true],
  ["CONNECT", [CONNECT], [CONNECT_OFF], false],
  ["CONNECT", [], [CONNECT], true],
  ["CONNECT", [CONNECT_OFF], [CONNECT], true],
  ["CONNECT", [WEBSOCKET], [WEBSOCKET], false],
];

describe("limits of tunnels", () => {
  let upstream: TunnelUpstream;
  let proxy: TestProxy;
  let client: TunnelClient;

  afterEach(async () => {
    client.close();
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  async function start(
    up: "HTTP/1" | "HTTP/2" | "TCP",
    manager: Part = {},
    action: Part = {},
    more: Partial<ProxySketch> = {},
  ): Promise<void> {
    upstream = await TunnelUpstream.listen(up);
    proxy = await TestProxy.start({
      ...tunnelSketch(up, upstream.port, manager, action),
      ...more,
    });
    client = new TunnelClient(proxy.port);
  }

  async function open(
    down: Version,
    kind: TunnelRequest["kind"],
  ): Promise<{ client: TunnelEnd; upstream: TunnelEnd }> {
    const answering = client.ask(down, { kind });
    const end = (await upstream.next()).accept();
    return { client: (await answering).tunnel, upstream: end };
  }

  for (const way of WAYS) {
    it(`stream_idle_timeout: ends what is silent, not what speaks: ${nameOf(way)}`, async () => {
      await start(way.up, { stream_idle_timeout: "0.4s" });
      const { client: end, upstream: other } = await open(way.down, way.kind);
      for (let i = 0; i < 12; i++) {
        await wait(50);
        const [from, to] = i < 6 ? [end, other] : [other, end];
        from.write("x");
        await to.read(1);
      }
      assert.equal(await proxy.stat("http.test.downstream_rq_idle_timeout"), 0);
      await end.readToEnd();
      await other.readToEnd();
      assert.equal(await proxy.stat("http.test.downstream_rq_idle_timeout"), 1);
    });

    it(`timeout: until the upstream has answered, not later: ${nameOf(way)}`, async () => {
      await start(way.up, {}, { timeout: "0.2s" });
      const { client: end, upstream: other } = await open(way.down, way.kind);
      await wait(300);
      other.write("still");
      assert.equal(await end.read(5), "still");
    });

    it(`drain: open tunnels go on to their end: ${nameOf(way)}`, async () => {
      await start(way.up);
      const { client: end, upstream: other } = await open(way.down, way.kind);
      let isDrained = false;
      const drained = proxy.proxy.drain().then(() => {
        isDrained = true;
      });
      await wait(50);
      end.write("ping");
      assert.equal(await other.read(4), "ping");
      other.write("pong");
      assert.equal(await end.read(4), "pong");
      assert.equal(isDrained, false);
      other.end();
      end.end();
      await end.readToEnd();
      client.close();
      await drained;
    });
  }

  it("max_stream_duration: also of a tunnel", async () => {
    await start("HTTP/1", {}, { max_stream_duration: { max_stream_duration: "0.3s" } });
    const { client: end, upstream: other } = await open("HTTP/2", "websocket");
    await end.readToEnd();
    await other.readToEnd();
    assert.equal(await proxy.stat("http.test.downstream_rq_max_duration_reached"), 1);
  });

  for (const down of VERSIONS) {
    for (const [kind, manager, route, isAllowed] of permissions) {
      const says = `${JSON.stringify(manager)} and ${JSON.stringify(route)}`;
      const then = isAllowed ? "allowed" : "403";
      it(`upgrade_configs: ${down} ${kind}: ${says}: ${then}`, async () => {
        await start("HTTP/1", { upgrade_configs: manager }, { upgrade_configs: route });
        if (isAllowed) {
          const { client: end, upstream: other } = await open(down, kind);
          end.write("x");
          assert.equal(await other.read(1), "x");
          return;
        }
        assert.equal((await client.ask(down, { kind })).status, 403);
      });
    }

    it(`connect_matcher: nothing else takes CONNECT: ${down}: 404`, async () => {
      await start("HTTP/1", {}, {}, { routes: [] });
      assert.equal((await client.ask(down, { kind: "CONNECT" })).status, 404);
    });

    it(`no route: 404, also where nothing allows the upgrade: ${down}`, async () => {
      const route_config = { virtual_hosts: [{ name: "a", domains: ["other.test"] }] };
      await start("HTTP/1", { upgrade_configs: [], route_config }, {}, { routes: [] });
      assert.equal((await client.ask(down, { kind: "websocket" })).status, 404);
      assert.equal((await client.ask(down, { kind: "CONNECT" })).status, 404);
      assert.equal(await proxy.stat("http.test.no_route"), 2);
    });

    it(`connect_config: nobody listens there: ${down}: 503`, async () => {
      await start("TCP", {}, { cluster: "nowhere" });
      const { status } = await client.ask(down, { kind: "CONNECT", early: "early" });
      assert.equal(status, 503);
      assert.equal(await proxy.stat("cluster.nowhere.upstream_cx_connect_fail"), 1);
    });
  }

  it("allow_connect: announced where it is set (RFC 8441 §3), and not elsewhere", async () => {
    await start("HTTP/1");
    assert.equal((await client.session()).remoteSettings.enableConnectProtocol, true);
    client.close();
    await proxy.stop();
    upstream.close();
    await start("HTTP/1", { http2_protocol_options: {} });
    assert.equal((await client.session()).remoteSettings.enableConnectProtocol ?? false, false);
  });
});
