import assert from "node:assert/strict";
import { LocalWorker } from "../../support/local-worker.ts";
import { toListenerBootstrap, type ListenerSketch } from "../../support/listener/sketch.ts";
import { get, ok, TestProxy } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate, openTls } from "../../support/tls/sketch.ts";

const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"] });
const SOCKET = downstreamTls({ tls_certificates: [inlineCertificate(SERVER)] });
const HEADER = "PROXY TCP4 192.0.2.1 198.51.100.7 8080 443\r\n";
const FILTERS = "type.googleapis.com/envoy.extensions.filters.listener";

describe("listener filters, handing on", () => {
  it("body: what comes right behind a header arrives whole, however large", async () => {
    const upstream = await RawUpstream.listen();
    const typed = { "@type": `${FILTERS}.proxy_protocol.v3.ProxyProtocol` };
    const listener = { listener_filters: [{ name: "proxy", typed_config: typed }] };
    const proxy = await TestProxy.start({ endpoints: [upstream.port], listener });
    try {
      const body = "0123456789abcdef".repeat(50_000);
      const client = await proxy.connect();
      const head = `POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n`;
      client.write(`${HEADER}${head}${body}`);
      const up = await upstream.accept();
      const request = await up.readMessage();
      assert.ok(request.body === body);
      up.write(ok("thanks"));
      assert.equal((await client.readMessage()).body, "thanks");
    } finally {
      await proxy.stop();
      upstream.close();
    }
  });

  it("update: connections keep the chain of the name that they asked for", async () => {
    const sketch = (answer: string): string => {
      const chains: ListenerSketch["chains"] = {
        [answer]: { match: { server_names: ["a.test"] }, transportSocket: SOCKET },
        other: { transportSocket: SOCKET },
      };
      return toListenerBootstrap([{ filters: [["tls"]], chains }]);
    };
    const worker = await LocalWorker.start(sketch("first"));
    const { socket, connection } = await openTls(worker.port, { servername: "a.test" });
    try {
      connection.write(get("/"));
      assert.equal((await connection.readMessage()).body, "first");
      await worker.replace(sketch("second"));
      connection.write(get("/"));
      assert.equal((await connection.readMessage()).body, "second");
    } finally {
      socket.destroy();
      worker.stop();
    }
  });

  it("memory: connections that break off while they are looked at leave nothing", async () => {
    const chains = { all: { transportSocket: SOCKET } };
    const worker = await LocalWorker.start(toListenerBootstrap([{ filters: [["tls"]], chains }]));
    try {
      const round = async (): Promise<void> => {
        const clients = await Promise.all(
          Array.from({ length: 20 }, () => RawConnection.open(worker.port)),
        );
        for (const [place, client] of clients.entries()) {
          client.write("\x16\x03\x01\x02\x00\x01");
          // Half of them are no ClientHello after all, which is TLS's to find out.
          if (place % 2 === 0) client.write("\xff\xff\xff");
          client.end();
        }
        for (const client of clients) await client.readToEnd();
      };
      await round();
      const before = worker.measureCollected().engineBytes;
      for (let count = 0; count < 5; count++) await round();
      assert.equal(worker.measureCollected().engineBytes, before);
      assert.equal(worker.connectionCount, 0);
    } finally {
      worker.stop();
    }
  });

  it("http2: with prior knowledge it is served, its preface kept", async () => {
    const chains = { two: { match: { application_protocols: ["h2c"] } }, other: {} };
    const worker = await LocalWorker.start(toListenerBootstrap([{ filters: [["http"]], chains }]));
    const { connect } = await import("node:http2");
    const session = connect(`http://127.0.0.1:${worker.port}`);
    try {
      const stream = session.request({ ":path": "/" });
      let body = "";
      for await (const piece of stream.setEncoding("utf8")) body += String(piece);
      assert.equal(body, "two");
    } finally {
      session.destroy();
      worker.stop();
    }
  });
});
