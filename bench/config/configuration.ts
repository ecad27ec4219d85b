/** What the proxies are to be configured for, in words that fit all of them. */
export interface Configuration {
  /** The file beside this one that Envoy and Causeway read. */
  readonly template: Template;
  readonly downstream: Downstream;
  readonly upstream: Upstream;
  /** With 1, everything goes to the one backend; with more, by the first segment of the path. */
  readonly routeCount: number;
  /** Clusters, all with the same endpoint; route n goes to cluster n modulo this. */
  readonly clusterCount: number;
}

/**
 * `router`: the plain path. `access-log`: with a log and header edits. `tls`: the plain path behind
 * TLS 1.3. `h2-upstream`: the plain path to an upstream of HTTP/2. `websocket`: upgrades are
 * allowed. `tcp`: no HTTP, only bytes. `waypoint`: HTTP inside of HBONE.
 */
export type Template =
  | "router"
  | "access-log"
  | "tls"
  | "h2-upstream"
  | "websocket"
  | "tcp"
  | "waypoint";

/** What the load speaks. HBONE is CONNECT in HTTP/2 in mutual TLS. */
export type Downstream = "http1" | "h2c" | "tls-http1" | "tls-h2" | "hbone";

/** What the backend speaks; those named `echo` send back what they get. */
export type Upstream = "http1" | "h2c" | "echo-http1" | "echo-h2c";

/** Where one run of a proxy finds the others, and its files. */
export interface Site {
  readonly proxyPort: number;
  readonly adminPort: number;
  readonly backendPort: number;
  /** A folder of this run alone. */
  readonly folder: string;
  /** Where the certificates of the bench lie. */
  readonly tlsFolder: string;
}

/** True where the load speaks TLS with the proxy. */
export function isTls(downstream: Downstream): boolean {
  return downstream !== "http1" && downstream !== "h2c";
}

/** True where the load speaks HTTP/2 with the proxy. */
export function isHttp2(downstream: Downstream): boolean {
  return downstream !== "http1" && downstream !== "tls-http1";
}

/** Where the access log of a run lies. */
export function toAccessLogPath(site: Site): string {
  return `${site.folder}/access.log`;
}

/** The prefix that route number `index` matches; all have the same length. */
export function toRoutePrefix(index: number): string {
  return `/route-${String(index).padStart(5, "0")}/`;
}

/**
 * Paths that hit `pathCount` routes spread evenly over `routeCount`, the first and the last among
 * them, so that neither a lucky place in a list nor one warm cache line decides.
 */
export function spreadPaths(routeCount: number, pathCount: number): string[] {
  const paths: string[] = [];
  for (let step = 0; step < pathCount; step += 1) {
    const index = Math.round((step * (routeCount - 1)) / Math.max(1, pathCount - 1));
    paths.push(`${toRoutePrefix(index)}100`);
  }
  return paths;
}
