import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { setImmediate } from "node:timers/promises";
import {
  UPSTREAM_RETRY_OR_SHADOW_ABANDONED,
  UPSTREAM_UPSTREAM_RQ_ACTIVE,
  UPSTREAM_UPSTREAM_RQ_COMPLETED,
  UPSTREAM_UPSTREAM_RQ_TOTAL,
} from "../../../api/engine/stats.ts";
import { LocalWorker } from "../../support/local-worker.ts";
import { get, ok, toBootstrap, toCluster } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { readBody, sendBody } from "../large-body.ts";

const MIB = 1024 * 1024;
const BUFFER_BYTES = 64 * 1024;
const CLUSTER = { per_connection_buffer_limit_bytes: BUFFER_BYTES };
/** More than the buffers of the kernel take. */
const LARGE_BYTES = 40 * MIB;

describe("mirrors, flow", function () {
  this.timeout(60_000);
  let up: RawUpstream;
  let shadow: RawUpstream;
  let worker: LocalWorker;

  beforeEach(async () => {
    up = await RawUpstream.listen();
    shadow = await RawUpstream.listen();
    worker = await LocalWorker.start(config());
  });

  afterEach(() => {
    worker.stop();
    up.close();
    shadow.close();
  });

  function config(more: Readonly<Record<string, unknown>> = {}): string {
    return toBootstrap({
      endpoints: [up.port],
      cluster: CLUSTER,
      listener: CLUSTER,
      // A slow reader takes longer than Envoy's default of 15 seconds on a busy machine.
      action: { timeout: "0s", request_mirror_policies: [{ cluster: "shadow" }] },
      moreClusters: [toCluster("shadow", [shadow.port], { cluster: CLUSTER })],
      manager: more,
    });
  }

  function countOf(counter: number): number {
    return worker.clusterCount("shadow", counter);
  }

  async function untilIdle(): Promise<void> {
    const clusters = ["up", "shadow"];
    const active = UPSTREAM_UPSTREAM_RQ_ACTIVE;
    while (clusters.some((name) => worker.clusterCount(name, active) > 0)) await setImmediate();
  }

  /** Sends a large body; says at both ends what was sent. */
  async function open(header: string): Promise<net.Socket> {
    const client = net.connect(worker.port, "127.0.0.1");
    await once(client, "connect");
    client.write(`POST / HTTP/1.1\r\nhost: test\r\n${header}\r\n\r\n`);
    return client;
  }

  for (const isChunked of [false, true]) {
    const length = 2 * MIB;
    const header = isChunked ? "transfer-encoding: chunked" : `content-length: ${length}`;
    const framing = isChunked ? "in chunks" : "with a length";

    it(`2 MiB ${framing}: both get every byte, at the pace at which they read`, async () => {
      const client = await open(header);
      const sent = sendBody(client, length, isChunked);
      const bodies = [up, shadow].map(async (each) => {
        const { socket } = await each.accept();
        return (await readFrom(socket)).digest;
      });
      assert.deepEqual(await Promise.all(bodies), [await sent, await sent]);
      assert.equal(worker.clusterCount("up", UPSTREAM_RETRY_OR_SHADOW_ABANDONED), 0);
      client.destroy();
    });

    it(`40 MiB ${framing}: a mirror that reads nothing is given up, its request not`, async () => {
      const large = isChunked ? header : `content-length: ${LARGE_BYTES}`;
      const before = worker.measureCollected();
      let mostBytes = 0;
      const client = await open(large);
      const mirror = await shadow.accept();
      mirror.socket.pause();
      const link = await up.accept();
      const sent = sendBody(client, LARGE_BYTES, isChunked);
      const body = await readFrom(link.socket, () => {
        mostBytes = Math.max(mostBytes, worker.measure().engineBytes - before.engineBytes);
      });
      assert.equal(body.digest, await sent);
      assert.equal(worker.clusterCount("up", UPSTREAM_RETRY_OR_SHADOW_ABANDONED), 1);
      assert.ok(mostBytes < 2 * MIB, `the engine grew by ${mostBytes} bytes`);
      // What it had been sent is less than the body.
      mirror.socket.resume();
      assert.ok((await mirror.readToEnd()).text.length < LARGE_BYTES);
      link.write(ok("real"));
      await once(client, "data");
      client.destroy();
      await untilIdle();
      assert.equal(countOf(UPSTREAM_UPSTREAM_RQ_COMPLETED), 0);
    });
  }

  it("10,000 requests: memory is as it was", async () => {
    let answers = 0;
    up.serve((_head, link, body) => link.write(ok(body)));
    // Some never answer, some answer badly.
    shadow.serve((_head, mirror) => {
      answers++;
      if (answers % 100 === 0) mirror.write("nonsense\r\n\r\n");
      else if (answers % 101 === 0) mirror.close();
      else mirror.write(ok("mirror", `x-pad: ${"p".repeat(answers % 3000)}\r\n`));
    });
    await run(2000);
    const before = worker.measureCollected();
    await run(10_000);
    const after = worker.measureCollected();
    assert.equal(worker.engine.regionsHeld, 0);
    assert.ok(countOf(UPSTREAM_UPSTREAM_RQ_TOTAL) >= 12_000);
    const engineBytes = after.engineBytes - before.engineBytes;
    assert.ok(engineBytes < 256 * 1024, `the engine grew by ${engineBytes} bytes`);
    const heapBytes = after.heapBytes - before.heapBytes;
    assert.ok(heapBytes < 3 * MIB, `the heap grew by ${heapBytes} bytes`);
  });

  /** Asks many times on many connections: GET, with a length, and in chunks with trailers. */
  async function run(count: number): Promise<void> {
    let left = count;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const client = await RawConnection.open(worker.port);
        while (left > 0) {
          left--;
          const body = "b".repeat(left % 5000);
          const head = "POST / HTTP/1.1\r\nhost: test\r\n";
          if (left % 3 === 0) client.write(get("/"));
          else if (left % 3 === 1) {
            client.write(`${head}content-length: ${body.length}\r\n\r\n${body}`);
          } else {
            client.write(
              `${head}transfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nx-t: 1\r\n\r\n`,
            );
          }
          await client.readMessage();
        }
        client.close();
      }),
    );
    while (worker.connectionCount > 0) await setImmediate();
    await untilIdle();
  }

  it("clients: those that go away in the middle of their bodies leave nothing behind", async () => {
    const leave = async (): Promise<void> => {
      const client = await RawConnection.open(worker.port);
      client.write(
        `POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 100000\r\n\r\n${"b".repeat(50_000)}`,
      );
      const ends = await Promise.all([up.accept(), shadow.accept()]);
      await Promise.all(ends.map((each) => each.readUntil("\r\n\r\nb")));
      client.reset();
      await Promise.all(ends.map((each) => each.readToEnd()));
    };
    for (let i = 0; i < 20; i++) await leave();
    const before = worker.measureCollected();
    for (let i = 0; i < 200; i++) await leave();
    while (worker.connectionCount > 0) await setImmediate();
    const grown = worker.measureCollected().engineBytes - before.engineBytes;
    assert.ok(grown <= 0, `the engine grew by ${grown} bytes`);
  });

  it("memory: when it is scarce, mirrors are given up, and the request goes on", async () => {
    const client = await RawConnection.open(worker.port);
    client.write("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhello");
    const [link, mirror] = await Promise.all([up.accept(), shadow.accept()]);
    await Promise.all([link, mirror].map((each) => each.readUntil("hello")));
    const blocks = worker.fillMemory();
    client.write("world");
    assert.equal(await link.read(5), "world");
    await mirror.readToEnd();
    link.write(ok("real"));
    assert.equal((await client.readMessage()).body, "real");
    assert.equal(worker.clusterCount("up", UPSTREAM_RETRY_OR_SHADOW_ABANDONED), 1);
    // No mirror is begun, either.
    client.write(get("/scarce"));
    await link.readMessage();
    link.write(ok("scarce"));
    assert.equal((await client.readMessage()).body, "scarce");
    assert.equal(countOf(UPSTREAM_UPSTREAM_RQ_TOTAL), 1);
    for (const block of blocks) worker.engine.calls.release(block);
    client.write(get("/again"));
    assert.match((await (await shadow.accept()).readMessage()).head, /^GET \/again /);
    client.close();
  });

  it("replacement: the old image lives until the mirror is over", async () => {
    const text = "x".repeat(200_000);
    const routes = [
      { match: { path: "/text" }, direct_response: { status: 200, body: { inline_string: text } } },
    ];
    const route_config = {
      max_direct_response_body_size_bytes: text.length,
      virtual_hosts: [
        {
          name: "all",
          domains: ["*"],
          routes: [
            ...routes,
            {
              match: { prefix: "/" },
              route: { cluster: "up", request_mirror_policies: [{ cluster: "shadow" }] },
            },
          ],
        },
      ],
    };
    await worker.replace(config({ route_config }));
    const client = await RawConnection.open(worker.port);
    client.write(get("/"));
    const [link, mirror] = await Promise.all([up.accept(), shadow.accept()]);
    await Promise.all([link.readMessage(), mirror.readMessage()]);
    link.write(ok("real"));
    await client.readMessage();
    await worker.replace(config());
    client.write(get("/next"));
    await link.readMessage();
    link.write(ok("next"));
    await client.readMessage();
    client.close();
    while (worker.connectionCount > 0) await setImmediate();
    const held = worker.measure().engineBytes;
    mirror.write(ok("mirror"));
    while (worker.measure().engineBytes > held - text.length) await setImmediate();
  });

  async function readFrom(socket: net.Socket, watch: () => void = () => {}) {
    socket.removeAllListeners("data");
    return readBody(socket, watch);
  }
});
