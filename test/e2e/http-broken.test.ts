import assert from "node:assert/strict";
import { get, ok, TestProxy } from "../support/proxy-sketch.ts";
import type { RawConnection } from "../support/raw-connection.ts";
import { RawUpstream } from "../support/raw-upstream.ts";

const POST = "POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\nbody";

describe("HTTP/1 in trouble", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;

  before(async () => {
    upstream = await RawUpstream.listen();
    proxy = await TestProxy.start({ endpoints: [upstream.port] });
  });

  after(async () => {
    await proxy.stop();
    upstream.close();
  });

  afterEach(async () => {
    await proxy.untilIdle();
    await proxy.untilStat("cluster.up.upstream_cx_active", 0);
    assert.equal(upstream.acceptableCount, 0);
  });

  /** A client and the kept upstream connection over which it had an answer. */
  async function reused(): Promise<{ client: RawConnection; up: RawConnection }> {
    const client = await proxy.connect();
    client.write(get("/first"));
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("first"));
    await client.readMessage();
    return { client, up };
  }

  /** Sends a request, lets the upstream get it, then do something, and returns the answer. */
  async function answerTo(request: string, act: (up: RawConnection) => void) {
    const client = await proxy.connect();
    client.write(request);
    const up = await upstream.accept();
    await up.readHead();
    act(up);
    const message = await client.readMessage();
    client.close();
    up.close();
    return message;
  }

  it("delayed_close_timeout: a client that was refused and does not close is counted", async () => {
    const manager = { delayed_close_timeout: "0.05s" };
    const running = await TestProxy.start({ endpoints: [upstream.port], manager });
    const client = await running.connect();
    client.write(get("/#fragment"));
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 400 /);
    await running.untilStat("http.test.downstream_cx_delayed_close_timeout", 1);
    client.close();
    await running.stop();
  });

  it("client gone: its upstream connection is closed and counted", async () => {
    const reset = await proxy.stat("http.test.downstream_rq_rx_reset");
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    client.reset();
    await up.readToEnd();
    await proxy.untilStat("http.test.downstream_rq_rx_reset", reset + 1);
    assert.ok((await proxy.stat("cluster.up.upstream_cx_destroy_local_with_active_rq")) >= 1);
  });

  it("client gone: in the middle of a response", async () => {
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nsome");
    await client.readUntil("some");
    client.reset();
    await up.readToEnd();
  });

  it("upstream closes a new connection before a byte: 503 UC, nothing is sent again", async () => {
    const { head, body } = await answerTo(get("/"), (up) => up.close());
    assert.match(head, /^HTTP\/1.1 503 /);
    assert.equal(
      body,
      "upstream connect error or disconnect/reset before headers. reset reason: " +
        "connection termination",
    );
  });

  it("upstream resets a new connection before a byte: 503", async () => {
    const { head } = await answerTo(get("/"), (up) => up.reset());
    assert.match(head, /^HTTP\/1.1 503 /);
  });

  for (const [how, act] of [
    ["ends", (up: RawConnection) => up.end("HTTP/1.1 200 OK\r\nx: ")],
    [
      "is reset",
      (up: RawConnection) => {
        up.socket.write("HTTP/1.1 200 OK\r\nx: ", () => up.reset());
      },
    ],
  ] as const) {
    it(`upstream ${how} in the middle of a head: 502`, async () => {
      const errors = await proxy.stat("cluster.up.upstream_cx_protocol_error");
      const { head, body } = await answerTo(get("/"), act);
      assert.match(head, /^HTTP\/1.1 502 /);
      assert.match(body, /reset reason: protocol error$/);
      assert.equal(await proxy.stat("cluster.up.upstream_cx_protocol_error"), errors + 1);
    });
  }

  it("upstream sends a bad chunk with its head: 502, and the connection goes on", async () => {
    const { client, up } = await reused();
    client.write(get("/second"));
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n");
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 502 /);
    assert.match(body, /reset reason: protocol error$/);
    await up.readToEnd();
    client.write(get("/third"));
    const fresh = await upstream.accept();
    await fresh.readHead();
    fresh.write(ok("third"));
    assert.equal((await client.readMessage()).body, "third");
    client.close();
    fresh.close();
  });

  it("upstream sends a bad chunk behind its head: the response never comes to an end", async () => {
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n");
    await client.readUntil("hi\r\n");
    up.write("zz\r\n0\r\n\r\n");
    assert.equal((await client.readToEnd()).text, "");
    await up.readToEnd();
  });

  it("upstream is reset in a body that goes on to the end: the client is cut off", async () => {
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\n\r\nsome");
    await client.readUntil("some\r\n");
    up.reset();
    assert.equal((await client.readToEnd()).text, "");
  });

  it("upstream answers with garbage: 502, and the connection is not used again", async () => {
    const errors = await proxy.stat("cluster.up.upstream_cx_protocol_error");
    const { head, body } = await answerTo(get("/"), (up) => up.write("SSH-2.0-OpenSSH\r\n\r\n"));
    assert.match(head, /^HTTP\/1.1 502 /);
    assert.match(body, /reset reason: protocol error$/);
    assert.equal(await proxy.stat("cluster.up.upstream_cx_protocol_error"), errors + 1);
  });

  it("reused connection closes before a byte: GET is sent again on another", async () => {
    const retries = await proxy.stat("cluster.up.upstream_rq_retry");
    const { client, up } = await reused();
    client.write(get("/second"));
    assert.match(await up.readHead(), /^GET \/second /);
    up.close();
    const fresh = await upstream.accept();
    assert.match(await fresh.readHead(), /^GET \/second /);
    fresh.write(ok("second"));
    assert.equal((await client.readMessage()).body, "second");
    assert.equal(await proxy.stat("cluster.up.upstream_rq_retry"), retries + 1);
    client.close();
    fresh.close();
  });

  it("reused connection is reset before a byte: GET is sent again on another", async () => {
    const { client, up } = await reused();
    client.write(get("/second"));
    await up.readHead();
    up.reset();
    const fresh = await upstream.accept();
    await fresh.readHead();
    fresh.write(ok("second"));
    assert.equal((await client.readMessage()).body, "second");
    client.close();
    fresh.close();
  });

  for (const [name, request] of [
    ["POST without a body", "POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n\r\n"],
    ["PATCH", "PATCH / HTTP/1.1\r\nhost: test\r\n\r\n"],
    ["POST with a body", POST],
    ["PUT with a body", POST.replace("POST", "PUT")],
  ]) {
    it(`reused connection closes before a byte: ${name} is not sent again`, async () => {
      const { client, up } = await reused();
      client.write(request);
      await up.readHead();
      up.close();
      assert.match((await client.readMessage()).head, /^HTTP\/1.1 503 /);
      client.close();
    });
  }

  it("reused connection closes after a byte: GET is not sent again", async () => {
    const { client, up } = await reused();
    client.write(get("/second"));
    await up.readHead();
    up.end("H");
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 502 /);
    client.close();
  });

  it("kept connection: one that closes while idle is not used again", async () => {
    const { client, up } = await reused();
    up.end();
    await proxy.untilStat("cluster.up.upstream_cx_active", 0);
    client.write(get("/second"));
    const fresh = await upstream.accept();
    await fresh.readHead();
    fresh.write(ok("second"));
    assert.equal((await client.readMessage()).body, "second");
    client.close();
    fresh.close();
  });

  it("kept connection: one that speaks while idle is closed", async () => {
    const { client, up } = await reused();
    up.write(ok("nobody asked"));
    await up.readToEnd();
    client.write(get("/second"));
    const fresh = await upstream.accept();
    await fresh.readHead();
    fresh.write(ok("second"));
    assert.equal((await client.readMessage()).body, "second");
    client.close();
    fresh.close();
  });

  for (const [name, head, body] of [
    ["of a known length", "content-length: 100\r\n", "only this"],
    ["in chunks", "transfer-encoding: chunked\r\n", "9\r\nonly this\r\n"],
  ]) {
    it(`upstream dies in a body ${name}: the client never sees a whole message`, async () => {
      const client = await proxy.connect();
      client.write(get("/"));
      const up = await upstream.accept();
      await up.readHead();
      up.write(`HTTP/1.1 200 OK\r\n${head}\r\n${body}`);
      await client.readUntil(body);
      up.close();
      const { text } = await client.readToEnd();
      assert.equal(text, "");
    });
  }

  it("upstream resets a body that ends with the connection: it does not look whole", async () => {
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\n\r\nonly this");
    await client.readUntil("only this\r\n");
    up.reset();
    assert.equal((await client.readToEnd()).text, "");
  });

  it("upstream sends a bad chunk: the client never sees a whole message", async () => {
    const client = await proxy.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n");
    await client.readUntil("2\r\nok\r\n");
    up.write("no number\r\n");
    assert.equal((await client.readToEnd()).text, "");
    await up.readToEnd();
  });

  it("client sends a bad chunk: 400, and the upstream connection is closed", async () => {
    const client = await proxy.connect();
    client.write("POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n");
    const up = await upstream.accept();
    await up.readUntil("ok\r\n");
    client.write("no number\r\n");
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 400 /);
    await up.readToEnd();
    client.close();
  });

  it("client sends a bad chunk after the response began: the connection breaks", async () => {
    const client = await proxy.connect();
    client.write("POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n");
    const up = await upstream.accept();
    await up.readUntil("ok\r\n");
    up.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n");
    await client.readUntil("2\r\nok\r\n");
    client.write("no number\r\n");
    assert.equal((await client.readToEnd()).text, "");
    await up.readToEnd();
  });

  it("storm: clients and upstreams that break anywhere leave nothing behind", async () => {
    const clients = await Promise.all(Array.from({ length: 60 }, () => proxy.connect()));
    for (const [i, client] of clients.entries()) client.write(i % 3 === 0 ? POST : get(`/${i}`));
    const ups = await Promise.all(clients.map(() => upstream.accept()));
    await Promise.all(ups.map((up) => up.readHead()));
    for (const [i, up] of ups.entries()) {
      if (i % 4 === 0) up.reset();
      else if (i % 4 === 1) up.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
      else if (i % 4 === 2) up.write(ok("whole"));
    }
    for (const [i, client] of clients.entries()) if (i % 5 < 2) client.reset();
    for (const up of ups) up.close();
    for (const client of clients) client.close();
    await proxy.untilIdle();
    const client = await proxy.connect();
    client.write(get("/after"));
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("well"));
    assert.equal((await client.readMessage()).body, "well");
    client.close();
    up.close();
  });
});
