import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions } from "node:tls";
import { startProxy } from "../../support/start-proxy.ts";
import { get, type Part, type ProxySketch, toBootstrap } from "../../support/proxy-sketch.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { openTls } from "../../support/tls/sketch.ts";
import { startEnvoy } from "../pair/envoy.ts";

/** One of the two proxies. */
export interface Running {
  readonly port: number;
  readonly admin: string;
  readStats(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

/** What one proxy did with some requests. */
export interface TlsOutcome {
  /** One object for each line of the access log, by operator. */
  readonly lines: readonly Part[];
  readonly stats: ReadonlyMap<string, number>;
  /** What `/certs` answered. */
  readonly certificates: unknown;
  /** Bodies and status of the answers; the error where there was none. */
  readonly answers: readonly string[];
}

/** What both did. */
export interface TlsOutcomes {
  readonly envoy: TlsOutcome;
  readonly ours: TlsOutcome;
}

/** What is sent to both. */
export interface TlsRun {
  readonly sketch: ProxySketch;
  /** Operators without percent signs, logged for each request. */
  readonly operators: readonly string[];
  /** One connection with one request each. */
  readonly clients: readonly ConnectionOptions[];
}

/** Runs the same on Envoy and on our proxy; skips the test where there is no Envoy. */
export async function runTls(context: Mocha.Context, run: TlsRun): Promise<TlsOutcomes> {
  const program = requirePeer(context, "envoy");
  const ours = await runOn(run, startOurs);
  const envoy = await runOn(run, (config) => startTheirs(program, config));
  return { envoy, ours };
}

/** Both proxies of a sketch at a time; skips the test where there is no Envoy. */
export async function startBoth(
  context: Mocha.Context,
  sketch: ProxySketch,
): Promise<{ readonly envoy: Running; readonly ours: Running }> {
  const program = requirePeer(context, "envoy");
  const config = toBootstrap(withAdmin(sketch));
  return { ours: await startOurs(config), envoy: await startTheirs(program, config) };
}

async function startOurs(config: string): Promise<Running> {
  const proxy = await startProxy({ config, drainTimeS: 1 });
  return {
    port: proxy.listenerAddresses[0].port,
    admin: `http://127.0.0.1:${proxy.adminAddress?.port}`,
    readStats: () => proxy.readStats(),
    stop: () => proxy.stop(),
  };
}

async function startTheirs(program: string, config: string): Promise<Running> {
  const proxy = await startEnvoy(program, config);
  return { ...proxy, port: proxy.ports.get("test") ?? 0 };
}

async function runOn(
  { sketch, operators, clients }: TlsRun,
  start: (config: string) => Promise<Running>,
): Promise<TlsOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "causeway-tls-"));
  const path = join(folder, "log");
  const proxy = await start(toBootstrap(withLog(sketch, operators, path)));
  try {
    const answers: string[] = [];
    for (const client of clients) answers.push(await ask(proxy.port, client));
    const stats = await proxy.readStats();
    const certificates: unknown = await (await fetch(`${proxy.admin}/certs`)).json();
    await proxy.stop();
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const lines = text.split("\n").slice(0, -1);
    return { lines: lines.map(readLine), stats, certificates, answers };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function withLog(sketch: ProxySketch, operators: readonly string[], path: string): ProxySketch {
  const typed_config = {
    "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
    path,
    log_format: { json_format: Object.fromEntries(operators.map((each) => [each, `%${each}%`])) },
  };
  const manager = { access_log: [{ name: "file", typed_config }], ...sketch.manager };
  return withAdmin({ ...sketch, manager });
}

function withAdmin(sketch: ProxySketch): ProxySketch {
  const address = { socket_address: { address: "127.0.0.1", port_value: 0 } };
  const bootstrap = {
    node: { id: "id", cluster: "cluster" },
    admin: { address },
    stats_flush_on_admin: true,
    ...sketch.bootstrap,
  };
  return { ...sketch, bootstrap };
}

async function ask(port: number, client: ConnectionOptions): Promise<string> {
  try {
    const { connection, socket } = await openTls(port, client);
    try {
      connection.write(get("/"));
      const { head, body } = await connection.readMessage();
      return `${head.slice(9, 12)} ${body}`;
    } finally {
      socket.destroy();
    }
  } catch {
    return "closed";
  }
}

function readLine(line: string): Part {
  return JSON.parse(line);
}
