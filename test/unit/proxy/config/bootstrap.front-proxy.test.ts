import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { MANAGER, problemsOfText, typeUrl } from "./sample-bootstrap.ts";

const FILTERS = "envoy.extensions.filters.http";
const ROUTES = `${MANAGER}.route_config.virtual_hosts[0].routes`;

function notImplemented(...paths: string[]): string[] {
  return paths.map((path) => `${path}: not implemented`);
}

function notImplementedType(path: string, name: string): string {
  return `${path}: "${typeUrl(name)}" is not implemented`;
}

/** What of the front proxy is refused, typed by hand; all the rest is taken. */
const WANT = [
  ...notImplemented(
    "stats_sinks",
    "overload_manager",
    `${MANAGER}.tracing`,
    `${MANAGER}.route_config.virtual_hosts[0].rate_limits`,
    `${ROUTES}[0].route.retry_policy`,
    `${ROUTES}[0].route.hash_policy`,
    `${MANAGER}.http_filters[3].typed_config.start_child_span`,
    "static_resources.clusters[0].outlier_detection",
    "static_resources.clusters[0].health_checks",
    "static_resources.clusters[1].eds_cluster_config",
    "static_resources.clusters[2].typed_dns_resolver_config",
  ),
  notImplementedType(
    `${MANAGER}.access_log[0].typed_config`,
    "envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
  ),
  notImplementedType(
    `${ROUTES}[1].typed_per_filter_config["envoy.filters.http.cors"]`,
    `${FILTERS}.cors.v3.CorsPolicy`,
  ),
  notImplementedType(`${MANAGER}.http_filters[0].typed_config`, `${FILTERS}.cors.v3.Cors`),
  notImplementedType(
    `${MANAGER}.http_filters[1].typed_config`,
    `${FILTERS}.jwt_authn.v3.JwtAuthentication`,
  ),
  notImplementedType(
    `${MANAGER}.http_filters[2].typed_config`,
    `${FILTERS}.ratelimit.v3.RateLimit`,
  ),
  `${ROUTES}[1].route.priority: HIGH is not implemented (accepted: DEFAULT)`,
  "static_resources.clusters[0].lb_policy: " +
    "LEAST_REQUEST is not implemented (accepted: ROUND_ROBIN, CLUSTER_PROVIDED)",
  "static_resources.clusters[1].type: " +
    "EDS is not implemented (accepted: STATIC, STRICT_DNS, LOGICAL_DNS, ORIGINAL_DST)",
];

describe("bootstrap of a front proxy", () => {
  it("parseBootstrap: each thing that is not implemented is refused by its path", () => {
    const text = readFileSync(new URL("front-proxy.yaml", import.meta.url), "utf8");
    const problems = problemsOfText(text, "front-proxy.yaml");
    assert.deepEqual(problems.sort(), WANT.sort());
  });
});
