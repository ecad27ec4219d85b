import assert from "node:assert/strict";
import { get, ok, TestProxy } from "../support/proxy-sketch.ts";
import { RawUpstream } from "../support/raw-upstream.ts";

const BUFFERED = "http.test.downstream_cx_rx_bytes_buffered";
const HELLO_CHUNKED = "5\r\nhello\r\n0\r\n\r\n";

describe("HTTP/1 messages", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;

  before(async () => {
    upstream = await RawUpstream.listen();
    proxy = await TestProxy.start({
      endpoints: [upstream.port],
      manager: { http_protocol_options: { enable_trailers: true } },
      cluster: {
        typed_extension_protocol_options: {
          "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            common_http_protocol_options: { max_requests_per_connection: 1 },
            explicit_http_config: { http_protocol_options: { enable_trailers: true } },
          },
        },
      },
    });
  });

  after(async () => {
    await proxy.stop();
    upstream.close();
  });

  afterEach(async () => {
    await proxy.untilIdle();
    assert.equal(upstream.acceptableCount, 0);
  });

  it("keep-alive: one connection carries one request after another", async () => {
    const client = await proxy.connect();
    for (const path of ["/a", "/b", "/c"]) {
      client.write(get(path));
      const up = await upstream.accept();
      assert.match(await up.readHead(), new RegExp(`^GET ${path} HTTP/1.1\r\n`));
      up.write(ok(path));
      assert.equal((await client.readMessage()).body, path);
    }
    client.close();
  });

  it("pipelining: answers come in order though the first is slow", async () => {
    const client = await proxy.connect();
    client.write(get("/1") + get("/2") + get("/3"));
    for (const path of ["/1", "/2", "/3"]) {
      const up = await upstream.accept();
      assert.match(await up.readHead(), new RegExp(`^GET ${path} `));
      assert.equal(upstream.acceptableCount, 0);
      up.write(ok(path));
      assert.equal((await client.readMessage()).body, path);
    }
    client.close();
  });

  it("pipelining: requests that come while another is served are served later", async () => {
    const client = await proxy.connect();
    client.write(get("/1"));
    const first = await upstream.accept();
    await first.readHead();
    client.write(get("/2"));
    await proxy.untilStat(BUFFERED, get("/2").length);
    client.write(get("/3"));
    first.write(ok("one"));
    assert.equal((await client.readMessage()).body, "one");
    (await upstream.accept()).write(ok("two"));
    assert.equal((await client.readMessage()).body, "two");
    (await upstream.accept()).write(ok("three"));
    assert.equal((await client.readMessage()).body, "three");
    client.write(get("/4"));
    (await upstream.accept()).write(ok("four"));
    assert.equal((await client.readMessage()).body, "four");
    client.close();
  });

  it("pipelining: a body is followed by the next request in the same read", async () => {
    const client = await proxy.connect();
    client.write(`POST /1 HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\nhello${get("/2")}`);
    const first = await upstream.accept();
    assert.equal((await first.readMessage()).body, "hello");
    first.write(ok("one"));
    const second = await upstream.accept();
    assert.match(await second.readHead(), /^GET \/2 /);
    second.write(ok("two"));
    assert.equal((await client.readMessage()).body, "one");
    assert.equal((await client.readMessage()).body, "two");
    client.close();
  });

  it("pipelining: bytes that wait are kept apart from those of other connections", async () => {
    const client = await proxy.connect();
    const other = await proxy.connect();
    const pad = `x-pad: ${"p".repeat(3000)}\r\n`;
    client.write(get("/1") + get("/2", pad) + get("/3", pad));
    const first = await upstream.accept();
    other.write(get("/other", `x-other: ${"o".repeat(5000)}\r\n`));
    const others = await upstream.accept();
    assert.match(await others.readHead(), /^GET \/other /);
    others.write(ok("other"));
    assert.equal((await other.readMessage()).body, "other");
    first.write(ok("one"));
    assert.equal((await client.readMessage()).body, "one");
    for (const path of ["/2", "/3"]) {
      const up = await upstream.accept();
      const head = await up.readHead();
      assert.match(head, new RegExp(`^GET ${path} `));
      assert.ok(head.includes(pad));
      up.write(ok(path));
      assert.equal((await client.readMessage()).body, path);
    }
    client.close();
    other.close();
  });

  it("request body: chunks and trailers arrive as they were sent", async () => {
    const client = await proxy.connect();
    const head = "POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n";
    client.write(`${head}trailer: x-sum\r\n\r\n3\r\nabc\r\n`);
    const up = await upstream.accept();
    assert.match(await up.readHead(), /\r\ntransfer-encoding: chunked\r\n/);
    assert.equal(await up.readUntil("abc\r\n"), "3\r\nabc\r\n");
    client.write("2;name=value\r\nde\r\n0\r\nx-sum: 5\r\n\r\n");
    assert.equal(await up.readUntil("\r\n\r\n"), "2\r\nde\r\n0\r\nx-sum: 5\r\n\r\n");
    up.write(ok("done"));
    assert.equal((await client.readMessage()).body, "done");
    client.close();
  });

  it("response body: chunks and trailers arrive as they were sent", async () => {
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nwiki\r\n");
    assert.match(await client.readHead(), /\r\ntransfer-encoding: chunked\r\n/);
    assert.equal(await client.readUntil("wiki\r\n"), "4\r\nwiki\r\n");
    up.write("0\r\nx-sum: 4\r\n\r\n");
    assert.equal(await client.readUntil("\r\n\r\n"), "0\r\nx-sum: 4\r\n\r\n");
    client.close();
  });

  it("response body: one that ends with the connection becomes chunked", async () => {
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.end("HTTP/1.1 200 OK\r\n\r\nhello");
    const { head, body } = await client.readMessage();
    assert.match(head, /\r\ntransfer-encoding: chunked\r\n/);
    assert.equal(body, "hello");
    client.write(get("/again"));
    (await upstream.accept()).write(ok("still here"));
    assert.equal((await client.readMessage()).body, "still here");
    client.close();
  });

  it("HEAD, 204 and 304: no body follows, and the connection goes on", async () => {
    const client = await proxy.connect();
    const length = "content-length: 5\r\n";
    const cases = [
      ["HEAD", `HTTP/1.1 200 OK\r\n${length}\r\n`],
      ["GET", "HTTP/1.1 204 No Content\r\n\r\n"],
      ["GET", `HTTP/1.1 304 Not Modified\r\n${length}\r\n`],
    ];
    for (const [method, answer] of cases) {
      client.write(`${method} / HTTP/1.1\r\nhost: test\r\n\r\n`);
      (await upstream.accept()).write(answer);
      const head = await client.readHead();
      assert.equal(head.split("\r\n")[0], answer.split("\r\n")[0]);
      assert.equal(head.includes(length), answer.includes(length));
      assert.equal(client.waiting, "");
    }
    client.write(get("/"));
    (await upstream.accept()).write(ok("body"));
    assert.equal((await client.readMessage()).body, "body");
    client.close();
  });

  it("1xx: what comes before the response goes on, but for 100", async () => {
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
    assert.match(await client.readHead(), /^HTTP\/1.1 103 Early Hints\r\n(.*\r\n)*link: <\/a>\r\n/);
    up.write(ok("late"));
    assert.equal((await client.readMessage()).body, "late");
    client.close();
  });

  it("expect: the proxy asks for the body itself, and forwards no expectation", async () => {
    const client = await proxy.connect();
    const head =
      "POST / HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n";
    client.write(head);
    assert.equal(await client.readHead(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.write("body");
    const up = await upstream.accept();
    const { head: sent, body } = await up.readMessage();
    assert.doesNotMatch(sent, /\r\nexpect:/i);
    assert.equal(body, "body");
    up.write(ok("thanks"));
    assert.equal((await client.readMessage()).body, "thanks");
    client.close();
  });

  it("expect: a client that sends its body at once gets no 100", async () => {
    const client = await proxy.connect();
    const head =
      "POST / HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n";
    client.write(`${head}body`);
    const up = await upstream.accept();
    assert.equal((await up.readMessage()).body, "body");
    up.write(ok("thanks"));
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 200 OK\r\n/);
    client.close();
  });

  it("HTTP/1.0 upstream: its answer is passed on as 1.1 and its connection is closed", async () => {
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok");
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 200 OK\r\n/);
    await up.readToEnd();
    client.close();
  });

  it("connection: close is honoured after the answer", async () => {
    const client = await proxy.connect();
    client.write(get("/", "connection: close\r\n"));
    (await upstream.accept()).write(ok("last"));
    assert.match((await client.readMessage()).head, /\r\nconnection: close\r\n/);
    assert.deepEqual(await client.readToEnd(), { text: "", isBroken: false });
    client.close();
  });

  it("half-close: requests that are whole are answered, then the connection closes", async () => {
    const client = await proxy.connect();
    client.end(get("/1") + get("/2"));
    for (const path of ["/1", "/2"]) {
      const up = await upstream.accept();
      assert.match(await up.readHead(), new RegExp(`^GET ${path} `));
      up.write(ok(path));
    }
    assert.equal((await client.readMessage()).body, "/1");
    assert.equal((await client.readMessage()).body, "/2");
    assert.deepEqual(await client.readToEnd(), { text: "", isBroken: false });
  });

  it("half-close: a request that can never be whole is dropped with its upstream", async () => {
    const client = await proxy.connect();
    client.write("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhalf");
    const up = await upstream.accept();
    await up.readUntil("half");
    client.end();
    await up.readToEnd();
    assert.equal((await client.readToEnd()).text, "");
  });

  it("early response: it reaches the client, which is then cut off from sending", async () => {
    const client = await proxy.connect();
    client.write(
      "POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
    );
    const up = await upstream.accept();
    await up.readUntil("hello\r\n");
    up.write("HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig");
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 413 /);
    assert.match(head, /\r\nconnection: close\r\n/);
    assert.equal(body, "big");
    client.write("5\r\nworld\r\n");
    assert.equal((await client.readToEnd()).text, "");
    await up.readToEnd();
    client.close();
  });

  it("early response: the body goes on while the response streams", async () => {
    const client = await proxy.connect();
    client.write("POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n");
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    await client.readHead();
    for (const word of ["one", "two"]) {
      client.write(`3\r\n${word}\r\n`);
      assert.equal(await up.readUntil(`${word}\r\n`), `3\r\n${word}\r\n`);
      up.write(`3\r\n${word}\r\n`);
      assert.equal(await client.readUntil(`${word}\r\n`), `3\r\n${word}\r\n`);
    }
    client.write(HELLO_CHUNKED);
    assert.equal(await up.readUntil("0\r\n\r\n"), HELLO_CHUNKED);
    up.write("0\r\n\r\n");
    assert.equal(await client.readUntil("0\r\n\r\n"), "0\r\n\r\n");
    client.close();
  });

  it("early response: it is read though the upstream has closed and takes no more", async () => {
    const client = await proxy.connect();
    client.write("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 100000000\r\n\r\n");
    const up = await upstream.accept();
    await up.readHead();
    up.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno");
    up.socket.pause();
    client.write("x".repeat(4_000_000));
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 400 /);
    client.close();
    up.close();
  });
});
