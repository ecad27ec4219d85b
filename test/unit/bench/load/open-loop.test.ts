import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { type OpenLoopOptions, runOpenLoop } from "../../../../bench/load/open-loop.ts";

const REPLY = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/** Runs the generator against a server that treats each read of a connection as it likes. */
async function runAgainst(
  onRequest: (socket: Socket) => void,
  options: Partial<OpenLoopOptions> = {},
) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // The generator closes while we may still write.
    socket.on("data", () => onRequest(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  try {
    return await runOpenLoop({
      ...{ port: address.port, path: "/", connectionCount: 4, ratePerSecond: 500 },
      ...{ warmupMs: 0, countedMs: 100 },
      ...options,
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

describe("bench/load/open-loop", () => {
  it("runOpenLoop: sends the rate times the time, and counts all answers", async () => {
    const result = await runAgainst((socket) => socket.write(REPLY));
    assert.equal(result.completedCount, 50);
    assert.equal(result.failedCount, 0);
    assert.equal(result.unfinishedCount, 0);
  });

  it("runOpenLoop: what falls due in the warm-up is sent and not counted", async () => {
    let seen = 0;
    const answer = (socket: Socket) => {
      seen += 1;
      socket.write(REPLY);
    };
    const result = await runAgainst(answer, { warmupMs: 100 });
    assert.equal(seen, 100);
    assert.equal(result.completedCount, 50);
  });

  it("runOpenLoop: a stall is charged to every request that fell due in it", async () => {
    let isFirst = true;
    const stall = (socket: Socket) => {
      // The only connection stands still until all 50 requests have fallen due, 100 ms long.
      if (isFirst) setTimeout(() => socket.write(REPLY), 200);
      else socket.write(REPLY);
      isFirst = false;
    };
    const result = await runAgainst(stall, { connectionCount: 1 });
    assert.equal(result.completedCount, 50);
    // Those due at 0, 2, … 98 ms are answered after 200 ms: each is 100 ms old or more.
    assert.ok(result.p50Us >= 100_000, `p50 is ${result.p50Us} µs`);
  });

  it("runOpenLoop: another status than 200 is a failure", async () => {
    const refusal = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    const result = await runAgainst((socket) => socket.write(refusal));
    assert.equal(result.completedCount, 0);
    assert.equal(result.failedCount, 50);
  });

  it("runOpenLoop: connections that break end the run", async () => {
    const result = await runAgainst((socket) => socket.destroy());
    assert.equal(result.completedCount, 0);
    assert.equal(result.failedCount, 4);
  });
});
