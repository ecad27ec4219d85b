import assert from "node:assert/strict";
import { get, ok, type Part, type ProxySketch, TestProxy } from "../support/proxy-sketch.ts";
import { FullBacklog } from "../support/full-backlog.ts";
import { RawUpstream } from "../support/raw-upstream.ts";

/** Short enough to wait for, long enough for a busy machine to do what comes before. */
const SHORT = "0.2s";

describe("HTTP/1 timeouts", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy | undefined;

  before(async () => {
    upstream = await RawUpstream.listen();
  });

  after(() => upstream.close());

  afterEach(async () => {
    await proxy?.untilIdle();
    await proxy?.stop();
    assert.equal(upstream.acceptableCount, 0);
  });

  async function start(sketch: Partial<ProxySketch>): Promise<TestProxy> {
    proxy = await TestProxy.start({ endpoints: [upstream.port], ...sketch });
    return proxy;
  }

  const common = (options: Part): Partial<ProxySketch> => {
    return { manager: { common_http_protocol_options: options } };
  };

  it("route timeout before the response: 504, and the upstream connection is closed", async () => {
    const running = await start({ action: { timeout: SHORT } });
    const client = await running.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 504 Gateway Timeout\r\n/);
    assert.equal(body, "upstream request timeout");
    await up.readToEnd();
    assert.equal(await running.stat("cluster.up.upstream_rq_timeout"), 1);
    client.close();
  });

  it("route timeout after the response began: the connection breaks", async () => {
    const running = await start({ action: { timeout: SHORT } });
    const client = await running.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
    await client.readUntil("half");
    assert.equal((await client.readToEnd()).text, "");
    await up.readToEnd();
    assert.equal(await running.stat("cluster.up.upstream_rq_timeout"), 1);
  });

  it("route timeout: it begins when the request is whole", async () => {
    const running = await start({ action: { timeout: SHORT } });
    const client = await running.connect();
    client.write("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\na");
    const up = await upstream.accept();
    await up.readUntil("a");
    // Longer than the timeout, as this very proxy measures it.
    const other = await running.connect();
    other.write(get("/other"));
    await (await upstream.accept()).readHead();
    assert.match((await other.readMessage()).head, /^HTTP\/1.1 504 /);
    client.write("b");
    await up.readUntil("b");
    up.write(ok("fine"));
    assert.equal((await client.readMessage()).body, "fine");
    client.close();
    other.close();
    up.close();
  });

  it("stream_idle_timeout: 504 when the request is whole", async () => {
    const running = await start({ manager: { stream_idle_timeout: SHORT } });
    const client = await running.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 504 /);
    assert.equal(body, "stream timeout");
    await up.readToEnd();
    assert.equal(await running.stat("http.test.downstream_rq_idle_timeout"), 1);
    client.close();
  });

  it("stream_idle_timeout: 408 when the request stopped half way", async () => {
    const running = await start({ manager: { stream_idle_timeout: SHORT } });
    const client = await running.connect();
    client.write("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\nhalf");
    const up = await upstream.accept();
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 408 Request Timeout\r\n/);
    await up.readToEnd();
    client.close();
  });

  it("stream_idle_timeout: 408 when a head stopped half way", async () => {
    const running = await start({ manager: { stream_idle_timeout: SHORT } });
    const client = await running.connect();
    client.write("GET / HTTP/1.1\r\nhost");
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 408 /);
    assert.equal((await client.readToEnd()).text, "");
  });

  it("stream_idle_timeout: a response that stops half way breaks the connection", async () => {
    const running = await start({ manager: { stream_idle_timeout: SHORT } });
    const client = await running.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
    await client.readUntil("half");
    assert.equal((await client.readToEnd()).text, "");
    await up.readToEnd();
  });

  it("stream_idle_timeout: a client that reads no more is not waited for for ever", async () => {
    const running = await start({ manager: { stream_idle_timeout: SHORT } });
    const client = await running.connect();
    client.socket.pause();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write(`HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n${"x".repeat(20_000_000)}`);
    await up.readToEnd();
    assert.equal(await running.stat("http.test.downstream_rq_idle_timeout"), 1);
    client.close();
    up.close();
  });

  it("max_stream_duration: 504 however much moves", async () => {
    const running = await start({
      action: { max_stream_duration: { max_stream_duration: SHORT } },
    });
    const client = await running.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 504 /);
    await up.readToEnd();
    assert.equal(await running.stat("http.test.downstream_rq_max_duration_reached"), 1);
    client.close();
  });

  it("request_timeout: 408 when the body does not come in full", async () => {
    const running = await start({ manager: { request_timeout: SHORT } });
    const client = await running.connect();
    client.write("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\nhalf");
    const up = await upstream.accept();
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 408 /);
    assert.equal(body, "request timeout");
    await up.readToEnd();
    assert.equal(await running.stat("http.test.downstream_rq_timeout"), 1);
    client.close();
  });

  it("request_timeout: 408 when the head does not come in full", async () => {
    const running = await start({ manager: { request_timeout: SHORT } });
    const client = await running.connect();
    client.write("GET / HTTP/1.1\r\n");
    assert.equal((await client.readMessage()).body, "request timeout");
    assert.equal((await client.readToEnd()).text, "");
  });

  it("request_headers_timeout: 408, and only the head counts", async () => {
    const running = await start({ manager: { request_headers_timeout: SHORT } });
    const whole = await running.connect();
    whole.write("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\na");
    const up = await upstream.accept();
    await up.readUntil("a");
    const half = await running.connect();
    half.write("GET / HTTP/1.1\r\nhost: te");
    const { head, body } = await half.readMessage();
    assert.match(head, /^HTTP\/1.1 408 /);
    assert.equal(body, "request header timeout");
    assert.equal((await half.readToEnd()).text, "");
    assert.equal(await running.stat("http.test.downstream_rq_header_timeout"), 1);
    whole.write("b");
    await up.readUntil("b");
    up.write(ok("fine"));
    assert.equal((await whole.readMessage()).body, "fine");
    whole.close();
    up.close();
  });

  it("idle_timeout: a connection without a request is closed, before and after one", async () => {
    const running = await start(common({ idle_timeout: SHORT }));
    const silent = await running.connect();
    assert.deepEqual(await silent.readToEnd(), { text: "", isBroken: false });
    const client = await running.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("once"));
    assert.equal((await client.readMessage()).body, "once");
    assert.deepEqual(await client.readToEnd(), { text: "", isBroken: false });
    assert.equal(await running.stat("http.test.downstream_cx_idle_timeout"), 2);
    client.close();
    silent.close();
    up.close();
  });

  it("idle_timeout of the cluster: a kept connection is closed", async () => {
    const running = await start({ upstreamOptions: { idle_timeout: SHORT } });
    const client = await running.connect();
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("once"));
    assert.equal((await client.readMessage()).body, "once");
    assert.deepEqual(await up.readToEnd(), { text: "", isBroken: false });
    await running.untilStat("cluster.up.upstream_cx_idle_timeout", 1);
    client.close();
  });

  it("max_connection_duration: an idle connection closes, a busy one says so", async () => {
    const running = await start(common({ max_connection_duration: SHORT }));
    const busy = await running.connect();
    busy.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    const idle = await running.connect();
    assert.equal((await idle.readToEnd()).text, "");
    await running.untilStat("http.test.downstream_cx_max_duration_reached", 2);
    up.write(ok("last"));
    assert.match((await busy.readMessage()).head, /\r\nconnection: close\r\n/);
    assert.equal((await busy.readToEnd()).text, "");
    idle.close();
    busy.close();
    up.close();
  });

  it("drain_timeout: a used connection may ask once more when its time is over", async () => {
    const options = { common_http_protocol_options: { max_connection_duration: SHORT } };
    const running = await start({ manager: { ...options, drain_timeout: "60s" } });
    const client = await running.connect();
    client.write(get("/1"));
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("one"));
    assert.equal((await client.readMessage()).body, "one");
    await running.untilStat("http.test.downstream_cx_max_duration_reached", 1);
    client.write(get("/2"));
    await up.readHead();
    up.write(ok("two"));
    assert.match((await client.readMessage()).head, /\r\nconnection: close\r\n/);
    assert.equal((await client.readToEnd()).text, "");
    client.close();
    up.close();
  });

  it("drain_timeout: a used connection that stays idle is closed after it", async () => {
    const options = { common_http_protocol_options: { max_connection_duration: SHORT } };
    const running = await start({ manager: { ...options, drain_timeout: SHORT } });
    const client = await running.connect();
    client.write(get("/1"));
    const up = await upstream.accept();
    await up.readHead();
    up.write(ok("one"));
    assert.equal((await client.readMessage()).body, "one");
    assert.equal((await client.readToEnd()).text, "");
    assert.equal(await running.stat("http.test.downstream_cx_max_duration_reached"), 1);
    client.close();
    up.close();
  });

  it("delayed_close_timeout: a client that does not close is cut off", async () => {
    const running = await start({ manager: { delayed_close_timeout: SHORT } });
    const client = await running.connect();
    client.write(get("/", "connection: close\r\n"));
    const up = await upstream.accept();
    up.write(ok("last"));
    assert.equal((await client.readMessage()).body, "last");
    await running.untilStat("http.test.downstream_cx_destroy_local", 1);
    // As in Envoy, which does not wait where nothing can be lost.
    assert.equal(await running.stat("http.test.downstream_cx_delayed_close_timeout"), 0);
    client.close();
    up.close();
  });

  it("delayed_close_timeout: a slow reader still gets the whole response", async () => {
    const running = await start({ manager: { delayed_close_timeout: SHORT } });
    const length = 30_000_000;
    const client = await running.connect();
    client.socket.pause();
    client.write(get("/", "connection: close\r\n"));
    const up = await upstream.accept();
    up.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n${"x".repeat(length)}`);
    await running.untilStat("cluster.up.upstream_flow_control_paused_reading_total", 1);
    client.socket.resume();
    assert.equal((await client.readMessage()).body.length, length);
    client.close();
    up.close();
  });

  it("delayed_close_timeout 0: what waits is sent, then the connection closes", async () => {
    const running = await start({ manager: { delayed_close_timeout: "0s" } });
    const length = 3_000_000;
    const client = await running.connect();
    client.socket.pause();
    client.write(get("/", "connection: close\r\n"));
    const up = await upstream.accept();
    up.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n${"x".repeat(length)}`);
    await running.untilStat("http.test.downstream_rq_completed", 1);
    client.socket.resume();
    assert.equal((await client.readMessage()).body.length, length);
    assert.equal((await client.readToEnd()).isBroken, false);
    up.close();
  });

  /** Clients of the tests are internal. */
  const trusting = {
    use_remote_address: true,
    internal_address_config: { cidr_ranges: [{ address_prefix: "127.0.0.0", prefix_len: 8 }] },
  };

  /** `charged` is how often the cluster counts an answer. */
  const steered: readonly { line: string; status: string; counter: string; charged: number }[] = [
    {
      line: "x-envoy-upstream-rq-timeout-ms: 100",
      status: "504",
      counter: "upstream_rq_timeout",
      charged: 1,
    },
    {
      line: "x-envoy-upstream-rq-timeout-ms: 100\r\nx-envoy-upstream-rq-timeout-alt-response: 1",
      status: "204",
      counter: "upstream_rq_timeout",
      charged: 1,
    },
    {
      line: "x-envoy-upstream-rq-per-try-timeout-ms: 100",
      status: "504",
      counter: "upstream_rq_per_try_timeout",
      charged: 1,
    },
    {
      line: "x-envoy-upstream-stream-duration-ms: 100",
      status: "504",
      counter: "upstream_rq_max_duration_reached",
      charged: 0,
    },
  ];
  for (const { line, status, counter, charged } of steered) {
    const name = line.replace("\r\n", " and ");
    it(`${name}: an internal request is answered with ${status}`, async () => {
      const running = await start({ manager: trusting });
      const client = await running.connect();
      client.write(get("/", `${line}\r\n`));
      const up = await upstream.accept();
      assert.doesNotMatch(await up.readHead(), /x-envoy-upstream-(rq|stream)/);
      const { head } = await client.readMessage();
      assert.ok(head.startsWith(`HTTP/1.1 ${status} `), head);
      await up.readToEnd();
      assert.equal(await running.stat(`cluster.up.${counter}`), 1);
      assert.equal(await running.stat("cluster.up.internal.upstream_rq_completed"), charged);
      client.close();
    });
  }

  it("x-envoy-upstream-rq-timeout-ms: an external request keeps the route's timeout", async () => {
    const running = await start({ manager: { use_remote_address: true } });
    const client = await running.connect();
    client.write(get("/", "x-envoy-upstream-rq-timeout-ms: 1\r\n"));
    const up = await upstream.accept();
    assert.match(await up.readHead(), /\r\nx-envoy-expected-rq-timeout-ms: 15000\r\n/);
    up.write(ok("fine"));
    assert.equal((await client.readMessage()).body, "fine");
    client.close();
    up.close();
  });

  it("connect_timeout: 503, and the attempt is given up", async () => {
    const backlog = await FullBacklog.open();
    const running = await start({
      endpoints: [backlog.port],
      cluster: { connect_timeout: SHORT },
    });
    const client = await running.connect();
    client.write(get("/"));
    const { head, body } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 503 /);
    assert.match(body, /reset reason: connection timeout$/);
    assert.equal(await running.stat("cluster.up.upstream_cx_connect_timeout"), 1);
    assert.equal(await running.stat("cluster.up.upstream_cx_connect_fail"), 1);
    assert.equal(await running.stat("cluster.up.upstream_cx_active"), 0);
    client.close();
    await backlog.close();
  });
});
