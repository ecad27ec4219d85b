import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { LocalWorker } from "../support/local-worker.ts";
import { get, ok, toBootstrap } from "../support/proxy-sketch.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { RawUpstream } from "../support/raw-upstream.ts";

/** Requests; `npm run soak` sets more. */
const REQUEST_COUNT = Number(process.env.SOAK_REQUESTS ?? 20_000);
const CLIENT_COUNT = 16;
/** What a heap may grow by without leaking: caches of the runtime, compiled code. */
const HEAP_SLACK_BYTES = 3 * 1024 * 1024;

/** Each client asks so, in turns: whole, with a body, broken, with a bad head, going away. */
const KINDS = ["get", "post", "chunked", "head", "bad", "gone", "close"] as const;

describe("leaks", function () {
  this.timeout(60_000 + REQUEST_COUNT);
  let upstream: RawUpstream;
  let worker: LocalWorker;

  before(async () => {
    upstream = await RawUpstream.listen();
    upstream.serve((head, up) => {
      if (head.includes("/gone")) return;
      if (head.includes("/close")) up.end("HTTP/1.1 200 OK\r\n\r\nbye");
      else if (head.startsWith("HEAD")) up.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
      else up.write(ok("fine", `x-pad: ${"p".repeat(head.length % 3000)}\r\n`));
    });
    worker = await LocalWorker.start(toBootstrap({ endpoints: [upstream.port] }));
  });

  after(() => {
    worker.stop();
    upstream.close();
  });

  async function run(count: number): Promise<void> {
    let left = count;
    await Promise.all(
      Array.from({ length: CLIENT_COUNT }, async () => {
        let client = await RawConnection.open(worker.port);
        while (left > 0) {
          left--;
          const goesOn = await askOne(client, left);
          if (goesOn) continue;
          client.close();
          client = await RawConnection.open(worker.port);
        }
        client.close();
      }),
    );
    while (worker.connectionCount > 0) await setImmediate();
  }

  it(`${REQUEST_COUNT} requests of every kind: memory is as it was`, async () => {
    // What is pooled is made, and what is compiled is compiled, before the count begins.
    await run(3000);
    const before = worker.measureCollected();
    await run(REQUEST_COUNT);
    const after = worker.measureCollected();
    assert.equal(worker.engine.regionsHeld, 0);
    const engineBytes = after.engineBytes - before.engineBytes;
    // Pools of streams and of connections may be a little larger by chance of timing.
    assert.ok(engineBytes < 512 * 1024, `the engine grew by ${engineBytes} bytes`);
    const heapBytes = after.heapBytes - before.heapBytes;
    assert.ok(heapBytes < HEAP_SLACK_BYTES, `the heap grew by ${heapBytes} bytes`);
  });
});

/** One request; returns whether the connection can carry another. */
async function askOne(client: RawConnection, turn: number): Promise<boolean> {
  const host = "host: test\r\n";
  switch (KINDS[turn % KINDS.length]) {
    case "get":
      client.write(get("/", `x-pad: ${"q".repeat(turn % 5000)}\r\n`));
      break;
    case "post":
      client.write(`POST / HTTP/1.1\r\n${host}content-length: 4\r\n\r\nbody`);
      break;
    case "chunked":
      client.write(`POST / HTTP/1.1\r\n${host}transfer-encoding: chunked\r\n\r\n`);
      client.write("4\r\nbody\r\n0\r\nx-sum: 4\r\n\r\n");
      break;
    case "head":
      client.write(`HEAD / HTTP/1.1\r\n${host}\r\n`);
      await client.readHead();
      return true;
    case "bad":
      client.write("GET / HTTP/1.1\r\nbad header\r\n\r\n");
      await client.readToEnd();
      return false;
    case "gone":
      client.write(get("/gone"));
      client.reset();
      return false;
    case "close":
      client.write(get("/close"));
      break;
  }
  await client.readMessage();
  return true;
}
