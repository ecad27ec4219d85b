import { findFreePort } from "../../../bench/process/free-port.ts";

/** A piece of configuration as it would stand in a JSON file. */
export type Json = Readonly<Record<string, unknown>>;

/** One listener of the configuration under test. */
export interface Variant {
  /** Fields of the HttpConnectionManager. */
  readonly manager?: Json;
  /** Default: one route for everything to the cluster `backend`. */
  readonly routes?: readonly Json[];
  /** Fields of the one virtual host, which takes all hosts. */
  readonly virtualHost?: Json;
  /** Fields of the route configuration. */
  readonly routeConfiguration?: Json;
  /** Fields of the router filter. */
  readonly router?: Json;
  /** True to give the listener a port in the configuration, not at start. */
  readonly isOnFixedPort?: boolean;
  /** Fields of the listener. */
  readonly listener?: Json;
}

/** Where and how requests are logged. */
export interface AccessLogPlace {
  readonly folder: string;
  /** `log_format` of each file, by the end of its name. */
  readonly formats: Readonly<Record<string, Json>>;
}

const TYPE = "type.googleapis.com/envoy.extensions";
const MANAGER = `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const ROUTER = `${TYPE}.filters.http.router.v3.Router`;

/** Writes a bootstrap with one listener for each variant, named by its key. */
export async function writeConfiguration(
  variants: Readonly<Record<string, Variant>>,
  clusters: readonly Json[],
  more: { readonly log?: AccessLogPlace | undefined; readonly bootstrap?: Json | undefined } = {},
): Promise<string> {
  const { log, bootstrap = {} } = more;
  const listeners = [];
  for (const [name, variant] of Object.entries(variants)) {
    const port = variant.isOnFixedPort === true ? await findFreePort() : 0;
    listeners.push(toListener(name, variant, { port, log }));
  }
  const admin = { address: toAddress(0) };
  const resources = { static_resources: { listeners, clusters } };
  // Histograms would be merged every five seconds only.
  const top = { admin, stats_flush_on_admin: true, ...bootstrap };
  return JSON.stringify({ ...top, ...resources }, null, 1);
}

/** A static cluster with endpoints at these ports of this machine. */
export function staticCluster(name: string, ports: readonly number[], more: Json = {}): Json {
  const endpoints = ports.map((port) => ({ endpoint: { address: toAddress(port) } }));
  const assignment = { cluster_name: name, endpoints: [{ lb_endpoints: endpoints }] };
  return { name, type: "STATIC", connect_timeout: "1s", load_assignment: assignment, ...more };
}

const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** Fields of a cluster that has trailers go upstream. */
export const withTrailers: Json = {
  typed_extension_protocol_options: {
    [HTTP_OPTIONS]: {
      "@type": `type.googleapis.com/${HTTP_OPTIONS}`,
      explicit_http_config: { http_protocol_options: { enable_trailers: true } },
    },
  },
};

/** A route for every path to a cluster. */
export function routeTo(cluster: string, action: Json = {}, more: Json = {}): Json {
  return { match: { prefix: "/" }, route: { cluster, ...action }, ...more };
}

function toAddress(port: number): Json {
  return { socket_address: { address: "127.0.0.1", port_value: port } };
}

function toListener(
  name: string,
  variant: Variant,
  { port, log }: { readonly port: number; readonly log: AccessLogPlace | undefined },
): Json {
  const { manager = {}, routes = [routeTo("backend")], virtualHost = {}, router = {} } = variant;
  const typed = {
    "@type": MANAGER,
    stat_prefix: name,
    // Envoy waits so long before it closes, and the client here waits for it.
    delayed_close_timeout: "0.02s",
    route_config: {
      virtual_hosts: [{ name: "all", domains: ["*"], routes, ...virtualHost }],
      ...variant.routeConfiguration,
    },
    http_filters: [
      { name: "envoy.filters.http.router", typed_config: { "@type": ROUTER, ...router } },
    ],
    ...(log === undefined ? {} : { access_log: toAccessLogs(name, log) }),
    ...manager,
  };
  const filter = {
    name: "envoy.filters.network.http_connection_manager",
    typed_config: typed,
  };
  const address = toAddress(port);
  const own = { name, stat_prefix: name, address, ...variant.listener };
  return { ...own, filter_chains: [{ filters: [filter] }] };
}

/** Files of each listener. */
function toAccessLogs(name: string, { folder, formats }: AccessLogPlace): Json[] {
  return Object.entries(formats).map(([end, format]): Json => {
    const typed = {
      "@type": `${TYPE}.access_loggers.file.v3.FileAccessLog`,
      path: `${folder}/${name}${end}`,
      log_format: format,
    };
    return { name: "envoy.access_loggers.file", typed_config: typed };
  });
}
