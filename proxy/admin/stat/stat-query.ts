import type { StatSnapshot } from "../../observe/stat/stat-snapshot.ts";
import { type NameFilter, parseNameFilter } from "../name-filter.ts";
import { AdminProblem, readParameter } from "../reply.ts";

/** How `/stats` shows histograms. */
export const BUCKET_MODES = ["summary", "cumulative", "disjoint", "detailed"] as const;
/** One of `BUCKET_MODES`. */
export type BucketMode = (typeof BUCKET_MODES)[number];

/** What `/stats` can be asked to write. */
export const STAT_FORMATS = ["text", "json", "prometheus"] as const;
/** One of `STAT_FORMATS`. */
export type StatFormat = (typeof STAT_FORMATS)[number];

/** Which statistics `/stats` shows. Text readouts exist in Envoy, and we have none. */
export const STAT_TYPES = ["All", "Counters", "Gauges", "Histograms", "TextReadouts"] as const;
/** One of `STAT_TYPES`. */
export type StatType = (typeof STAT_TYPES)[number];

/** Whether hidden statistics are shown. Envoy hides what it is told to hide; we hide none. */
export const HIDDEN_MODES = ["exclude", "include", "only"] as const;

/** What `/stats` was asked for. */
export interface StatQuery {
  readonly format: StatFormat;
  readonly type: StatType;
  readonly bucketMode: BucketMode;
  readonly isUsedOnly: boolean;
  readonly isWanted: NameFilter;
}

/**
 * Reads the parameters of `/stats`.
 *
 * @throws AdminProblem with Envoy's text for a value that is unknown or not implemented.
 */
export function parseStatQuery(parameters: URLSearchParams): StatQuery {
  return {
    format: parseFormat(readParameter(parameters, "format")),
    type: parseType(readParameter(parameters, "type")),
    bucketMode: parseBucketMode(readParameter(parameters, "histogram_buckets")),
    isUsedOnly: parameters.has("usedonly"),
    isWanted: parseFilter(parameters),
  };
}

/** The statistics that were asked for. */
export function pickStats(snapshot: StatSnapshot, query: StatQuery): StatSnapshot {
  const { type, isUsedOnly, isWanted } = query;
  const pick = <Stat extends { name: string; isUsed: boolean }>(
    stats: readonly Stat[],
    ofType: StatType,
  ): readonly Stat[] => {
    if (type !== "All" && type !== ofType) return [];
    return stats.filter(({ name, isUsed }) => (isUsed || !isUsedOnly) && isWanted(name));
  };
  return {
    counters: pick(snapshot.counters, "Counters"),
    gauges: pick(snapshot.gauges, "Gauges"),
    histograms: pick(snapshot.histograms, "Histograms"),
  };
}

function parseFilter(parameters: URLSearchParams): NameFilter {
  const contains = parseNameFilter(readParameter(parameters, "filter"));
  if (wantsHidden(parameters)) return () => false;
  const isInverted = parameters.has("filter") && parameters.has("invert_filter");
  return isInverted ? (name) => !contains(name) : contains;
}

/** Whether only hidden statistics are wanted. */
function wantsHidden(parameters: URLSearchParams): boolean {
  const value = readParameter(parameters, "hidden");
  if (value === null) return false;
  const mode = HIDDEN_MODES.find((known) => known === value);
  if (mode !== undefined) return mode === "only";
  throw new AdminProblem("usage: /stats?hidden=(include|only|exclude)\n\n");
}

function parseFormat(value: string | null): StatFormat {
  if (value === null) return "text";
  const format = STAT_FORMATS.find((known) => known === value);
  if (format !== undefined) return format;
  throw new AdminProblem(`usage: /stats?format=(${STAT_FORMATS.join("|")})\n\n`);
}

function parseType(value: string | null): StatType {
  if (value === null) return "All";
  const type = STAT_TYPES.find((known) => known === value);
  if (type !== undefined) return type;
  throw new AdminProblem("invalid &type= param\n");
}

function parseBucketMode(value: string | null): BucketMode {
  // Envoy takes `none` for its default.
  if (value === null || value === "none") return "summary";
  const mode = BUCKET_MODES.find((known) => known === value);
  if (mode !== undefined) return mode;
  throw new AdminProblem(`usage: /stats?histogram_buckets=(${BUCKET_MODES.join("|")})\n`);
}
