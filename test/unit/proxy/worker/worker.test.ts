import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { SCOPE_KIND_HCM } from "../../../../api/engine/image.ts";
import { HTTP_DOWNSTREAM_CX_RX_BYTES_BUFFERED } from "../../../../api/engine/stats.ts";
import { BreakerTable } from "../../../../proxy/cluster/breaker.ts";
import { compileBootstrap } from "../../../../proxy/compiler/compile-bootstrap.ts";
import type { Snapshot } from "../../../../proxy/config/model.ts";
import type { FromWorker, ToWorker, WorkerStart } from "../../../../proxy/worker/messages.ts";
import { grantSockets } from "../../../../proxy/worker/socket-grant.ts";
import { Worker } from "../../../../proxy/worker/worker.ts";
import { get, ok, type ProxySketch, toBootstrap } from "../../../support/proxy-sketch.ts";
import { RawConnection } from "../../../support/raw-connection.ts";
import { RawUpstream } from "../../../support/raw-upstream.ts";

describe("Worker", () => {
  let upstream: RawUpstream;
  let port: MessagePort;
  let address: number;

  function compile(version: number, sketch: Partial<ProxySketch> = {}): Snapshot {
    const config = toBootstrap({ endpoints: [upstream.port], ...sketch });
    return compileBootstrap({ id: 0, name: "test.json", config, version, logSinks: [] }).snapshot;
  }

  const breakers = (): SharedArrayBuffer => new SharedArrayBuffer(BreakerTable.bytesFor(1, 1));

  function startOf(snapshot: Snapshot): WorkerStart {
    const module = new WebAssembly.Module(
      readFileSync(new URL("../../../../build/filters.wasm", import.meta.url)),
    );
    const sockets = grantSockets([]);
    const first = { index: 0, workerCount: 1, isHealthFailed: false, endpoints: [], sockets };
    const ticketSeed = new Uint8Array(48);
    return { module, snapshot, breakers: breakers(), cells: [], ticketSeed, ...first };
  }

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
    const channel = new MessageChannel();
    port = channel.port1;
    const worker = new Worker(startOf(compile(1)), channel.port2);
    const ready = hear();
    await worker.run();
    const message = await ready;
    assert.equal(message.kind, "ready");
    address = message.kind === "ready" ? message.addresses[0].port : 0;
  });

  afterEach(async () => {
    const closed = once(port, "close");
    tell({ kind: "stop" });
    await closed;
    upstream.close();
  });

  async function hear(): Promise<FromWorker> {
    const [message]: FromWorker[] = await once(port, "message");
    return message;
  }

  function tell(message: ToWorker): void {
    port.postMessage(message);
  }

  function tellSnapshot(snapshot: Snapshot): void {
    tell({
      kind: "snapshot",
      snapshot,
      breakers: breakers(),
      cells: [],
      sockets: grantSockets([]),
    });
  }

  async function report(): Promise<Extract<FromWorker, { kind: "report" }>> {
    tell({ kind: "report", id: 7 });
    const message = await hear();
    if (message.kind !== "report") throw new Error(`a report is expected, not ${message.kind}`);
    return message;
  }

  it("report: it has the connections, the endpoints and the statistics", async () => {
    const client = await RawConnection.open(address);
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    const busy = await report();
    assert.equal(busy.id, 7);
    assert.equal(busy.connectionCount, 1);
    const [{ cluster, address: name, numbers }] = busy.endpoints;
    assert.deepEqual([cluster, name], [0, `127.0.0.1:${upstream.port}`]);
    // Connections, failures, connections ever, active requests, …, requests ever.
    assert.deepEqual([...numbers], [1, 0, 1, 1, 0, 0, 0, 0, 1]);
    up.write(ok("fine"));
    await client.readMessage();
    assert.deepEqual([...(await report()).endpoints[0].numbers], [1, 0, 1, 0, 0, 0, 1, 0, 1]);
    assert.ok(busy.stats.length >= 3);
    client.close();
  });

  it("report: it has the bytes that wait in connections", async () => {
    const client = await RawConnection.open(address);
    const half = "GET / HTTP/1.1\r\nhost";
    client.write(half);
    const read = async (): Promise<number> => {
      const { stats } = await report();
      const { counters } = stats.find(({ kind }) => kind === SCOPE_KIND_HCM) ?? stats[0];
      return counters[HTTP_DOWNSTREAM_CX_RX_BYTES_BUFFERED];
    };
    while ((await read()) === 0);
    assert.equal(await read(), half.length);
    client.close();
    while ((await read()) > 0);
  });

  it("endpoints: those of another version are not taken", async () => {
    tell({ kind: "endpoints", version: 9, cluster: 0, endpoints: [] });
    assert.equal((await report()).endpoints.length, 1);
    tell({ kind: "endpoints", version: 1, cluster: 0, endpoints: [] });
    assert.equal((await report()).endpoints.length, 0);
  });

  it("snapshot: it is applied, and new listeners say where they are", async () => {
    tellSnapshot(compile(2, { listenerName: "other" }));
    const message = await hear();
    assert.equal(message.kind, "applied");
    if (message.kind !== "applied") return;
    assert.equal(message.version, 2);
    assert.deepEqual(
      message.addresses.map(({ listener }) => listener),
      ["other"],
    );
    await assert.rejects(RawConnection.open(address), { code: "ECONNREFUSED" });
  });

  /** A client that was answered once, and what its next answer's head is. */
  async function begin(): Promise<{ client: RawConnection; next: () => Promise<string> }> {
    const client = await RawConnection.open(address);
    const next = async (): Promise<string> => {
      client.write(get("/"));
      return (await client.readMessage()).head;
    };
    upstream.serve(async (_, up) => up.write(ok("fine")));
    await next();
    return { client, next };
  }

  it("drain: idle connections may stay, and are told to close with their next answer", async () => {
    const { client, next } = await begin();
    tell({ kind: "drain", closesListeners: false, closesIdle: false, isInboundOnly: false });
    assert.match(await next(), /\r\nconnection: close\r\n/);
    assert.deepEqual(await client.readToEnd(), { text: "", isBroken: false });
    client.close();
    const late = await begin();
    assert.deepEqual(await late.client.readToEnd(), { text: "", isBroken: false });
    late.client.close();
  });

  it("drain: listeners that are not inbound can be spared", async () => {
    const { client, next } = await begin();
    tell({ kind: "drain", closesListeners: true, closesIdle: true, isInboundOnly: true });
    assert.doesNotMatch(await next(), /\r\nconnection: close\r\n/);
    (await RawConnection.open(address)).close();
    client.close();
  });

  it("health: while it fails, answers say that the connection closes", async () => {
    tell({ kind: "health", isFailed: true });
    const failed = await begin();
    assert.deepEqual(await failed.client.readToEnd(), { text: "", isBroken: false });
    failed.client.close();
    tell({ kind: "health", isFailed: false });
    const { client, next } = await begin();
    assert.doesNotMatch(await next(), /\r\nconnection: close\r\n/);
    client.close();
  });

  it("snapshot: one that comes while listeners open waits until they are open", async () => {
    const { port1, port2 } = new MessageChannel();
    // Each takes a turn or two to open, so the message comes in the middle.
    const paths = Array.from({ length: 20 }, (_, index) =>
      join(tmpdir(), `causeway-${process.pid}-${index}.sock`),
    );
    const [address, ...more] = paths.map((path) => ({ pipe: { path } }));
    const listener = { address, additional_addresses: more.map((one) => ({ address: one })) };
    const first = compile(1, { listener });
    const worker = new Worker(startOf(first), port2);
    const answers: FromWorker[] = [];
    port1.on("message", (message: FromWorker) => answers.push(message));
    const opening = worker.run();
    const snapshot = compile(2, { listener });
    const sockets = grantSockets([]);
    port1.postMessage({ kind: "snapshot", snapshot, breakers: breakers(), cells: [], sockets });
    const all = { closesListeners: true, closesIdle: true, isInboundOnly: false };
    port1.postMessage({ kind: "drain", ...all });
    await opening;
    while (answers.length < 3) await once(port1, "message");
    assert.deepEqual(
      answers.map((answer) => answer.kind),
      ["ready", "applied", "drained"],
    );
    assert.deepEqual(paths.filter(existsSync), []);
    port1.postMessage({ kind: "stop" });
    await once(port1, "close");
  });

  it("drain: it is over when the last connection is gone", async () => {
    const client = await RawConnection.open(address);
    client.write(get("/"));
    const up = await upstream.accept();
    await up.readHead();
    const drained = hear();
    tell({ kind: "drain", closesListeners: true, closesIdle: true, isInboundOnly: false });
    up.write(ok("last"));
    assert.equal((await client.readMessage()).body, "last");
    await client.readToEnd();
    client.close();
    assert.equal((await drained).kind, "drained");
  });
});
