import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { setImmediate } from "node:timers/promises";
import { LocalWorker } from "../support/local-worker.ts";
import { get, toBootstrap } from "../support/proxy-sketch.ts";
import { readBody, sendBody } from "./large-body.ts";

const MIB = 1024 * 1024;
const BODY_BYTES = 200 * MIB;
const BUFFER_BYTES = 256 * 1024;

describe("HTTP/1 flow", function () {
  this.timeout(60_000);
  let server: net.Server;
  let worker: LocalWorker;

  before(async () => {
    server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    worker = await LocalWorker.start(
      toBootstrap({
        endpoints: [port],
        // A slow reader takes longer than Envoy's default of 15 seconds on a busy machine.
        action: { timeout: "0s" },
        upstreamOptions: { max_requests_per_connection: 1 },
        listener: { per_connection_buffer_limit_bytes: BUFFER_BYTES },
        cluster: { per_connection_buffer_limit_bytes: BUFFER_BYTES },
      }),
    );
  });

  after(() => {
    worker.stop();
    server.close();
  });

  async function connect(): Promise<net.Socket> {
    const socket = net.connect(worker.port, "127.0.0.1");
    await once(socket, "connect");
    return socket;
  }

  async function accept(): Promise<net.Socket> {
    const [socket]: net.Socket[] = await once(server, "connection");
    return socket;
  }

  /** Watches that what the worker holds stays within what its limits allow. */
  function memoryWatch() {
    const base = worker.measureCollected();
    let mostBytes = 0;
    return {
      look: () => {
        mostBytes = Math.max(mostBytes, worker.measure().engineBytes - base.engineBytes);
      },
      check: () => {
        assert.ok(mostBytes < 4 * MIB, `the engine grew by ${mostBytes} bytes`);
        const left = worker.measureCollected();
        assert.equal(worker.engine.regionsHeld, 0);
        assert.ok(left.engineBytes <= base.engineBytes + MIB);
      },
    };
  }

  for (const isChunked of [false, true]) {
    const framing = isChunked ? "chunked" : "with a length";
    const header = isChunked ? "transfer-encoding: chunked" : `content-length: ${BODY_BYTES}`;

    it(`200 MiB down, ${framing}: a slow reader gets every byte, and memory is flat`, async () => {
      const memory = memoryWatch();
      const client = await connect();
      const accepted = accept();
      client.write(get("/"));
      const up = await accepted;
      await once(up, "data");
      up.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n`);
      const sent = sendBody(up, BODY_BYTES, isChunked);
      const body = await readBody(client, memory.look);
      assert.equal(body.totalBytes, BODY_BYTES);
      assert.equal(body.digest, await sent);
      client.destroy();
      up.destroy();
      memory.check();
    });

    it(`200 MiB up, ${framing}: a slow reader gets every byte, and memory is flat`, async () => {
      const memory = memoryWatch();
      const client = await connect();
      const accepted = accept();
      client.write(`POST / HTTP/1.1\r\nhost: test\r\n${header}\r\n\r\n`);
      const sent = sendBody(client, BODY_BYTES, isChunked);
      const up = await accepted;
      const body = await readBody(up, memory.look);
      assert.equal(body.totalBytes, BODY_BYTES);
      assert.equal(body.digest, await sent);
      up.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      await once(client, "data");
      client.destroy();
      up.destroy();
      memory.check();
    });
  }

  it("40 readers that stop: each holds its buffers at most, and gets the rest later", async () => {
    const base = worker.measureCollected();
    const length = 16 * MIB;
    const count = 40;
    server.on("connection", serve);
    function serve(up: net.Socket): void {
      up.on("error", () => {});
      up.once("data", () => {
        up.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`);
        void sendBody(up, length, false);
      });
    }
    const clients = await Promise.all(Array.from({ length: count }, connect));
    for (const client of clients) {
      client.pause();
      client.write(get("/"));
    }
    await untilQuiet(() => worker.measure().externalBytes);
    const held = worker.measureCollected();
    const heldBytes = held.externalBytes - base.externalBytes;
    const engineBytes = held.engineBytes - base.engineBytes;
    const total = (count * (BUFFER_BYTES + 2 * 65_536)) / MIB;
    // The test's own ends hold a piece each.
    assert.ok(heldBytes < 2 * total * MIB, `${heldBytes / MIB} MiB wait outside the heap`);
    assert.ok(engineBytes < 32 * MIB, `${engineBytes / MIB} MiB wait in the engine`);
    const bodies = await Promise.all(clients.map((client) => readBody(client, () => {})));
    for (const body of bodies) assert.equal(body.totalBytes, length);
    assert.equal(new Set(bodies.map((body) => body.digest)).size, 1);
    server.off("connection", serve);
    for (const client of clients) client.destroy();
    while (worker.connectionCount > 0) await setImmediate();
    assert.equal(worker.engine.regionsHeld, 0);
  });

  it("broken connections: regions of output in flight come back", async () => {
    server.on("connection", serve);
    function serve(up: net.Socket): void {
      up.on("error", () => {});
      up.once("data", () => {
        up.write("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n");
        void sendBody(up, 64 * MIB, false).catch(() => {});
      });
    }
    for (let round = 0; round < 3; round++) {
      const clients = await Promise.all(Array.from({ length: 8 }, connect));
      for (const client of clients) {
        client.pause();
        client.write(get("/"));
      }
      while (worker.engine.regionsHeld < 8) await setImmediate();
      for (const client of clients) client.resetAndDestroy();
      while (worker.connectionCount > 0) await setImmediate();
      while (worker.engine.regionsHeld > 0) await setImmediate();
    }
    server.off("connection", serve);
  });
});

/** Resolves when a number has not grown for some hundred turns of the event loop. */
async function untilQuiet(read: () => number): Promise<void> {
  let most = 0;
  for (let quiet = 0; quiet < 300; quiet++) {
    await setImmediate();
    const now = read();
    if (now <= most) continue;
    most = now;
    quiet = 0;
  }
}
