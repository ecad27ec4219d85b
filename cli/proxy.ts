import { availableParallelism } from "node:os";
import { LOG_FORMAT_DEFAULT, type LogLevel } from "../proxy/observe/log-pattern.ts";
import { Log, LOG_LEVELS } from "../proxy/observe/log.ts";
import type { ShownFlags } from "../proxy/proxy-options.ts";
import type { Command } from "./line/command.ts";
import { type ConfigSource, readConfig } from "./config-source.ts";
import type { Flag, FlagValues } from "./line/flags.ts";
import { runUntilSignal } from "./line/shutdown.ts";
import type { Terminal } from "./line/terminal.ts";
import { UsageError } from "./line/command-error.ts";
import { formatVersion } from "./version.ts";

/** Envoy's defaults. */
const DRAIN_TIME_S_DEFAULT = 600;
const PARENT_SHUTDOWN_TIME_S_DEFAULT = 900;

/** The flags of Envoy that we have, with Envoy's names and defaults. */
const FLAGS: readonly Flag[] = [
  {
    long: "config-path",
    short: "c",
    kind: "text",
    placeholder: "FILE",
    help: "Envoy v3 bootstrap configuration, YAML or JSON.",
  },
  {
    long: "config-yaml",
    kind: "text",
    placeholder: "YAML",
    help: `The configuration itself. With --config-path too, it is merged over the file as
      protobuf merges: single values replace, lists grow, messages merge.`,
  },
  {
    long: "mode",
    kind: ["serve", "validate"],
    default: "serve",
    help: `serve runs the proxy. validate checks the configuration, opens no socket, prints
      "configuration 'FILE' OK" or what is wrong with it, and exits with 0 or 1.`,
  },
  {
    long: "concurrency",
    kind: "uint32",
    default: "the number of CPUs",
    help: "How many worker threads serve traffic. 0 means one.",
  },
  {
    long: "log-level",
    short: "l",
    kind: [...LOG_LEVELS, "warn"],
    default: "info",
    help: "What is logged to standard error: this level and those above it.",
  },
  {
    long: "log-format",
    kind: "text",
    placeholder: "PATTERN",
    default: `"${LOG_FORMAT_DEFAULT}"`,
    help: `How a log line looks, in the syntax of spdlog: %v message, %l level, %n logger, %t
      thread, %P process, %Y-%m-%d %T.%e time, %g:%# source file and line, %_ message on one
      line, %j message inside a JSON string.`,
  },
  {
    long: "drain-time-s",
    kind: "uint32",
    default: `${DRAIN_TIME_S_DEFAULT}`,
    help: `How many seconds open connections have to finish after SIGTERM, after SIGINT, or when
      a listener is removed.`,
  },
  {
    long: "parent-shutdown-time-s",
    kind: "uint32",
    default: `${PARENT_SHUTDOWN_TIME_S_DEFAULT}`,
    help: `How many seconds an old process waits before it ends when a new one takes over. As in
      Envoy it should be longer than the drain time.`,
  },
  {
    long: "base-id",
    kind: "uint32",
    default: "0",
    help: `Accepted and without effect. In Envoy it keeps the shared memory of several proxies
      on one machine apart; we share none.`,
  },
  {
    long: "service-node",
    kind: "text",
    placeholder: "ID",
    help: "Id of this node. Replaces node.id of the configuration.",
  },
  {
    long: "service-cluster",
    kind: "text",
    placeholder: "NAME",
    help: "Name of the group of nodes this one is of. Replaces node.cluster of the configuration.",
  },
  { long: "version", kind: "switch", help: "Print the version and exit." },
];

/** `causeway proxy`. */
export const proxyCommand: Command = {
  name: "proxy",
  summary: "Run the proxy with an Envoy configuration: causeway proxy -c FILE",
  description: `Runs the proxy. It reads Envoy's v3 configuration and takes Envoy's flags, those
    listed here. A configuration that uses something not implemented is refused with the path of
    the field.

    SIGTERM or Ctrl-C drains: listeners close, requests under way finish, then it ends. A second
    Ctrl-C ends it at once, unless it comes within 0.4 s, as npm sends it. SIGHUP is ignored, as
    in Envoy.`,
  flags: FLAGS,
  run: runProxy,
};

async function runProxy(flags: FlagValues, terminal: Terminal): Promise<number> {
  if (flags.has("version")) {
    terminal.out(`${formatVersion()}\n`);
    return 0;
  }
  const path = flags.text("config-path");
  // As in Envoy, an empty text is none.
  const yaml = flags.text("config-yaml") || undefined;
  if (path === undefined && yaml === undefined) {
    throw new UsageError("give the configuration with --config-path FILE or --config-yaml YAML");
  }
  const source = await readConfig(path, yaml);
  if (flags.text("mode") === "validate") return validate(source, terminal);
  const baseId = flags.integer("base-id") ?? 0;
  return serve(source, flags, { configPath: path ?? "", baseId });
}

/** Envoy's words, on standard output when all is well. */
async function validate(source: ConfigSource, terminal: Terminal): Promise<number> {
  const { validateConfig } = await import("../proxy/main.ts");
  try {
    // What was merged has been checked while it was.
    if (typeof source.config === "string") await validateConfig(source.config, source.name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : `${error}`;
    terminal.err(`error initializing configuration '${source.name}': ${reason}\n`);
    return 1;
  }
  terminal.out(`configuration '${source.name}' OK\n`);
  return 0;
}

async function serve(
  source: ConfigSource,
  flags: FlagValues,
  shownFlags: ShownFlags,
): Promise<number> {
  const level = readLogLevel(flags);
  const format = flags.text("log-format") ?? LOG_FORMAT_DEFAULT;
  const serviceNode = flags.text("service-node");
  const serviceCluster = flags.text("service-cluster");
  const { createProxy } = await import("../proxy/main.ts");
  const { releaseStartMemory } = await import("../proxy/engine/start-memory.ts");
  const proxy = await createProxy({
    config: source.config,
    configName: source.name,
    concurrency: Math.max(flags.integer("concurrency") ?? availableParallelism(), 1),
    logLevel: level,
    logFormat: format,
    shownFlags,
    drainTimeS: flags.integer("drain-time-s") ?? DRAIN_TIME_S_DEFAULT,
    parentShutdownTimeS: flags.integer("parent-shutdown-time-s") ?? PARENT_SHUTDOWN_TIME_S_DEFAULT,
    ...(serviceNode === undefined ? {} : { serviceNode }),
    ...(serviceCluster === undefined ? {} : { serviceCluster }),
  });
  const logger = new Log({ level, format }).logger("main");
  releaseStartMemory();
  // Envoy's way: a proxy outlives the terminal that it was started from.
  process.on("SIGHUP", () => logger.warning("caught SIGHUP: ignored"));
  process.on("SIGUSR1", () => proxy.reopenLogs());
  await runUntilSignal(proxy, {
    onStep: (step, signal) => logger.warning(`caught ${signal}: ${STEPS[step]}`),
  });
  logger.info("exiting");
  return 0;
}

const STEPS = { drain: "draining", stop: "stopping at once" };

/** Envoy takes `warn` for `warning`. */
function readLogLevel(flags: FlagValues): LogLevel {
  const word = flags.text("log-level");
  return LOG_LEVELS.find((level) => level === word) ?? (word === "warn" ? "warning" : "info");
}
