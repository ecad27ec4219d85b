import type { Cluster } from "../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { H2_OPTION_STATS } from "../../../api/engine/http2.ts";
import {
  Cluster_DiscoveryType,
  Cluster_DnsLookupFamily,
} from "../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { RoutingPriority } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { Http1ProtocolOptions } from "../../../api/gen/envoy/config/core/v3/protocol_pb.js";
import type {
  LbEndpoint,
  LocalityLbEndpoints,
} from "../../../api/gen/envoy/config/endpoint/v3/endpoint_components_pb.js";
import {
  CLUSTER_FLAGS,
  CLUSTER_FLAG_CHUNKED_LENGTH,
  CLUSTER_FLAG_KEEP_CASE,
  CLUSTER_FLAG_KEEP_CASE_PROPER,
  CLUSTER_FLAG_KEEP_REASON,
  CLUSTER_FLAG_PROPER_CASE,
  CLUSTER_FLAG_TRAILERS,
  CLUSTER_FLAG_WHOLE_URL,
  CLUSTER_HEADER_COUNT_MAX,
  CLUSTER_HEAD_BYTES_MAX,
  CLUSTER_HTTP2,
  CLUSTER_METADATA,
  CLUSTER_NAME,
  CLUSTER_OBSERVED_NAME,
  CLUSTER_STATS,
  SCOPE_KIND_CLUSTER,
  SCOPE_KIND_HTTP2,
} from "../../../api/engine/image.ts";
import type { FieldPath } from "../field-path.ts";
import type { ImageWriter } from "../image/image-writer.ts";
import type {
  CircuitBreakerModel,
  ClusterModel,
  DnsTargetModel,
  EndpointModel,
  OriginalDstModel,
} from "../model.ts";
import type { TlsContextModel } from "../tls-model.ts";
import { toEndpointAddress } from "./address.ts";
import { toBufferLimit } from "./buffer-limit.ts";
import type { ImageCollector } from "./compile-setting.ts";
import { toMs } from "./duration.ts";
import { keepaliveOf, STREAMS_MAX, writeHttp2Options } from "./http/http2-options.ts";
import { passedNamespaces, readTransport } from "./cluster-transport.ts";
import { toMetadataValues, writeMetadataValues } from "./metadata-values.ts";
import { peerFlagsOf } from "./peer/cluster-flags.ts";
import { toHostTlvs, toProxyUpstream } from "./proxy-upstream.ts";
import { refuse } from "./route/route-setting.ts";
import { toHeaderKeyFormat } from "./http/header-key-format.ts";
import { maySpeakHttp2, readOptions, upstreamProtocol } from "./http/upstream-protocol.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const CLEANUP_MS = 5_000;
const ORIGINAL_DST_HEADER = "x-envoy-original-dst-host";
const IDLE_TIMEOUT_MS = 3_600_000;
const DNS_REFRESH_MS = 5_000;
/** Envoy's limit of each kind when none is given. */
const BREAKER_DEFAULT = 1024;
const RETRIES_DEFAULT = 3;
/** Envoy's limits of response heads of HTTP/1 when none are given. */
const HEAD_KILOBYTES = 80;
const HEADER_COUNT = 100;

/** Turns a cluster into what workers run. */
export function toClusterModel(
  cluster: Cluster,
  path: FieldPath,
  tls: TlsContextModel | null,
  tlsFacts = 0,
): ClusterModel {
  const options = readOptions(cluster);
  const common = options?.commonHttpProtocolOptions;
  const { codec, followsDownstream, http2 } = upstreamProtocol(options);
  const discovery = discoveryOf(cluster);
  const groups = cluster.loadAssignment?.endpoints ?? [];
  const at = path.field("load_assignment").field("endpoints");
  const transport = readTransport(cluster, path);
  const passed = passedNamespaces(transport);
  const convert = (endpoint: LbEndpoint, group: LocalityLbEndpoints, place: FieldPath) => ({
    ...toEndpoint(endpoint, group, place),
    passedMetadata: toMetadataValues(endpoint.metadata, passed),
  });
  const refreshMs = toMs(cluster.dnsRefreshRate, DNS_REFRESH_MS);
  return {
    name: cluster.name,
    observedName: cluster.altStatName === "" ? cluster.name : cluster.altStatName,
    discovery,
    originalDst: discovery === "original-dst" ? toOriginalDst(cluster) : null,
    endpoints: discovery === "static" ? collect(groups, at, convert) : [],
    dnsTargets: discovery === "static" ? [] : collect(groups, at, toDnsTarget),
    dnsRefreshMs: refreshMs,
    dnsFailureRefreshMs: refreshMs,
    respectsDnsTtl: cluster.respectDnsTtl,
    dnsFamily: DNS_FAMILIES[cluster.dnsLookupFamily],
    connectTimeoutMs: toMs(cluster.connectTimeout, CONNECT_TIMEOUT_MS),
    requestsPerConnectionMax:
      common?.maxRequestsPerConnection ?? cluster.maxRequestsPerConnection ?? 0,
    idleTimeoutMs: toMs(common?.idleTimeout, IDLE_TIMEOUT_MS),
    connectionDurationMaxMs: toMs(common?.maxConnectionDuration, 0),
    bufferBytesMax: toBufferLimit(cluster.perConnectionBufferLimitBytes),
    codec,
    followsDownstream,
    http2StreamsMax: http2?.maxConcurrentStreams ?? STREAMS_MAX,
    http2Keepalive: keepaliveOf(http2),
    preconnectRatio: cluster.preconnectPolicy?.perUpstreamPreconnectRatio ?? 1,
    circuitBreaker: toBreaker(cluster),
    hasKeepAlive: false,
    keepAliveDelayMs: 0,
    proxyHeader: toProxyUpstream(transport),
    tls,
    tlsFacts: tls === null ? 0 : tlsFacts,
  };
}

/** Writes the record of a cluster at `record`. */
export function writeCluster(
  writer: ImageWriter,
  record: number,
  cluster: Cluster,
  collector: ImageCollector,
): void {
  const observed = cluster.altStatName === "" ? cluster.name : cluster.altStatName;
  const options = readOptions(cluster);
  const common = options?.commonHttpProtocolOptions;
  const protocol = upstreamProtocol(options);
  const { http1, http2 } = protocol;
  const headKilobytes = common?.maxResponseHeadersKb ?? HEAD_KILOBYTES;
  writer.setText(record + CLUSTER_NAME, cluster.name);
  writer.setText(record + CLUSTER_OBSERVED_NAME, observed);
  writer.setUint32(record + CLUSTER_FLAGS, flagsOf(http1) | peerFlagsOf(cluster));
  writer.setUint32(record + CLUSTER_HEAD_BYTES_MAX, headKilobytes * 1024);
  const headerCount = common?.maxHeadersCount ?? HEADER_COUNT;
  writer.setUint32(record + CLUSTER_HEADER_COUNT_MAX, headerCount);
  const limits = { bytes: headKilobytes * 1024, count: headerCount };
  writeHttp2Options(writer, record + CLUSTER_HTTP2, http2, limits);
  writeMetadataValues(writer, record + CLUSTER_METADATA, cluster.metadata);
  collector.addScope(SCOPE_KIND_CLUSTER, observed, record + CLUSTER_STATS);
  if (maySpeakHttp2(protocol)) {
    const statsAt = record + CLUSTER_HTTP2 + H2_OPTION_STATS;
    collector.addScope(SCOPE_KIND_HTTP2, `cluster.${observed}.http2`, statsAt);
  }
}

const DNS_FAMILIES = {
  [Cluster_DnsLookupFamily.AUTO]: "auto",
  [Cluster_DnsLookupFamily.V4_ONLY]: "v4-only",
  [Cluster_DnsLookupFamily.V6_ONLY]: "v6-only",
  [Cluster_DnsLookupFamily.V4_PREFERRED]: "v4-preferred",
  [Cluster_DnsLookupFamily.ALL]: "all",
} as const;

function discoveryOf(cluster: Cluster): ClusterModel["discovery"] {
  const { case: kind, value } = cluster.clusterDiscoveryType;
  if (kind !== "type") return "static";
  if (value === Cluster_DiscoveryType.STRICT_DNS) return "strict-dns";
  if (value === Cluster_DiscoveryType.ORIGINAL_DST) return "original-dst";
  return value === Cluster_DiscoveryType.LOGICAL_DNS ? "logical-dns" : "static";
}

function flagsOf(options: Http1ProtocolOptions | undefined): number {
  const format = toHeaderKeyFormat(options);
  const flags: readonly (readonly [boolean | undefined, number])[] = [
    [format.isProper, CLUSTER_FLAG_PROPER_CASE],
    [format.keepsCase, CLUSTER_FLAG_KEEP_CASE],
    [format.isProperBeside, CLUSTER_FLAG_KEEP_CASE_PROPER],
    [format.keepsReason, CLUSTER_FLAG_KEEP_REASON],
    [options?.enableTrailers, CLUSTER_FLAG_TRAILERS],
    [options?.allowChunkedLength, CLUSTER_FLAG_CHUNKED_LENGTH],
    [options?.sendFullyQualifiedUrl, CLUSTER_FLAG_WHOLE_URL],
  ];
  return flags.reduce((sum, [isSet, flag]) => (isSet === true ? sum | flag : sum), 0);
}

function toBreaker(cluster: Cluster): CircuitBreakerModel {
  const thresholds = cluster.circuitBreakers?.thresholds ?? [];
  const own = thresholds.find((each) => each.priority === RoutingPriority.DEFAULT);
  return {
    connectionsMax: own?.maxConnections ?? BREAKER_DEFAULT,
    pendingMax: own?.maxPendingRequests ?? BREAKER_DEFAULT,
    requestsMax: own?.maxRequests ?? BREAKER_DEFAULT,
    retriesMax: own?.maxRetries ?? RETRIES_DEFAULT,
  };
}

function collect<Model>(
  groups: readonly LocalityLbEndpoints[],
  path: FieldPath,
  convert: (endpoint: LbEndpoint, group: LocalityLbEndpoints, path: FieldPath) => Model,
): Model[] {
  return groups.flatMap((group, index) => {
    const at = path.item(index).field("lb_endpoints");
    return group.lbEndpoints.map((endpoint, place) => convert(endpoint, group, at.item(place)));
  });
}

function toEndpoint(
  endpoint: LbEndpoint,
  group: LocalityLbEndpoints,
  path: FieldPath,
): EndpointModel {
  const host = endpoint.hostIdentifier;
  const message = host.case === "endpoint" ? host.value : undefined;
  const address = toEndpointAddress(message?.address, path.field("endpoint").field("address"));
  return {
    address,
    hostname: message?.hostname ?? "",
    weight: endpoint.loadBalancingWeight ?? 1,
    priority: group.priority,
    locality: toLocality(group),
    isHealthy: true,
    passedMetadata: [],
    proxyTlvs: toHostTlvs(endpoint.metadata),
  };
}

function toOriginalDst(cluster: Cluster): OriginalDstModel {
  const { case: kind, value } = cluster.lbConfig;
  const config = kind === "originalDstLbConfig" ? value : undefined;
  const usesHeader = config?.useHttpHeader ?? false;
  const { key, path = [] } = config?.metadataKey ?? {};
  const keys = path.map(({ segment }) => segment.value ?? "");
  return {
    header: usesHeader ? config?.httpHeaderName.toLowerCase() || ORIGINAL_DST_HEADER : "",
    metadataPath: key === undefined ? "" : [key, ...keys].join(":"),
    port: config?.upstreamPortOverride ?? 0,
    cleanupMs: toMs(cluster.cleanupInterval, CLEANUP_MS),
  };
}

function toDnsTarget(
  endpoint: LbEndpoint,
  group: LocalityLbEndpoints,
  path: FieldPath,
): DnsTargetModel {
  const { address, hostname, weight, priority, locality, proxyTlvs } = toEndpoint(
    endpoint,
    group,
    path,
  );
  if (address.kind !== "tcp") return refuse(path, "a name that can be resolved is required");
  const { host, port } = address;
  return { host, port, hostname: hostname || host, weight, priority, locality, proxyTlvs };
}

function toLocality(group: LocalityLbEndpoints): EndpointModel["locality"] {
  const { region = "", zone = "", subZone = "" } = group.locality ?? {};
  return { region, zone, subZone };
}
