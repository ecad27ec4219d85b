import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import * as http2 from "../../../api/engine/http2.ts";
import { frame, rstStream, windowUpdate, words } from "../../unit/filters/http2/frames.ts";
import { get, ok, type Part, type ProxySketch, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { RawHttp2, RawHttp2Upstream, headers, request } from "./raw-http2.ts";

const { FRAME_DATA, FRAME_END_STREAM: END, FRAME_GOAWAY, FRAME_RST_STREAM } = http2;
const OPTIONS = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const SMALL_BUFFER = { listener: { per_connection_buffer_limit_bytes: 1024 } };

function http2Cluster(options: Part = {}): Part {
  return {
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": OPTIONS,
        explicit_http_config: { http2_protocol_options: options },
      },
    },
  };
}

function data(stream: number, bytes: number, flags = 0): Uint8Array {
  return frame(FRAME_DATA, flags, stream, Buffer.alloc(bytes, "x"));
}

/** A whole body in frames. */
function body(stream: number, bytes: number): Uint8Array {
  const frames: Uint8Array[] = [];
  for (let left = bytes; left > 0; left -= 16_384) {
    frames.push(data(stream, Math.min(left, 16_384), left <= 16_384 ? END : 0));
  }
  return Buffer.concat(frames);
}

describe("http/2 with odd peers", () => {
  let upstream: RawHttp2Upstream;
  let old: RawUpstream;
  let proxy: TestProxy | undefined;
  const clients: { close(): void }[] = [];

  beforeEach(async () => {
    upstream = await RawHttp2Upstream.listen();
    old = await RawUpstream.listen();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await proxy?.untilIdle();
    await proxy?.stop();
    proxy = undefined;
    upstream.close();
    old.close();
  });

  /** With an upstream of HTTP/2. */
  async function start(sketch: Partial<ProxySketch> = {}, options: Part = {}): Promise<TestProxy> {
    proxy = await TestProxy.start({
      endpoints: [upstream.port],
      cluster: http2Cluster(options),
      ...sketch,
    });
    return proxy;
  }

  /** With an upstream of HTTP/1. */
  async function startOld(sketch: Partial<ProxySketch>): Promise<TestProxy> {
    proxy = await TestProxy.start({ endpoints: [old.port], ...sketch });
    return proxy;
  }

  async function connect(...pairs: readonly (readonly [number, number])[]): Promise<RawHttp2> {
    const client = await RawHttp2.open(proxy?.port ?? 0, ...pairs);
    clients.push(client);
    return client;
  }

  for (const [method, status] of [
    ["GET", "204"],
    ["GET", "304"],
    ["HEAD", "200"],
  ] as const) {
    for (const bytes of [0, 5]) {
      it(`${method}, ${status}, DATA of ${bytes}: HTTP/1 gets no body`, async () => {
        const running = await start();
        upstream.serve = (peer, stream) =>
          peer.write(headers(stream, { ":status": status }), data(stream, bytes, END));
        const client = await running.connect();
        clients.push(client);
        let seen = "";
        client.socket.on("data", (piece: Buffer) => {
          seen += piece.toString("latin1");
        });
        client.write(get("/").replace("GET", method));
        await running.untilStat("http.test.downstream_rq_total", 1);
        await running.untilStat("http.test.downstream_rq_active", 0);
        while (!seen.includes("\r\n\r\n")) await wait(1);
        await wait(10);
        assert.match(seen, new RegExp(`^HTTP/1.1 ${status} [^]*\r\n\r\n$`));
        assert.equal(await running.stat("http.test.downstream_rq_tx_reset"), bytes > 0 ? 1 : 0);
      });
    }
  }

  it("304 with a content-length: no body is missing", async () => {
    const running = await start();
    upstream.serve = (peer, stream) =>
      peer.write(headers(stream, { ":status": "304", "content-length": "9" }, END));
    const client = await running.connect();
    clients.push(client);
    client.write(get("/"));
    assert.match(await client.readHead(), /^HTTP\/1\.1 304 /);
  });

  it("an interim answer that ends the stream: 502", async () => {
    const running = await start();
    upstream.serve = (peer, stream) => peer.write(headers(stream, { ":status": "103" }, END));
    const client = await running.connect();
    clients.push(client);
    client.write(get("/"));
    assert.match(await client.readHead(), /^HTTP\/1\.1 502 /);
  });

  it("an answer with too many headers: 503, and nothing of it", async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x-${n}`, "v"]));
    upstream.serve = (peer, stream) => {
      peer.write(headers(stream, { ":status": "200", ...many }, END));
    };
    const running = await start();
    const client = await running.connect();
    clients.push(client);
    client.write(get("/"));
    const { head, body: text } = await client.readMessage();
    assert.match(head, /^HTTP\/1\.1 503 /);
    assert.doesNotMatch(head, /x-0/);
    assert.match(text, /reset reason: remote reset$/);
  });

  it("answers that are given up while they wait: the connection's window opens again", async () => {
    await start(SMALL_BUFFER);
    upstream.serve = (peer, stream) =>
      peer.write(headers(stream, { ":status": "200" }), body(stream, 200_000));
    const client = await connect();
    for (let stream = 1; stream < 21; stream += 2) {
      client.write(request(stream));
      await client.until(FRAME_DATA, stream);
      await wait(10);
      client.write(rstStream(stream, http2.H2_CANCEL), windowUpdate(0, 65_535));
    }
    assert.equal(upstream.peers.length, 1);
    assert.equal(upstream.peers[0].isClosed, false);
    assert.equal(client.find(FRAME_RST_STREAM), undefined);
  });

  it("a long way: the windows grow, but not those that are configured", async () => {
    const fixed = {
      initial_stream_window_size: 262_144,
      initial_connection_window_size: 1_048_576,
    };
    for (const [options, isGrowing] of [
      [{}, true],
      [fixed, false],
    ] as const) {
      const running = await startOld({ manager: { http2_protocol_options: options } });
      const client = await connect();
      await client.until(http2.FRAME_SETTINGS);
      // The round trip as the proxy measures it: in that time a busy machine sends a window too.
      await wait(500);
      client.write(frame(http2.FRAME_SETTINGS, http2.FRAME_ACK, 0));
      client.write(request(1, { ":method": "POST" }, 0));
      let allowed = 262_144;
      client.onFrame = ({ type, stream, payload }) => {
        if (type === http2.FRAME_WINDOW_UPDATE && stream === 1) {
          allowed += Buffer.from(payload).readUInt32BE(0);
        }
      };
      let sent = 0;
      let opened = 0;
      for (; sent < 2_000_000 || (isGrowing && opened <= 262_144); sent += 16_384) {
        while (allowed < sent + 16_384) await wait(1);
        client.write(data(1, 16_384));
        opened = Math.max(opened, allowed - sent);
      }
      assert.equal(opened > 262_144, isGrowing, `${opened} at a time`);
      client.close();
      await running.untilIdle();
      await running.stop();
      proxy = undefined;
    }
  });

  it("streams that the client has reset here: a flood", async () => {
    const running = await start();
    const client = await connect();
    for (let stream = 1; stream < 4000 && !client.isClosed; stream += 2) {
      client.write(request(stream), windowUpdate(stream, 0));
      if (stream % 100 === 1) await wait(1);
    }
    const { payload } = await client.until(FRAME_GOAWAY);
    assert.equal(payload[7], http2.H2_ENHANCE_YOUR_CALM);
    assert.ok((await running.stat("cluster.up.upstream_rq_total")) < 1000);
  });

  it("many uploads that are answered early: what is under way harms no other stream", async () => {
    await startOld({ routes: [{ match: { prefix: "/" }, direct_response: { status: 403 } }] });
    const client = await connect();
    const streams = Array.from({ length: 200 }, (_, place) => 2 * place + 1);
    for (const stream of streams) client.write(request(stream, { ":method": "POST" }, 0));
    await client.until(FRAME_RST_STREAM, 399);
    for (const stream of streams) client.write(data(stream, 10, END));
    client.write(request(401));
    await client.until(http2.FRAME_HEADERS, 401);
    assert.equal(client.find(FRAME_GOAWAY), undefined);
  });

  it("many requests that are given up: late answers harm no other stream", async () => {
    const running = await start();
    const client = await connect();
    const streams = Array.from({ length: 200 }, (_, place) => 2 * place + 1);
    for (const stream of streams) client.write(request(stream));
    await running.untilStat("cluster.up.upstream_rq_active", 200);
    for (const stream of streams) client.write(rstStream(stream, http2.H2_CANCEL));
    const [peer] = upstream.peers;
    await peer.until(FRAME_RST_STREAM, 399);
    for (const stream of streams) peer.write(headers(stream, { ":status": "200" }, END));
    upstream.serve = (same, stream) => same.write(headers(stream, { ":status": "204" }, END));
    client.write(request(401));
    await client.until(http2.FRAME_HEADERS, 401);
    assert.equal(upstream.peers.length, 1);
    assert.equal(peer.find(FRAME_GOAWAY), undefined);
  });

  it("answers that are not read: the connection ends, and no other", async function () {
    this.timeout(30_000);
    const name = (place: number): Part => ({
      header: { key: `x-${place}`, value: `%REQ(x-big)%${place}` },
    });
    const running = await startOld({
      routes: [
        {
          match: { prefix: "/" },
          direct_response: { status: 200 },
          response_headers_to_add: [1, 2, 3].map(name),
        },
      ],
    });
    const client = await connect([http2.SETTINGS_HEADER_TABLE_SIZE, 0]);
    client.socket.pause();
    const big = { "x-big": "y".repeat(100) };
    for (let stream = 1; stream < 500_000 && !client.isClosed; stream += 200) {
      const heads = Array.from({ length: 100 }, (_, i) => request(stream + 2 * i, big));
      if (!client.socket.write(Buffer.concat(heads))) await wait(1);
    }
    await running.untilStat("http.test.downstream_cx_active", 0);
    assert.equal(await running.stat("server.worker_restarts"), 0);
    assert.ok((await running.stat("http.test.downstream_rq_total")) < 100_000);
  });

  it("a drain: the last answer waits for the client's windows", async () => {
    await startOld({
      manager: {
        common_http_protocol_options: { max_requests_per_connection: 1 },
        drain_timeout: "0.02s",
      },
    });
    old.serve((_head, connection) => connection.write(ok("x".repeat(200_000))));
    const client = await connect();
    client.write(request(1));
    await wait(100);
    client.write(windowUpdate(0, 1_000_000), windowUpdate(1, 1_000_000));
    while (!client.isClosed) await wait(1);
    assert.equal(client.dataBytes(1), 200_000);
    assert.ok(client.hasEnded(1));
  });

  it("idle_timeout: a client that takes its answer slowly is not idle", async () => {
    await startOld({
      manager: { common_http_protocol_options: { idle_timeout: "0.2s" }, drain_timeout: "0.02s" },
    });
    old.serve((_head, connection) => connection.write(ok("x".repeat(200_000))));
    const client = await connect();
    client.write(request(1));
    while (!client.hasEnded(1) && !client.isClosed) {
      await wait(50);
      client.write(windowUpdate(0, 20_000), windowUpdate(1, 20_000));
    }
    assert.equal(client.dataBytes(1), 200_000);
    while (!client.isClosed) await wait(1);
  });

  it("idle_timeout: a client that takes none of its answer is not waited for", async () => {
    await startOld({
      manager: { common_http_protocol_options: { idle_timeout: "0.05s" }, drain_timeout: "0.02s" },
    });
    old.serve((_head, connection) => connection.write(ok("x".repeat(200_000))));
    const client = await connect();
    client.write(request(1));
    while (!client.isClosed) await wait(1);
    assert.equal(client.dataBytes(1), 65_535);
  });

  it("idle_timeout: direct answers are requests, too", async () => {
    await startOld({
      manager: { common_http_protocol_options: { idle_timeout: "0.2s" } },
      routes: [{ match: { prefix: "/" }, direct_response: { status: 200 } }],
    });
    const client = await connect();
    for (let stream = 1; stream < 20; stream += 2) {
      client.write(request(stream));
      await wait(50);
    }
    assert.ok(client.hasEnded(19));
  });

  it("an upstream that closes behind a whole answer: a slow client gets all of it", async () => {
    await start(SMALL_BUFFER);
    upstream.serve = (peer, stream) => {
      peer.write(headers(stream, { ":status": "200" }), body(stream, 200_000));
      setTimeout(() => peer.socket.end(), 20);
    };
    const client = await connect();
    client.write(request(1));
    await wait(100);
    client.write(windowUpdate(0, 1_000_000), windowUpdate(1, 1_000_000));
    while (!client.hasEnded(1) && client.find(FRAME_RST_STREAM) === undefined) await wait(1);
    assert.equal(client.dataBytes(1), 200_000);
  });

  it("RST_STREAM behind a whole answer: a slow client gets all of it", async () => {
    await start(SMALL_BUFFER);
    upstream.serve = (peer, stream) => {
      const head = headers(stream, { ":status": "200" });
      peer.write(head, body(stream, 200_000), rstStream(stream, http2.H2_NO_ERROR));
    };
    const client = await connect();
    client.write(request(1, { ":method": "POST" }, 0));
    await wait(50);
    client.write(windowUpdate(0, 1_000_000), windowUpdate(1, 1_000_000));
    while (!client.hasEnded(1) && client.find(FRAME_RST_STREAM) === undefined) await wait(1);
    assert.equal(client.dataBytes(1), 200_000);
  });

  it("an upstream that breaks the rules: who waits gets another connection", async () => {
    const thresholds = [{ max_connections: 1 }];
    const cluster = {
      ...http2Cluster({ max_concurrent_streams: 1 }),
      circuit_breakers: { thresholds },
    };
    const running = await start({ cluster });
    let count = 0;
    upstream.serve = (peer, stream) => {
      if (count++ > 0) peer.write(headers(stream, { ":status": "200" }, END));
      else setTimeout(() => peer.write(frame(FRAME_DATA, 0, 0, [1])), 20);
    };
    const client = await connect();
    for (const stream of [1, 3, 5]) {
      client.write(request(stream, { ":method": "POST" }, 0), data(stream, 3, END));
    }
    await running.untilStat("http.test.downstream_rq_2xx", 2);
    assert.equal(await running.stat("cluster.up.upstream_rq_502"), 1);
  });

  it("GOAWAY: requests end with their mirrors on the same connection", async () => {
    const running = await start({ action: { request_mirror_policies: [{ cluster: "up" }] } });
    upstream.serve = (peer, stream) => {
      if (stream === 39) peer.write(frame(FRAME_GOAWAY, 0, 0, words(0, 0)));
    };
    const client = await connect();
    for (let stream = 1; stream < 40; stream += 2) {
      client.write(request(stream, { ":method": "POST" }, 0), data(stream, 10));
    }
    await running.untilStat("http.test.downstream_rq_5xx", 20);
    assert.equal(await running.stat("server.worker_restarts"), 0);
  });
});
