import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { upstreamTls } from "../../support/tls/sketch.ts";
import { Http2Client } from "./http2-client.ts";
import type { RawConnection } from "../../support/raw-connection.ts";
import { get, type Part, type ProxySketch, TestProxy } from "../../support/proxy-sketch.ts";

const UP = makeCertificate({ subject: [["CN", "up"]], dns: ["up.test"] });

type Serve = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

/** A server of HTTP/2, Node's own. */
class Http2Upstream {
  readonly sessions: http2.ServerHttp2Session[] = [];
  readonly #server: http2.Http2Server;
  serve: Serve = (stream, headers) => {
    stream.respond({ ":status": 200 });
    stream.end(JSON.stringify(headers));
  };

  constructor(settings: http2.ServerOptions = {}) {
    this.#server = http2.createServer(settings);
    this.#server.on("session", (session) => this.sessions.push(session));
    this.#server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
      stream.on("error", () => {});
      this.serve(stream, headers);
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  close(): void {
    for (const session of this.sessions) session.destroy();
    this.#server.close();
  }
}

function withOptions(options: Part): Part {
  const type = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  return {
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": { "@type": type, ...options },
    },
  };
}

function http2Cluster(options: Part = {}): Part {
  return withOptions({ explicit_http_config: { http2_protocol_options: options } });
}

/** A server in TLS that says by ALPN what it speaks; the answer is the version. */
async function serveAlpn(protocols: readonly string[]): Promise<{ port: number; close(): void }> {
  const own = { cert: UP.pem, key: UP.keyPem, ALPNProtocols: [...protocols] };
  // A server of HTTP/2 offers it whatever its options say.
  const server = protocols.includes("h2")
    ? http2.createSecureServer({ ...own, allowHTTP1: true })
    : https.createServer(own);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    response.end(request.httpVersion);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return { port, close: () => void server.close() };
}

describe("http/2 upstream", () => {
  let upstream: Http2Upstream;
  let port = 0;
  let proxy: TestProxy | undefined;
  const clients: { close(): void }[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await proxy?.untilIdle();
    await proxy?.stop();
    proxy = undefined;
    upstream.close();
  });

  async function start(
    sketch: Partial<ProxySketch> = {},
    settings: http2.ServerOptions = {},
    options: Part = {},
  ): Promise<TestProxy> {
    upstream = new Http2Upstream(settings);
    port = await upstream.listen();
    proxy = await TestProxy.start({
      endpoints: [port],
      cluster: http2Cluster(options),
      ...sketch,
    });
    return proxy;
  }

  async function connect(): Promise<Http2Client> {
    const client = await Http2Client.open(proxy?.port ?? 0);
    clients.push(client);
    return client;
  }

  async function connectRaw(running: TestProxy): Promise<RawConnection> {
    const client = await running.connect();
    clients.push(client);
    return client;
  }

  it("HTTP/1.1 downstream: formats know what the upstream speaks", async () => {
    const protocols = { key: "x-protocols", value: "%PROTOCOL% %UPSTREAM_PROTOCOL%" };
    const match = { prefix: "/" };
    const added = { response_headers_to_add: [{ header: protocols }] };
    const running = await start({ routes: [{ match, route: { cluster: "up" }, ...added }] });
    const client = await connectRaw(running);
    client.write(get("/"));
    const { head } = await client.readMessage();
    assert.match(head, /\r\nx-protocols: HTTP\/1\.1 HTTP\/2\r\n/);
  });

  it("HTTP/1.1 downstream: the head is that of HTTP/2", async () => {
    const running = await start();
    const client = await connectRaw(running);
    client.write(get("/p?q", "x-a: b\r\nconnection: keep-alive\r\n"));
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(head, /\r\ntransfer-encoding: chunked\r\n/);
    const seen = JSON.parse(body);
    assert.equal(seen[":method"], "GET");
    assert.equal(seen[":path"], "/p?q");
    assert.equal(seen[":authority"], "test");
    assert.equal(seen[":scheme"], "http");
    assert.equal(seen["x-a"], "b");
    assert.equal(seen.connection, undefined);
    assert.equal(seen.host, undefined);
    assert.equal(await running.stat("cluster.up.upstream_cx_http2_total"), 1);
  });

  it("many requests at a time: one connection carries them", async () => {
    const running = await start();
    upstream.serve = (stream, headers) => {
      stream.respond({ ":status": 200 });
      setTimeout(() => stream.end(String(headers[":path"])), 5);
    };
    const client = await connect();
    const paths = Array.from({ length: 100 }, (_, i) => `/${i}`);
    const answers = await Promise.all(paths.map((path) => client.ask({ ":path": path })));
    assert.deepEqual(
      answers.map(({ body }) => body),
      paths,
    );
    assert.equal(await running.stat("cluster.up.upstream_cx_total"), 1);
    assert.equal(await running.stat("cluster.up.upstream_rq_total"), 100);
  });

  it("max_concurrent_streams of the upstream: the others wait, or get a connection", async () => {
    const running = await start({}, { settings: { maxConcurrentStreams: 2 } });
    const client = await connect();
    await client.ask({});
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.ask({})));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.ok((await running.stat("cluster.up.upstream_cx_total")) > 1);
  });

  it("max_concurrent_streams of the cluster: no connection carries more", async () => {
    const running = await start({}, {}, { max_concurrent_streams: 1 });
    const client = await connect();
    upstream.serve = (stream) => {
      stream.respond({ ":status": 200 });
      setTimeout(() => stream.end("x"), 10);
    };
    await Promise.all(Array.from({ length: 4 }, () => client.ask({})));
    assert.equal(await running.stat("cluster.up.upstream_cx_total"), 4);
  });

  it("bodies and trailers: both ways", async () => {
    await start();
    upstream.serve = (stream) => {
      let body = "";
      stream.setEncoding("latin1");
      stream.on("data", (text: string) => {
        body += text;
      });
      stream.on("end", () => {
        stream.respond({ ":status": 200 }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "x-end": `${body.length}` }));
        stream.end(body);
      });
    };
    const client = await connect();
    const text = "0123456789".repeat(200_000);
    const answer = await client.ask({ ":method": "POST" }, text);
    assert.ok(answer.body === text);
    assert.equal(answer.trailers["x-end"], `${text.length}`);
  });

  it("a body of HTTP/1.1 in chunks: DATA, and the end", async () => {
    const running = await start();
    upstream.serve = async (stream) => {
      stream.setEncoding("latin1");
      let body = "";
      for await (const text of stream) body += text;
      stream.respond({ ":status": 200, "content-length": body.length });
      stream.end(body);
    };
    const client = await connectRaw(running);
    client.write("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    client.write("2\r\nde\r\n0\r\n\r\n");
    const { head, body } = await client.readMessage();
    assert.match(head, /\r\ncontent-length: 5\r\n/);
    assert.equal(body, "abcde");
  });

  it("HEAD and 304: no body", async () => {
    const running = await start();
    upstream.serve = (stream) => stream.respond({ ":status": 304, etag: "a" }, { endStream: true });
    const client = await connectRaw(running);
    client.write(get("/"));
    assert.match((await client.readMessage()).head, /^HTTP\/1\.1 304 /);
    upstream.serve = (stream) =>
      stream.respond({ ":status": 200, "content-length": 9 }, { endStream: true });
    client.write("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert.match(await client.readHead(), /\r\ncontent-length: 9\r\n/);
  });

  it("interim responses: they go on", async () => {
    await start();
    upstream.serve = (stream) => {
      stream.additionalHeaders({ ":status": 103, link: "a" });
      stream.respond({ ":status": 200 });
      stream.end("x");
    };
    const client = await connect();
    assert.deepEqual((await client.ask({})).interims, [103]);
  });

  it("a reset before the answer: 503, remote reset", async () => {
    await start();
    upstream.serve = (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    const client = await connect();
    const answer = await client.ask({});
    assert.equal(answer.status, 503);
    assert.match(answer.body, /reset reason: remote reset$/);
  });

  it("REFUSED_STREAM: the request is sent once more", async () => {
    const running = await start();
    let count = 0;
    upstream.serve = (stream) => {
      if (count++ === 0) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      else {
        stream.respond({ ":status": 200 });
        stream.end("at last");
      }
    };
    const client = await connect();
    assert.equal((await client.ask({})).body, "at last");
    assert.equal(await running.stat("cluster.up.upstream_rq_retry"), 1);
  });

  it("a client that gives up: the upstream's stream is cancelled", async () => {
    await start();
    const closed = new Promise<number>((resolve) => {
      upstream.serve = (stream) => stream.on("close", () => resolve(stream.rstCode));
    });
    const client = await connect();
    const stream = client.begin({}, true);
    stream.on("error", () => {});
    while (upstream.sessions.length === 0)
      await once(client.session, "localSettings").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20));
    stream.close(http2.constants.NGHTTP2_CANCEL);
    assert.equal(await closed, http2.constants.NGHTTP2_CANCEL);
  });

  it("GOAWAY: requests under way end, later ones get another connection", async () => {
    const running = await start();
    const client = await connect();
    await client.ask({});
    upstream.serve = (stream) => {
      upstream.sessions[0].goaway(0);
      stream.respond({ ":status": 200 });
      setTimeout(() => stream.end("under way"), 20);
    };
    assert.equal((await client.ask({})).body, "under way");
    upstream.serve = (stream) => {
      stream.respond({ ":status": 200 });
      stream.end("after");
    };
    assert.equal((await client.ask({})).body, "after");
    assert.equal(await running.stat("cluster.up.upstream_cx_total"), 2);
  });

  it("an upstream that speaks HTTP/1: 502", async () => {
    await start();
    const server = net.createServer((socket) => {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    await proxy?.stop();
    const place = address !== null && typeof address === "object" ? address.port : 0;
    proxy = await TestProxy.start({ endpoints: [place], cluster: http2Cluster() });
    const client = await connect();
    assert.equal((await client.ask({})).status, 502);
    server.close();
  });

  it("max_requests_per_connection: another connection follows", async () => {
    const running = await start({ cluster: { ...http2Cluster(), max_requests_per_connection: 2 } });
    const client = await connect();
    for (let i = 0; i < 4; i++) assert.equal((await client.ask({})).status, 200);
    assert.equal(await running.stat("cluster.up.upstream_cx_total"), 2);
  });

  for (const [name, protocols, options, version] of [
    ["auto_config: h2 by ALPN", ["h2", "http/1.1"], { auto_config: {} }, "2.0"],
    ["auto_config: http/1.1 by ALPN", ["http/1.1"], { auto_config: {} }, "1.1"],
    [
      "explicit HTTP/2: h2 is offered",
      ["h2"],
      { explicit_http_config: { http2_protocol_options: {} } },
      "2.0",
    ],
    [
      "explicit HTTP/1: h2 is not offered",
      ["h2", "http/1.1"],
      { explicit_http_config: { http_protocol_options: {} } },
      "1.1",
    ],
  ] as const) {
    it(`TLS: ${name}`, async () => {
      await start();
      const server = await serveAlpn(protocols);
      await proxy?.stop();
      const cluster = { ...withOptions(options), transport_socket: upstreamTls({}) };
      proxy = await TestProxy.start({ endpoints: [server.port], cluster });
      const client = await connect();
      const answers = await Promise.all([client.ask({}), client.ask({}), client.ask({})]);
      assert.deepEqual(
        answers.map(({ body }) => body),
        [version, version, version],
      );
      const isHttp2 = version === "2.0";
      const count = await proxy.stat(`cluster.up.upstream_cx_http${isHttp2 ? 2 : 1}_total`);
      assert.ok(count > 0);
      assert.equal(await proxy.stat(`cluster.up.upstream_cx_http${isHttp2 ? 1 : 2}_total`), 0);
      server.close();
    });
  }

  it("a client that does not read: the upstream is held by the window", async () => {
    await start();
    let sent = 0;
    upstream.serve = (stream) => {
      stream.respond({ ":status": 200 });
      const piece = Buffer.alloc(16_384);
      const write = (): void => {
        while (sent < 60_000_000 && stream.write(piece)) sent += piece.length;
      };
      stream.on("drain", write);
      write();
    };
    const running = proxy;
    const client = await running?.connect();
    client?.write(get("/"));
    client?.socket.pause();
    let last = -1;
    while (last !== sent) {
      last = sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.ok(sent < 50_000_000);
    client?.close();
  });
});
