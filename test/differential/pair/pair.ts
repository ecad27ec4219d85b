import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningProxy } from "../../../proxy/main.ts";
import { startProxy } from "../../support/start-proxy.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
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
  /** Further clusters with the endpoint of `backend`, and their fields. */
  readonly siblings?: Readonly<Record<string, Json>>;
  /** Format of the access log of every listener; none without. */
  readonly logFormat?: string;
  /** `log_format` of more logs, by the end of their files' names. */
  readonly logFormats?: Readonly<Record<string, Json>>;
  /** Fields of the bootstrap. */
  readonly bootstrap?: Json;
}

const LOG_END = ".log";

/** The same of each of the two. */
export interface Both<Value> {
  readonly envoy: Value;
  readonly ours: Value;
}

/** What an admin interface answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Envoy and our proxy on one configuration, before backends that do the same. */
export class Pair {
  readonly #envoy: Envoy;
  readonly #ours: RunningProxy;
  readonly #backends: Both<Backend>;
  readonly #folder: string;
  #isStopped = false;

  constructor(envoy: Envoy, ours: RunningProxy, backends: Both<Backend>, folder: string) {
    this.#envoy = envoy;
    this.#ours = ours;
    this.#backends = backends;
    this.#folder = folder;
  }

  /** Sends an exchange to a listener of both, and tells what came of it. */
  async run(variant: string, exchange: Exchange): Promise<Both<string[]>> {
    const ports = this.portsOf(variant);
    const [envoy, ours] = await Promise.all([
      runOn(ports.envoy, exchange, this.#backends.envoy),
      runOn(ports.ours, exchange, this.#backends.ours),
    ]);
    return { envoy, ours };
  }

  /** The statistics of both. */
  async readStats(): Promise<Both<ReadonlyMap<string, number>>> {
    return { envoy: await this.#envoy.readStats(), ours: await this.#ours.readStats() };
  }

  /** Asks the admin interfaces of both. */
  async askAdmin(path: string, method = "GET"): Promise<Both<AdminAnswer>> {
    const ours = `http://127.0.0.1:${this.#ours.adminAddress?.port}`;
    const ask = async (origin: string): Promise<AdminAnswer> => {
      const response = await fetch(`${origin}${path}`, { method });
      const type = response.headers.get("content-type") ?? "";
      return { status: response.status, type, body: await response.text() };
    };
    return { envoy: await ask(this.#envoy.admin), ours: await ask(ours) };
  }

  /** The port of a listener of both. */
  portsOf(variant: string): Both<number> {
    const own = this.#ours.listenerAddresses.find(({ name }) => name === variant);
    return { envoy: this.#envoy.ports.get(variant) ?? 0, ours: own?.port ?? 0 };
  }

  /** Stops both, which writes what they have to log, and reads a log of a listener. */
  async readLogs(variant: string, end = LOG_END): Promise<Both<string[]>> {
    await this.#stopProxies();
    const read = (who: string): string[] => {
      const file = join(this.#folder, who, `${variant}${end}`);
      return existsSync(file) ? readFileSync(file, "latin1").split("\n").slice(0, -1) : [];
    };
    return { envoy: read("envoy"), ours: read("ours") };
  }

  /** Ends both and their backends. */
  async stop(): Promise<void> {
    await this.#stopProxies();
    await Promise.all([this.#backends.envoy.stop(), this.#backends.ours.stop()]);
    rmSync(this.#folder, { recursive: true });
  }

  async #stopProxies(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await Promise.all([this.#envoy.stop(), this.#ours.stop()]);
  }
}

/** Starts a pair; skips the running test when there is no Envoy. */
export async function startPair(context: Mocha.Context, setup: PairSetup): Promise<Pair> {
  const program = requirePeer(context, "envoy");
  const { variants, scripts = {}, clusters = [], backend = {}, siblings = {}, bootstrap } = setup;
  const folder = mkdtempSync(join(tmpdir(), "causeway-pair-"));
  const backends = { envoy: await startBackend(scripts), ours: await startBackend(scripts) };
  const write = (who: keyof typeof backends): Promise<string> => {
    const logs = join(folder, who);
    mkdirSync(logs);
    const { port } = backends[who];
    const same = Object.entries({ backend, ...siblings });
    const all = [...same.map(([name, more]) => staticCluster(name, [port], more)), ...clusters];
    const log = { folder: logs, formats: toFormats(setup) };
    return writeConfiguration(variants, all, { log, bootstrap });
  };
  // First ours, which ends with this process whatever happens.
  const config = await write("ours");
  const ours = await startProxy({ config, logLevel: "error", drainTimeS: 1 });
  const envoy = await startEnvoy(program, await write("envoy"));
  return new Pair(envoy, ours, backends, folder);
}

function toFormats({ logFormat, logFormats = {} }: PairSetup): Readonly<Record<string, Json>> {
  if (logFormat === undefined) return logFormats;
  const format = { text_format_source: { inline_string: `${logFormat}\n` } };
  return { [LOG_END]: format, ...logFormats };
}

async function runOn(port: number, exchange: Exchange, backend: Backend): Promise<string[]> {
  backend.takeSeen();
  const place = (text: string): string => text.replaceAll("{port}", `${port}`);
  const pieces = exchange.pieces.map(place);
  const outcome = await runExchange(port, { ...exchange, pieces }, backend.untilActed);
  if (exchange.seenCount === undefined) return tell(outcome, backend.takeSeen(), port);
  await backend.untilSeen(exchange.seenCount);
  return tell(outcome, backend.takeSeen(), port, true);
}
