import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { setTimeout as wait } from "node:timers/promises";
import { Http2Client, readAnswer } from "./http2-client.ts";
import { ok, type Part, type ProxySketch, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";

describe("http/2 downstream", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy | undefined;
  const clients: Http2Client[] = [];

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await proxy?.untilIdle();
    await proxy?.stop();
    proxy = undefined;
    upstream.close();
  });

  async function start(sketch: Partial<ProxySketch> = {}): Promise<TestProxy> {
    proxy = await TestProxy.start({ endpoints: [upstream.port], ...sketch });
    return proxy;
  }

  async function connect(options?: http2.SecureClientSessionOptions): Promise<Http2Client> {
    const client = await Http2Client.open(proxy?.port ?? 0, options);
    clients.push(client);
    return client;
  }

  const manager = (fields: Part): Partial<ProxySketch> => ({ manager: fields });

  it("GET: the upstream gets HTTP/1.1, the client the answer", async () => {
    const running = await start();
    upstream.serve((head, connection) => connection.write(ok(head, "x-a: b\r\n")));
    const client = await connect();
    const answer = await client.ask({ ":path": "/p?q", "x-c": "d", cookie: "a=b; c=d" });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["x-a"], "b");
    assert.equal(answer.headers.server, "envoy");
    assert.equal(answer.headers.connection, undefined);
    assert.match(answer.body, /^GET \/p\?q HTTP\/1\.1\r\nhost: a\.test\r\n/);
    assert.match(answer.body, /\r\nx-c: d\r\n/);
    assert.match(answer.body, /\r\ncookie: a=b; c=d\r\n/);
    assert.match(answer.body, /\r\nx-forwarded-proto: http\r\n/);
    assert.equal(await running.stat("http.test.downstream_cx_http2_total"), 1);
    assert.equal(await running.stat("http.test.downstream_rq_http2_total"), 1);
    assert.equal(await running.stat("http.test.downstream_cx_http1_total"), 0);
    assert.equal(await running.stat("http.test.downstream_rq_2xx"), 1);
  });

  it("many requests at a time: each gets its own answer", async () => {
    await start();
    upstream.serve((head, connection) => connection.write(ok(head.split(" ")[1])));
    const client = await connect();
    const paths = Array.from({ length: 200 }, (_, i) => `/${i}`);
    const answers = await Promise.all(paths.map((path) => client.ask({ ":path": path })));
    assert.deepEqual(
      answers.map(({ body }) => body),
      paths,
    );
  });

  it("a body without a length: chunks upstream, and back", async () => {
    await start();
    const client = await connect();
    const stream = client.begin({ ":method": "POST" });
    const answering = readAnswer(stream);
    stream.write("hello ");
    const up = await upstream.accept();
    const head = await up.readHead();
    assert.match(head, /\r\ntransfer-encoding: chunked\r\n/);
    stream.end("world");
    assert.equal(await up.readUntil("0\r\n\r\n"), "6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n");
    up.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    up.write("2\r\nde\r\n0\r\n\r\n");
    assert.equal((await answering).body, "abcde");
    up.close();
  });

  it("a body of a known length: the same upstream", async () => {
    await start();
    upstream.serve((head, connection) => connection.write(ok(head)));
    const client = await connect();
    const answer = await client.ask({ ":method": "PUT", "content-length": "5" }, "hello");
    assert.match(answer.body, /\r\ncontent-length: 5\r\n/);
    assert.doesNotMatch(answer.body, /transfer-encoding/);
  });

  it("trailers: both ways, where the cluster takes them", async () => {
    await start({ upstreamHttp1: { enable_trailers: true } });
    const client = await connect();
    const stream = client.session.request(
      { ":method": "POST", ":authority": "a.test", ":path": "/", te: "trailers" },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "1" }));
    const answering = readAnswer(stream);
    stream.end("hi");
    const up = await upstream.accept();
    assert.match(await up.readHead(), /\r\nte: trailers\r\n/);
    assert.equal(await up.readUntil("x-sum: 1\r\n\r\n"), "2\r\nhi\r\n0\r\nx-sum: 1\r\n\r\n");
    up.write(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-end: 2\r\n\r\n",
    );
    const answer = await answering;
    assert.equal(answer.body, "a");
    assert.equal(answer.trailers["x-end"], "2");
    up.close();
  });

  it("HEAD, 204 and 304: no body, and the stream ends", async () => {
    await start();
    const replies = ["200 OK\r\ncontent-length: 5", "204 No", "304 Not\r\ncontent-length: 7"];
    upstream.serve((_, connection) => connection.write(`HTTP/1.1 ${replies.shift()}\r\n\r\n`));
    const client = await connect();
    const head = await client.ask({ ":method": "HEAD" });
    assert.equal(head.headers["content-length"], "5");
    assert.equal((await client.ask({})).status, 204);
    assert.equal((await client.ask({})).status, 304);
  });

  it("interim responses: they go on; 100-continue is met here", async () => {
    await start();
    const client = await connect();
    const stream = client.begin({ ":method": "POST", expect: "100-continue" });
    const answering = readAnswer(stream);
    await once(stream, "continue");
    stream.end("x");
    const up = await upstream.accept();
    assert.doesNotMatch(await up.readHead(), /\r\nexpect:/);
    up.write(`HTTP/1.1 103 Early\r\nlink: a\r\n\r\n${ok("")}`);
    const answer = await answering;
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.interims, [100, 103]);
    up.close();
  });

  it("local replies: no route, no endpoint, direct response", async () => {
    await start({
      endpoints: [],
      routes: [
        {
          match: { path: "/no" },
          direct_response: { status: 418, body: { inline_string: "tea" } },
        },
      ],
    });
    const client = await connect();
    const direct = await client.ask({ ":path": "/no" });
    assert.equal(direct.status, 418);
    assert.equal(direct.body, "tea");
    assert.equal(direct.headers["content-length"], "3");
    const none = await client.ask({ ":method": "POST" }, "a body that nobody reads");
    assert.equal(none.status, 503);
    assert.equal(none.body, "no healthy upstream");
  });

  it("gRPC without an upstream: the status is in the head", async () => {
    await start({ endpoints: [] });
    const client = await connect();
    const headers = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };
    const answer = await client.ask(headers, "x");
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["grpc-status"], "14");
    assert.equal(answer.headers["grpc-message"], "no healthy upstream");
  });

  it("large bodies: both ways through small windows", async () => {
    const size = 5_000_000;
    await start(manager({ http2_protocol_options: { initial_stream_window_size: 65535 } }));
    const client = await connect();
    const text = "0123456789".repeat(size / 10);
    const asking = client.ask({ ":method": "POST", "content-length": `${size}` }, text);
    const up = await upstream.accept();
    up.write(ok((await up.readMessage()).body));
    const answer = await asking;
    assert.equal(answer.body.length, size);
    assert.ok(answer.body === text);
    up.close();
  });

  it("a client that does not read: the upstream is stopped", async () => {
    const running = await start();
    const client = await connect();
    const stream = client.begin({}, true);
    stream.on("error", () => {});
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
    const piece = "x".repeat(1_000_000);
    for (let i = 0; i < 100; i++) up.write(piece);
    await running.untilStat("cluster.up.upstream_flow_control_paused_reading_total", 1);
    const waiting = up.socket.writableLength;
    await wait(50);
    assert.equal(up.socket.writableLength, waiting);
    assert.ok(waiting > 80_000_000);
    stream.close(http2.constants.NGHTTP2_CANCEL);
    up.close();
  });

  it("an upstream that does not read: the client is stopped", async () => {
    await start();
    const client = await connect();
    const stream = client.begin({ ":method": "POST" });
    stream.on("error", () => {});
    const up = await upstream.accept();
    await up.readHead();
    up.socket.pause();
    let sentCount = 0;
    for (let i = 0; i < 3000; i++) stream.write(Buffer.alloc(16_384), () => sentCount++);
    let lastCount = -1;
    while (lastCount !== sentCount) {
      lastCount = sentCount;
      await wait(200);
    }
    // What the windows allow, and what sockets and the buffers of the proxy take.
    assert.ok(sentCount > 0 && sentCount < 1000, `${sentCount} of 3000`);
    stream.close(http2.constants.NGHTTP2_CANCEL);
    up.close();
  });

  it("a reset of the client: the upstream connection is closed, the others go on", async () => {
    const running = await start();
    const client = await connect();
    const stream = client.begin({ ":method": "POST" });
    stream.on("error", () => {});
    const up = await upstream.accept();
    await up.readHead();
    stream.close(http2.constants.NGHTTP2_CANCEL);
    await up.readToEnd();
    upstream.serve((_, connection) => connection.write(ok("still here")));
    assert.equal((await client.ask({})).body, "still here");
    assert.equal(await running.stat("http.test.downstream_rq_rx_reset"), 1);
  });

  it("an upstream that breaks off: the stream is reset, the connection goes on", async () => {
    await start();
    const client = await connect();
    const asking = client.ask({});
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    up.close();
    await assert.rejects(asking, /NGHTTP2_INTERNAL_ERROR/);
    upstream.serve((_, connection) => connection.write(ok("again")));
    assert.equal((await client.ask({})).body, "again");
  });

  it("an answer before the request is whole: it arrives, then the stream is reset", async () => {
    await start();
    const client = await connect();
    const stream = client.begin({ ":method": "POST" });
    const answering = readAnswer(stream);
    stream.write("begun");
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("no more, please"));
    assert.equal((await answering).body, "no more, please");
    await once(stream, "close");
    assert.equal(stream.rstCode, http2.constants.NGHTTP2_NO_ERROR);
    up.close();
  });

  it("a path that looks like a URL: 404, whatever its scheme", async () => {
    await start();
    const client = await connect();
    for (const scheme of ["http", "x"]) {
      const headers = { ":scheme": scheme, ":path": "http://evil.test/" };
      const outcome = await client.ask(headers).then(
        ({ status }) => status,
        () => "reset",
      );
      assert.ok(outcome === 404 || outcome === "reset", `${scheme}: ${outcome}`);
    }
  });

  it("Host: the authority counts, where both are there", async () => {
    await start();
    upstream.serve((head, connection) => connection.write(ok(head)));
    const client = await connect();
    const outcome = await client.ask({ host: "b.test" }).then(
      ({ body }) => body,
      () => "reset",
    );
    assert.doesNotMatch(outcome, /b\.test/);
  });

  it("a head over the limit: 431", async () => {
    await start(manager({ max_request_headers_kb: 1 }));
    const client = await connect();
    const answer = await client.ask({ "x-long": "y".repeat(3000) });
    assert.equal(answer.status, 431);
  });

  it("drain: GOAWAY, the request under way is served, the connection ends", async () => {
    const running = await start(manager({ drain_timeout: "0.05s" }));
    const client = await connect();
    const asking = client.ask({});
    const up = await upstream.accept();
    await up.readHead();
    const ended = once(client.session, "close");
    const goaway = once(client.session, "goaway");
    const draining = running.proxy.drain();
    await goaway;
    up.write(ok("last"));
    assert.equal((await asking).body, "last");
    await Promise.all([ended, draining]);
  });

  it("failed health checks: GOAWAY follows the next answer", async () => {
    const address = { socket_address: { address: "127.0.0.1", port_value: 0 } };
    const running = await start({
      ...manager({ drain_timeout: "0.05s" }),
      bootstrap: { admin: { address } },
    });
    upstream.serve((_, connection) => connection.write(ok("a")));
    const client = await connect();
    await client.ask({});
    const { port = 0 } = running.proxy.adminAddress ?? {};
    await fetch(`http://127.0.0.1:${port}/healthcheck/fail`, { method: "POST" });
    const goaway = once(client.session, "goaway");
    await client.ask({});
    await goaway;
  });

  it("idle_timeout: an idle connection gets GOAWAY", async () => {
    await start(manager({ common_http_protocol_options: { idle_timeout: "0.05s" } }));
    const client = await connect();
    await once(client.session, "close");
  });

  it("max_requests_per_connection: GOAWAY follows the last", async () => {
    const options = { max_requests_per_connection: 2 };
    await start(manager({ common_http_protocol_options: options, drain_timeout: "0.05s" }));
    upstream.serve((_, connection) => connection.write(ok("a")));
    const client = await connect();
    await client.ask({});
    const goaway = once(client.session, "goaway");
    await client.ask({});
    await goaway;
  });
});
