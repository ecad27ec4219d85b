import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProxy } from "../../support/start-proxy.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { type Json, staticCluster } from "../pair/configuration.ts";
import { startEnvoy } from "../pair/envoy.ts";
import { findFreePort } from "../../../bench/process/free-port.ts";
import { readReport, type Report } from "../statistics/report.ts";
import { filter, type TcpScenario } from "./scenario.ts";

/** What a proxy has counted and logged. */
export interface Account {
  readonly report: Report;
  /** Lines by scenario, without what differs from run to run. */
  readonly lines: ReadonlyMap<string, readonly string[]>;
  /** What scenarios have noted. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
}

/** What is played, and a port on which nobody accepts. */
export interface TcpProgram {
  readonly scenarios: readonly TcpScenario[];
  readonly fullPort: number;
}

/** A proxy that scenarios are played with. */
interface Player {
  readonly admin: string;
  portOf(listener: string): number;
  stop(): Promise<void>;
}

/** Operators of one line. */
const FORMAT = [
  "flags=%RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG%",
  "details=%RESPONSE_CODE_DETAILS% end=%CONNECTION_TERMINATION_DETAILS%",
  "failure=[%UPSTREAM_TRANSPORT_FAILURE_REASON%] code=%RESPONSE_CODE% protocol=%PROTOCOL%",
  "bytes=%BYTES_RECEIVED%/%BYTES_SENT% time=%DURATION% %REQUEST_DURATION% %RESPONSE_DURATION%",
  "%RESPONSE_TX_DURATION% upstream=%UPSTREAM_HOST% %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS%",
  "%UPSTREAM_PROTOCOL% attempts=%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
  "request=%REQ(:METHOD)% %REQ(:AUTHORITY)% %ROUTE_NAME%",
  "up=%UPSTREAM_WIRE_BYTES_SENT%/%UPSTREAM_WIRE_BYTES_RECEIVED%",
  "down=%DOWNSTREAM_WIRE_BYTES_SENT%/%DOWNSTREAM_WIRE_BYTES_RECEIVED%",
  "local=%DOWNSTREAM_LOCAL_ADDRESS% type=%ACCESS_LOG_TYPE% server=%REQUESTED_SERVER_NAME%\n",
].join(" ");

const TYPE = "type.googleapis.com/envoy.extensions";
/** Reports that are read until nothing moves any more. */
const SETTLING_READS_MAX = 200;

/** Plays all scenarios with Envoy, one after the other. */
export function playWithEnvoy(program: TcpProgram, envoyPath: string): Promise<Account> {
  return playAll(program, async (configuration) => {
    const envoy = await startEnvoy(envoyPath, configuration);
    const portOf = (name: string): number => envoy.ports.get(name) ?? 0;
    return { admin: envoy.admin, portOf, stop: () => envoy.stop() };
  });
}

/** Plays all scenarios with our proxy. */
export function playWithOurs(program: TcpProgram): Promise<Account> {
  return playAll(program, async (config) => {
    const ours = await startProxy({ config, logLevel: "error", drainTimeS: 1 });
    return {
      admin: `http://127.0.0.1:${ours.adminAddress?.port}`,
      portOf: (listener) => {
        return ours.listenerAddresses.find(({ name }) => name === listener)?.port ?? 0;
      },
      stop: () => ours.stop(),
    };
  });
}

async function playAll(
  { scenarios, fullPort }: TcpProgram,
  start: (configuration: string) => Promise<Player>,
): Promise<Account> {
  const folder = mkdtempSync(join(tmpdir(), "causeway-tcp-"));
  const upstreams = await Promise.all(scenarios.map(() => RawUpstream.listen()));
  const refused = await findFreePort();
  const clusters = scenarios.map(({ name, cluster = {}, endpoints = ["upstream"] }, index) => {
    const ports = { upstream: upstreams[index].port, full: fullPort, refused };
    return staticCluster(
      name,
      Array.from(endpoints, (each) => ports[each]),
      cluster,
    );
  });
  const listeners = scenarios.map((each) => toListener(each, folder));
  const player = await start(toBootstrap(listeners, clusters));
  const notes = new Map<string, string[]>(scenarios.map(({ name }) => [name, []]));
  let isStopped = false;
  try {
    for (const [index, scenario] of scenarios.entries()) {
      const { name } = scenario;
      await scenario.play({
        upstream: upstreams[index],
        note: (text) => notes.get(name)?.push(text),
        connect: () => RawConnection.open(player.portOf(name)),
        reaches: (scope, stat, value) => reach(player.admin, `${scope}.${name}.${stat}`, value),
      });
    }
    const report = await readSettled(player.admin);
    isStopped = true;
    await player.stop();
    const lines = new Map(scenarios.map(({ name }) => [name, readLines(folder, name)]));
    return { report, lines, notes };
  } finally {
    for (const upstream of upstreams) upstream.close();
    if (!isStopped) await player.stop();
    rmSync(folder, { recursive: true });
  }
}

function toBootstrap(listeners: readonly Json[], clusters: readonly Json[]): string {
  const admin = { address: toAddress(0) };
  const resources = { static_resources: { listeners, clusters } };
  return JSON.stringify({ admin, stats_flush_on_admin: true, ...resources });
}

function toListener(scenario: TcpScenario, folder: string): Json {
  const { name, listener = {}, proxy = {}, filters = [] } = scenario;
  const log = {
    "@type": `${TYPE}.access_loggers.file.v3.FileAccessLog`,
    path: join(folder, `${name}.log`),
    log_format: { text_format_source: { inline_string: FORMAT } },
  };
  const tcp = filter("tcp", "tcp_proxy.v3.TcpProxy", {
    stat_prefix: name,
    ...(proxy.weighted_clusters === undefined ? { cluster: name } : {}),
    access_log: [{ name: "envoy.access_loggers.file", typed_config: log }],
    ...proxy,
  });
  const chains = [{ filters: [...filters, tcp] }];
  return { name, stat_prefix: name, address: toAddress(0), ...listener, filter_chains: chains };
}

function toAddress(port: number): Json {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

/** Ports and times differ from run to run. */
function readLines(folder: string, name: string): readonly string[] {
  const file = join(folder, `${name}.log`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "latin1").split("\n").slice(0, -1);
  return lines.map((line) => {
    const isTimed = /time=\S+ \S+ \S+ \S+/;
    const time = (text: string): string => text.replaceAll(/\d+/g, "N");
    return line.replaceAll(/127\.0\.0\.1:\d+/g, "ADDRESS").replace(isTimed, time);
  });
}

async function reach(admin: string, name: string, value: number): Promise<void> {
  for (let reads = 0; reads < SETTLING_READS_MAX; reads++) {
    if ((await readReport(admin)).get(name) === value) return;
  }
  throw new Error(`${name} did not become ${value}`);
}

/** Reads until all clients are gone and two reports say the same. */
async function readSettled(admin: string): Promise<Report> {
  let last: Report = new Map();
  for (let reads = 0; reads < SETTLING_READS_MAX; reads++) {
    const report = await readReport(admin);
    if (listOpen(report).length === 0 && isSame(report, last)) return report;
    last = report;
  }
  throw new Error(`the statistics did not settle: ${listOpen(last).join(", ")}`);
}

/** Names of gauges of connections that are open. */
function listOpen(report: Report): string[] {
  const isActive = /^(listener|cluster)\.(?!admin)[^.]+\.(downstream|upstream)_cx_active$/;
  const open = [...report].filter(([name, value]) => isActive.test(name) && value > 0);
  return open.map(([name]) => name);
}

function isSame(report: Report, other: Report): boolean {
  const own = [...report].filter(([name]) => /^(tcp|cluster|listener)\.(?!admin)/.test(name));
  return own.every(([name, value]) => other.get(name) === value);
}
