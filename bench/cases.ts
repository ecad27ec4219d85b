import { findBody, UPLOAD_PATH } from "./backend/bodies.ts";
import { type Configuration, spreadPaths } from "./config/configuration.ts";
import type { FigureName } from "./figure/figures.ts";
import type { LoadRequest } from "./load/request.ts";

/** One thing that is measured on every proxy. */
export interface Case {
  /** As `--only` takes it. */
  readonly name: string;
  readonly title: string;
  /**
   * `saturation`: as fast as it goes. `transfer`: the same with bodies too large for wrk to count
   * well. `latency`: open loop at a fixed rate. `memory`: at rest and with idle connections.
   */
  readonly kind: "saturation" | "transfer" | "latency" | "memory";
  readonly configuration: Configuration;
  readonly request: LoadRequest;
  readonly connectionCount: number;
  /** Of the body that is measured, up or down. */
  readonly bodyBytes: number;
  /** The figure that the report compares and plots. */
  readonly headline: FigureName;
}

const ROUTER: Configuration = { template: "router", routeCount: 1, clusterCount: 1 };
const CONNECTION_COUNT = 64;

/** From here on a body is a transfer: its cost is per byte, not per request. */
const TRANSFER_BYTES_MIN = 1_000_000;

/** From here on the cost per GB is told, too. */
const VOLUME_BYTES_MIN = 10_000;

/** How many different routes are asked for in the cases with many. */
const SPREAD_PATH_COUNT = 16;

/** Everything the bench measures, in the order in which it runs. */
export const CASES: readonly Case[] = [
  download("router", "HTTP/1.1, router only, 100 B", "/100", CONNECTION_COUNT),
  {
    ...download("access-log", "Access log to a file, header edits", "/100", CONNECTION_COUNT),
    configuration: { ...ROUTER, template: "access-log" },
  },
  latency(),
  memory(),
  routes("routes-1", "1 route", 1, 1),
  routes("routes-100", "100 routes", 100, 1),
  routes("routes-10000", "10,000 routes", 10_000, 1),
  routes("clusters-1000", "1,000 routes to 1,000 clusters", 1000, 1000),
  download("down-0", "0 B down", "/0", CONNECTION_COUNT),
  download("down-10k", "10 KB down", "/10k", CONNECTION_COUNT),
  download("down-1m", "1 MB down", "/1m", 16),
  download("down-50m", "50 MB down", "/50m", 4),
  upload("up-100", "100 B up", "/100", CONNECTION_COUNT),
  upload("up-10k", "10 KB up", "/10k", CONNECTION_COUNT),
  upload("up-1m", "1 MB up", "/1m", 16),
  upload("up-50m", "50 MB up", "/50m", 4),
];

/** True where CPU time per GB is worth telling. */
export function isVolume({ bodyBytes }: Case): boolean {
  return bodyBytes >= VOLUME_BYTES_MIN;
}

function download(name: string, title: string, path: string, connectionCount: number): Case {
  const request: LoadRequest = { method: "GET", paths: [path], bodyBytes: 0 };
  return body({ name, title, request, connectionCount, bodyBytes: findBody(path).bytes });
}

function upload(name: string, title: string, size: string, connectionCount: number): Case {
  const bodyBytes = findBody(size).bytes;
  const request: LoadRequest = { method: "POST", paths: [UPLOAD_PATH], bodyBytes };
  return body({ name, title, request, connectionCount, bodyBytes });
}

function body(parts: Omit<Case, "kind" | "configuration" | "headline">): Case {
  const isLarge = parts.bodyBytes >= TRANSFER_BYTES_MIN;
  const headline = isLarge ? "cpuPerGbSeconds" : "cpuPerRequestUs";
  const kind = isLarge ? "transfer" : "saturation";
  return { ...parts, kind, configuration: ROUTER, headline };
}

function routes(name: string, title: string, routeCount: number, clusterCount: number): Case {
  // One route takes every path, and is asked for the paths of 10,000: the same work for wrk.
  const spread = routeCount === 1 ? 10_000 : routeCount;
  const paths = spreadPaths(spread, SPREAD_PATH_COUNT);
  return {
    ...download(name, title, "/100", CONNECTION_COUNT),
    configuration: { template: "router", routeCount, clusterCount },
    request: { method: "GET", paths, bodyBytes: 0 },
  };
}

function latency(): Case {
  const plain = download("latency", "Open loop at a fixed rate", "/100", CONNECTION_COUNT);
  return { ...plain, kind: "latency", headline: "p99Us" };
}

function memory(): Case {
  const plain = download("memory", "Resident memory", "/100", 1);
  return { ...plain, kind: "memory", headline: "restBytes" };
}
