import {
  FilterConfigSchema,
  InternalRedirectPolicySchema,
  RouteAction_MaxStreamDurationSchema,
  RouteAction_RequestMirrorPolicySchema,
  RouteAction_UpgradeConfig_ConnectConfigSchema,
  RouteAction_UpgradeConfigSchema,
  RouteActionSchema,
  WeightedCluster_ClusterWeightSchema,
  WeightedClusterSchema,
} from "../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import { HeaderMutationPerRouteSchema } from "../../../api/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { AllowListedRoutesConfigSchema } from "../../../api/gen/envoy/extensions/internal_redirect/allow_listed_routes/v3/allow_listed_routes_config_pb.js";
import { PreviousRoutesConfigSchema } from "../../../api/gen/envoy/extensions/internal_redirect/previous_routes/v3/previous_routes_config_pb.js";
import { SafeCrossSchemeConfigSchema } from "../../../api/gen/envoy/extensions/internal_redirect/safe_cross_scheme/v3/safe_cross_scheme_config_pb.js";
import { UriTemplateRewriteConfigSchema } from "../../../api/gen/envoy/extensions/path/rewrite/uri_template/v3/uri_template_rewrite_pb.js";
import type { MessageFields } from "./field-status.ts";
import {
  accepted,
  extension,
  fieldsOf,
  harmless,
  implemented,
  implementedNote,
  implementedWithout,
  onlyValues,
} from "./field-status.ts";

/** What a route does with a request that goes to a cluster. */
export const ROUTE_ACTION_FIELDS: readonly MessageFields[] = [
  fieldsOf(RouteActionSchema, {
    cluster: implemented,
    cluster_header: implemented,
    weighted_clusters: implemented,
    cluster_not_found_response_code: implemented,
    prefix_rewrite: implemented,
    regex_rewrite: implemented,
    path_rewrite_policy: extension(UriTemplateRewriteConfigSchema),
    host_rewrite_literal: implemented,
    auto_host_rewrite: implemented,
    host_rewrite_header: implemented,
    host_rewrite_path_regex: implemented,
    append_x_forwarded_host: implemented,
    timeout: implemented,
    idle_timeout: implemented,
    priority: onlyValues("DEFAULT"),
    max_grpc_timeout: implementedNote("`max_stream_duration` takes its place."),
    grpc_timeout_offset: implementedNote("`max_stream_duration` takes its place."),
    max_stream_duration: implemented,
    internal_redirect_policy: implemented,
    request_mirror_policies: implemented,
    upgrade_configs: implemented,
  }),
  fieldsOf(InternalRedirectPolicySchema, {
    max_internal_redirects: implemented,
    redirect_response_codes: implementedNote(
      "302 when empty. Codes that are no redirects are left out.",
    ),
    predicates: extension(
      AllowListedRoutesConfigSchema,
      PreviousRoutesConfigSchema,
      SafeCrossSchemeConfigSchema,
    ),
    allow_cross_scheme_redirect: implemented,
    response_headers_to_copy: implemented,
  }),
  fieldsOf(AllowListedRoutesConfigSchema, { allowed_route_names: implemented }),
  fieldsOf(PreviousRoutesConfigSchema, {}),
  fieldsOf(SafeCrossSchemeConfigSchema, {}),
  fieldsOf(RouteAction_RequestMirrorPolicySchema, {
    cluster: implemented,
    cluster_header: implemented,
    runtime_fraction: implemented,
    trace_sampled: harmless("Nothing is traced yet."),
    disable_shadow_host_suffix_append: implemented,
  }),
  fieldsOf(WeightedClusterSchema, { clusters: implemented, header_name: implemented }),
  fieldsOf(WeightedCluster_ClusterWeightSchema, {
    name: implemented,
    cluster_header: implemented,
    weight: implemented,
    request_headers_to_add: implemented,
    request_headers_to_remove: implemented,
    response_headers_to_add: implemented,
    response_headers_to_remove: implemented,
    typed_per_filter_config: extension(HeaderMutationPerRouteSchema, FilterConfigSchema),
    host_rewrite_literal: implemented,
  }),
  fieldsOf(RouteAction_UpgradeConfigSchema, {
    upgrade_type: accepted(
      "any but CONNECT-UDP",
      ({ upgradeType }) => !/^connect-udp$/i.test(upgradeType),
    ),
    enabled: implemented,
    connect_config: implemented,
  }),
  fieldsOf(RouteAction_UpgradeConfig_ConnectConfigSchema, {
    allow_post: implemented,
    // Envoy passes over them here.
    proxy_protocol_config: implementedWithout("pass_through_tlvs", "added_tlvs"),
  }),
  fieldsOf(UriTemplateRewriteConfigSchema, { path_template_rewrite: implemented }),
  fieldsOf(RouteAction_MaxStreamDurationSchema, {
    max_stream_duration: implemented,
    grpc_timeout_header_max: implemented,
    grpc_timeout_header_offset: implemented,
  }),
];
