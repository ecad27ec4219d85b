import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import type { Part, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { startTcp } from "./tcp-scene.ts";

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const HTTP2: Part = {
  typed_extension_protocol_options: {
    [OPTIONS]: {
      "@type": `type.googleapis.com/${OPTIONS}`,
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};

function tunnel(fields: Part = {}): Part {
  return { tunneling_config: { hostname: "far.test:443", ...fields } };
}

describe("TCP proxy, tunnels over HTTP/1", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });

  afterEach(async () => {
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  it("CONNECT: what the client sends waits for the answer, then both ways are open", async () => {
    const header = { header: { key: "x-a", value: "b" } };
    proxy = await startTcp({
      endpoints: [upstream.port],
      proxy: tunnel({ headers_to_add: [header] }),
    });
    const client = await proxy.connect();
    client.write("GET /smuggled HTTP/1.1\r\n\r\n");
    const up = await upstream.accept();
    assert.equal(
      await up.readHead(),
      "CONNECT far.test:443 HTTP/1.1\r\nhost: far.test:443\r\nx-a: b\r\n\r\n",
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(up.waiting, "");
    up.write("HTTP/1.1 200 Yes\r\n\r\nhello");
    assert.equal(await client.read(5), "hello");
    assert.equal(await up.readHead(), "GET /smuggled HTTP/1.1\r\n\r\n");
    up.end("bye");
    assert.equal((await client.readToEnd()).text, "bye");
    client.write("after");
    assert.equal(await up.read(5), "after");
    client.end();
    await up.readToEnd();
  });

  for (const status of [403, 503]) {
    it(`${status}: the next attempt`, async () => {
      const endpoints = [upstream.port];
      proxy = await startTcp({ endpoints, proxy: { ...tunnel(), max_connect_attempts: 2 } });
      const client = await proxy.connect();
      const first = await upstream.accept();
      await first.readHead();
      first.write(`HTTP/1.1 ${status} No\r\ncontent-length: 2\r\n\r\nno`);
      const second = await upstream.accept();
      await second.readHead();
      second.end("HTTP/1.1 200 Yes\r\n\r\nhello");
      assert.equal((await client.readToEnd()).text, "hello");
      client.end();
      await second.readToEnd();
      await first.readToEnd();
    });
  }

  it("a refusal: nothing of the answer reaches the client", async () => {
    proxy = await startTcp({ endpoints: [upstream.port], proxy: tunnel() });
    const client = await proxy.connect();
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 407 No\r\ncontent-length: 2\r\n\r\nno");
    assert.deepEqual(await client.readToEnd(), { text: "", isBroken: false });
    assert.equal((await up.readToEnd()).text, "");
  });

  it("use_post: chunks both ways, an end on both sides", async () => {
    const post = { use_post: true, post_path: "/in" };
    proxy = await startTcp({ endpoints: [upstream.port], proxy: tunnel(post) });
    const client = await proxy.connect();
    const up = await upstream.accept();
    assert.match(await up.readHead(), /^POST \/in HTTP\/1\.1\r\n(.|\s)*transfer-encoding: chunked/);
    up.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    assert.equal((await client.readToEnd()).text, "hello");
    client.end("hi");
    assert.equal(await up.readUntil("0\r\n\r\n"), "2\r\nhi\r\n0\r\n\r\n");
    await up.readToEnd();
  });
});

describe("TCP proxy, tunnels over HTTP/2", () => {
  let proxy: TestProxy;
  let server: http2.Http2Server;
  let port: number;
  const sessions = new Set<http2.ServerHttp2Session>();

  beforeEach(async () => {
    server = http2.createServer();
    server.on("session", (session) => sessions.add(session));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    port = address !== null && typeof address === "object" ? address.port : 0;
  });

  afterEach(async () => {
    await proxy.untilIdle();
    await proxy.stop();
    for (const session of sessions) session.destroy();
    sessions.clear();
    server.close();
  });

  /** The next stream, which is answered with a status. */
  async function take(
    status: number,
  ): Promise<[http2.ServerHttp2Stream, http2.IncomingHttpHeaders]> {
    const [stream, headers]: [http2.ServerHttp2Stream, http2.IncomingHttpHeaders] =
      await new Promise((resolve) => {
        server.once("stream", (each: http2.ServerHttp2Stream, its) => resolve([each, its]));
      });
    stream.on("error", () => {});
    stream.respond({ ":status": status });
    return [stream, headers];
  }

  function start(fields: Part = {}): Promise<TestProxy> {
    return startTcp({ endpoints: [port], cluster: HTTP2, proxy: { ...tunnel(), ...fields } });
  }

  it("CONNECT: a stream for each connection, on one connection", async () => {
    proxy = await start();
    const texts: string[] = [];
    for (const name of ["one", "two"]) {
      const taken = take(200);
      const client = await proxy.connect();
      const [stream, headers] = await taken;
      assert.equal(headers[":method"], "CONNECT");
      assert.equal(headers[":authority"], "far.test:443");
      assert.equal(headers[":path"], undefined);
      stream.write(name);
      assert.equal(await client.read(3), name);
      client.end(`${name} too`);
      for await (const chunk of stream) texts.push(String(chunk));
      stream.end();
      await client.readToEnd();
    }
    assert.deepEqual(texts, ["one too", "two too"]);
    assert.equal(sessions.size, 1);
  });

  it("large transfers: flow control on both sides", async () => {
    proxy = await start();
    const taken = take(200);
    const client = await proxy.connect();
    const [stream] = await taken;
    const text = "0123456789abcdef".repeat(200_000);
    client.end(text);
    stream.end(text);
    let received = 0;
    const whole = (async () => {
      for await (const chunk of stream) received += chunk.length;
    })();
    assert.equal((await client.readToEnd()).text.length, text.length);
    await whole;
    assert.equal(received, text.length);
  });

  it("use_post: a body that goes on", async () => {
    proxy = await start(tunnel({ use_post: true }));
    const taken = take(200);
    const client = await proxy.connect();
    const [stream, headers] = await taken;
    assert.equal(headers[":method"], "POST");
    assert.equal(headers[":path"], "/");
    client.end("hi");
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    assert.equal(text, "hi");
    stream.end("hello");
    assert.equal((await client.readToEnd()).text, "hello");
  });

  it("a refusal: the next attempt", async () => {
    proxy = await start({ max_connect_attempts: 2 });
    const refused = take(503);
    const client = await proxy.connect();
    const [first] = await refused;
    const agreed = take(200);
    first.end("no");
    const [stream] = await agreed;
    stream.resume();
    const closed = once(stream, "close");
    stream.end("hello");
    assert.equal((await client.readToEnd()).text, "hello");
    client.end();
    await closed;
  });

  it("an upstream that resets the stream: the client is closed", async () => {
    proxy = await start();
    const taken = take(200);
    const client = await proxy.connect();
    const [stream] = await taken;
    stream.write("hello");
    assert.equal(await client.read(5), "hello");
    stream.destroy(new Error("given up"));
    await client.readToEnd();
  });

  it("a client that resets: so is the stream", async () => {
    proxy = await start();
    const taken = take(200);
    const client = await proxy.connect();
    const [stream] = await taken;
    stream.write("hello");
    await client.read(5);
    client.reset();
    await once(stream, "close");
    assert.ok(stream.rstCode !== http2.constants.NGHTTP2_NO_ERROR || stream.destroyed);
  });
});
