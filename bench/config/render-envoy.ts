import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { type Configuration, type Site, toAccessLogPath, toRoutePrefix } from "./configuration.ts";

const ROUTES_PATH = [
  ...["static_resources", "listeners", 0, "filter_chains", 0, "filters", 0, "typed_config"],
  ...["route_config", "virtual_hosts", 0, "routes"],
];
const CLUSTERS_PATH = ["static_resources", "clusters"];

/** The Envoy configuration, as YAML, that Envoy and Causeway are both given. */
export function renderEnvoy(configuration: Configuration, site: Site): string {
  const { template, routeCount, clusterCount } = configuration;
  const text = readFileSync(new URL(`${template}.yaml`, import.meta.url), "utf8")
    .replaceAll("PROXY_PORT", String(site.proxyPort))
    .replaceAll("ADMIN_PORT", String(site.adminPort))
    .replaceAll("BACKEND_PORT", String(site.backendPort))
    .replaceAll("TLS_FOLDER", site.tlsFolder)
    .replaceAll("ACCESS_LOG", toAccessLogPath(site));
  if (routeCount === 1 && clusterCount === 1) return text;
  const document = parseDocument(text);
  document.setIn(ROUTES_PATH, document.createNode(buildRoutes(routeCount, clusterCount)));
  document.setIn(CLUSTERS_PATH, document.createNode(buildClusters(clusterCount, site.backendPort)));
  return document.toString();
}

function buildRoutes(routeCount: number, clusterCount: number): object[] {
  return Array.from({ length: routeCount }, (_, index) => ({
    match: { prefix: toRoutePrefix(index) },
    route: { cluster: `backend-${index % clusterCount}` },
  }));
}

function buildClusters(clusterCount: number, port: number): object[] {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  return Array.from({ length: clusterCount }, (_, index) => ({
    name: `backend-${index}`,
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: `backend-${index}`,
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
  }));
}
