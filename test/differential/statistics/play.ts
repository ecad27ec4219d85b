import { startProxy } from "../../support/start-proxy.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import {
  type Json,
  routeTo,
  staticCluster,
  type Variant,
  writeConfiguration,
} from "../pair/configuration.ts";
import { startEnvoy } from "../pair/envoy.ts";
import { readReport, type Report } from "./report.ts";
import type { Scenario } from "./scenario.ts";

/** A proxy that scenarios are played with. */
interface Player {
  readonly admin: string;
  portOf(listener: string): number;
  stop(): Promise<void>;
}

/** Reports that are read until nothing moves any more. */
const SETTLING_READS_MAX = 100;

/** What is played, and a port on which nobody accepts. */
interface Program {
  readonly scenarios: readonly Scenario[];
  readonly fullPort: number;
}

/** Plays all scenarios with Envoy, one after the other, and reads the statistics afterwards. */
export function playWithEnvoy(program: Program, envoyPath: string): Promise<Report> {
  return playAll(program, async (configuration) => {
    const envoy = await startEnvoy(envoyPath, configuration);
    const portOf = (name: string) => envoy.ports.get(name) ?? 0;
    return { admin: envoy.admin, portOf, stop: () => envoy.stop() };
  });
}

/** Plays all scenarios with our proxy. */
export function playWithOurs(program: Program): Promise<Report> {
  return playAll(program, async (config) => {
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
  { scenarios, fullPort }: Program,
  start: (configuration: string) => Promise<Player>,
): Promise<Report> {
  const upstreams = await Promise.all(scenarios.map(() => RawUpstream.listen()));
  const clusters = scenarios.map(({ name, ports, cluster = {} }, index): Json => {
    const own = ports ?? [upstreams[index].port];
    return staticCluster(name, own === "full" ? [fullPort] : own, cluster);
  });
  const variants = Object.fromEntries(scenarios.map((each) => [each.name, toVariant(each)]));
  const player = await start(await writeConfiguration(variants, clusters));
  try {
    for (const [index, scenario] of scenarios.entries()) {
      const { name } = scenario;
      await scenario.play({
        upstream: upstreams[index],
        connect: () => RawConnection.open(player.portOf(name)),
        reaches: (stat, value) => reach(player.admin, `cluster.${name}.${stat}`, value),
      });
    }
    return await readSettled(player.admin);
  } finally {
    for (const upstream of upstreams) upstream.close();
    await player.stop();
  }
}

function toVariant({ name, manager = {}, router = {}, action = {}, routes }: Scenario): Variant {
  return {
    manager: { delayed_close_timeout: "5s", ...manager },
    // How long the upstream took would be a header of one or two digits.
    router: { suppress_envoy_headers: true, ...router },
    routes: routes ?? [routeTo(name, action)],
  };
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
    if (!hasClients(report) && isSame(report, last)) return report;
    last = report;
  }
  throw new Error("the statistics did not settle");
}

function hasClients(report: Report): boolean {
  return [...report].some(([name, value]) => /^http\.(?!admin).+_active$/.test(name) && value > 0);
}

function isSame(report: Report, other: Report): boolean {
  const own = [...report].filter(([name]) => /^(http|cluster|listener)\.(?!admin)/.test(name));
  return own.every(([name, value]) => other.get(name) === value);
}
