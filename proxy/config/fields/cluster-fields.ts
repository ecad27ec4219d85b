import {
  CircuitBreakers_ThresholdsSchema,
  CircuitBreakersSchema,
} from "../../../api/gen/envoy/config/cluster/v3/circuit_breaker_pb.js";
import {
  Cluster_OriginalDstLbConfigSchema,
  Cluster_PreconnectPolicySchema,
  Cluster_CommonLbConfigSchema,
  Cluster_RoundRobinLbConfigSchema,
  ClusterSchema,
} from "../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import {
  EndpointSchema,
  LbEndpointSchema,
  LocalityLbEndpointsSchema,
} from "../../../api/gen/envoy/config/endpoint/v3/endpoint_components_pb.js";
import { ClusterLoadAssignmentSchema } from "../../../api/gen/envoy/config/endpoint/v3/endpoint_pb.js";
import {
  HttpProtocolOptions_AutoHttpConfigSchema,
  HttpProtocolOptions_ExplicitHttpConfigSchema,
  HttpProtocolOptions_UseDownstreamHttpConfigSchema,
  HttpProtocolOptionsSchema,
} from "../../../api/gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import {
  MetadataKey_PathSegmentSchema,
  MetadataKeySchema,
} from "../../../api/gen/envoy/type/metadata/v3/metadata_pb.js";
import type { MessageFields } from "./field-status.ts";
import {
  accepted,
  extension,
  fieldsOf,
  harmless,
  implemented,
  implementedNote,
  implementedNoteWithout,
  implementedWithout,
  onlyValues,
} from "./field-status.ts";

const NO_HEALTH_CHECKS = "No health check may be configured.";
const NO_LOCALITIES = "Balancing by locality would read it, and may not be configured.";

/** Options of HTTP/1 that say something of requests that are received. */
const NOT_OF_CLUSTERS = [
  "allow_absolute_url",
  "accept_http_10",
  "default_host_for_http_10",
  "allow_custom_methods",
  "ignore_http_11_upgrade",
];

/** Clusters, their endpoints, and how connections to them are made and kept. */
export const CLUSTER_FIELDS: readonly MessageFields[] = [
  fieldsOf(Cluster_PreconnectPolicySchema, { per_upstream_preconnect_ratio: implemented }),
  fieldsOf(ClusterSchema, {
    name: implemented,
    alt_stat_name: implemented,
    type: onlyValues("STATIC", "STRICT_DNS", "LOGICAL_DNS", "ORIGINAL_DST"),
    connect_timeout: implemented,
    preconnect_policy: implemented,
    per_connection_buffer_limit_bytes: implementedNote("With 0 there is no limit."),
    lb_policy: onlyValues("ROUND_ROBIN", "CLUSTER_PROVIDED"),
    round_robin_lb_config: implemented,
    original_dst_lb_config: implemented,
    cleanup_interval: implemented,
    load_assignment: implemented,
    max_requests_per_connection: implemented,
    circuit_breakers: implemented,
    common_lb_config: implemented,
    typed_extension_protocol_options: extension(HttpProtocolOptionsSchema),
    dns_refresh_rate: implemented,
    respect_dns_ttl: implemented,
    dns_lookup_family: implemented,
    wait_for_warm_on_init: accepted("true", (cluster) => cluster.waitForWarmOnInit === true),
    transport_socket: implemented,
    metadata: implementedNoteWithout(
      "`%METADATA(CLUSTER:…)%` and `%CLUSTER_METADATA(…)%` read it.",
      "typed_filter_metadata",
    ),
    close_connections_on_host_health_failure: harmless(NO_HEALTH_CHECKS),
    ignore_health_on_host_removal: harmless(NO_HEALTH_CHECKS),
  }),
  fieldsOf(Cluster_CommonLbConfigSchema, {
    healthy_panic_threshold: harmless("No endpoint may be configured as unhealthy, nor become so."),
  }),
  fieldsOf(Cluster_RoundRobinLbConfigSchema, {}),
  fieldsOf(Cluster_OriginalDstLbConfigSchema, {
    use_http_header: implemented,
    http_header_name: implemented,
    upstream_port_override: implemented,
    metadata_key: implemented,
  }),
  fieldsOf(MetadataKeySchema, { key: implemented, path: implemented }),
  fieldsOf(MetadataKey_PathSegmentSchema, { key: implemented }),
  fieldsOf(CircuitBreakersSchema, { thresholds: implemented }),
  fieldsOf(CircuitBreakers_ThresholdsSchema, {
    priority: harmless("Thresholds for HIGH guard nothing: no route may have that priority."),
    max_connections: implemented,
    max_pending_requests: implemented,
    max_requests: implemented,
    max_retries: harmless("No retry policy may be configured."),
  }),
  fieldsOf(ClusterLoadAssignmentSchema, {
    cluster_name: harmless("It names the cluster that it stands in."),
    endpoints: implemented,
  }),
  fieldsOf(LocalityLbEndpointsSchema, {
    locality: implemented,
    metadata: harmless(NO_LOCALITIES),
    lb_endpoints: implemented,
    load_balancing_weight: harmless(NO_LOCALITIES),
    proximity: harmless(NO_LOCALITIES),
  }),
  fieldsOf(LbEndpointSchema, {
    endpoint: implemented,
    health_status: onlyValues("UNKNOWN", "HEALTHY"),
    metadata: implementedNote(
      "What `passthrough_metadata` names goes to internal listeners, and the TLVs of " +
        "`envoy.transport_sockets.proxy_protocol` into PROXY headers.",
    ),
    load_balancing_weight: implemented,
  }),
  fieldsOf(EndpointSchema, {
    address: implemented,
    health_check_config: harmless(NO_HEALTH_CHECKS),
    hostname: implemented,
  }),
  fieldsOf(HttpProtocolOptionsSchema, {
    common_http_protocol_options: implementedWithout(
      "max_stream_duration",
      "headers_with_underscores_action",
    ),
    explicit_http_config: implemented,
    auto_config: implementedNote("It needs TLS, whose ALPN says which of the two it is."),
    use_downstream_protocol_config: implementedNote(
      "Requests of HTTP/1 go on in HTTP/1.1, those of HTTP/2 in HTTP/2.",
    ),
  }),
  fieldsOf(HttpProtocolOptions_AutoHttpConfigSchema, {
    http_protocol_options: implementedWithout(...NOT_OF_CLUSTERS),
    http2_protocol_options: implemented,
  }),
  fieldsOf(HttpProtocolOptions_ExplicitHttpConfigSchema, {
    http_protocol_options: implementedWithout(...NOT_OF_CLUSTERS),
    http2_protocol_options: implemented,
  }),
  fieldsOf(HttpProtocolOptions_UseDownstreamHttpConfigSchema, {
    http_protocol_options: implementedWithout(...NOT_OF_CLUSTERS),
    http2_protocol_options: implemented,
  }),
];
