import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import http2, { type ClientHttp2Session, type ServerHttp2Stream } from "node:http2";
import { setTimeout } from "node:timers/promises";
import type { RunningProxy } from "../../../proxy/main.ts";
import { startProxy } from "../../support/start-proxy.ts";
import {
  CLIENTS,
  ECHO_PORT,
  HTTP_PORT,
  makeLogFolder,
  openSession,
  Pods,
  Tunnel,
  waypointConfig,
} from "./waypoint-scene.ts";

const REVIEWS = "10.96.0.10:80";
const DB = "10.96.0.20:5432";
const REMOTE = "10.96.0.30:80";
const DIRECT = `127.0.0.1:${HTTP_PORT}`;
const H2_PORT = 9082;
const CANCEL = http2.constants.NGHTTP2_CANCEL;
const CONNECT_ERROR = http2.constants.NGHTTP2_CONNECT_ERROR;
/** Of a cluster that speaks HTTP/2 with its pods. */
const HTTP2_OPTIONS = JSON.stringify({
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: {} },
  },
});

describe("waypoint, flow", function () {
  this.timeout(20_000);
  let pods: Pods;
  let proxy: RunningProxy;
  let session: ClientHttp2Session;
  let log: ReturnType<typeof makeLogFolder>;

  async function start(change: (yaml: string) => string = (yaml) => yaml): Promise<void> {
    const config = change(waypointConfig(pods, log.path));
    proxy = await startProxy({ config });
    session = await openSession(port());
  }

  function port(): number {
    return proxy.listenerAddresses[0].port;
  }

  function logLines(): string[] {
    return existsSync(log.path) ? readFileSync(log.path, "utf8").split("\n") : [];
  }

  async function untilLogged(pattern: RegExp): Promise<void> {
    while (!logLines().some((line) => pattern.test(line))) await setTimeout(20);
  }

  beforeEach(async () => {
    log = makeLogFolder();
    const inner = http2.createServer();
    inner.on("stream", (stream: ServerHttp2Stream, headers) => {
      const head = { ":status": 200, "content-type": "application/grpc" };
      // As gRPC has it: the status is in trailers.
      stream.respond(head, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.on("data", (bytes: Buffer) => stream.write(`${headers[":path"]} ${bytes}`));
      stream.on("end", () => stream.end());
    });
    pods = await Pods.start((stream) => inner.emit("connection", stream));
  });

  afterEach(async () => {
    session.destroy();
    await proxy.stop();
    pods.stop();
    log.remove();
  });

  it("http/1.1: requests follow one another in a tunnel", async () => {
    await start();
    const tunnel = await Tunnel.open(session, REVIEWS);
    assert.equal(tunnel.status, 200);
    for (const path of ["/a", "/b", "/c"]) assert.equal(await tunnel.ask(path), `200 ${path} 0 `);
    assert.deepEqual(new Set(pods.authorities), new Set([DIRECT]));
    const line = `GET /c HTTP/1.1 200 - to ${REVIEWS} by reviews`;
    const who = "of spiffe://cluster.local/ns/shop/sa/storefront";
    await untilLogged(new RegExp(`^${line} envoy://connect_originate/${DIRECT} ${who}$`));
  });

  it("h2c: requests at the same time in a tunnel, as gRPC sends them", async () => {
    await start((yaml) => {
      const options = `typed_extension_protocol_options: ${HTTP2_OPTIONS}`;
      const fields = `  - name: reviews\n    ${options}\n    load`;
      const text = yaml.replace("  - name: reviews\n    load", () => fields);
      return text.replaceAll(`local: "${DIRECT}"`, `local: "127.0.0.1:${H2_PORT}"`);
    });
    const tunnel = await Tunnel.open(session, REVIEWS);
    tunnel.stream.removeAllListeners("data");
    const inner = http2.connect("http://a", { createConnection: () => tunnel.stream });
    const answers = ["/x", "/y", "/z"].map(async (path) => {
      const head = {
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
      };
      const stream = inner.request(head);
      let text = "";
      stream.on("data", (bytes: Buffer) => {
        text += bytes.toString();
      });
      const trailers = once(stream, "trailers");
      stream.end("ping");
      const [found]: Record<string, string>[] = await trailers;
      return `${text} ${found["grpc-status"]}`;
    });
    assert.deepEqual(await Promise.all(answers), ["/x ping 0", "/y ping 0", "/z ping 0"]);
    inner.destroy();
  });

  it("many: a hundred tunnels on one connection", async () => {
    await start();
    const tunnels = await Promise.all(
      Array.from({ length: 100 }, () => Tunnel.open(session, REVIEWS)),
    );
    const answers = await Promise.all(tunnels.map((each, place) => each.ask(`/${place}`)));
    assert.deepEqual(
      answers,
      Array.from(tunnels, (_, place) => `200 /${place} 0 `),
    );
  });

  it("bodies: large ones go both ways", async () => {
    await start();
    const tunnel = await Tunnel.open(session, REVIEWS);
    const size = 3_000_000;
    assert.equal((await tunnel.ask(`/large/${size}`)).length, size + 4);
    const body = "y".repeat(size);
    assert.equal(await tunnel.ask("/up", body), `200 /up ${size} ${"y".repeat(20)}`);
    const echo = await Tunnel.open(session, DB);
    echo.stream.write(body);
    assert.ok((await echo.read(size)) === body);
  });

  it("tcp: bytes go both ways, and half a connection may end", async () => {
    await start();
    const tunnel = await Tunnel.open(session, DB);
    tunnel.stream.write("hello");
    assert.equal(await tunnel.read(5), "hello");
    tunnel.stream.end("rest");
    assert.equal(await tunnel.read(4), "rest");
    assert.equal(await tunnel.untilOver(), "ended");
  });

  it("direct: a pod by its own address, in HTTP and in TCP", async () => {
    await start();
    const http = await Tunnel.open(session, DIRECT);
    assert.equal(await http.ask("/a"), "200 /a 0 ");
    const tcp = await Tunnel.open(session, `127.0.0.1:${ECHO_PORT}`);
    tcp.stream.write("no request\n");
    assert.equal(await tcp.read(11), "no request\n");
    assert.deepEqual(pods.authorities, [DIRECT, `127.0.0.1:${ECHO_PORT}`]);
  });

  it("double HBONE: a tunnel in a tunnel ends at the pod", async () => {
    await start();
    const tunnel = await Tunnel.open(session, REMOTE);
    for (const path of ["/a", "/b"]) assert.equal(await tunnel.ask(path), `200 ${path} 0 `);
    const size = 500_000;
    assert.equal((await tunnel.ask(`/large/${size}`)).length, size + 4);
    const target = "reviews.shop.svc.cluster.local:9080";
    assert.deepEqual(pods.authorities, [`outer ${target}`, target]);
  });

  it("no chain: the tunnel is reset, and the listener says NR", async () => {
    await start();
    const unknown = await Tunnel.open(session, "10.96.0.99:80");
    unknown.stream.write("GET / HTTP/1.1\r\n\r\n");
    assert.equal(await unknown.untilOver(), CONNECT_ERROR);
    await untilLogged(/^no chain: NR to 10\.96\.0\.99:80$/);
    await untilLogged(/^CONNECT - HTTP\/2 200 UC to .* by main_internal /);
    // What is no address has no chain before anything is sent.
    const name = await Tunnel.open(session, "reviews.shop:80");
    assert.equal(name.status, 503);
    await untilLogged(/^no chain: NR to envoy:\/\/main_internal\/$/);
  });

  it("reset: a client that gives a tunnel up ends it at the pod, and no other", async () => {
    await start();
    const other = await Tunnel.open(session, REVIEWS);
    const tunnel = await Tunnel.open(session, DB);
    tunnel.stream.write("hello");
    await tunnel.read(5);
    tunnel.stream.close(CANCEL);
    await untilLogged(/to 10\.96\.0\.20:5432 by db /);
    assert.equal(await other.ask("/a"), "200 /a 0 ");
  });

  it("pods down: requests are answered with 503, and tunnels of TCP are reset", async () => {
    await start();
    const tunnel = await Tunnel.open(session, REVIEWS);
    assert.equal(await tunnel.ask("/a"), "200 /a 0 ");
    const tcp = await Tunnel.open(session, DB);
    tcp.stream.write("hello");
    assert.equal(await tcp.read(5), "hello");
    pods.stop();
    assert.equal(await tcp.untilOver(), CONNECT_ERROR);
    while (!(await tunnel.ask("/a")).startsWith("503 ")) await setTimeout(20);
    const late = await Tunnel.open(session, DB);
    late.stream.write("hello");
    assert.equal(await late.untilOver(), CONNECT_ERROR);
    await untilLogged(/^- - - 0 UF,URX to .* by connect_originate /);
  });

  for (const [name, certificate] of [
    ["none", null],
    ["of another authority", CLIENTS.stranger],
    ["of another trust domain", CLIENTS.foreigner],
  ] as const) {
    it(`certificate: with ${name} nobody comes in`, async () => {
      await start();
      await assert.rejects(openSession(port(), certificate));
      assert.equal(await (await Tunnel.open(session, REVIEWS)).ask("/a"), "200 /a 0 ");
    });
  }

  it("replace: open tunnels go on, and follow the new configuration", async () => {
    await start();
    const tunnel = await Tunnel.open(session, REVIEWS);
    const tcp = await Tunnel.open(session, DB);
    tcp.stream.write("hello");
    assert.equal(await tcp.read(5), "hello");
    assert.equal(await tunnel.ask("/a"), "200 /a 0 ");
    const yaml = waypointConfig(pods, log.path);
    const direct = "direct_response: { status: 418 }";
    const changed = yaml.replace("route: { cluster: reviews, timeout: 10s }", direct);
    await proxy.replace(changed.replace("port_value: 0", `port_value: ${port()}`));
    assert.equal(await tunnel.ask("/a"), "418 ");
    tcp.stream.write("again");
    assert.equal(await tcp.read(5), "again");
    const fresh = await Tunnel.open(session, REVIEWS);
    assert.equal(await fresh.ask("/a"), "418 ");
  });

  it("drain: the client is told to go, and its tunnels are not cut", async () => {
    await start();
    const tunnel = await Tunnel.open(session, DB);
    tunnel.stream.write("hello");
    assert.equal(await tunnel.read(5), "hello");
    const goaway = once(session, "goaway");
    const drained = proxy.drain();
    await goaway;
    tunnel.stream.end("rest");
    assert.equal(await tunnel.read(4), "rest");
    assert.equal(await tunnel.untilOver(), "ended");
    await drained;
  });
});
