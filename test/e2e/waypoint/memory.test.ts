import assert from "node:assert/strict";
import { setImmediate, setTimeout } from "node:timers/promises";
import { LocalWorker } from "../../support/local-worker.ts";
import { openSession, Pods, Tunnel, waypointConfig } from "./waypoint-scene.ts";

const REVIEWS = "10.96.0.10:80";
const DB = "10.96.0.20:5432";
const REMOTE = "10.96.0.30:80";
/** What one tunnel may hold: each hop has two limits of 1 MiB, and windows of HTTP/2. */
const HELD_BYTES_MAX = 16 * 1024 * 1024;

describe("waypoint, memory", function () {
  this.timeout(30_000);
  let pods: Pods;
  let worker: LocalWorker;

  beforeEach(async () => {
    pods = await Pods.start();
    worker = await LocalWorker.start(waypointConfig(pods, null));
  });

  afterEach(() => {
    worker.stop();
    pods.stop();
  });

  async function untilIdle(): Promise<void> {
    while (worker.connectionCount > 0) await setTimeout(10);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  }

  /** Opens all kinds of tunnels on one connection, uses them, and closes them in all ways. */
  async function playRound(): Promise<void> {
    const session = await openSession(worker.port);
    const open = (authority: string): Promise<Tunnel> => Tunnel.open(session, authority);
    const asking = ["/a", "/b", "/large/100000"].map(async (path) => {
      const tunnel = await open(REVIEWS);
      await tunnel.ask(path, "body");
      if (path === "/a") tunnel.stream.end();
      else if (path === "/b") tunnel.stream.close(8);
    });
    const remote = await open(REMOTE);
    assert.equal(await remote.ask("/a"), "200 /a 0 ");
    const tcp = await open(DB);
    tcp.stream.end("hello");
    assert.equal(await tcp.read(5), "hello");
    const unknown = await open("10.96.0.99:80");
    unknown.stream.end("GET / HTTP/1.1\r\n\r\n");
    await open("no.address:1");
    await Promise.all(asking);
    session.destroy();
    while (worker.connections.length > 0) await setTimeout(5);
  }

  it("given back: when the tunnels are closed, the engine has what it had", async () => {
    for (let round = 0; round < 2; round++) await playRound();
    // Connections to the ztunnel stay for the next who comes.
    const before = worker.measureCollected().engineBytes;
    for (let round = 0; round < 5; round++) await playRound();
    for (;;) {
      await setTimeout(20);
      if (worker.measureCollected().engineBytes <= before) break;
    }
    pods.stop();
    await untilIdle();
    assert.equal(worker.connectionCount, 0);
  });

  it("back pressure: a tunnel that is not read holds little, and stops no other", async () => {
    const session = await openSession(worker.port);
    const before = worker.measureCollected().engineBytes;
    const lazy = await Tunnel.open(session, REVIEWS);
    lazy.stream.pause();
    lazy.stream.write("GET /large/100000000 HTTP/1.1\r\nhost: a\r\n\r\n");
    const other = await Tunnel.open(session, REVIEWS);
    for (let count = 0; count < 50; count++) {
      assert.equal(await other.ask("/a"), "200 /a 0 ");
      assert.ok(worker.measure().engineBytes - before < HELD_BYTES_MAX);
    }
    assert.equal((await other.ask("/large/1000000")).length, 1_000_004);
    session.destroy();
    while (worker.connections.length > 0) await setTimeout(5);
  });
});
