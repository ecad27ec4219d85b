import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "../../../bench/process/free-port.ts";
import { FullBacklog } from "../../support/full-backlog.ts";
import { type Part, type TestProxy, toCluster } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import {
  downstreamTls,
  inlineCertificate,
  openTls,
  serveTls,
  upstreamTls,
} from "../../support/tls/sketch.ts";
import { startTcp, type TcpSketch } from "./tcp-scene.ts";

const LINE = "%ACCESS_LOG_TYPE% %RESPONSE_FLAGS% %UPSTREAM_REQUEST_ATTEMPT_COUNT% %BYTES_SENT%\n";
const CERTIFICATE = makeCertificate({ subject: [["CN", "a.test"]], dns: ["a.test"] });

describe("TCP proxy, endings", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;
  let folder: string;
  let refused: number;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
    folder = mkdtempSync(join(tmpdir(), "tcp-"));
    refused = await findFreePort();
  });

  afterEach(async () => {
    await proxy.stop();
    upstream.close();
    rmSync(folder, { recursive: true });
  });

  async function start(sketch: TcpSketch = {}): Promise<void> {
    proxy = await startTcp({ endpoints: [upstream.port], ...sketch });
  }

  /** An access log, as a field of the TcpProxy. */
  function logged(): Part {
    const type = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";
    const format = { text_format_source: { inline_string: LINE } };
    const typed = { "@type": type, path: join(folder, "log"), log_format: format };
    return { access_log: [{ name: "file", typed_config: typed }] };
  }

  async function readLog(): Promise<string[]> {
    await proxy.stop();
    const file = join(folder, "log");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  it("max_connect_attempts: the next endpoint is tried, and is as good", async () => {
    const endpoints = [refused, refused, upstream.port];
    await start({ endpoints, proxy: { max_connect_attempts: 3, ...logged() } });
    const client = await proxy.connect();
    const up = await upstream.accept();
    client.write("hello");
    assert.equal(await up.read(5), "hello");
    up.end("hi");
    await client.readToEnd();
    client.end();
    await up.readToEnd();
    assert.match((await readLog())[0], /^TcpConnectionEnd (-|UF) [123] 2$/);
  });

  it("all attempts refused: the client is closed, UF and URX", async () => {
    await start({ endpoints: [refused], proxy: { max_connect_attempts: 2, ...logged() } });
    const client = await proxy.connect();
    assert.deepEqual(await client.readToEnd(), { text: "", isBroken: false });
    assert.equal(await proxy.stat("cluster.up.upstream_cx_connect_attempts_exceeded"), 1);
    assert.equal(await proxy.stat("cluster.up.upstream_cx_connect_fail"), 2);
    assert.deepEqual(await readLog(), ["TcpConnectionEnd UF,URX 2 0"]);
  });

  it("weighted_clusters: connections are shared by weight", async () => {
    const other = await RawUpstream.listen();
    const clusters = [
      { name: "up", weight: 1 },
      { name: "other", weight: 3 },
    ];
    await start({
      proxy: { weighted_clusters: { clusters } },
      moreClusters: [toCluster("other", [other.port])],
    });
    const clients = await Promise.all(Array.from({ length: 80 }, () => proxy.connect()));
    await proxy.untilStat("tcp.test.downstream_cx_total", 80);
    const total = async (): Promise<number> =>
      (await proxy.stat("cluster.up.upstream_cx_total")) +
      (await proxy.stat("cluster.other.upstream_cx_total"));
    while ((await total()) < 80);
    const share = await proxy.stat("cluster.other.upstream_cx_total");
    // Of 80 by 3/4, five standard deviations to each side.
    assert.ok(share > 40 && share < 80, `${share} of 80`);
    for (const client of clients) client.close();
    other.close();
  });

  it("weighted_clusters, max_connect_attempts: each attempt may come to another", async () => {
    const clusters = ["up", "other"].map((name) => ({ name, weight: 1 }));
    await start({
      proxy: { weighted_clusters: { clusters }, max_connect_attempts: 60, ...logged() },
      moreClusters: [toCluster("other", [refused])],
    });
    for (let turn = 0; turn < 8; turn++) {
      const client = await proxy.connect();
      const up = await upstream.accept();
      client.write("hello");
      assert.equal(await up.read(5), "hello");
      client.close();
      await up.readToEnd();
    }
    assert.equal(await proxy.stat("cluster.up.upstream_cx_connect_fail"), 0);
  });

  it("weighted_clusters, max_connect_attempts: another may not exist", async () => {
    const clusters = ["other", "nowhere"].map((name) => ({ name, weight: 1 }));
    await start({
      proxy: { weighted_clusters: { clusters }, max_connect_attempts: 60, ...logged() },
      moreClusters: [toCluster("other", [refused])],
    });
    for (let turn = 0; turn < 8; turn++) await (await proxy.connect()).readToEnd();
    assert.equal(await proxy.stat("tcp.test.downstream_cx_no_route"), 8);
    assert.equal(await proxy.stat("cluster.other.upstream_cx_connect_attempts_exceeded"), 0);
    for (const line of await readLog()) assert.match(line, /^TcpConnectionEnd NC(,UF)? \d+ 0$/);
  });

  it("a cluster that does not exist: closed, NC", async () => {
    await start({ proxy: { cluster: "nowhere", ...logged() } });
    await (await proxy.connect()).readToEnd();
    assert.equal(await proxy.stat("tcp.test.downstream_cx_no_route"), 1);
    assert.deepEqual(await readLog(), ["TcpConnectionEnd NC 0 0"]);
  });

  it("idle_timeout: runs while nothing moves, and not before", async () => {
    await start({ proxy: { idle_timeout: "0.3s" } });
    const client = await proxy.connect();
    const up = await upstream.accept();
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      up.write("x");
      await client.read(1);
    }
    assert.equal(await proxy.stat("tcp.test.idle_timeout"), 0);
    await client.readToEnd();
    await up.readToEnd();
    assert.equal(await proxy.stat("tcp.test.idle_timeout"), 1);
  });

  it("max_downstream_connection_duration: ends what still moves, DT", async () => {
    await start({ proxy: { max_downstream_connection_duration: "0.2s", ...logged() } });
    const client = await proxy.connect();
    const up = await upstream.accept();
    const ticker = setInterval(() => up.write("x"), 10);
    await client.readToEnd();
    clearInterval(ticker);
    assert.equal(await proxy.stat("tcp.test.max_downstream_connection_duration"), 1);
    assert.match((await readLog())[0], /^TcpConnectionEnd DT 1 \d+$/);
  });

  it("access_log_options: a line when connected, and again and again", async () => {
    const options = { flush_access_log_on_connected: true, access_log_flush_interval: "0.05s" };
    await start({ proxy: { access_log_options: options, ...logged() } });
    const client = await proxy.connect();
    const up = await upstream.accept();
    up.write("hello");
    await client.read(5);
    await new Promise((resolve) => setTimeout(resolve, 180));
    client.end();
    await up.readToEnd();
    up.end();
    await client.readToEnd();
    const lines = await readLog();
    assert.equal(lines[0], "TcpUpstreamConnected - 1 0");
    assert.equal(lines.at(-1), "TcpConnectionEnd - 1 5");
    const between = lines.slice(1, -1);
    assert.ok(between.length >= 1 && between.length <= 5, `${between.length} lines`);
    assert.deepEqual(new Set(between), new Set(["TcpPeriodic - 1 5"]));
  });

  it("max_connections: one too many is closed, UO; another may come later", async () => {
    const thresholds = [{ max_connections: 1 }];
    await start({ cluster: { circuit_breakers: { thresholds } }, proxy: logged() });
    const client = await proxy.connect();
    const up = await upstream.accept();
    await (await proxy.connect()).readToEnd();
    assert.equal(await proxy.stat("cluster.up.upstream_cx_overflow"), 1);
    client.close();
    await up.readToEnd();
    up.close();
    await proxy.untilStat("cluster.up.upstream_cx_active", 0);
    const next = await proxy.connect();
    const nextUp = await upstream.accept();
    nextUp.end("yes");
    assert.equal((await next.readToEnd()).text, "yes");
    assert.equal((await readLog())[0], "TcpConnectionEnd UO 0 0");
  });

  it("a client that goes before the upstream is there: nothing is left behind", async () => {
    const full = await FullBacklog.open();
    await start({ endpoints: [full.port], cluster: { connect_timeout: "0.3s" } });
    const client = await proxy.connect();
    await proxy.untilStat("cluster.up.upstream_cx_total", 1);
    client.reset();
    await proxy.untilStat("listener.test.downstream_cx_active", 0).catch(() => {});
    await proxy.untilIdle();
    await proxy.untilStat("cluster.up.upstream_cx_active", 0);
    await full.close();
  });

  it("TLS downstream: plain text upstream, and the end of both", async () => {
    const socket = downstreamTls({ tls_certificates: [inlineCertificate(CERTIFICATE)] });
    await start({ chain: { transport_socket: socket } });
    const { connection: client } = await openTls(proxy.port, { servername: "a.test" });
    const up = await upstream.accept();
    client.write("secret");
    assert.equal(await up.read(6), "secret");
    up.end("answer");
    assert.equal((await client.readToEnd()).text, "answer");
    client.end();
    await up.readToEnd();
    await proxy.untilIdle();
  });

  it("TLS upstream: what the client sends in plain text is encrypted", async () => {
    const server = await serveTls(CERTIFICATE);
    await start({ endpoints: [server.port], cluster: { transport_socket: upstreamTls({}) } });
    const client = await proxy.connect();
    const head = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    client.write(head);
    assert.equal((await client.readMessage()).body, head);
    client.close();
    await proxy.untilIdle();
    server.close();
  });

  it("TLS upstream that cannot be: one failed attempt, closed", async () => {
    await start({ cluster: { transport_socket: upstreamTls({}) } });
    const client = await proxy.connect();
    const up = await upstream.accept();
    up.end("no TLS here");
    await client.readToEnd();
    assert.equal(await proxy.stat("cluster.up.upstream_cx_connect_fail"), 1);
  });

  it("a drain: connections live on until they end by themselves", async () => {
    await start();
    const client = await proxy.connect();
    const up = await upstream.accept();
    const drained = proxy.proxy.drain();
    client.write("late");
    assert.equal(await up.read(4), "late");
    up.end("bye");
    assert.equal((await client.readToEnd()).text, "bye");
    client.end();
    await up.readToEnd();
    await drained;
  });
});
