import { LOG_LEVELS } from "../observe/log.ts";
import { type AdminEndpoint, type AdminParameter, formatHelp } from "./endpoint.ts";
import { parseNameFilter } from "./name-filter.ts";
import { type AdminReply, jsonReply, okReply, readParameter, textReply } from "./reply.ts";
import type { AdminSource } from "./source.ts";
import { BUCKET_MODES, HIDDEN_MODES, STAT_FORMATS, STAT_TYPES } from "./stat/stat-query.ts";
import { replyPrometheus, replyStats } from "./stat/stat-reply.ts";

const FORMAT: AdminParameter = {
  name: "format",
  help: "File format to use",
  kind: ["text", "json"],
};

const FILTER: AdminParameter = {
  name: "filter",
  help: "Names that contain a match (RE2)",
  kind: "text",
};

const STAT_CHOICE: readonly AdminParameter[] = [
  FILTER,
  { name: "invert_filter", help: "Those in which the filter finds nothing", kind: "flag" },
  { name: "usedonly", help: "Only statistics that were written since the start", kind: "flag" },
  { name: "hidden", help: "Statistics that nobody asks for by name", kind: HIDDEN_MODES },
];

/** Every path, in the order of the help. Pages that need large modules load them when asked. */
export const ADMIN_ENDPOINTS: readonly AdminEndpoint[] = [
  page("/", "this page", async (_, source) => {
    const { formatHomePage } = await import("./page/home.ts");
    return {
      status: 200,
      contentType: "text/html; charset=UTF-8",
      body: formatHomePage(ADMIN_ENDPOINTS, source),
    };
  }),
  page("/certs", "certificates in use", async (_, source) => {
    const { toCertificateJson } = await import("./page/server-info.ts");
    return jsonReply(toCertificateJson(source));
  }),
  page("/clusters", "clusters, and how their endpoints are", replyClusters, [FORMAT, FILTER]),
  page("/config_dump", "the configuration in force, without secrets", replyConfigDump, [
    { name: "resource", help: "One list: static_clusters", kind: "text" },
    { name: "mask", help: "Some fields: bootstrap.admin", kind: "text" },
    { name: "name_regex", help: "Names that contain a match (RE2)", kind: "text" },
    { name: "include_eds", help: "The endpoints that clusters have now, too", kind: "flag" },
  ]),
  page("/contention", "waiting for locks", () => {
    return textReply("Mutex contention is not traced: the workers share no locks.\n");
  }),
  action(
    "/drain_listeners",
    "drain listeners",
    ({ parameters }, source) => {
      source.drainListeners({
        isGraceful: parameters.has("graceful"),
        keepsListening: parameters.has("skip_exit"),
        isInboundOnly: parameters.has("inboundonly"),
      });
      return okReply();
    },
    [
      { name: "graceful", help: "Let connections end before listeners close", kind: "flag" },
      { name: "skip_exit", help: "Drain connections, and keep the listeners open", kind: "flag" },
      { name: "inboundonly", help: "Only listeners whose direction is INBOUND", kind: "flag" },
    ],
  ),
  action("/healthcheck/fail", "fail health checks", (_, source) => {
    source.failHealthCheck(true);
    return okReply();
  }),
  action("/healthcheck/ok", "pass health checks again", (_, source) => {
    source.failHealthCheck(false);
    return okReply();
  }),
  page("/help", "list the commands", () => textReply(formatHelp(ADMIN_ENDPOINTS))),
  page("/hot_restart_version", "version of hot restart", async () => {
    const { HOT_RESTART_VERSION } = await import("./page/server-info.ts");
    return textReply(HOT_RESTART_VERSION);
  }),
  page("/init_dump", "what the start still waits for", () => jsonReply({})),
  page(
    "/listeners",
    "listeners and their addresses",
    async ({ parameters }, source) => {
      const { formatListenerText, toListenerJson } = await import("./page/listeners.ts");
      const listeners = source.listeners();
      if (readParameter(parameters, "format") === "json")
        return jsonReply(toListenerJson(listeners));
      return textReply(formatListenerText(listeners));
    },
    [FORMAT],
  ),
  action(
    "/logging",
    "show and change the levels of loggers",
    async ({ parameters }, source) => {
      const { changeLogging } = await import("./page/logging.ts");
      return textReply(changeLogging(parameters, source));
    },
    [
      { name: "paths", help: "Some loggers: main:debug,dns:info", kind: "text" },
      { name: "level", help: "All loggers", kind: ["", ...LOG_LEVELS] },
    ],
  ),
  page("/memory", "memory of the process", async (_, source) => {
    const { toMemoryJson } = await import("./page/server-info.ts");
    return jsonReply(toMemoryJson(source));
  }),
  action("/quitquitquit", "exit the server", (_, source) => {
    return { ...okReply(), afterwards: () => source.quit() };
  }),
  page("/ready", "server state, with 200 if LIVE and 503 otherwise", (_, source) => {
    const state = source.state();
    return textReply(`${state}\n`, state === "LIVE" ? 200 : 503);
  }),
  action("/reopen_logs", "reopen access logs", async (_, source) => {
    await source.reopenLogs();
    return okReply();
  }),
  action("/reset_counters", "reset all counters to zero", async (_, source) => {
    await source.resetCounters();
    return okReply();
  }),
  page("/runtime", "runtime values", async (_, source) => {
    const { toRuntimeJson } = await import("./page/server-info.ts");
    return jsonReply(toRuntimeJson(source.runtime()));
  }),
  page("/server_info", "version, state and options", async (_, source) => {
    const { toServerInfoJson } = await import("./page/server-info.ts");
    return jsonReply(toServerInfoJson(source));
  }),
  page("/stats", "statistics", replyStats, [
    ...STAT_CHOICE,
    { name: "format", help: "Format to use", kind: STAT_FORMATS },
    { name: "type", help: "Which kinds to show", kind: STAT_TYPES },
    { name: "histogram_buckets", help: "How to show histograms", kind: BUCKET_MODES },
  ]),
  page("/stats/prometheus", "statistics in Prometheus' format", replyPrometheus, STAT_CHOICE),
];

function page(
  path: string,
  help: string,
  reply: AdminEndpoint["reply"],
  parameters: readonly AdminParameter[] = [],
): AdminEndpoint {
  return { path, help, isMutation: false, parameters, reply };
}

function action(
  path: string,
  help: string,
  reply: AdminEndpoint["reply"],
  parameters: readonly AdminParameter[] = [],
): AdminEndpoint {
  return { path, help, isMutation: true, parameters, reply };
}

async function replyClusters(
  { parameters }: { readonly parameters: URLSearchParams },
  source: AdminSource,
): Promise<AdminReply> {
  const isWanted = parseNameFilter(readParameter(parameters, "filter"));
  const clusters = (await source.clusters()).filter(({ name }) => isWanted(name));
  const { formatClusterText, toClusterJson } = await import("./page/clusters.ts");
  if (readParameter(parameters, "format") === "json") return jsonReply(toClusterJson(clusters));
  return textReply(formatClusterText(clusters));
}

async function replyConfigDump(
  { parameters }: { readonly parameters: URLSearchParams },
  source: AdminSource,
): Promise<AdminReply> {
  const pattern = readParameter(parameters, "name_regex");
  const isWanted = parseNameFilter(pattern, (reason) => {
    return `INVALID_ARGUMENT: Error while parsing name_regex from ${pattern}: ${reason}\n`;
  });
  const { toConfigDumpJson } = await import("./page/config-dump.ts");
  return jsonReply(
    toConfigDumpJson(await source.configDump(), {
      resource: readParameter(parameters, "resource"),
      mask: readParameter(parameters, "mask"),
      isWanted,
      endpoints: parameters.has("include_eds") ? await source.clusters() : null,
    }),
  );
}
