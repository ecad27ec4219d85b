import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import * as http2 from "../../../api/engine/http2.ts";
import { type Part, TestProxy } from "../../support/proxy-sketch.ts";
import { frame, rstStream } from "../../unit/filters/http2/frames.ts";
import { RawHttp2, RawHttp2Upstream, headers, request } from "./raw-http2.ts";

const { FRAME_ACK, FRAME_END_STREAM: END, FRAME_HEADERS, FRAME_PING } = http2;
const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const KEEPALIVE = { interval: "0.05s", timeout: "0.1s", interval_jitter: { value: 0 } };

/** Has a peer answer PING, as it should. */
function answerPings(peer: RawHttp2): void {
  const before = peer.onFrame;
  peer.onFrame = (each) => {
    before(each);
    const isAsked = each.type === FRAME_PING && (each.flags & FRAME_ACK) === 0;
    if (isAsked) peer.write(frame(FRAME_PING, FRAME_ACK, 0, each.payload));
  };
}

const pingsOf = (peer: RawHttp2): number => {
  return peer.frames.filter(({ type }) => type === FRAME_PING).length;
};

describe("http/2 connection_keepalive", () => {
  let upstream: RawHttp2Upstream;
  let proxy: TestProxy;
  const clients: RawHttp2[] = [];

  beforeEach(async () => {
    upstream = await RawHttp2Upstream.listen();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  async function start(downstream: Part, upstreamOptions: Part): Promise<RawHttp2> {
    const options = {
      "@type": `type.googleapis.com/${OPTIONS}`,
      explicit_http_config: { http2_protocol_options: upstreamOptions },
    };
    proxy = await TestProxy.start({
      endpoints: [upstream.port],
      manager: { codec_type: "HTTP2", http2_protocol_options: downstream },
      cluster: { typed_extension_protocol_options: { [OPTIONS]: options } },
    });
    const client = await RawHttp2.open(proxy.port);
    clients.push(client);
    return client;
  }

  it("downstream: a client that answers stays, one that does not is closed", async () => {
    const client = await start({ connection_keepalive: KEEPALIVE }, {});
    answerPings(client);
    const silent = await RawHttp2.open(proxy.port);
    clients.push(silent);
    while (!silent.isClosed) await wait(5);
    assert.equal(pingsOf(silent), 1);
    await wait(100);
    assert.equal(client.isClosed, false);
    assert.ok(pingsOf(client) > 1);
    assert.equal(await proxy.stat("http2.keepalive_timeout"), 1);
    assert.equal(await proxy.stat("http.test.downstream_cx_destroy_local"), 1);
  });

  it("downstream: any frame shows that the client is there", async () => {
    const client = await start({ connection_keepalive: KEEPALIVE }, {});
    client.write(request(1, {}, 0));
    for (let i = 0; i < 10; i++) {
      await wait(30);
      client.write(frame(http2.FRAME_DATA, 0, 1, Buffer.from("x")));
    }
    assert.equal(client.isClosed, false);
    assert.equal(pingsOf(client), 1);
    client.write(rstStream(1, http2.H2_CANCEL));
  });

  it("upstream: one that does not answer is closed, with its requests", async () => {
    const client = await start({}, { connection_keepalive: KEEPALIVE });
    client.write(request(1, { ":method": "POST" }));
    await client.until(FRAME_HEADERS, 1);
    assert.equal(await proxy.stat("cluster.up.http2.keepalive_timeout"), 1);
    assert.equal(await proxy.stat("cluster.up.upstream_rq_503"), 1);
    assert.equal(await proxy.stat("cluster.up.upstream_cx_destroy_local"), 1);
  });

  it("upstream: one that answers keeps its requests", async () => {
    const client = await start({}, { connection_keepalive: KEEPALIVE });
    upstream.serve = (peer, stream) => {
      answerPings(peer);
      setTimeout(() => peer.write(headers(stream, { ":status": "200" }, END)), 400);
    };
    client.write(request(1));
    await client.until(FRAME_HEADERS, 1);
    assert.ok(pingsOf(upstream.peers[0]) > 2);
    assert.equal(await proxy.stat("cluster.up.upstream_rq_200"), 1);
  });

  it("upstream: after silence a request is announced by PING", async () => {
    const keepalive = { timeout: "1s", connection_idle_interval: "0.05s" };
    const client = await start({}, { connection_keepalive: keepalive });
    upstream.serve = (peer, stream) => peer.write(headers(stream, { ":status": "200" }, END));
    client.write(request(1));
    await client.until(FRAME_HEADERS, 1);
    assert.equal(pingsOf(upstream.peers[0]), 0);
    await wait(100);
    client.write(request(3));
    await client.until(FRAME_HEADERS, 3);
    const [peer] = upstream.peers;
    const types = peer.frames.map(({ type }) => type);
    assert.equal(pingsOf(peer), 1);
    assert.ok(types.indexOf(FRAME_PING) < types.lastIndexOf(FRAME_HEADERS));
  });
});
