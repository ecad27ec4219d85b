import type { StatSnapshot } from "../../observe/stat/stat-snapshot.ts";
import type { TagExtractor } from "../../observe/stat/stat-tag.ts";
import {
  AdminProblem,
  type AdminReply,
  type AdminRequest,
  rawJsonReply,
  textReply,
} from "../reply.ts";
import type { AdminSource } from "../source.ts";
import { parseStatQuery, pickStats } from "./stat-query.ts";

/** Answers `/stats`. */
export async function replyStats(
  { parameters }: AdminRequest,
  source: AdminSource,
): Promise<AdminReply> {
  const query = parseStatQuery(parameters);
  if (query.format === "prometheus") return replyPrometheus({ parameters }, source);
  const stats = pickStats(await source.stats(), query);
  if (query.format === "json") {
    const { formatStatJson } = await import("./stat-json.ts");
    return rawJsonReply(formatStatJson(stats, query.bucketMode));
  }
  const { formatStatText } = await import("./stat-text.ts");
  return textReply(formatStatText(stats, query.bucketMode));
}

/** Answers `/stats/prometheus`. */
export async function replyPrometheus(
  { parameters }: Pick<AdminRequest, "parameters">,
  source: AdminSource,
): Promise<AdminReply> {
  const mode = parameters.get("histogram_buckets");
  if (mode !== null && mode !== "cumulative") {
    throw new AdminProblem("unsupported prometheus histogram bucket mode\n");
  }
  const query = parseStatQuery(withoutFormat(parameters));
  return formatReply(pickStats(await source.stats(), query), await source.tagExtractor());
}

async function formatReply(stats: StatSnapshot, extractor: TagExtractor): Promise<AdminReply> {
  const prometheus = await import("../../observe/prometheus.ts");
  const body = await prometheus.formatPrometheus(stats, extractor);
  return { status: 200, contentType: prometheus.PROMETHEUS_CONTENT_TYPE, body };
}

/** The path or the format has said it already. */
function withoutFormat(parameters: URLSearchParams): URLSearchParams {
  const rest = new URLSearchParams(parameters);
  rest.delete("format");
  return rest;
}
