import { startProxy } from "../../support/start-proxy.ts";
import { RawHttp2, RawHttp2Upstream } from "../../e2e/http2/raw-http2.ts";
import {
  type Json,
  routeTo,
  staticCluster,
  type Variant,
  writeConfiguration,
} from "../pair/configuration.ts";
import { startEnvoy } from "../pair/envoy.ts";
import { readReport, type Report } from "../statistics/report.ts";

/** What a scenario plays with: one proxy between two peers of HTTP/2. */
export interface Stage {
  /** Opens a connection to the listener of the scenario. */
  connect(...pairs: readonly (readonly [number, number])[]): Promise<RawHttp2>;
  /** Behind the cluster of the scenario. */
  readonly upstream: RawHttp2Upstream;
  /** Resolves when a statistic has this value. */
  reaches(name: string, value: number): Promise<void>;
}

/** Something that happens to a proxy. Each has a listener and a cluster of its own. */
export interface Scenario {
  /** Also the stat prefix and the name of the cluster. */
  readonly name: string;
  /** Fields of the HttpConnectionManager. */
  readonly manager?: Json;
  /** Fields of the cluster's Http2ProtocolOptions. */
  readonly http2?: Json;
  play(stage: Stage): Promise<void>;
}

/** What one scenario added to each statistic of HTTP/2 and to some of its manager. */
export type Growth = Readonly<Record<string, number>>;

/** A proxy that scenarios are played with. */
interface Player {
  readonly admin: string;
  portOf(listener: string): number;
  stop(): Promise<void>;
}

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
/** Reports that are read until nothing moves any more. */
const SETTLING_READS_MAX = 300;
/** Envoy's own inside, and what only it has; see docs/envoy-differences.md. */
const ABSENT = /http2\.(?:ng|og)http2_|\.(?:cookie|header)_(?:count|size|list_size)$/;

/** Plays all scenarios with Envoy. */
export function playWithEnvoy(
  scenarios: readonly Scenario[],
  program: string,
): Promise<Map<string, Growth>> {
  return playAll(scenarios, async (configuration) => {
    const envoy = await startEnvoy(program, configuration);
    const portOf = (name: string) => envoy.ports.get(name) ?? 0;
    return { admin: envoy.admin, portOf, stop: () => envoy.stop() };
  });
}

/** Plays all scenarios with our proxy. */
export function playWithOurs(scenarios: readonly Scenario[]): Promise<Map<string, Growth>> {
  return playAll(scenarios, async (config) => {
    const ours = await startProxy({ config, logLevel: "error" });
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
  scenarios: readonly Scenario[],
  start: (configuration: string) => Promise<Player>,
): Promise<Map<string, Growth>> {
  const upstreams = await Promise.all(scenarios.map(() => RawHttp2Upstream.listen()));
  const clusters = scenarios.map((each, index) => toCluster(each, upstreams[index].port));
  const variants = Object.fromEntries(scenarios.map((each) => [each.name, toVariant(each)]));
  const player = await start(await writeConfiguration(variants, clusters));
  const growths = new Map<string, Growth>();
  try {
    for (const [index, scenario] of scenarios.entries()) {
      const before = await readSettled(player.admin);
      const clients = await play(scenario, player, upstreams[index]);
      for (const client of clients) client.close();
      growths.set(scenario.name, grow(scenario.name, before, await readSettled(player.admin)));
    }
    return growths;
  } finally {
    for (const upstream of upstreams) upstream.close();
    await player.stop();
  }
}

async function play(
  scenario: Scenario,
  player: Player,
  upstream: RawHttp2Upstream,
): Promise<RawHttp2[]> {
  const clients: RawHttp2[] = [];
  await scenario.play({
    upstream,
    async connect(...pairs) {
      const client = await RawHttp2.open(player.portOf(scenario.name), ...pairs);
      clients.push(client);
      return client;
    },
    reaches: (name, value) => reach(player.admin, name, value),
  });
  return clients;
}

function toCluster({ name, http2 = {} }: Scenario, port: number): Json {
  const options = {
    "@type": `type.googleapis.com/${OPTIONS}`,
    explicit_http_config: { http2_protocol_options: http2 },
  };
  return staticCluster(name, [port], { typed_extension_protocol_options: { [OPTIONS]: options } });
}

function toVariant({ name, manager = {} }: Scenario): Variant {
  return {
    manager: { codec_type: "HTTP2", ...manager },
    routes: [{ match: { path: "/direct" }, direct_response: { status: 200 } }, routeTo(name)],
  };
}

function grow(scenario: string, before: Report, after: Report): Growth {
  const growth: Record<string, number> = {};
  for (const [name, value] of after) {
    const isOurs =
      /^http2\./.test(name) ||
      name.startsWith(`cluster.${scenario}.http2.`) ||
      /^cluster\..+\.upstream_rq_[rt]x_reset$/.test(name) ||
      name === `http.${scenario}.downstream_rq_too_many_premature_resets`;
    const by = value - (before.get(name) ?? 0);
    if (isOurs && by !== 0 && !ABSENT.test(name)) growth[name.replace(`.${scenario}`, "")] = by;
  }
  return growth;
}

async function reach(admin: string, name: string, value: number): Promise<void> {
  for (let reads = 0; reads < SETTLING_READS_MAX; reads++) {
    if (((await readReport(admin)).get(name) ?? 0) === value) return;
  }
  throw new Error(`${name} did not become ${value}`);
}

/** Reads until all clients are gone and two reports say the same. */
async function readSettled(admin: string): Promise<Report> {
  let last: Report = new Map();
  for (let reads = 0; reads < SETTLING_READS_MAX; reads++) {
    const report = await readReport(admin);
    const hasClients = [...report].some(
      ([name, value]) => /^http\.(?!admin)\S+_active$/.test(name) && value > 0,
    );
    const own = [...report].filter(([name]) => /^(http2?|cluster)\.(?!admin)/.test(name));
    if (!hasClients && own.every(([name, value]) => last.get(name) === value)) return report;
    last = report;
  }
  throw new Error("the statistics did not settle");
}
