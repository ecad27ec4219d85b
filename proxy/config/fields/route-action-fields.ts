import {
  FilterConfigSchema,
  RouteAction_MaxStreamDurationSchema,
  RouteActionSchema,
  WeightedCluster_ClusterWeightSchema,
  WeightedClusterSchema,
} from "../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import { HeaderMutationPerRouteSchema } from "../../../api/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { UriTemplateRewriteConfigSchema } from "../../../api/gen/envoy/extensions/path/rewrite/uri_template/v3/uri_template_rewrite_pb.js";
import type { MessageFields } from "./field-status.ts";
import { extension, fieldsOf, implemented, onlyValues } from "./field-status.ts";

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
    max_stream_duration: implemented,
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
  fieldsOf(UriTemplateRewriteConfigSchema, { path_template_rewrite: implemented }),
  fieldsOf(RouteAction_MaxStreamDurationSchema, { max_stream_duration: implemented }),
];
