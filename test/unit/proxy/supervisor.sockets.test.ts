import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { rmSync, statSync } from "node:fs";
import { createServer, type ListenOptions, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { JsonObject } from "@bufbuild/protobuf";
import type { Snapshot } from "../../../proxy/config/model.ts";
import { Log } from "../../../proxy/observe/log.ts";
import { Supervisor, type SupervisorSetup } from "../../../proxy/supervisor.ts";
import { skipFor } from "../../support/mocha/skip.ts";
import { socketAddress } from "./config/sample-bootstrap.ts";
import { ANY_PORT, compile, connectionCounts, fetchText, listener } from "./supervisor-sketch.ts";

const WORKER_COUNT = 2;
const ALONE = { enable_reuse_port: false };

describe("supervisor: one socket for all workers", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-sockets-"));
  const socketPath = join(folder, "a.sock");
  const lines: string[] = [];
  let supervisor: Supervisor | null = null;
  let module: WebAssembly.Module;

  before(() => {
    const path = new URL("../../../build/filters.wasm", import.meta.url);
    module = new WebAssembly.Module(readFileSync(path));
  });
  beforeEach(() => lines.splice(0));
  afterEach(async () => {
    await supervisor?.stop();
    supervisor = null;
  });
  after(() => rmSync(folder, { recursive: true }));

  function create(snapshot: Snapshot, setup: Partial<SupervisorSetup> = {}): Supervisor {
    const write = (line: string): void => void lines.push(line.trim());
    const log = new Log({ level: "info", format: "%l %v", write }).logger("main");
    const events = { onReport: () => {}, onWorkerGone: () => {} };
    const workerCount = WORKER_COUNT;
    supervisor = new Supervisor({ module, workerCount, snapshot, log, events, ...setup });
    return supervisor;
  }

  async function start(...args: Parameters<typeof create>): Promise<Supervisor> {
    const started = create(...args);
    await started.start();
    return started;
  }

  function pipe(mode = 0): JsonObject {
    return { pipe: { path: socketPath, mode } };
  }

  /** Connects until every worker has accepted; mocha's timeout is the limit. */
  async function untilAllAccept(
    running: Supervisor,
    at: { port: number } | { socketPath: string },
    want: string,
  ): Promise<void> {
    let counts: readonly number[] = [];
    while (counts.length < WORKER_COUNT || counts.includes(0)) {
      assert.equal(await fetchText(at), want);
      counts = await connectionCounts(running);
    }
  }

  it("sharing: all workers accept from one port", async () => {
    const running = await start(compile(1, listener("a", ANY_PORT, "hello", ALONE)));
    const [{ port }] = running.boundAddresses;
    await untilAllAccept(running, { port }, "hello");
    assert.deepEqual(lines, [`info all workers accept from one socket at 127.0.0.1:${port}`]);
  });

  it("sharing: all workers accept from one Unix socket, which has its mode", async () => {
    const running = await start(compile(1, listener("a", pipe(0o600), "pipe")));
    assert.equal(statSync(socketPath).mode & 0o777, 0o600);
    await untilAllAccept(running, { socketPath }, "pipe");
  });

  it("sharing: all workers accept from an abstract Unix socket", async function () {
    if (process.platform !== "linux") skipFor(this, "needs Linux: others have no such sockets");
    const address = { pipe: { path: `@causeway-${process.pid}` } };
    const running = await start(compile(1, listener("a", address, "abstract")));
    await untilAllAccept(running, { socketPath: `\0causeway-${process.pid}` }, "abstract");
    assert.equal(existsSync(`@causeway-${process.pid}`), false);
  });

  it("sharing: a listener may have a socket of each kind", async () => {
    const more = { additional_addresses: [{ address: pipe() }] };
    const running = await start(compile(1, listener("a", ANY_PORT, "both", more)));
    const [{ port }] = running.boundAddresses.filter(({ place }) => place === 0);
    assert.equal(await fetchText({ port }), "both");
    assert.equal(await fetchText({ socketPath }), "both");
    assert.deepEqual(lines, [`info all workers accept from one socket at ${socketPath}`]);
  });

  it("worker that dies: what connects meanwhile is served, by others or later", async () => {
    const running = await start(compile(1, listener("a", pipe(), "here")));
    const { ino } = statSync(socketPath);
    await running.crash(0);
    assert.equal(await fetchText({ socketPath }), "here");
    await running.crash(1);
    // Nobody accepts now: connections wait in the socket, which is still there.
    const answers = await Promise.all([1, 2, 3].map(() => fetchText({ socketPath })));
    assert.deepEqual(answers, ["here", "here", "here"]);
    await untilAllAccept(running, { socketPath }, "here");
    assert.equal(statSync(socketPath).ino, ino);
  });

  it("replace: the socket stays when its listener gets another name, mode or backlog", async () => {
    const running = await start(compile(1, listener("a", pipe(0o600), "old")));
    const { ino } = statSync(socketPath);
    const changes: [string, number, JsonObject][] = [
      ["a", 0o600, { tcp_backlog_size: 7 }],
      ["a", 0o660, {}],
      ["b", 0o660, {}],
      ["b", 0o600, { stat_prefix: "in" }],
    ];
    for (const [index, [name, mode, more]] of changes.entries()) {
      const text = `new ${index}`;
      await running.replace(compile(2 + index, listener(name, pipe(mode), text, more)));
      assert.equal(await fetchText({ socketPath }), text);
      const { ino: inode, mode: bits } = statSync(socketPath);
      assert.deepEqual([inode, bits & 0o777], [ino, mode]);
    }
  });

  it("replace: a socket that no listener needs any more is gone, with its file", async () => {
    const running = await start(compile(1, listener("a", pipe(), "a")));
    await running.replace(compile(2, listener("b", ANY_PORT, "b", ALONE)));
    await assert.rejects(fetchText({ socketPath }), { code: "ENOENT" });
    const [{ port }] = running.boundAddresses.filter(({ listener: name }) => name === "b");
    await running.replace(compile(3));
    await assert.rejects(fetchText({ port }), { code: "ECONNREFUSED" });
  });

  it("replace: an address that is taken changes nothing", async () => {
    const takenPath = join(folder, "taken.sock");
    const server = await listen({ path: takenPath });
    const running = await start(compile(1, listener("a", pipe(0o600), "old")));
    const next = [
      listener("a", pipe(0o660), "new"),
      listener("b", { pipe: { path: takenPath } }, "x"),
    ];
    await assert.rejects(running.replace(compile(2, ...next)), { code: "EADDRINUSE" });
    assert.equal(await fetchText({ socketPath }), "old");
    assert.equal(running.snapshot.version, 1);
    server.close();
  });

  it("replace: enable_reuse_port cannot change", async () => {
    const running = await start(compile(1, listener("a", ANY_PORT, "old", ALONE)));
    const [{ port }] = running.boundAddresses;
    await assert.rejects(running.replace(compile(2, listener("a", ANY_PORT, "new"))), {
      code: "CONFIG_INVALID",
      message:
        "static_resources.listeners[0].enable_reuse_port: " +
        "listener a: reuse port cannot be changed during an update",
    });
    assert.equal(await fetchText({ port }), "old");
  });

  it("drain: nobody accepts any more, nor does a worker that is started later", async () => {
    const running = await start(
      compile(1, listener("a", pipe(), "a"), listener("b", ANY_PORT, "b", ALONE)),
    );
    const { port } = running.boundAddresses.find(({ port: number }) => number !== 0) ?? { port: 0 };
    await running.drain();
    await running.crash(0);
    while ((await running.collect()).length < WORKER_COUNT) await setImmediate();
    await running.replace(compile(2, listener("a", pipe(), "a"), listener("c", ANY_PORT, "c")));
    await assert.rejects(fetchText({ socketPath }), { code: "ENOENT" });
    await assert.rejects(fetchText({ port }), { code: "ECONNREFUSED" });
  });

  it("descriptors: each worker has one, and none is left over", async function () {
    if (process.platform !== "linux") skipFor(this, "needs Linux: it counts in /proc");
    const server = await listen({ port: 0, host: "127.0.0.1" });
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const taken = listener("taken", socketAddress(address.address, address.port), "x");
    const absent = listener("absent", { pipe: { path: join(folder, "absent/a.sock") } }, "x");
    const count = descriptorCount();
    const running = await start(compile(1, listener("a", pipe(), "a")));
    assert.equal(listenerCount(socketPath), 1 + WORKER_COUNT);
    for (let version = 2; version < 30; version++) {
      const more = { tcp_backlog_size: version };
      const other = version % 2 === 0 ? [] : [listener("b", ANY_PORT, "b", ALONE)];
      // The main thread cannot bind the one; the workers come to the other with a socket in hand.
      for (const bad of [absent, taken]) {
        const failing = compile(version, listener("a", pipe(), "a", more), bad);
        await assert.rejects(running.replace(failing), /EACCES|EADDRINUSE/);
      }
      await running.replace(compile(version, listener("a", pipe(), "a", more), ...other));
      assert.equal(listenerCount(socketPath), 1 + WORKER_COUNT);
    }
    for (let index = 0; index < WORKER_COUNT; index++) {
      await running.crash(index);
      assert.equal(listenerCount(socketPath), WORKER_COUNT);
      while ((await running.collect()).length < WORKER_COUNT) await setImmediate();
      assert.equal(listenerCount(socketPath), 1 + WORKER_COUNT);
    }
    await running.replace(compile(30));
    await running.stop();
    supervisor = null;
    assert.equal(descriptorCount(), count);
    server.close();
  });

  it("descriptors: a worker that dies while it starts leaves none", async function () {
    if (process.platform !== "linux") skipFor(this, "needs Linux: it counts in /proc");
    const count = descriptorCount();
    let failure: unknown = null;
    const running = create(compile(1, listener("a", pipe(), "a")));
    const starting = running.start().catch((error) => {
      failure = error;
    });
    while (failure === null) {
      await running.crash(0);
      await setImmediate();
    }
    await starting;
    assert.match(String(failure), /worker 0 ended while it started/);
    assert.equal(descriptorCount(), count + 1);
    await running.stop();
    assert.equal(descriptorCount(), count);
  });

  it("without koffi: the first worker accepts alone, and the log says so", async () => {
    const loadDuplicate = (): Promise<never> => Promise.reject(new Error("no koffi"));
    const snapshot = compile(1, listener("a", pipe(0o600), "alone"), listener("b", ANY_PORT, "b"));
    const running = await start(snapshot, { loadDuplicate });
    for (let i = 0; i < 8; i++) assert.equal(await fetchText({ socketPath }), "alone");
    assert.deepEqual(await connectionCounts(running), [8, 0]);
    assert.equal(statSync(socketPath).mode & 0o777, 0o600);
    assert.deepEqual(lines, [
      "warning workers cannot share listening sockets: Error: no koffi",
      "warning listener a: the first worker accepts for it alone",
    ]);
  });

  it("one worker: it has the sockets to itself, and koffi is not loaded", async () => {
    const loadDuplicate = (): Promise<never> => assert.fail("it is not needed");
    const snapshot = compile(1, listener("a", pipe(0o600), "one"));
    await start(snapshot, { loadDuplicate, workerCount: 1 });
    assert.equal(await fetchText({ socketPath }), "one");
    assert.deepEqual(lines, []);
  });
});

/** Listens as another process might. */
async function listen(options: ListenOptions): Promise<Server> {
  const server = createServer().listen(options);
  await once(server, "listening");
  return server;
}

/** Open descriptors of this process. */
function descriptorCount(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Descriptors of this process that are the listening socket at a path. */
function listenerCount(path: string): number {
  // Num RefCount Protocol Flags Type St Inode Path; the flag 10000 is a socket that listens.
  const line = readFileSync("/proc/net/unix", "latin1")
    .split("\n")
    .find((text) => text.includes(" 00010000 ") && text.endsWith(` ${path}`));
  const inode = line?.split(/\s+/).at(6);
  return readdirSync("/proc/self/fd").filter((fd) => linkOf(fd) === `socket:[${inode}]`).length;
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // The descriptor that read the folder is closed by now.
    return "";
  }
}
