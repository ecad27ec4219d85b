import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { Duplex } from "node:stream";
import WebSocket, { WebSocketServer } from "ws";
import { type Part, TestProxy } from "../../support/proxy-sketch.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate } from "../../support/tls/sketch.ts";
import { answerTo } from "./tunnel-client.ts";
import { tunnelSketch } from "./tunnel-sketch.ts";
import { portOf } from "./tunnel-upstream.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
const LARGE_BYTES = 2_000_000;

/** How a client comes to the server of `ws`. */
interface Visit {
  readonly name: string;
  readonly isTls: boolean;
  readonly isHttp2: boolean;
  /** Options of the client. */
  readonly compresses?: boolean;
}

const visits: readonly Visit[] = [
  { name: "HTTP/1.1", isTls: false, isHttp2: false },
  { name: "HTTP/1.1 in TLS", isTls: true, isHttp2: false },
  { name: "HTTP/1.1 with permessage-deflate", isTls: false, isHttp2: false, compresses: true },
  { name: "HTTP/2", isTls: false, isHttp2: true },
  { name: "HTTP/2 in TLS", isTls: true, isHttp2: true },
];

describe("ws through the proxy", () => {
  let server: http.Server;
  let sockets: WebSocketServer;
  let proxy: TestProxy;
  const open: { destroy(): void }[] = [];

  beforeEach(async () => {
    server = http.createServer();
    sockets = new WebSocketServer({
      server,
      perMessageDeflate: true,
      handleProtocols: (offered) => (offered.has("chat") ? "chat" : false),
    });
    sockets.on("connection", (socket) => {
      socket.on("message", (message, isBinary) => socket.send(message, { binary: isBinary }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(async () => {
    for (const each of open.splice(0)) each.destroy();
    for (const each of sockets.clients) each.terminate();
    await proxy.untilIdle();
    await proxy.stop();
    server.close();
  });

  async function start(isTls: boolean): Promise<void> {
    const port = portOf(server);
    const common = {
      tls_certificates: [inlineCertificate(SERVER)],
      alpn_protocols: ["h2", "http/1.1"],
    };
    const chain: Part = isTls ? { transport_socket: downstreamTls(common) } : {};
    proxy = await TestProxy.start({ ...tunnelSketch("HTTP/1", port), chain });
  }

  function connect({ isTls, isHttp2, compresses = false }: Visit): Promise<WebSocket> {
    if (isHttp2) return connectHttp2(isTls);
    const url = `${isTls ? "wss" : "ws"}://127.0.0.1:${proxy.port}/chat`;
    const tls = isTls ? { ca: ROOT.pem, servername: "a.test" } : {};
    const socket = new WebSocket(url, "chat", { perMessageDeflate: compresses, ...tls });
    open.push({ destroy: () => socket.terminate() });
    return once(socket, "open").then(() => socket);
  }

  /** A client of HTTP/2 (RFC 8441 §5.1): its frames are those of `ws`, on a stream of node's. */
  async function connectHttp2(isTls: boolean): Promise<WebSocket> {
    const url = `${isTls ? "https" : "http"}://127.0.0.1:${proxy.port}`;
    const session = http2.connect(url, isTls ? { ca: ROOT.pem, servername: "a.test" } : {});
    open.push(session);
    await once(session, "remoteSettings");
    const stream = session.request(
      {
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": isTls ? "https" : "http",
        ":path": "/chat",
        ":authority": "a.test",
        "sec-websocket-version": "13",
        "sec-websocket-protocol": "chat",
      },
      { endStream: false },
    );
    const headers = await answerTo(stream);
    assert.equal(headers[":status"], 200);
    assert.equal(headers["sec-websocket-protocol"], "chat");
    return adopt(stream);
  }

  for (const visit of visits) {
    it(`${visit.name}: messages come back as they were sent, then a clean close`, async () => {
      await start(visit.isTls);
      const socket = await connect(visit);
      assert.equal(await ask(socket, "hello"), "hello");
      assert.equal(await ask(socket, "é€𝄞"), "é€𝄞");
      const large = Buffer.alloc(LARGE_BYTES, "0123456789abcdef");
      const back = await ask(socket, large);
      assert.ok(typeof back !== "string" && back.equals(large));
      const pong = once(socket, "pong");
      socket.ping("are you there");
      assert.equal(String((await pong)[0]), "are you there");
      const closed = once(socket, "close");
      socket.close(4001, "enough");
      assert.equal((await closed)[0], 4001);
      assert.equal(await proxy.stat("http.test.downstream_cx_upgrades_total"), 1);
    });

    it(`${visit.name}: the server closes, and the client hears why`, async () => {
      await start(visit.isTls);
      const socket = await connect(visit);
      assert.equal(await ask(socket, "hello"), "hello");
      const closed = once(socket, "close");
      for (const each of sockets.clients) each.close(4002, "bye");
      const [code, reason] = await closed;
      assert.deepEqual([code, String(reason)], [4002, "bye"]);
    });
  }

  it("HTTP/2: many sockets on one connection do not wait for each other", async () => {
    await start(false);
    const all = await Promise.all(Array.from({ length: 20 }, () => connectHttp2(false)));
    const texts = await Promise.all(all.map((socket, i) => ask(socket, `number ${i}`)));
    assert.deepEqual(
      texts,
      all.map((_, i) => `number ${i}`),
    );
    assert.equal(await proxy.stat("http.test.downstream_cx_upgrades_active"), 20);
  });
});

/** Sends a message and resolves with the next one: text, or bytes. */
async function ask(socket: WebSocket, message: string | Buffer): Promise<string | Buffer> {
  const answered = once(socket, "message");
  socket.send(message);
  const [data, isBinary] = await answered;
  return isBinary === true ? data : String(data);
}

/** A client of `ws` on a stream that is past the handshake. What is called here has no types. */
function adopt(stream: Duplex): WebSocket {
  const options = { autoPong: true, closeTimeout: 30_000 };
  const socket: WebSocket = Reflect.construct(WebSocket, [null, undefined, options]);
  Reflect.set(socket, "_isServer", false);
  const raw = Object.assign(stream, { setNoDelay: () => {}, setTimeout: () => {} });
  const limits = { maxPayload: 100_000_000 };
  Reflect.apply(Reflect.get(socket, "setSocket"), socket, [raw, Buffer.alloc(0), limits]);
  return socket;
}
