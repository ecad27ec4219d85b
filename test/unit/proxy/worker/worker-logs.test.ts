import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ACCESS_LOG_LINES_TOTAL,
  ACCESS_LOG_STATS_BYTES,
  ACCESS_LOG_WRITE_TOTAL,
  HTTP_STATS_BYTES,
  UPSTREAM_STATS_BYTES,
} from "../../../../api/engine/stats.ts";
import { EVENT_TO_DOWNSTREAM } from "../../../../api/engine/layout.ts";
import { parseBootstrap } from "../../../../proxy/config/bootstrap.ts";
import { compileSnapshot } from "../../../../proxy/config/compile/snapshot.ts";
import type { Snapshot } from "../../../../proxy/config/model.ts";
import { SCOPE_KIND_ACCESS_LOG } from "../../../../proxy/observe/stat/scope-kind.ts";
import { ScopeBlocks } from "../../../../proxy/worker/scope-blocks.ts";
import { WorkerLogs } from "../../../../proxy/worker/worker-logs.ts";
import { SAMPLE_SETTING } from "../config/compile/sample-setting.ts";
import { sampleBootstrap } from "../config/sample-bootstrap.ts";
import { loadImage, openEngine } from "./loaded-image.ts";

const FILE_LOG = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";
const BLOCK_BYTES = Math.max(HTTP_STATS_BYTES, UPSTREAM_STATS_BYTES, ACCESS_LOG_STATS_BYTES);

/** The sample, with an access log at a path that holds the host of each request. */
function snapshotWithLog(path: string): Snapshot {
  const sample = sampleBootstrap();
  const [listener] = Object(sample.static_resources).listeners;
  const manager = listener.filter_chains[0].filters[0].typed_config;
  const format = { text_format_source: { inline_string: "%REQ(:AUTHORITY)%\n" } };
  const config = { "@type": FILE_LOG, path, log_format: format };
  manager.access_log = [{ name: "log", typed_config: config }];
  const bootstrap = parseBootstrap(JSON.stringify(sample), { name: "sample.json" });
  return compileSnapshot(bootstrap, 1, SAMPLE_SETTING);
}

/** A worker's logs with an engine that answers requests by itself. */
class Scene {
  readonly engine = openEngine();
  readonly scopes = new ScopeBlocks(this.engine, () => BLOCK_BYTES);
  readonly logs = new WorkerLogs(this.engine, this.scopes);
  readonly #image: number;
  readonly #manager: number;

  constructor(path: string) {
    const snapshot = snapshotWithLog(path);
    this.#image = loadImage(this.engine, snapshot);
    this.scopes.bindImage(this.#image);
    this.#manager = this.#image + snapshot.listeners[0].filterChains[0].terminal.record;
    this.logs.setSinks(snapshot.logSinks);
  }

  /** Sends a request that is refused, so that its stream ends at once. */
  request(host: string): void {
    const { calls, input } = this.engine;
    const connection = calls.openDownstream(this.#image, this.#manager, 0, 1);
    const head = Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: x\r\n\r\n`);
    input.set(head);
    assert.equal(calls.receive(connection, head.length, 1), EVENT_TO_DOWNSTREAM);
    calls.closeConnection(connection);
  }

  /** A counter of the only log. */
  counter(path: string, index: number): number {
    this.logs.report();
    const block = this.scopes.address(SCOPE_KIND_ACCESS_LOG, path);
    return this.engine.floats[(block >> 3) + index];
  }
}

describe("worker logs", () => {
  const folder = mkdtempSync(join(tmpdir(), "causeway-logs-"));
  after(() => rmSync(folder, { recursive: true }));

  it("WorkerLogs: lines wait until there are many, and are written when it closes", async () => {
    const path = join(folder, "a.log");
    const scene = new Scene(path);
    scene.request("one");
    scene.logs.drainIfFull();
    assert.equal(scene.counter(path, ACCESS_LOG_LINES_TOTAL), 0);
    await scene.logs.close();
    assert.equal(readFileSync(path, "utf8").split("\n").length, 2);
    assert.equal(scene.counter(path, ACCESS_LOG_LINES_TOTAL), 1);
    assert.equal(scene.counter(path, ACCESS_LOG_WRITE_TOTAL), 1);
  });

  it("WorkerLogs: 16 KiB of lines are taken from the engine after a stream", async () => {
    const path = join(folder, "b.log");
    const scene = new Scene(path);
    while (scene.engine.calls.logPendingBytes() < 16_384) scene.request("a".repeat(200));
    scene.logs.drainIfFull();
    assert.equal(scene.engine.calls.logPendingBytes(), 0);
    assert.ok(scene.counter(path, ACCESS_LOG_LINES_TOTAL) > 1);
    await scene.logs.close();
  });

  it("WorkerLogs: sinks of the next snapshot are added, those there are stay", async () => {
    const path = join(folder, "c.log");
    const other = join(folder, "d.log");
    const scene = new Scene(path);
    scene.logs.setSinks([
      { kind: "file", path },
      { kind: "file", path: other },
    ]);
    scene.request("one");
    await scene.logs.close();
    assert.equal(readFileSync(path, "utf8").split("\n").length, 2);
    assert.equal(scene.counter(other, ACCESS_LOG_LINES_TOTAL), 0);
  });
});
