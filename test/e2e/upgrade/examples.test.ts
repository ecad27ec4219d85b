import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import WebSocket, { WebSocketServer } from "ws";
import { replacePorts } from "../../../cli/quickstart/ports.ts";
import { SHOP_PORT_DEFAULT, type Shop, startShop } from "../../../examples/shop/shop.ts";
import type { RunningProxy } from "../../../proxy/main.ts";
import { startProxy } from "../../support/start-proxy.ts";
import { findFreePort } from "../../../bench/process/free-port.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { ROOT } from "../launch.ts";
import { TunnelClient } from "./tunnel-client.ts";
import { portOf } from "./tunnel-upstream.ts";

const EDGE_PORT = 10_000;
const INNER_PORT = 10_001;
const ECHO_PORT = 9000;
const ADMIN_PORT = 9901;

describe("examples/upgrades", () => {
  let server: http.Server;
  let proxy: RunningProxy | undefined;
  let shop: Shop | undefined;

  beforeEach(async () => {
    server = http.createServer((_, response) => response.end("page"));
    new WebSocketServer({ server }).on("connection", (socket) => {
      socket.on("message", (text) => socket.send(`again: ${text}`));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(async () => {
    await proxy?.stop();
    proxy = undefined;
    await shop?.stop();
    shop = undefined;
    server.close();
  });

  /** Starts an example on free ports; resolves with the port of its first listener. */
  async function start(name: string, more: readonly [number, number][] = []): Promise<number> {
    const ports = new Map([[EDGE_PORT, 0], [ADMIN_PORT, 0], [ECHO_PORT, portOf(server)], ...more]);
    const text = readFileSync(`${ROOT}/examples/upgrades/${name}`, "utf8");
    const config = replacePorts(text, ports);
    proxy = await startProxy({ config });
    return proxy.listenerAddresses[0].port;
  }

  async function assertEchoes(port: number): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/echo`);
    await once(socket, "open");
    const heard = once(socket, "message");
    socket.send("hello");
    assert.equal(String((await heard)[0]), "again: hello");
    const closed = once(socket, "close");
    socket.close();
    await closed;
  }

  it("websocket.yaml: a client of HTTP/1.1 is heard", async () => {
    await assertEchoes(await start("websocket.yaml"));
  });

  it("websocket.yaml: a client of HTTP/2 is let in, on that path alone", async () => {
    const client = new TunnelClient(await start("websocket.yaml"));
    const asked = client.ask("HTTP/2", { kind: "websocket", path: "/echo" });
    assert.equal((await asked).status, 200);
    const refused = client.ask("HTTP/2", { kind: "websocket", path: "/other" });
    assert.equal((await refused).status, 403);
    client.close();
  });

  it("bridge.yaml: through HTTP/2 and back, the handshake is whole", async () => {
    await assertEchoes(await start("bridge.yaml", [[INNER_PORT, await findFreePort()]]));
    const stats = await proxy?.readStats();
    assert.equal(stats?.get("cluster.inner.upstream_cx_http2_total"), 1);
    assert.equal(stats?.get("cluster.echo.upstream_cx_http1_total"), 1);
  });

  it("connect.yaml: a tunnel leads to the shop, whatever it is asked for", async () => {
    shop = await startShop(0);
    const port = await start("connect.yaml", [[SHOP_PORT_DEFAULT, shop.services[0].port]]);
    const client = new TunnelClient(port);
    const { status, tunnel } = await client.ask("HTTP/1", { kind: "CONNECT" });
    assert.equal(status, 200);
    tunnel.write("GET / HTTP/1.1\r\nhost: shop.test\r\n\r\n");
    assert.equal(await tunnel.read(15), "HTTP/1.1 200 OK");
    client.close();
  });

  it("Envoy: it takes every file", function () {
    this.timeout(60_000);
    const program = requirePeer(this, "envoy");
    const folder = mkdtempSync(join(tmpdir(), "causeway-"));
    for (const name of ["websocket.yaml", "bridge.yaml", "connect.yaml"]) {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(`${ROOT}/examples/upgrades/${name}`));
      const flags = ["--mode", "validate", "-c", path, "--disable-hot-restart"];
      const { status, stderr } = spawnSync(program, flags, { encoding: "utf8" });
      assert.equal(status, 0, stderr);
    }
    rmSync(folder, { recursive: true });
  });
});
