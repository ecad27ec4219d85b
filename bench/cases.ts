import type { Case } from "./case.ts";
import { findBody, UPLOAD_PATH } from "./backend/bodies.ts";
import { type Configuration, spreadPaths } from "./config/configuration.ts";
import type { LoadRequest } from "./load/request.ts";
import { PROTOCOL_CASES } from "./protocol-cases.ts";

const ROUTER: Configuration = {
  template: "router",
  downstream: "http1",
  upstream: "http1",
  routeCount: 1,
  clusterCount: 1,
};
const CONNECTION_COUNT = 64;

/** From here on a body is a transfer: its cost is per byte, not per request. */
const TRANSFER_BYTES_MIN = 1_000_000;

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
  ...PROTOCOL_CASES,
];

function download(name: string, title: string, path: string, connectionCount: number): Case {
  const request: LoadRequest = { method: "GET", paths: [path], bodyBytes: 0, headers: {} };
  return body({ name, title, request, connectionCount, bodyBytes: findBody(path).bytes });
}

function upload(name: string, title: string, size: string, connectionCount: number): Case {
  const bodyBytes = findBody(size).bytes;
  const request: LoadRequest = { method: "POST", paths: [UPLOAD_PATH], bodyBytes, headers: {} };
  return body({ name, title, request, connectionCount, bodyBytes });
}

type Body = "name" | "title" | "request" | "connectionCount" | "bodyBytes";

function body(parts: Pick<Case, Body>): Case {
  const isLarge = parts.bodyBytes >= TRANSFER_BYTES_MIN;
  const headline = isLarge ? "cpuPerGbSeconds" : "cpuPerRequestUs";
  const kind = isLarge ? "transfer" : "saturation";
  return { ...parts, kind, configuration: ROUTER, streamCount: 1, unit: "request", headline };
}

function routes(name: string, title: string, routeCount: number, clusterCount: number): Case {
  // One route takes every path, and is asked for the paths of 10,000: the same work for wrk.
  const spread = routeCount === 1 ? 10_000 : routeCount;
  const paths = spreadPaths(spread, SPREAD_PATH_COUNT);
  return {
    ...download(name, title, "/100", CONNECTION_COUNT),
    configuration: { ...ROUTER, routeCount, clusterCount },
    request: { method: "GET", paths, bodyBytes: 0, headers: {} },
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
