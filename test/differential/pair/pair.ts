import { createProxy, type RunningProxy } from "../../../proxy/main.ts";
import { requirePeer } from "../../support/skip.ts";
import { type Backend, type Script, startBackend } from "./backend.ts";
import { type Json, staticCluster, type Variant, writeConfiguration } from "./configuration.ts";
import { type Envoy, startEnvoy } from "./envoy.ts";
import { type Exchange, runExchange } from "./exchange.ts";
import { tell } from "./tell.ts";

/** What the two proxies run with. */
export interface PairSetup {
  readonly variants: Readonly<Record<string, Variant>>;
  readonly scripts?: Readonly<Record<string, Script>>;
  /** Clusters beside `backend`. */
  readonly clusters?: readonly Json[];
  /** Fields of the cluster `backend`. */
  readonly backend?: Json;
}

/** Envoy and our proxy on one configuration, before backends that do the same. */
export class Pair {
  readonly #envoy: Envoy;
  readonly #ours: RunningProxy;
  readonly #backends: readonly [Backend, Backend];

  constructor(envoy: Envoy, ours: RunningProxy, backends: readonly [Backend, Backend]) {
    this.#envoy = envoy;
    this.#ours = ours;
    this.#backends = backends;
  }

  /** Sends an exchange to a listener of both, and tells what came of it. */
  async run(variant: string, exchange: Exchange): Promise<{ envoy: string[]; ours: string[] }> {
    const ourPort = this.#ours.listenerAddresses.find(({ name }) => name === variant)?.port ?? 0;
    const [envoy, ours] = await Promise.all([
      runOn(this.#envoy.ports.get(variant) ?? 0, exchange, this.#backends[0]),
      runOn(ourPort, exchange, this.#backends[1]),
    ]);
    return { envoy, ours };
  }

  /** The statistics of both. */
  async readStats(): Promise<{
    envoy: ReadonlyMap<string, number>;
    ours: ReadonlyMap<string, number>;
  }> {
    return { envoy: await this.#envoy.readStats(), ours: await this.#ours.readStats() };
  }

  /** Ends both and their backends. */
  async stop(): Promise<void> {
    const ends = [this.#envoy, this.#ours, ...this.#backends].map((each) => each.stop());
    await Promise.all(ends);
  }
}

/** Starts a pair; skips the running test when there is no Envoy. */
export async function startPair(context: Mocha.Context, setup: PairSetup): Promise<Pair> {
  const program = requirePeer(context, "envoy");
  const { variants, scripts = {}, clusters = [], backend = {} } = setup;
  const first = await startBackend(scripts);
  const second = await startBackend(scripts);
  const write = (port: number) =>
    writeConfiguration(variants, [staticCluster("backend", [port], backend), ...clusters]);
  const envoy = await startEnvoy(program, await write(first.port));
  const config = await write(second.port);
  const ours = await createProxy({ config, concurrency: 1, logLevel: "error" });
  return new Pair(envoy, ours, [first, second]);
}

async function runOn(port: number, exchange: Exchange, backend: Backend): Promise<string[]> {
  backend.takeSeen();
  const place = (text: string): string => text.replaceAll("{port}", `${port}`);
  const pieces = exchange.pieces.map(place);
  const outcome = await runExchange(port, { ...exchange, pieces });
  return tell(outcome, backend.takeSeen(), port);
}
