import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { TestProxy } from "../../support/proxy-sketch.ts";
import { TunnelClient } from "./tunnel-client.ts";
import type { TunnelEnd } from "./tunnel-end.ts";
import { BUFFER_BYTES, nameOf, tunnelSketch, WAYS } from "./tunnel-sketch.ts";
import { TunnelUpstream } from "./tunnel-upstream.ts";

/** More than the kernel's buffers of two connections, and ours, hold. */
const SENT_BYTES = 40_000_000;
/** What one read and the windows of HTTP/2 may add to a full buffer. */
const SLACK_BYTES = 1_000_000;

const PIECE = Buffer.alloc(50_000, "a");

const RECEIVED = "http.test.downstream_cx_rx_bytes_total";
const UPSTREAM_RECEIVED = "cluster.up.upstream_cx_rx_bytes_total";

for (const way of WAYS) {
  describe(`backpressure: ${nameOf(way)}`, () => {
    let upstream: TunnelUpstream;
    let proxy: TestProxy;
    let client: TunnelClient;

    beforeEach(async () => {
      upstream = await TunnelUpstream.listen(way.up);
      proxy = await TestProxy.start(tunnelSketch(way.up, upstream.port));
      client = new TunnelClient(proxy.port);
    });

    afterEach(async () => {
      client.close();
      await proxy.untilIdle();
      await proxy.stop();
      upstream.close();
    });

    async function open(): Promise<{ client: TunnelEnd; upstream: TunnelEnd }> {
      const answering = client.ask(way.down, { kind: way.kind });
      const end = (await upstream.next()).accept();
      return { client: (await answering).tunnel, upstream: end };
    }

    /** The value of a statistic when it has not moved for a while. */
    async function untilStill(name: string): Promise<number> {
      for (let last = -1; ; ) {
        const now = await proxy.stat(name);
        if (now === last && now > 0) return now;
        last = now;
        await wait(100);
      }
    }

    async function assertServed(): Promise<void> {
      const other = await open();
      other.client.write("ping");
      assert.equal(await other.upstream.read(4), "ping");
      other.upstream.write("pong");
      assert.equal(await other.client.read(4), "pong");
      other.client.end();
      other.upstream.end();
    }

    it("upload: an upstream that does not read stops the client, and nobody else", async () => {
      const { client: end, upstream: other } = await open();
      other.stream.pause();
      pour(end);
      assert.ok((await untilStill(RECEIVED)) < SENT_BYTES);
      const waiting = await proxy.stat("cluster.up.upstream_cx_tx_bytes_buffered");
      const held = await proxy.stat("http.test.downstream_cx_rx_bytes_buffered");
      assert.ok(waiting + held < BUFFER_BYTES + SLACK_BYTES, `${waiting} + ${held} bytes wait`);
      await assertServed();
      other.stream.resume();
      await other.read(SENT_BYTES);
    }).timeout(30_000);

    it("download: a client that does not read stops the upstream, and nobody else", async () => {
      const { client: end, upstream: other } = await open();
      end.stream.pause();
      pour(other);
      assert.ok((await untilStill(UPSTREAM_RECEIVED)) < SENT_BYTES);
      const waiting = await proxy.stat("http.test.downstream_cx_tx_bytes_buffered");
      const held = await proxy.stat("cluster.up.upstream_cx_rx_bytes_buffered");
      assert.ok(waiting + held < BUFFER_BYTES + SLACK_BYTES, `${waiting} + ${held} bytes wait`);
      await assertServed();
      end.stream.resume();
      await end.read(SENT_BYTES);
    }).timeout(30_000);
  });
}

/** Sends `SENT_BYTES`, as fast as they are taken. */
function pour({ stream }: TunnelEnd): void {
  let left = SENT_BYTES;
  const send = (): void => {
    while (left > 0) {
      left -= PIECE.length;
      if (!stream.write(PIECE)) break;
    }
    if (left > 0) stream.once("drain", send);
  };
  send();
}
