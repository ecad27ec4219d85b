import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import type { Snapshot } from "../../../proxy/config/model.ts";
import { Log } from "../../../proxy/observe/log.ts";
import { Supervisor } from "../../../proxy/supervisor.ts";
import { socketAddress } from "./config/sample-bootstrap.ts";
import { ANY_PORT, compile, connectionCounts, fetchText, listener } from "./supervisor-sketch.ts";

describe("supervisor", () => {
  let supervisor: Supervisor | null = null;
  let module: WebAssembly.Module;

  before(() => {
    const path = new URL("../../../build/filters.wasm", import.meta.url);
    module = new WebAssembly.Module(readFileSync(path));
  });
  afterEach(async () => {
    await supervisor?.stop();
    supervisor = null;
  });

  /** Starts two workers on a snapshot. */
  async function start(snapshot: Snapshot): Promise<Supervisor> {
    const log = new Log({ level: "off", format: undefined }).logger("main");
    const events = { onReport: () => {}, onWorkerGone: () => {} };
    const started = new Supervisor({ module, workerCount: 2, snapshot, log, events });
    supervisor = started;
    await started.start();
    return started;
  }

  it("Supervisor: two workers listen on the port that the first one found", async () => {
    const running = await start(compile(1, listener("a", ANY_PORT, "hello")));
    const [{ address, port }, ...others] = running.boundAddresses;
    assert.deepEqual([address, others.length], ["127.0.0.1", 0]);
    assert.notEqual(port, 0);
    // The kernel spreads connections by chance; mocha's timeout is the limit.
    while (!(await connectionCounts(running)).every((count) => count > 0)) {
      assert.equal(await fetchText({ port }), "hello");
    }
    assert.equal((await connectionCounts(running)).length, 2);
  });

  it("Supervisor: a replaced snapshot answers on the same port, beside new listeners", async () => {
    const running = await start(compile(1, listener("a", ANY_PORT, "old")));
    const [{ port }] = running.boundAddresses;
    const next = [listener("a", ANY_PORT, "new"), listener("b", ANY_PORT, "other")];
    await running.replace(compile(2, ...next));
    assert.equal(running.snapshot.version, 2);
    assert.deepEqual(
      running.boundAddresses.map(({ listener: name }) => name),
      ["a", "b"],
    );
    assert.equal(running.boundAddresses[0].port, port);
    for (let i = 0; i < 8; i++) assert.equal(await fetchText({ port }), "new");
    assert.equal(await fetchText({ port: running.boundAddresses[1].port }), "other");
    await running.replace(compile(3, listener("b", ANY_PORT, "other")));
    assert.deepEqual(
      running.boundAddresses.map(({ listener: name }) => name),
      ["b"],
    );
  });

  it("Supervisor: an address that is taken fails the start", async () => {
    const { server, port } = await listenAlone();
    const taken = listener("a", socketAddress("127.0.0.1", port), "x");
    await assert.rejects(start(compile(1, taken)), /EADDRINUSE/);
    server.close();
  });

  it("Supervisor: an address that is taken rejects a replacement, not the rest", async () => {
    const { server, port: takenPort } = await listenAlone();
    const running = await start(compile(1, listener("a", ANY_PORT, "old")));
    const [{ port }] = running.boundAddresses;
    const old = listener("a", ANY_PORT, "old");
    const taken = listener("b", socketAddress("127.0.0.1", takenPort), "x");
    await assert.rejects(running.replace(compile(2, old, taken)), /EADDRINUSE/);
    assert.equal(await fetchText({ port }), "old");
    server.close();
  });

  it("Supervisor: drain resolves when no connection is left, and nothing is accepted", async () => {
    const running = await start(compile(1, listener("a", ANY_PORT, "hello")));
    const [{ port }] = running.boundAddresses;
    assert.equal(await fetchText({ port }), "hello");
    await running.drain();
    await assert.rejects(fetchText({ port }), { code: "ECONNREFUSED" });
  });
});

/** Listens on a port that is not shared. */
function listenAlone(): Promise<{ server: Server; port: number }> {
  const { promise, resolve } = Promise.withResolvers<{ server: Server; port: number }>();
  const server = createServer();
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    resolve({ server, port: address.port });
  });
  return promise;
}
