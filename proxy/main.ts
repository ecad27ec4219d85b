import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Bootstrap } from "../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { AdminLog } from "./admin/admin-log.ts";
import { AdminServer } from "./admin/server.ts";
import type { AdminModel } from "./compiler/compile-request.ts";
import { Compiler } from "./compiler/compiler.ts";
import { Log, type Logger } from "./observe/log.ts";
import { ProxyCore } from "./proxy-core.ts";
import type { ProxyOptions } from "./proxy-options.ts";
import { ProxySource } from "./proxy-source.ts";

export type { ProxyOptions } from "./proxy-options.ts";

/** Where the proxy listens. */
export interface ListeningAddress {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** One for all proxies of a process: it ends when it is idle. */
const sharedCompiler = new Compiler();

/** A proxy that runs. Made by `createProxy`. */
export class RunningProxy {
  /** Resolves when `/quitquitquit` asks the proxy to end; the caller then stops it. */
  readonly quitRequested: Promise<void>;
  readonly #core: ProxyCore;
  readonly #admin: AdminServer | null;

  constructor(core: ProxyCore, admin: AdminServer | null, quitRequested: Promise<void>) {
    this.#core = core;
    this.#admin = admin;
    this.quitRequested = quitRequested;
  }

  /** Where the admin interface listens, or `null` without one (or on a pipe). */
  get adminAddress(): { readonly address: string; readonly port: number } | null {
    const address = this.#admin?.address;
    return address?.kind === "socket" ? { address: address.address, port: address.port } : null;
  }

  /** Where the listeners listen; ports are real where the configuration says 0. */
  get listenerAddresses(): readonly ListeningAddress[] {
    return this.#core.boundAddresses.map(({ listener, address, port }) => {
      return { name: listener, address, port };
    });
  }

  /**
   * Runs another configuration from now on: requests that are being served finish on the old one.
   *
   * @throws MeshError `CONFIG_INVALID`; the old configuration stays then.
   */
  async replace(config: Bootstrap | string): Promise<void> {
    await this.#core.replace(await toText(config));
  }

  /** Every counter and gauge by its name, as `/stats` shows them. */
  async readStats(): Promise<ReadonlyMap<string, number>> {
    const { counters, gauges } = await this.#core.collectStats();
    return new Map([...counters, ...gauges].map(({ name, value }) => [name, value]));
  }

  /** Opens the access logs anew, for log rotation. */
  reopenLogs(): void {
    this.#core.reopenLogs();
  }

  /** Stops accepting and lets requests finish; resolves when all is quiet or time is up. */
  async drain(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#core.drainTimeMs);
    await Promise.race([this.#core.drain(), promise]);
    clearTimeout(timer);
  }

  /** Ends everything at once. */
  async stop(): Promise<void> {
    await this.#admin?.close();
    await this.#core.stop();
  }
}

/**
 * Starts a proxy; resolves when all its listeners accept.
 *
 * @throws MeshError `CONFIG_INVALID` with every problem by its path.
 */
export async function createProxy(options: ProxyOptions): Promise<RunningProxy> {
  const log = new Log({ level: options.logLevel, format: options.logFormat });
  const module = new WebAssembly.Module(
    readFileSync(new URL("../build/filters.wasm", import.meta.url)),
  );
  const compiler = options.compiler ?? sharedCompiler;
  const config = await compiler.compile({
    config: await toText(options.config),
    name: options.configName ?? "config",
    version: 1,
    logSinks: [],
    nodeId: options.serviceNode,
    nodeCluster: options.serviceCluster,
  });
  const quit = Promise.withResolvers<void>();
  const concurrency = Math.max(1, options.concurrency ?? availableParallelism());
  const onQuit = quit.resolve;
  const adminLog = await openAdminLog(module, config.admin);
  const setup = { options, log, compiler, config, module, concurrency, adminLog, onQuit };
  const core = new ProxyCore(setup);
  const admin =
    config.admin === null ? null : await openAdmin(core, config.admin, log.logger("admin"));
  try {
    await core.start();
  } catch (error) {
    await admin?.close();
    await core.stop();
    throw error;
  }
  return new RunningProxy(core, admin, quit.promise);
}

/**
 * Checks a configuration as `createProxy` would, without starting anything.
 *
 * @throws MeshError `CONFIG_INVALID` with every problem by its path.
 */
export async function validateConfig(config: Bootstrap | string, name: string): Promise<void> {
  const { compileBootstrap } = await import("./compiler/compile-bootstrap.ts");
  compileBootstrap({ id: 0, name, config: await toText(config), version: 1, logSinks: [] });
}

/** A message travels in binary; only who has one has loaded the API that is needed for that. */
async function toText(config: Bootstrap | string): Promise<string | Uint8Array> {
  if (typeof config === "string") return config;
  const { toBinary } = await import("@bufbuild/protobuf");
  const { BootstrapSchema } = await import("../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js");
  return toBinary(BootstrapSchema, config);
}

async function openAdminLog(
  module: WebAssembly.Module,
  admin: AdminModel | null,
): Promise<AdminLog | null> {
  if (admin === null || admin.log === null) return null;
  const { AdminLog } = await import("./admin/admin-log.ts");
  const { address, log } = admin;
  return new AdminLog(module, log, address.kind === "pipe" ? address.path : "");
}

function openAdmin(core: ProxyCore, admin: AdminModel, log: Logger): Promise<AdminServer> {
  const { address } = admin;
  const at =
    address.kind === "pipe"
      ? ({ kind: "pipe", path: address.path } as const)
      : ({ kind: "socket", address: address.host, port: address.port } as const);
  return AdminServer.open({
    source: new ProxySource(core),
    address: at,
    pipeMode: address.kind === "pipe" ? address.mode : undefined,
    writeLog: (entry) => core.adminLog?.write(entry),
    onError: (error) => log.error(`an admin endpoint failed: ${error}`),
  });
}
