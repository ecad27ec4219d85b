import { ClustersSchema } from "../../../api/gen/envoy/admin/v3/clusters_pb.js";
import { SimpleMetric_Type } from "../../../api/gen/envoy/admin/v3/metrics_pb.js";
import { HealthStatus } from "../../../api/gen/envoy/config/core/v3/health_check_pb.js";
import { RoutingPriority } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import {
  type AdminCluster,
  type AdminEndpointStatus,
  type AdminHealthFlag,
  type AdminThresholds,
  ENDPOINT_STATS,
} from "../source.ts";
import { formatAddress, toAddressInit } from "./address.ts";
import { toMessageJson } from "./message-json.ts";

/** Writes `/clusters` as lines of `cluster::endpoint::name::value`. */
export function formatClusterText(clusters: readonly AdminCluster[]): string {
  const lines = clusters.flatMap((cluster) =>
    [
      ...toClusterLines(cluster),
      ...cluster.endpoints.flatMap((endpoint) => {
        const prefix = formatAddress(endpoint.address);
        return toEndpointLines(endpoint).map((line) => `${prefix}::${line}`);
      }),
    ].map((line) => `${cluster.name}::${line}\n`),
  );
  return lines.join("");
}

/** The same as envoy.admin.v3.Clusters. */
export function toClusterJson(clusters: readonly AdminCluster[]): unknown {
  return toMessageJson(ClustersSchema, {
    clusterStatuses: clusters.map((cluster) => ({
      name: cluster.name,
      addedViaApi: cluster.isAddedViaApi,
      observabilityName: cluster.observabilityName,
      circuitBreakers: {
        thresholds: [
          { ...toThresholdInit(cluster.defaultThresholds), priority: RoutingPriority.DEFAULT },
          { ...toThresholdInit(cluster.highThresholds), priority: RoutingPriority.HIGH },
        ],
      },
      hostStatuses: cluster.endpoints.map(toEndpointInit),
    })),
  });
}

function toClusterLines(cluster: AdminCluster): string[] {
  return [
    `observability_name::${cluster.observabilityName}`,
    ...toThresholdLines("default_priority", cluster.defaultThresholds),
    ...toThresholdLines("high_priority", cluster.highThresholds),
    `added_via_api::${cluster.isAddedViaApi}`,
  ];
}

function toThresholdLines(priority: string, thresholds: AdminThresholds): string[] {
  return [
    `${priority}::max_connections::${thresholds.connectionsMax}`,
    `${priority}::max_pending_requests::${thresholds.pendingRequestsMax}`,
    `${priority}::max_requests::${thresholds.requestsMax}`,
    `${priority}::max_retries::${thresholds.retriesMax}`,
  ];
}

function toEndpointLines(endpoint: AdminEndpointStatus): string[] {
  const { stats, healthFlags } = endpoint;
  return [
    ...ENDPOINT_STATS.map((name) => `${name}::${stats[name]}`),
    `hostname::${endpoint.hostname}`,
    `health_flags::${healthFlags.join("") || "healthy"}`,
    `weight::${endpoint.weight}`,
    `region::${endpoint.region}`,
    `zone::${endpoint.zone}`,
    `sub_zone::${endpoint.subZone}`,
    `canary::${endpoint.isCanary}`,
    `priority::${endpoint.priority}`,
    // Envoy's way to say that outlier detection has no figure.
    "success_rate::-1",
    "local_origin_success_rate::-1",
  ];
}

function toThresholdInit(thresholds: AdminThresholds) {
  return {
    maxConnections: thresholds.connectionsMax,
    maxPendingRequests: thresholds.pendingRequestsMax,
    maxRequests: thresholds.requestsMax,
    maxRetries: thresholds.retriesMax,
  };
}

function toEndpointInit(endpoint: AdminEndpointStatus) {
  const { stats, region, zone, subZone } = endpoint;
  const names = [...ENDPOINT_STATS].sort((left, right) => typeOf(left) - typeOf(right));
  return {
    address: toAddressInit(endpoint.address),
    hostname: endpoint.hostname,
    weight: endpoint.weight,
    priority: endpoint.priority,
    locality: { region, zone, subZone },
    stats: names.map((name) => ({ name, type: typeOf(name), value: BigInt(stats[name]) })),
    healthStatus: toHealthInit(endpoint.healthFlags),
  };
}

function typeOf(name: string): SimpleMetric_Type {
  return name.endsWith("_active") ? SimpleMetric_Type.GAUGE : SimpleMetric_Type.COUNTER;
}

function toHealthInit(flags: readonly AdminHealthFlag[]) {
  let edsHealthStatus = HealthStatus.HEALTHY;
  if (flags.includes("/failed_eds_health")) edsHealthStatus = HealthStatus.UNHEALTHY;
  else if (flags.includes("/degraded_eds_health")) edsHealthStatus = HealthStatus.DEGRADED;
  return {
    failedActiveHealthCheck: flags.includes("/failed_active_hc"),
    failedOutlierCheck: flags.includes("/failed_outlier_check"),
    failedActiveDegradedCheck: flags.includes("/degraded_active_hc"),
    pendingDynamicRemoval: flags.includes("/pending_dynamic_removal"),
    pendingActiveHc: flags.includes("/pending_active_hc"),
    excludedViaImmediateHcFail: flags.includes("/excluded_via_immediate_hc_fail"),
    activeHcTimeout: flags.includes("/active_hc_timeout"),
    edsHealthStatus,
  };
}
