import assert from "node:assert/strict";
import * as http2 from "../../../api/engine/http2.ts";
import { get, type Part, TestProxy } from "../../support/proxy-sketch.ts";
import { frame, words } from "../../unit/filters/http2/frames.ts";
import { RawHttp2, RawHttp2Upstream, headers, request } from "./raw-http2.ts";

const { FRAME_END_STREAM: END, FRAME_GOAWAY, FRAME_HEADERS } = http2;
const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const CLUSTER: Part = {
  typed_extension_protocol_options: {
    [OPTIONS]: {
      "@type": `type.googleapis.com/${OPTIONS}`,
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};
const OK = { ":status": "200" };

describe("http/2 upstream, requests that are sent again", () => {
  let upstream: RawHttp2Upstream;
  let proxy: TestProxy;
  const clients: RawHttp2[] = [];

  beforeEach(async () => {
    upstream = await RawHttp2Upstream.listen();
    const cluster = CLUSTER;
    proxy = await TestProxy.start({ endpoints: [upstream.port], cluster });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  async function connect(): Promise<RawHttp2> {
    const client = await RawHttp2.open(proxy.port);
    clients.push(client);
    return client;
  }

  const retries = (): Promise<number> => proxy.stat("cluster.up.upstream_rq_retry");
  const answers = (status: number): Promise<number> => {
    return proxy.stat(`cluster.up.upstream_rq_${status}`);
  };

  it("a busy connection that breaks: its requests are not sent again", async () => {
    let count = 0;
    upstream.serve = (peer, stream) => {
      // The first is answered, and the connection breaks with the others on it.
      if (++count === 1) peer.write(headers(stream, OK, END));
      if (count === 4) peer.socket.destroy();
    };
    const client = await connect();
    for (const stream of [1, 3, 5, 7]) client.write(request(stream));
    for (const stream of [1, 3, 5, 7]) await client.until(FRAME_HEADERS, stream);
    assert.equal(count, 4);
    assert.equal(await retries(), 0);
    assert.equal(await answers(503), 3);
  });

  it("a kept connection that breaks unheard: its requests are sent again", async () => {
    let count = 0;
    upstream.serve = (peer, stream) => {
      if (++count === 3) peer.socket.destroy();
      if (count === 1 || count > 3) peer.write(headers(stream, OK, END));
    };
    const client = await connect();
    client.write(request(1));
    await client.until(FRAME_HEADERS, 1);
    client.write(request(3), request(5));
    for (const stream of [3, 5]) await client.until(FRAME_HEADERS, stream);
    assert.equal(await answers(200), 3);
    assert.equal(await retries(), 2);
  });

  it("a new connection that breaks: its requests are not sent again", async () => {
    upstream.serve = (peer) => peer.socket.destroy();
    const client = await connect();
    client.write(request(1));
    await client.until(FRAME_HEADERS, 1);
    assert.equal(await answers(503), 1);
    assert.equal(await retries(), 0);
  });

  it("GOAWAY: what is above its last stream is sent again, the rest is not", async () => {
    let count = 0;
    upstream.serve = (peer, stream) => {
      if (++count > 3) peer.write(headers(stream, OK, END));
      if (count !== 3) return;
      peer.write(frame(FRAME_GOAWAY, 0, 0, words(3, 0)));
      setTimeout(() => peer.socket.destroy(), 10);
    };
    const client = await connect();
    for (const stream of [1, 3, 5]) client.write(request(stream));
    for (const stream of [1, 3, 5]) await client.until(FRAME_HEADERS, stream);
    assert.equal(await retries(), 1);
    assert.equal(await answers(200), 1);
    assert.equal(await answers(503), 2);
  });

  it("HTTP/1 downstream: the same", async () => {
    let count = 0;
    upstream.serve = (peer, stream) => {
      if (++count === 2) peer.socket.destroy();
      else peer.write(headers(stream, OK, END));
    };
    const client = await proxy.connect();
    for (let i = 0; i < 2; i++) {
      client.write(get("/"));
      assert.match((await client.readMessage()).head, /^HTTP\/1\.1 200 /);
    }
    client.close();
    assert.equal(await retries(), 1);
  });
});
