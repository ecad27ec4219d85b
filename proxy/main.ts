import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Bootstrap } from "../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { parseBootstrap, validateBootstrap } from "./config/bootstrap.ts";
import { compileSnapshot } from "./config/compile/snapshot.ts";
import type { Snapshot } from "./config/model.ts";
import { readMachine } from "./machine.ts";
import type { LogLevel } from "./observe/log-pattern.ts";
import { Log } from "./observe/log.ts";
import { Supervisor } from "./supervisor.ts";

/** How to start a proxy. Only `config` is needed. */
export interface ProxyOptions {
  /** Envoy v3 bootstrap: a message, or YAML or JSON text. */
  readonly config: Bootstrap | string;
  /** What to call the configuration in errors. Default `config`. */
  readonly configName?: string | undefined;
  /** Worker threads. Default: the number of CPUs that may be used. */
  readonly concurrency?: number | undefined;
  /** Default `info`. */
  readonly logLevel?: LogLevel | undefined;
  /** A spdlog pattern; default Envoy's. */
  readonly logFormat?: string | undefined;
  /** Default 600, as Envoy. */
  readonly drainTimeS?: number | undefined;
  /** Default 900, as Envoy. */
  readonly parentShutdownTimeS?: number | undefined;
  readonly serviceNode?: string | undefined;
  readonly serviceCluster?: string | undefined;
}

/** Where the proxy listens. */
export interface ListeningAddress {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

const DRAIN_TIME_S = 600;

/** A proxy that runs. */
export class RunningProxy {
  readonly #supervisor: Supervisor;
  readonly #options: ProxyOptions;
  #version = 1;

  /** Use `createProxy`. */
  constructor(supervisor: Supervisor, options: ProxyOptions) {
    this.#supervisor = supervisor;
    this.#options = options;
  }

  /** Where the admin interface listens. */
  get adminAddress(): { readonly address: string; readonly port: number } | null {
    return null;
  }

  /** Where the listeners listen; ports are real where the configuration says 0. */
  get listenerAddresses(): readonly ListeningAddress[] {
    return this.#supervisor.boundAddresses.map(({ listener, address, port }) => {
      return { name: listener, address, port };
    });
  }

  /** Runs another configuration from now on. The old one stays when the new one is refused. */
  async replace(config: Bootstrap | string): Promise<void> {
    const snapshot = compile(config, this.#options.configName ?? "config", ++this.#version);
    await this.#supervisor.replace(snapshot);
  }

  /** All statistics by their names. */
  async readStats(): Promise<ReadonlyMap<string, number>> {
    await this.#supervisor.collect();
    return new Map();
  }

  /** Stops accepting, lets requests finish, and resolves when all is quiet or time is up. */
  async drain(): Promise<void> {
    const timeMs = (this.#options.drainTimeS ?? DRAIN_TIME_S) * 1000;
    await Promise.race([
      this.#supervisor.drain(),
      new Promise<void>((resolve) => setTimeout(resolve, timeMs).unref()),
    ]);
  }

  /** Ends everything at once. */
  async stop(): Promise<void> {
    await this.#supervisor.stop();
  }
}

/**
 * Starts a proxy; resolves when all its listeners accept.
 *
 * @throws MeshError `CONFIG_INVALID` with every problem by its path.
 */
export async function createProxy(options: ProxyOptions): Promise<RunningProxy> {
  const log = new Log({ level: options.logLevel, format: options.logFormat });
  const snapshot = compile(options.config, options.configName ?? "config", 1);
  const module = new WebAssembly.Module(
    readFileSync(new URL("../build/filters.wasm", import.meta.url)),
  );
  const workerCount = options.concurrency ?? availableParallelism();
  const supervisor = new Supervisor(module, workerCount, snapshot, log.logger("main"), {
    onReport: () => {},
    onWorkerGone: () => {},
  });
  await supervisor.start();
  return new RunningProxy(supervisor, options);
}

/** Checks a configuration as `createProxy` would, without starting anything. */
export async function validateConfig(config: Bootstrap | string, name: string): Promise<void> {
  compile(config, name, 1);
}

function compile(config: Bootstrap | string, name: string, version: number): Snapshot {
  const isText = typeof config === "string";
  const bootstrap = isText ? parseBootstrap(config, { name }) : config;
  if (!isText) validateBootstrap(bootstrap, { name });
  return compileSnapshot(bootstrap, version, readMachine(bootstrap));
}
