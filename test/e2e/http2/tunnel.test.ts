import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import * as http2 from "../../../api/engine/http2.ts";
import { frame, rstStream, words } from "../../unit/filters/http2/frames.ts";
import { type Part, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { startTcp } from "../tcp/tcp-scene.ts";
import { RawHttp2, RawHttp2Upstream, headers, request } from "./raw-http2.ts";

const { FRAME_DATA, FRAME_END_STREAM: END, FRAME_PING, FRAME_RST_STREAM } = http2;
const OPTIONS = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const CONNECT = { ":method": "CONNECT", ":authority": "a.test:80" };
const WEBSOCKET = { ":method": "CONNECT", ":protocol": "websocket" };

function http2Cluster(http2_protocol_options: Part): Part {
  return {
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": OPTIONS,
        explicit_http_config: { http2_protocol_options },
      },
    },
  };
}

function startWith(port: number, cluster: Part): Promise<TestProxy> {
  const upgrade_configs = [{ upgrade_type: "CONNECT" }, { upgrade_type: "websocket" }];
  return TestProxy.start({
    endpoints: [port],
    cluster,
    manager: { http2_protocol_options: { allow_connect: true }, upgrade_configs },
    routes: [{ match: { connect_matcher: {} }, route: { cluster: "up", upgrade_configs } }],
  });
}

describe("http/2 tunnels", () => {
  let upstream: RawHttp2Upstream;
  let proxy: TestProxy;
  let client: RawHttp2;

  beforeEach(async () => {
    upstream = await RawHttp2Upstream.listen();
    proxy = await startWith(upstream.port, http2Cluster({ allow_connect: true }));
    client = await RawHttp2.open(proxy.port);
    await client.until(http2.FRAME_SETTINGS);
  });

  afterEach(async () => {
    client.close();
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  for (const [name, ask, line] of [
    ["CONNECT", headers(1, { ...CONNECT, "content-length": "0" }), "CONNECT a.test:80 HTTP/1.1"],
    ["extended CONNECT", request(1, { ...WEBSOCKET, "content-length": "0" }, 0), "GET / HTTP/1.1"],
  ] as const) {
    it(`${name}: a content-length means nothing, either way`, async () => {
      upstream.serve = (peer, stream) => {
        peer.write(headers(stream, { ":status": "200", "content-length": "0" }));
        peer.write(frame(FRAME_DATA, 0, stream, Buffer.from("hello")));
      };
      client.write(ask);
      const first = await client.until(FRAME_DATA, 1);
      assert.equal(Buffer.from(first.payload).toString(), "hello");
      client.write(frame(FRAME_DATA, END, 1, Buffer.from("bye")));
      const second = await upstream.peers[0].until(FRAME_DATA);
      assert.equal(Buffer.from(second.payload).toString(), "bye");
      assert.equal(client.find(FRAME_RST_STREAM), undefined);
    });

    it(`${name}: an upstream in HTTP/1.1 hears of no content-length`, async () => {
      const old = await RawUpstream.listen();
      const bridge = await startWith(old.port, {});
      const other = await RawHttp2.open(bridge.port);
      await other.until(http2.FRAME_SETTINGS);
      other.write(ask);
      const head = await (await old.accept()).readHead();
      assert.ok(head.startsWith(line), head);
      assert.doesNotMatch(head, /content-length/);
      other.close();
      old.close();
      await bridge.untilIdle();
      await bridge.stop();
    });
  }

  it("CONNECT: a refusal has the length that it says", async () => {
    upstream.serve = (peer, stream) => {
      peer.write(headers(stream, { ":status": "403", "content-length": "2" }));
      peer.write(frame(FRAME_DATA, END, stream, Buffer.from("too long")));
    };
    client.write(headers(1, CONNECT));
    await client.until(FRAME_RST_STREAM, 1);
  });
});

describe("TCP in tunnels of HTTP/2, whose upstream gives up behind its end", () => {
  let upstream: RawHttp2Upstream;
  let proxy: TestProxy;

  beforeEach(async () => {
    upstream = await RawHttp2Upstream.listen();
  });

  afterEach(async () => {
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  async function start(http2Options: Part, listener: Part): Promise<void> {
    proxy = await startTcp({
      endpoints: [upstream.port],
      cluster: http2Cluster(http2Options),
      listener,
      proxy: { tunneling_config: { hostname: "far.test:443" } },
    });
  }

  it("the client has all: its connection is closed, as in Envoy", async () => {
    await start({}, {});
    upstream.serve = (peer, stream) => {
      peer.write(headers(stream, { ":status": "200" }), frame(FRAME_DATA, END, stream, [65]));
    };
    const client = await proxy.connect();
    assert.equal((await client.readToEnd()).text, "A");
    upstream.peers[0].write(rstStream(1, http2.H2_NO_ERROR));
    await proxy.untilStat("tcp.test.downstream_cx_active", 0);
  });

  it("the client is slow: it gets all, and what it sends goes no further", async () => {
    const bytes = 16 * 1024 * 1024;
    const sizes = {
      initial_stream_window_size: bytes,
      initial_connection_window_size: bytes,
    };
    await start(sizes, { per_connection_buffer_limit_bytes: 1024 });
    const piece = Buffer.alloc(16_384);
    upstream.serve = (peer, stream) => {
      peer.write(headers(stream, { ":status": "200" }));
      for (let left = bytes; left > 0; left -= piece.length) {
        peer.write(frame(FRAME_DATA, left === piece.length ? END : 0, stream, piece));
      }
      peer.write(rstStream(stream, http2.H2_NO_ERROR));
    };
    const client = net.connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
    client.pause();
    await proxy.untilStat("cluster.up.http2.rx_reset", 1);
    let received = 0;
    client.on("data", (got: Buffer) => {
      received += got.length;
    });
    client.resume();
    await once(client, "end");
    client.end("late");
    await once(client, "close");
    assert.equal(received, bytes);
    const [peer] = upstream.peers;
    peer.write(frame(FRAME_PING, 0, 0, words(0, 0)));
    await peer.until(FRAME_PING);
    assert.equal(peer.find(FRAME_DATA), undefined);
  });
});
