import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { Compiler } from "../../proxy/compiler/compiler.ts";
import { Log } from "../../proxy/observe/log.ts";
import { ProxyCore } from "../../proxy/proxy-core.ts";
import { get, ok, toBootstrap } from "../support/proxy-sketch.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { RawUpstream } from "../support/raw-upstream.ts";

/** As many as the circuit breaker lets through. */
const HELD_COUNT = 8;
const RQ_TOTAL = "http.test.downstream_rq_total";

describe("workers", () => {
  let upstream: RawUpstream;
  let core: ProxyCore;

  before(async () => {
    upstream = await RawUpstream.listen();
    upstream.serve((head, up) => {
      if (!head.startsWith("GET /hold ")) up.write(ok("fine"));
    });
    const config = toBootstrap({
      endpoints: [upstream.port],
      cluster: { circuit_breakers: { thresholds: [{ max_requests: HELD_COUNT }] } },
    });
    const compiler = new Compiler();
    const work = { config, name: "config", version: 1, logSinks: [] };
    core = new ProxyCore({
      options: { config },
      log: new Log({ level: "off" }),
      compiler,
      config: await compiler.compile(work),
      module: new WebAssembly.Module(
        readFileSync(new URL("../../build/filters.wasm", import.meta.url)),
      ),
      concurrency: 2,
      adminLog: null,
      onQuit: () => {},
    });
    await core.start();
  });

  after(async () => {
    await core.stop();
    upstream.close();
  });

  /** Connects until `count` connections have had an answer. */
  async function open(count: number): Promise<RawConnection[]> {
    const clients: RawConnection[] = [];
    while (clients.length < count) {
      const client = await tryOnce();
      if (client !== null) clients.push(client);
    }
    return clients;
  }

  /** A connection that had an answer, or null when it was with a worker that is dying. */
  async function tryOnce(): Promise<RawConnection | null> {
    try {
      const client = await RawConnection.open(core.boundAddresses[0].port);
      client.write(get("/"));
      await client.readMessage();
      return client;
    } catch {
      // Refused or reset: that is what dying means. The caller tries again.
      return null;
    }
  }

  async function stat(name: string): Promise<number> {
    const { counters, gauges } = await core.collectStats();
    return [...counters, ...gauges].find((one) => one.name === name)?.value ?? 0;
  }

  /** Resolves when a number has the value. */
  async function untilStat(name: string, value: number): Promise<void> {
    // Without a worker an answer is there at once; the next turn lets one start.
    while ((await stat(name)) !== value) await setImmediate();
  }

  /** Ends a worker, once it is there to be ended. */
  async function crash(index: number): Promise<void> {
    const count = await stat("server.worker_restarts");
    while ((await stat("server.worker_restarts")) === count) {
      await core.crashWorker(index);
      await setImmediate();
    }
  }

  it("worker that dies: its connections end, counts stay, another takes its place", async () => {
    const clients = await open(24);
    const before = await stat(RQ_TOTAL);
    assert.equal(before, 24);
    await crash(1);
    let left = 0;
    for (const client of clients) {
      client.write(get("/"));
      const answer = await client.readMessage().catch(() => null);
      if (answer !== null) left++;
      client.close();
    }
    // The kernel spreads connections by their ports: all 24 on one side is once in millions.
    assert.ok(left > 0 && left < 24, `${left} of 24 connections lived on`);
    assert.equal(await stat(RQ_TOTAL), before + left);
    for (const client of await open(24)) client.close();
    assert.equal(await stat(RQ_TOTAL), before + left + 24);
    await untilStat("http.test.downstream_cx_active", 0);
    assert.equal(await stat("http.test.downstream_rq_active"), 0);
  });

  it("worker that dies: the circuit breakers get back what it held", async () => {
    const held = await open(HELD_COUNT);
    for (const client of held) client.write(get("/hold"));
    await untilStat("cluster.up.circuit_breakers.default.rq_open", 1);
    await crash(0);
    await crash(1);
    for (const client of held) assert.equal((await client.readToEnd()).text, "");
    for (const client of await open(HELD_COUNT)) client.close();
    assert.equal(await stat("cluster.up.circuit_breakers.default.rq_open"), 0);
    await untilStat("http.test.downstream_cx_active", 0);
    assert.equal(await stat("cluster.up.upstream_rq_active"), 0);
  });
});
