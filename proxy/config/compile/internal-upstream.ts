import type { Cluster } from "../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import type { TransportSocket } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import {
  type InternalUpstreamTransport,
  InternalUpstreamTransportSchema,
} from "../../../api/gen/envoy/extensions/transport_sockets/internal_upstream/v3/internal_upstream_pb.js";
import { unpackAny } from "../message/any-registry.ts";

/** The `internal_upstream` transport of a cluster, or null. */
function internalTransportOf(cluster: Cluster): InternalUpstreamTransport | null {
  const config = cluster.transportSocket?.configType;
  if (config?.case !== "typedConfig") return null;
  return unpackAny(config.value, InternalUpstreamTransportSchema);
}

/** The transport that others see: what is in `internal_upstream`, or the cluster's own. */
export function innerTransportOf(cluster: Cluster): TransportSocket | undefined {
  const internal = internalTransportOf(cluster);
  return internal === null ? cluster.transportSocket : internal.transportSocket;
}

/** Namespaces of endpoints' metadata that connections carry along. */
export function passedNamespaces(cluster: Cluster): ReadonlySet<string> {
  const sources = internalTransportOf(cluster)?.passthroughMetadata ?? [];
  return new Set(sources.map(({ name }) => name));
}
