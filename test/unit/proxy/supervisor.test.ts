import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { get } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@bufbuild/protobuf";
import { LISTENER_DOWNSTREAM_CX_TOTAL } from "../../../api/engine/stats.ts";
import { parseBootstrap } from "../../../proxy/config/bootstrap.ts";
import { compileSnapshot } from "../../../proxy/config/compile/snapshot.ts";
import type { Snapshot } from "../../../proxy/config/model.ts";
import { Log } from "../../../proxy/observe/log.ts";
import { SCOPE_KIND_LISTENER } from "../../../proxy/observe/stat-scope.ts";
import { Supervisor } from "../../../proxy/supervisor.ts";
import { SAMPLE_SETTING } from "./config/compile/sample-setting.ts";
import { socketAddress } from "./config/sample-bootstrap.ts";

const EXTENSIONS = "type.googleapis.com/envoy.extensions.filters";

/** A listener that answers every request with a text. */
function listener(name: string, address: JsonObject, answer: string): JsonObject {
  const routes = [
    {
      match: { prefix: "/" },
      direct_response: { status: 200, body: { inline_string: answer } },
    },
  ];
  const manager = {
    "@type": `${EXTENSIONS}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
    http_filters: [
      { name: "router", typed_config: { "@type": `${EXTENSIONS}.http.router.v3.Router` } },
    ],
  };
  return { name, address, filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }] };
}

function compile(version: number, ...listeners: readonly JsonObject[]): Snapshot {
  const text = JSON.stringify({ static_resources: { listeners } });
  const bootstrap = parseBootstrap(text, { name: "test.json" });
  return compileSnapshot(bootstrap, version, SAMPLE_SETTING);
}

/** The body of an answer on a connection of its own. */
function fetchText(options: { port: number } | { socketPath: string }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const target = { host: "127.0.0.1", agent: false, ...options };
  const request = get(target, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    response.on("end", () => resolve(body));
  });
  request.on("error", reject);
  return promise;
}

const ANY_PORT = socketAddress("127.0.0.1", 0);

describe("supervisor", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-supervisor-"));
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
  after(() => rmSync(folder, { recursive: true }));

  /** Starts two workers on a snapshot. */
  async function start(snapshot: Snapshot): Promise<Supervisor> {
    const log = new Log({ level: "off", format: undefined }).logger("main");
    const events = { onReport: () => {}, onWorkerGone: () => {} };
    const started = new Supervisor(module, 2, snapshot, log, events);
    supervisor = started;
    await started.start();
    return started;
  }

  /** Connections that each worker has accepted. */
  async function connectionCounts(of: Supervisor): Promise<number[]> {
    const reports = await of.collect();
    return reports.map(({ stats }) =>
      stats
        .filter(({ kind }) => kind === SCOPE_KIND_LISTENER)
        .reduce((sum, { counters }) => sum + counters[LISTENER_DOWNSTREAM_CX_TOTAL], 0),
    );
  }

  it("Supervisor: two workers listen on the port that the first one found", async function () {
    // Elsewhere the first worker accepts alone.
    if (process.platform !== "linux") this.skip();
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

  it("Supervisor: a Unix socket has its mode, and belongs to the first worker", async () => {
    const socketPath = join(folder, "a.sock");
    const address = { pipe: { path: socketPath, mode: 0o600 } };
    const running = await start(compile(1, listener("a", address, "pipe")));
    assert.equal(statSync(socketPath).mode & 0o777, 0o600);
    for (let i = 0; i < 4; i++) assert.equal(await fetchText({ socketPath }), "pipe");
    assert.deepEqual(await connectionCounts(running), [4, 0]);
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
