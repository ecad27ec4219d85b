import type { Bootstrap } from "../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import type { Compiler } from "./compiler/compiler.ts";
import type { LogLevel } from "./observe/log-pattern.ts";

/** Flags of the command line that have no other meaning for a proxy. */
export interface ShownFlags {
  readonly configPath: string;
  readonly baseId: number;
}

/** How to start a proxy. Only `config` is needed. */
export interface ProxyOptions {
  /** Envoy v3 bootstrap: a message, or YAML or JSON text. */
  readonly config: Bootstrap | string;
  /** What to call the configuration in errors; `.json` at its end says that it is JSON. */
  readonly configName?: string | undefined;
  /** Worker threads. Default: the number of CPUs that may be used. */
  readonly concurrency?: number | undefined;
  /** Default `info`. */
  readonly logLevel?: LogLevel | undefined;
  /** A spdlog pattern; default Envoy's. */
  readonly logFormat?: string | undefined;
  /** How long `drain` waits at most, in seconds. Default 600, as Envoy. */
  readonly drainTimeS?: number | undefined;
  /** Shown by `/server_info`; there is no hot restart yet. Default 900, as Envoy. */
  readonly parentShutdownTimeS?: number | undefined;
  /** Shown by `/server_info`: the flags of these names. Without, `configName` is the path. */
  readonly shownFlags?: ShownFlags | undefined;
  /** `node.id` where the bootstrap gives none. */
  readonly serviceNode?: string | undefined;
  /** `node.cluster` where the bootstrap gives none. */
  readonly serviceCluster?: string | undefined;
  /** Who compiles configurations. Default: one for all proxies of the process. */
  readonly compiler?: Compiler | undefined;
}
