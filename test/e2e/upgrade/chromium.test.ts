import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { type Browser, chromium } from "playwright-core";
import { WebSocketServer } from "ws";
import { TestProxy } from "../../support/proxy-sketch.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate } from "../../support/tls/sketch.ts";
import { tunnelSketch } from "./tunnel-sketch.ts";
import { portOf } from "./tunnel-upstream.ts";

const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["localhost"] });

/** What the page does: it sends, waits for the echo, and has the server close. */
const SCRIPT = `(url) => new Promise((resolve, reject) => {
  const socket = new WebSocket(url, "chat");
  socket.binaryType = "arraybuffer";
  const got = [];
  socket.onopen = () => socket.send("hello");
  socket.onerror = () => reject(new Error("the socket failed"));
  socket.onmessage = ({ data }) => {
    got.push(typeof data === "string" ? data : data.byteLength);
    if (got.length === 1) socket.send(new Uint8Array(300_000));
    else socket.send("close");
  };
  socket.onclose = ({ code, reason, wasClean }) => {
    resolve({ got, code, reason, wasClean, protocol: socket.protocol });
  };
})`;

describe("Chromium through the proxy", () => {
  let browser: Browser;
  let server: http.Server;
  let sockets: WebSocketServer;
  let proxy: TestProxy;

  before(async function () {
    this.timeout(60_000);
    const executablePath = requirePeer(this, "chromium-headless-shell");
    // Neither a sandbox of its own, which root may not have, nor names that are not ours.
    const args = ["--no-sandbox", "--ignore-certificate-errors"];
    browser = await chromium.launch({ executablePath, args });
  });

  beforeEach(async () => {
    server = http.createServer((_, response) => {
      response.setHeader("content-type", "text/html").end("<title>page</title>");
    });
    sockets = new WebSocketServer({ server, perMessageDeflate: true });
    sockets.on("connection", (socket) => {
      socket.on("message", (message, isBinary) => {
        if (String(message) === "close") socket.close(4003, "asked for");
        else socket.send(message, { binary: isBinary });
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(async () => {
    await proxy.stop();
    server.close();
  });

  after(() => browser?.close());

  for (const [protocols, upgrades] of [
    [["h2", "http/1.1"], "HTTP/2 (RFC 8441)"],
    [["http/1.1"], "HTTP/1.1"],
    [[], "HTTP/1.1 in the clear"],
  ] as const) {
    it(`a page opens a WebSocket over ${upgrades}: it speaks, hears, and is closed`, async () => {
      const port = portOf(server);
      const isTls = protocols.length > 0;
      const common = { tls_certificates: [inlineCertificate(SERVER)], alpn_protocols: protocols };
      const chain = isTls ? { transport_socket: downstreamTls(common) } : {};
      proxy = await TestProxy.start({ ...tunnelSketch("HTTP/1", port), chain });
      const page = await browser.newPage({ ignoreHTTPSErrors: true });
      const place = `localhost:${proxy.port}`;
      await page.goto(`${isTls ? "https" : "http"}://${place}/`);
      const url = `${isTls ? "wss" : "ws"}://${place}/chat`;
      const seen = await page.evaluate(`(${SCRIPT})(${JSON.stringify(url)})`);
      assert.deepEqual(seen, {
        got: ["hello", 300_000],
        code: 4003,
        reason: "asked for",
        wasClean: true,
        protocol: "chat",
      });
      const [http1, http2] = await Promise.all([
        proxy.stat("http.test.downstream_cx_http1_total"),
        proxy.stat("http.test.downstream_cx_http2_total"),
      ]);
      // Over HTTP/2 the page and its socket have one connection.
      if (upgrades.startsWith("HTTP/2")) assert.deepEqual([http1, http2], [0, 1]);
      else assert.equal(http2, 0);
      assert.equal(await proxy.stat("http.test.downstream_cx_upgrades_total"), 1);
      await page.close();
    }).timeout(60_000);
  }
});
