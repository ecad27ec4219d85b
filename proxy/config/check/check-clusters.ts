import { isIP } from "node:net";
import type { Cluster } from "../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { Cluster_DiscoveryType } from "../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import type { LbEndpoint } from "../../../api/gen/envoy/config/endpoint/v3/endpoint_components_pb.js";
import { UpstreamTlsContextSchema } from "../../../api/gen/envoy/extensions/transport_sockets/tls/v3/tls_pb.js";
import { HttpProtocolOptionsSchema } from "../../../api/gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import { HOST_TLVS_KEY } from "../compile/proxy-upstream.ts";
import { readOptions, upstreamProtocol } from "../compile/http/upstream-protocol.ts";
import { readTransport } from "../compile/cluster-transport.ts";
import { FieldPath } from "../field-path.ts";
import { unpackAny } from "../message/any-registry.ts";
import type { Problems } from "../problems.ts";
import { checkPipe } from "./check-address.ts";
import { checkOriginalDst } from "./check-original-dst.ts";

/** Checks what the rules of single fields cannot say of clusters, in Envoy's words. */
export function checkClusters(
  clusters: readonly Cluster[],
  path: FieldPath,
  problems: Problems,
): void {
  const names = new Set<string>();
  for (const [index, cluster] of clusters.entries()) {
    const at = path.item(index);
    if (names.has(cluster.name)) {
      problems.add(at.field("name"), `cluster manager: duplicate cluster '${cluster.name}'`);
    }
    names.add(cluster.name);
    checkEndpoints(cluster, at, problems);
    checkOriginalDst(cluster, at, problems);
    checkRequestCount(cluster, at, problems);
    checkProtocolOptions(cluster, at.field("typed_extension_protocol_options"), problems);
  }
}

function checkEndpoints(cluster: Cluster, path: FieldPath, problems: Problems): void {
  const type = discoveryTypeOf(cluster);
  const localities = path.field("load_assignment").field("endpoints");
  let endpointCount = 0;
  for (const [index, locality] of (cluster.loadAssignment?.endpoints ?? []).entries()) {
    for (const [position, endpoint] of locality.lbEndpoints.entries()) {
      const at = localities.item(index).field("lb_endpoints").item(position);
      checkEndpoint(endpoint, type, at, problems);
      endpointCount++;
    }
  }
  const isSingle = endpointCount === 1 && cluster.loadAssignment?.endpoints.length === 1;
  if (type === Cluster_DiscoveryType.LOGICAL_DNS && !isSingle) {
    const rule = "must have a single locality_lb_endpoint and a single lb_endpoint";
    problems.add(localities, `LOGICAL_DNS clusters ${rule}`);
  }
}

/** The type of a cluster; STATIC where nothing is said. */
function discoveryTypeOf(cluster: Cluster): Cluster_DiscoveryType | null {
  const { case: kind, value } = cluster.clusterDiscoveryType;
  if (kind === "clusterType") return null;
  return value ?? Cluster_DiscoveryType.STATIC;
}

function checkEndpoint(
  endpoint: LbEndpoint,
  type: Cluster_DiscoveryType | null,
  path: FieldPath,
  problems: Problems,
): void {
  const { case: kind, value } = endpoint.hostIdentifier;
  if (kind === "endpointName") return;
  checkTypedMetadata(endpoint, path.field("metadata"), problems);
  const at = path.field("endpoint").field("address");
  const address = value?.address?.address;
  if (address === undefined) {
    problems.add(at, "value is required");
    return;
  }
  checkPipe(value?.address, at, problems);
  const isDns =
    type === Cluster_DiscoveryType.STRICT_DNS || type === Cluster_DiscoveryType.LOGICAL_DNS;
  if (address.case === "pipe" && isDns) {
    problems.add(at, "a cluster that resolves names cannot have a pipe as an endpoint");
  }
  if (address.case !== "socketAddress" || type !== Cluster_DiscoveryType.STATIC) return;
  const name = address.value.address;
  if (name === "" || isIP(name) !== 0) return;
  const advice = "Consider setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'";
  const reason = `malformed IP address: ${name}. ${advice}`;
  problems.add(at.field("socket_address").field("address"), reason);
}

/** Typed metadata of which anything is read here. */
function checkTypedMetadata({ metadata }: LbEndpoint, path: FieldPath, problems: Problems): void {
  for (const key of Object.keys(metadata?.typedFilterMetadata ?? {})) {
    if (key === HOST_TLVS_KEY) continue;
    const at = path.field("typed_filter_metadata").key(key);
    problems.add(at, `not implemented (accepted: ${HOST_TLVS_KEY})`);
  }
}

/** A field that moved may be set in its old place or in its new one. */
function checkRequestCount(cluster: Cluster, path: FieldPath, problems: Problems): void {
  const packed = cluster.typedExtensionProtocolOptions[HttpProtocolOptionsSchema.typeName];
  const options = packed && unpackAny(packed, HttpProtocolOptionsSchema);
  const isMoved = options?.commonHttpProtocolOptions?.maxRequestsPerConnection !== undefined;
  if (!isMoved || cluster.maxRequestsPerConnection === undefined) return;
  const name = "max_requests_per_connection";
  const reason = `Only one of ${name} from Cluster or HttpProtocolOptions can be specified`;
  problems.add(path.field(name), reason);
}

/** Whether connections are in TLS, whatever is around it. */
function hasTls(cluster: Cluster): boolean {
  const config = readTransport(cluster, FieldPath.root).inner?.configType;
  if (config?.case !== "typedConfig") return false;
  return unpackAny(config.value, UpstreamTlsContextSchema) !== null;
}

/** Envoy finds the options of a protocol by their key, which is the name of their type. */
function checkProtocolOptions(cluster: Cluster, path: FieldPath, problems: Problems): void {
  for (const key of Object.keys(cluster.typedExtensionProtocolOptions)) {
    if (key === HttpProtocolOptionsSchema.typeName) continue;
    const what = "network or http filter or protocol options implementation";
    problems.add(path.key(key), `Didn't find a registered ${what} for name: '${key}'`);
  }
  const isAuto = upstreamProtocol(readOptions(cluster)).codec === "auto";
  if (!isAuto || hasTls(cluster)) return;
  const at = path.key(HttpProtocolOptionsSchema.typeName).field("auto_config");
  const what = `ALPN configured for cluster ${cluster.name}`;
  problems.add(at, `${what} which has a non-ALPN transport socket`);
}
