import type { MessageInitShape } from "@bufbuild/protobuf";
import { HealthStatus } from "../../../api/gen/envoy/config/core/v3/health_check_pb.js";
import type { ClusterLoadAssignmentSchema } from "../../../api/gen/envoy/config/endpoint/v3/endpoint_pb.js";
import type { AdminCluster, AdminEndpointStatus } from "../source.ts";
import { toAddressInit } from "./address.ts";

/** Envoy's default of `overprovisioning_factor`, in percent. */
const OVERPROVISIONING = 140;

/**
 * The endpoints that a cluster has now as a ClusterLoadAssignment: names in DNS are addresses, and
 * endpoints are grouped by their locality and priority.
 */
export function toLoadAssignment(
  cluster: AdminCluster,
): MessageInitShape<typeof ClusterLoadAssignmentSchema> {
  const groups = new Map<string, AdminEndpointStatus[]>();
  for (const endpoint of cluster.endpoints) {
    const { priority, region, zone, subZone } = endpoint;
    const key = JSON.stringify([priority, region, zone, subZone]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [endpoint]);
    else group.push(endpoint);
  }
  return {
    clusterName: cluster.name,
    endpoints: Array.from(groups.values(), toGroup),
    policy: { overprovisioningFactor: OVERPROVISIONING },
  };
}

function toGroup(endpoints: readonly AdminEndpointStatus[]) {
  const [{ region, zone, subZone, priority }] = endpoints;
  return {
    locality: { region, zone, subZone },
    priority,
    lbEndpoints: endpoints.map(toEndpoint),
    // Envoy says so of localities without a weight.
    loadBalancingWeight: 0,
  };
}

function toEndpoint({ address, hostname, weight, healthFlags }: AdminEndpointStatus) {
  const isHealthy = healthFlags.length === 0;
  return {
    hostIdentifier: {
      case: "endpoint",
      value: { address: toAddressInit(address), hostname, healthCheckConfig: {} },
    } as const,
    healthStatus: isHealthy ? HealthStatus.HEALTHY : HealthStatus.UNHEALTHY,
    loadBalancingWeight: weight,
  };
}
