import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import * as http2 from "../../../api/engine/http2.ts";
import { ok, type Part, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { frame, PREFACE, REQUEST_HEAD, windowUpdate } from "../../unit/filters/http2/frames.ts";
import { RawHttp2, request } from "./raw-http2.ts";

const { FRAME_CONTINUATION, FRAME_END_HEADERS, FRAME_END_STREAM: END, FRAME_GOAWAY } = http2;
const { FRAME_HEADERS, FRAME_PING, FRAME_RST_STREAM } = http2;

describe("http/2 downstream, times", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;
  const clients: { close(): void }[] = [];

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
    upstream.serve((_head, connection) => connection.write(ok("x".repeat(100_000))));
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await proxy.untilIdle();
    await proxy.stop();
    upstream.close();
  });

  async function start(manager: Part): Promise<RawHttp2> {
    proxy = await TestProxy.start({ endpoints: [upstream.port], manager });
    const client = await RawHttp2.open(proxy.port);
    clients.push(client);
    return client;
  }

  async function untilClosed(client: RawHttp2): Promise<void> {
    while (!client.isClosed) await wait(1);
  }

  const counts = (name: string): Promise<number> => proxy.stat(`http.test.downstream_rq_${name}`);

  it("stream_idle_timeout: an answer that is not taken is given up alone", async () => {
    const client = await start({ stream_idle_timeout: "0.1s" });
    client.write(request(1));
    const reset = await client.until(FRAME_RST_STREAM, 1);
    assert.equal(Buffer.from(reset.payload).readUInt32BE(0), http2.H2_INTERNAL_ERROR);
    assert.equal(client.dataBytes(1), 65_535);
    assert.equal(await proxy.stat("http2.tx_flush_timeout"), 1);
    assert.equal(await proxy.stat("http2.pending_send_bytes"), 0);
    assert.equal(await proxy.stat("http2.streams_active"), 0);
    client.write(windowUpdate(0, 1_000_000), request(3));
    await client.until(FRAME_HEADERS, 3);
    client.write(windowUpdate(3, 1_000_000));
    while (!client.hasEnded(3)) await wait(1);
    assert.equal(await proxy.stat("http2.tx_flush_timeout"), 1);
  });

  it("stream_idle_timeout: each answer has its own time", async () => {
    const client = await start({ stream_idle_timeout: "0.2s" });
    client.write(request(1));
    await client.until(FRAME_HEADERS, 1);
    await wait(100);
    client.write(request(3));
    await client.until(FRAME_RST_STREAM, 1);
    assert.equal(client.find(FRAME_RST_STREAM, 3), undefined);
    await client.until(FRAME_RST_STREAM, 3);
    assert.equal(await proxy.stat("http2.tx_flush_timeout"), 2);
  });

  it("request_headers_timeout: a head without its end is the end of the connection", async () => {
    const client = await start({ request_headers_timeout: "0.1s" });
    client.write(frame(FRAME_HEADERS, END, 1, REQUEST_HEAD.slice(0, 2)));
    await client.until(FRAME_GOAWAY);
    await untilClosed(client);
    assert.equal(await counts("header_timeout"), 1);
  });

  it("request_headers_timeout: so is half a frame", async () => {
    const client = await start({ request_headers_timeout: "0.1s" });
    client.write(request(1).subarray(0, 12));
    await untilClosed(client);
    assert.equal(await counts("header_timeout"), 1);
  });

  it("request_headers_timeout: more pieces do not put it off", async () => {
    const client = await start({ request_headers_timeout: "0.2s" });
    client.write(frame(FRAME_HEADERS, END, 1, REQUEST_HEAD.slice(0, 2)));
    for (let i = 0; i < 8 && !client.isClosed; i++) {
      await wait(50);
      client.write(frame(FRAME_CONTINUATION, 0, 1, [0x84]));
    }
    await untilClosed(client);
    assert.equal(await counts("header_timeout"), 1);
  });

  it("request_headers_timeout: a head that is whole in time is served, and ends it", async () => {
    const client = await start({ request_headers_timeout: "0.2s" });
    client.write(frame(FRAME_HEADERS, END, 1, REQUEST_HEAD.slice(0, 2)));
    await wait(50);
    client.write(frame(FRAME_CONTINUATION, FRAME_END_HEADERS, 1, REQUEST_HEAD.slice(2)));
    await client.until(FRAME_HEADERS, 1);
    client.write(frame(FRAME_PING, 0, 0, new Uint8Array(8)));
    await wait(300);
    assert.equal(client.isClosed, false);
    assert.equal(await counts("header_timeout"), 0);
  });

  it("stream_idle_timeout: it holds for heads, too", async () => {
    const client = await start({ stream_idle_timeout: "0.1s" });
    client.write(frame(FRAME_HEADERS, END, 1, REQUEST_HEAD.slice(0, 2)));
    await untilClosed(client);
    assert.equal(await counts("idle_timeout"), 1);
  });

  for (const codec of ["AUTO", "HTTP2"]) {
    it(`request_headers_timeout: half a preface has it, too (${codec})`, async () => {
      await start({ request_headers_timeout: "0.1s", codec_type: codec });
      const socket = net.connect(proxy.port, "127.0.0.1");
      clients.push({ close: () => socket.destroy() });
      socket.on("error", () => {}).resume();
      socket.write(PREFACE.subarray(0, 20));
      await once(socket, "close");
      assert.equal(await counts("header_timeout"), 1);
    });

    it(`request_headers_timeout: who sends its preface slowly is served (${codec})`, async () => {
      await start({ request_headers_timeout: "0.2s", codec_type: codec });
      const socket = net.connect(proxy.port, "127.0.0.1");
      const client = new RawHttp2(socket, false);
      clients.push(client);
      await once(socket, "connect");
      client.write(PREFACE.subarray(0, 20));
      await wait(50);
      client.write(PREFACE.subarray(20), frame(http2.FRAME_SETTINGS, 0, 0));
      await wait(250);
      client.write(request(1));
      await client.until(FRAME_HEADERS, 1);
      assert.equal(await counts("header_timeout"), 0);
    });
  }
});
