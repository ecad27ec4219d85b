import { HeaderMutationSchema as MutationSchema } from "../../../api/gen/envoy/config/common/mutation_rules/v3/mutation_rules_pb.js";
import { FilterConfigSchema } from "../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import {
  GrpcMethodList_ServiceSchema,
  GrpcMethodListSchema,
} from "../../../api/gen/envoy/config/core/v3/grpc_method_list_pb.js";
import { FilterConfigSchema as GrpcStatsSchema } from "../../../api/gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.js";
import { GrpcWebSchema } from "../../../api/gen/envoy/extensions/filters/http/grpc_web/v3/grpc_web_pb.js";
import {
  HeaderMutationPerRouteSchema,
  HeaderMutationSchema,
  MutationsSchema,
} from "../../../api/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { FilterStateValueSchema } from "../../../api/gen/envoy/extensions/filters/common/set_filter_state/v3/value_pb.js";
import { ConfigSchema as RequestStateSchema } from "../../../api/gen/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state_pb.js";
import {
  Config_BaggageSchema as PeerMetadata_BaggageSchema,
  Config_DiscoveryMethodSchema as PeerMetadata_DiscoveryMethodSchema,
  Config_IstioHeadersSchema as PeerMetadata_IstioHeadersSchema,
  Config_PropagationMethodSchema as PeerMetadata_PropagationMethodSchema,
  Config_WorkloadDiscoverySchema as PeerMetadata_WorkloadDiscoverySchema,
  ConfigSchema as PeerMetadataSchema,
} from "../../../api/gen/io/istio/http/peer_metadata/config_pb.js";
import { RouterSchema } from "../../../api/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import { PEER_LABELS_MAX } from "../../../api/engine/peer/peer-image.ts";
import type { MessageFields } from "./field-status.ts";
import {
  accepted,
  extension,
  fieldsOf,
  harmless,
  implemented,
  implementedNote,
} from "./field-status.ts";

/** The HTTP filters, and their settings for single routes. */
export const FILTER_FIELDS: readonly MessageFields[] = [
  fieldsOf(RouterSchema, {
    dynamic_stats: accepted("true", (router) => router.dynamicStats === true),
    suppress_envoy_headers: implemented,
    strict_check_headers: implemented,
    respect_expected_rq_timeout: implemented,
  }),
  fieldsOf(RequestStateSchema, { on_request_headers: implemented }),
  fieldsOf(FilterStateValueSchema, {
    object_key: implementedNote(
      "Those of original destinations; others with a `factory_key` that makes texts.",
    ),
    factory_key: implemented,
    format_string: implemented,
    shared_with_upstream: implemented,
    skip_if_empty: implemented,
  }),
  fieldsOf(PeerMetadataSchema, {
    downstream_discovery: implemented,
    upstream_discovery: implemented,
    downstream_propagation: implemented,
    upstream_propagation: implemented,
    shared_with_upstream: implemented,
    additional_labels: implementedNote(`${PEER_LABELS_MAX} at most.`),
  }),
  fieldsOf(PeerMetadata_DiscoveryMethodSchema, {
    baggage: implemented,
    istio_headers: implemented,
    workload_discovery: implementedNote("No workloads are known, so nobody is found."),
  }),
  fieldsOf(PeerMetadata_PropagationMethodSchema, {
    baggage: implemented,
    istio_headers: implemented,
  }),
  fieldsOf(PeerMetadata_BaggageSchema, {}),
  fieldsOf(PeerMetadata_IstioHeadersSchema, { skip_external_clusters: implemented }),
  fieldsOf(PeerMetadata_WorkloadDiscoverySchema, {}),
  fieldsOf(HeaderMutationSchema, {
    mutations: implemented,
    most_specific_header_mutations_wins: implemented,
  }),
  fieldsOf(HeaderMutationPerRouteSchema, { mutations: implemented }),
  fieldsOf(MutationsSchema, { request_mutations: implemented, response_mutations: implemented }),
  fieldsOf(MutationSchema, { remove: implemented, append: implemented }),
  fieldsOf(GrpcStatsSchema, {
    emit_filter_state: implementedNote("Messages are counted; nothing reads filter state yet."),
    individual_method_stats_allowlist: implemented,
    stats_for_all_methods: implementedNote("4,096 methods of all clusters in a worker have names."),
    enable_upstream_stats: implemented,
    replace_dots_in_grpc_service_name: implemented,
  }),
  fieldsOf(GrpcWebSchema, {}),
  fieldsOf(GrpcMethodListSchema, { services: implemented }),
  fieldsOf(GrpcMethodList_ServiceSchema, { name: implemented, method_names: implemented }),
  fieldsOf(FilterConfigSchema, {
    config: extension(HeaderMutationPerRouteSchema),
    is_optional: harmless("A filter that is not implemented is refused even if it is optional."),
    disabled: implemented,
  }),
];
