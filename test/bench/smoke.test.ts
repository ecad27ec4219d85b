import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Report } from "../../bench/figure/report.ts";
import { requirePeer, skipFor } from "../support/mocha/skip.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

/** Runs the bench, briefly, and returns what it reports; the folder is gone afterwards. */
async function runBench(args: readonly string[], environment: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "causeway-smoke-"));
  try {
    const all = [MAIN, "--smoke", "--no-pin", "--out", folder, ...args];
    const env = { ...process.env, ...environment };
    await promisify(execFile)(process.execPath, all, { env });
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    const report: Report = JSON.parse(read("latest.json"));
    return { report, markdown: read("latest.md"), plot: read("latest.svg") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("bench: smoke", function () {
  this.timeout(120_000);

  beforeEach(function () {
    if (process.platform !== "linux") skipFor(this, "needs Linux: the bench reads /proc");
  });

  it("bench: npm packages are enough to measure requests, latency and memory", async () => {
    const args = ["--peers", "http-proxy", "--only", "router,up-1m,latency,memory"];
    const { report } = await runBench([...args, "--rate", "200"]);
    assert.deepEqual(
      report.samples.map(({ caseName, problem }) => ({ caseName, problem })),
      ["router", "latency", "memory", "up-1m"].map((caseName) => ({ caseName, problem: null })),
    );
    for (const { figures } of report.samples) assert.equal(figures.failedCount, 0);
  });

  it("bench: Envoy and nginx stand side by side in the table and in the plot", async function () {
    const environment = {
      ENVOY: requirePeer(this, "envoy"),
      NGINX: requirePeer(this, "nginx"),
      WRK: requirePeer(this, "wrk"),
    };
    const args = ["--peers", "envoy,nginx", "--only", "routes-100"];
    const { report, markdown, plot } = await runBench(args, environment);
    assert.deepEqual(
      report.samples.map(({ peer, problem }) => ({ peer, problem })),
      [
        { peer: "envoy", problem: null },
        { peer: "nginx", problem: null },
      ],
    );
    assert.match(markdown, /\| envoy \| [\d.]+ \|/);
    assert.match(markdown, /\| nginx \| [\d.]+ \|/);
    assert.match(plot, />envoy<\/text>/);
  });

  it("bench: Envoy takes every template, and every load goes through it", async function () {
    const environment = {
      ENVOY: requirePeer(this, "envoy"),
      NGINX: requirePeer(this, "nginx"),
      WRK: requirePeer(this, "wrk"),
      H2LOAD: requirePeer(this, "h2load"),
    };
    const names = [
      ...["tls-http1", "resumption", "h2-http1", "memory-h2", "grpc-unary", "grpc-stream"],
      ...["websocket", "tcp-connect", "hbone"],
    ];
    const args = ["--peers", "envoy", "--only", names.join(","), "--idle-connections", "20"];
    const { report } = await runBench(args, environment);
    assert.deepEqual(
      report.samples.map(({ caseName, problem, figures }) => ({
        ...{ caseName, problem, failedCount: figures.failedCount },
      })),
      names.map((caseName) => ({ caseName, problem: null, failedCount: 0 })),
    );
  });

  it("bench: Causeway, nginx and haproxy speak HTTP/2 in TLS and WebSocket", async function () {
    const environment = {
      NGINX: requirePeer(this, "nginx"),
      HAPROXY: requirePeer(this, "haproxy"),
      H2LOAD: requirePeer(this, "h2load"),
    };
    const peers = ["causeway", "nginx", "haproxy"];
    const args = ["--peers", peers.join(","), "--only", "tls-h2,websocket"];
    const { report } = await runBench(args, environment);
    assert.deepEqual(
      report.samples.map(({ caseName, peer, problem, figures }) => ({
        ...{ caseName, peer, problem, failedCount: figures.failedCount },
      })),
      ["tls-h2", "websocket"].flatMap((caseName) =>
        peers.map((peer) => ({ caseName, peer, problem: null, failedCount: 0 })),
      ),
    );
  });
});
