import {
  TcpProxy_TcpAccessLogOptionsSchema,
  TcpProxy_TunnelingConfigSchema,
  TcpProxy_WeightedCluster_ClusterWeightSchema,
  TcpProxy_WeightedClusterSchema,
  TcpProxySchema,
} from "../../../../api/gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy_pb.js";
import { ConfigSchema as NetworkStateSchema } from "../../../../api/gen/envoy/extensions/filters/network/set_filter_state/v3/set_filter_state_pb.js";
import { MetadataExchangeSchema } from "../../../../api/gen/envoy/tcp/metadataexchange/config/metadata_exchange_pb.js";
import { ConfigSchema as OwnPeerSchema } from "../../../../api/gen/envoy/extensions/network_filters/peer_metadata/config_pb.js";
import { RuntimeFeatureFlagSchema } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import { ConnectionLimitSchema } from "../../../../api/gen/envoy/extensions/filters/network/connection_limit/v3/connection_limit_pb.js";
import { ConfigSchema as DirectResponseSchema } from "../../../../api/gen/envoy/extensions/filters/network/direct_response/v3/config_pb.js";
import { EchoSchema } from "../../../../api/gen/envoy/extensions/filters/network/echo/v3/echo_pb.js";
import { LocalRateLimitSchema } from "../../../../api/gen/envoy/extensions/filters/network/local_ratelimit/v3/local_rate_limit_pb.js";
import { TokenBucketSchema } from "../../../../api/gen/envoy/type/v3/token_bucket_pb.js";
import type { MessageFields } from "../field-status.ts";
import { accepted, fieldsOf, harmless, implemented, implementedNote } from "../field-status.ts";

const NO_HASHING = "No load balancer that may be configured hashes.";
const NO_SUBSETS = "No load balancer that may be configured has subsets.";
const NOT_READ = "Envoy does not read it either.";

/** The network filters but for the HTTP connection manager. */
export const NETWORK_FILTER_FIELDS: readonly MessageFields[] = [
  fieldsOf(TcpProxySchema, {
    stat_prefix: implemented,
    cluster: implemented,
    weighted_clusters: implemented,
    metadata_match: harmless(NO_SUBSETS),
    idle_timeout: implemented,
    downstream_idle_timeout: harmless(NOT_READ),
    upstream_idle_timeout: harmless(NOT_READ),
    access_log: implemented,
    max_connect_attempts: implemented,
    hash_policy: harmless(NO_HASHING),
    tunneling_config: implemented,
    max_downstream_connection_duration: implemented,
    access_log_flush_interval: implemented,
    flush_access_log_on_connected: implemented,
    access_log_options: implemented,
  }),
  fieldsOf(TcpProxy_WeightedClusterSchema, { clusters: implemented }),
  fieldsOf(TcpProxy_WeightedCluster_ClusterWeightSchema, {
    name: implemented,
    weight: implemented,
    metadata_match: harmless(NO_SUBSETS),
  }),
  fieldsOf(TcpProxy_TunnelingConfigSchema, {
    hostname: implemented,
    use_post: implemented,
    headers_to_add: implemented,
    propagate_response_headers: accepted("false", (each) => !each.propagateResponseHeaders),
    post_path: implemented,
    propagate_response_trailers: accepted("false", (each) => !each.propagateResponseTrailers),
  }),
  fieldsOf(NetworkStateSchema, { on_new_connection: implemented }),
  fieldsOf(MetadataExchangeSchema, {
    protocol: implementedNote("It is never offered by ALPN, so nothing is exchanged."),
    enable_discovery: harmless("No workloads are known, so nobody is found."),
    additional_labels: harmless("Nobody is found, so there are no labels."),
  }),
  fieldsOf(OwnPeerSchema, { baggage_key: implemented }),
  fieldsOf(TcpProxy_TcpAccessLogOptionsSchema, {
    access_log_flush_interval: implemented,
    flush_access_log_on_connected: implemented,
  }),
  fieldsOf(ConnectionLimitSchema, {
    stat_prefix: implemented,
    max_connections: implemented,
    delay: implemented,
    runtime_enabled: implemented,
  }),
  fieldsOf(LocalRateLimitSchema, {
    stat_prefix: implemented,
    token_bucket: implemented,
    runtime_enabled: implemented,
    share_key: implemented,
  }),
  fieldsOf(TokenBucketSchema, {
    max_tokens: implemented,
    tokens_per_fill: implemented,
    fill_interval: implemented,
  }),
  fieldsOf(RuntimeFeatureFlagSchema, { default_value: implemented, runtime_key: implemented }),
  fieldsOf(EchoSchema, {}),
  fieldsOf(DirectResponseSchema, { response: implemented }),
];
