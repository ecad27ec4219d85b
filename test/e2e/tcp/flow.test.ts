import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProxy } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { startTcp, type TcpSketch, toTcpBootstrap } from "./tcp-scene.ts";

/** More than all buffers on the way take. */
const LARGE_BYTES = 24 * 1024 * 1024;
const LIMIT_BYTES = 64 * 1024;
/** All that is sent is taken. */
const UNLIMITED: TcpSketch = {
  listener: { per_connection_buffer_limit_bytes: 0 },
  cluster: { per_connection_buffer_limit_bytes: 0 },
};

describe("TCP proxy, flow", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });

  afterEach(async () => {
    await proxy.stop();
    upstream.close();
  });

  async function start(sketch: TcpSketch = {}): Promise<[RawConnection, RawConnection]> {
    proxy = await startTcp({ endpoints: [upstream.port], ...sketch });
    const client = await proxy.connect();
    return [client, await upstream.accept()];
  }

  it("bytes: go both ways as they are, whoever speaks first", async () => {
    const [client, up] = await start();
    up.write("\0\xff220 hello\r\n");
    assert.equal(await client.read(13), "\0\xff220 hello\r\n");
    client.write("GET / HTTP/1.1\r\n\r\n");
    assert.equal(await up.read(18), "GET / HTTP/1.1\r\n\r\n");
  });

  it("large transfers: both ways at a time, every byte in its place", async () => {
    const [client, up] = await start();
    const down = makeBytes(3_000_000, 7);
    const there = makeBytes(3_000_000, 11);
    client.end(there);
    up.end(down);
    const [got, gotUp] = await Promise.all([client.readToEnd(), up.readToEnd()]);
    assert.equal(digest(got.text), digest(down));
    assert.equal(digest(gotUp.text), digest(there));
    await proxy.untilIdle();
  });

  it("a client that has said all: still gets the answer", async () => {
    const [client, up] = await start();
    client.end("question");
    assert.equal((await up.readToEnd()).text, "question");
    up.write("answer");
    assert.equal(await client.read(6), "answer");
    up.end();
    assert.deepEqual(await client.readToEnd(), { text: "", isBroken: false });
    await proxy.untilIdle();
  });

  it("an upstream that has said all: is still told", async () => {
    const [client, up] = await start();
    up.end("greeting");
    assert.equal((await client.readToEnd()).text, "greeting");
    client.write("late");
    assert.equal(await up.read(4), "late");
    client.end();
    await up.readToEnd();
    await proxy.untilIdle();
  });

  it("the last bytes: reach an upstream that ended first and reads late", async () => {
    const [client, up] = await start();
    up.socket.pause();
    const text = makeBytes(6_000_000, 3);
    client.end(text);
    up.end();
    await client.readToEnd();
    up.socket.resume();
    assert.equal(digest((await up.readToEnd()).text), digest(text));
    await proxy.untilIdle();
  });

  for (const who of ["client", "upstream"] as const) {
    it(`a ${who} that does not read: the other side is held up, and little is kept`, async () => {
      const [client, up] = await start({
        listener: { per_connection_buffer_limit_bytes: LIMIT_BYTES },
        cluster: { per_connection_buffer_limit_bytes: LIMIT_BYTES },
      });
      const [reader, writer] = who === "client" ? [client, up] : [up, client];
      reader.socket.pause();
      writer.socket.write(Buffer.alloc(LARGE_BYTES));
      const paused =
        who === "client"
          ? "cluster.up.upstream_flow_control_paused_reading_total"
          : "tcp.test.downstream_flow_control_paused_reading_total";
      while ((await proxy.stat(paused)) === 0) await new Promise((done) => setTimeout(done, 5));
      const kept =
        who === "client"
          ? await proxy.stat("tcp.test.downstream_cx_tx_bytes_buffered")
          : await proxy.stat("cluster.up.upstream_cx_tx_bytes_buffered");
      assert.ok(kept >= LIMIT_BYTES && kept < LIMIT_BYTES + 256 * 1024, `${kept} bytes`);
      reader.socket.resume();
      await reader.read(LARGE_BYTES);
      assert.equal(await proxy.stat("tcp.test.downstream_cx_tx_bytes_buffered"), 0);
    });
  }

  it("per_connection_buffer_limit_bytes of 0: there is no limit", async () => {
    const [client, up] = await start(UNLIMITED);
    client.socket.pause();
    up.socket.write(Buffer.alloc(LARGE_BYTES));
    await proxy.untilStat("tcp.test.downstream_cx_tx_bytes_total", LARGE_BYTES);
    client.socket.resume();
    await client.read(LARGE_BYTES);
    client.end("x".repeat(200_000));
    assert.equal((await up.readToEnd()).text.length, 200_000);
  });

  it("a client that takes its time: gets all, though both sides have ended", async () => {
    const [client, up] = await start(UNLIMITED);
    client.end("question");
    await up.readToEnd();
    client.socket.pause();
    up.end("x".repeat(LARGE_BYTES));
    await proxy.untilStat("cluster.up.upstream_cx_active", 0);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    client.socket.resume();
    const { text, isBroken } = await client.readToEnd();
    assert.equal(text.length, LARGE_BYTES);
    assert.ok(!isBroken);
    await proxy.untilIdle();
  });

  it("a client that takes nothing any more: is closed after the idle time", async () => {
    const [client, up] = await start({ ...UNLIMITED, proxy: { idle_timeout: "0.2s" } });
    client.end("question");
    await up.readToEnd();
    client.socket.pause();
    up.end("x".repeat(LARGE_BYTES));
    await proxy.untilStat("tcp.test.idle_timeout", 1);
    await proxy.untilIdle();
  });

  it("an upstream that takes its time: gets all when the client is gone", async () => {
    const [client, up] = await start(UNLIMITED);
    up.end("greeting");
    await client.readToEnd();
    up.socket.pause();
    client.end("x".repeat(LARGE_BYTES));
    await proxy.untilStat("tcp.test.upstream_flush_active", 1);
    await proxy.untilIdle();
    up.socket.resume();
    assert.equal((await up.readToEnd()).text.length, LARGE_BYTES);
    await proxy.untilStat("tcp.test.upstream_flush_active", 0);
    assert.equal(await proxy.stat("tcp.test.upstream_flush_total"), 1);
    assert.equal(await proxy.stat("tcp.test.idle_timeout"), 0);
  });

  it("an upstream that takes nothing any more: is closed after the idle time", async () => {
    const [client, up] = await start({ ...UNLIMITED, proxy: { idle_timeout: "0.2s" } });
    up.end("greeting");
    await client.readToEnd();
    up.socket.pause();
    client.end("x".repeat(LARGE_BYTES));
    await proxy.untilStat("tcp.test.idle_timeout", 1);
    await proxy.untilStat("cluster.up.upstream_cx_active", 0);
    assert.equal(await proxy.stat("tcp.test.upstream_flush_total"), 1);
    assert.equal(await proxy.stat("tcp.test.upstream_flush_active"), 0);
  });

  it("preconnect_policy: what an upstream says before there is a client is not lost", async () => {
    const policy = { per_upstream_preconnect_ratio: 2 };
    const [, up] = await start({ cluster: { preconnect_policy: policy } });
    const early = await upstream.accept();
    for (const each of [up, early]) each.write("220 hello\r\n");
    await proxy.untilStat("cluster.up.upstream_cx_rx_bytes_total", 22);
    const client = await proxy.connect();
    assert.equal(await client.read(11), "220 hello\r\n");
    early.write("more");
    assert.equal(await client.read(4), "more");
  });

  it("Unix sockets: on both sides, abstract names too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tcp-"));
    const abstract = `@causeway-tcp-${process.pid}`;
    const path = join(folder, "up");
    const down = join(folder, "down");
    const pipeUpstream = await RawUpstream.listen(path);
    const listener = { address: { pipe: { path: down } } };
    proxy = await startTcp({ endpoints: [path], listener });
    const client = await RawConnection.open(down);
    const up = await pipeUpstream.accept();
    client.write("hello");
    assert.equal(await up.read(5), "hello");
    up.end("hi");
    assert.equal((await client.readToEnd()).text, "hi");
    client.close();
    await up.readToEnd();
    await proxy.stop();
    pipeUpstream.close();
    rmSync(folder, { recursive: true });

    const abstractUpstream = await RawUpstream.listen(`\0${abstract.slice(1)}-up`);
    const name = { address: { pipe: { path: abstract } } };
    proxy = await startTcp({ endpoints: [`${abstract}-up`], listener: name });
    const other = await RawConnection.open(`\0${abstract.slice(1)}`);
    const otherUp = await abstractUpstream.accept();
    otherUp.write("welcome");
    assert.equal(await other.read(7), "welcome");
    other.end();
    await otherUp.readToEnd();
    otherUp.end();
    await other.readToEnd();
    abstractUpstream.close();
  });

  it("a configuration that is replaced: connections go on where they are", async () => {
    const [client, up] = await start();
    const second = await RawUpstream.listen();
    await proxy.proxy.replace(toTcpBootstrap({ endpoints: [second.port] }));
    client.write("still");
    assert.equal(await up.read(5), "still");
    up.write("here");
    assert.equal(await client.read(4), "here");
    const next = await proxy.connect();
    const nextUp = await second.accept();
    next.write("new");
    assert.equal(await nextUp.read(3), "new");
    client.end();
    await up.readToEnd();
    up.end();
    await client.readToEnd();
    second.close();
  });

  it("two workers: each serves, and all is counted", async () => {
    proxy = await startTcp({ endpoints: [upstream.port] }, { concurrency: 2 });
    const clients = await Promise.all(Array.from({ length: 8 }, () => proxy.connect()));
    for (const client of clients) client.end("x");
    for (let count = 0; count < clients.length; count++) {
      const up = await upstream.accept();
      await up.readToEnd();
      up.end("y");
    }
    for (const client of clients) assert.equal((await client.readToEnd()).text, "y");
    assert.equal(await proxy.stat("tcp.test.downstream_cx_total"), 8);
  });
});

/** Bytes in which no place looks like its neighbours. */
function makeBytes(length: number, step: number): string {
  const bytes = Buffer.alloc(length);
  for (let at = 0, value = 1; at < length; at++) {
    value = (value * 1_103_515_245 + step) & 0x7fff_ffff;
    bytes[at] = value >> 16;
  }
  return bytes.toString("latin1");
}

function digest(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}
