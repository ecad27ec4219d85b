import {
  DirectResponseActionSchema,
  FilterConfigSchema,
  RedirectActionSchema,
  RouteMatch_GrpcRouteMatchOptionsSchema,
  RouteMatch_TlsContextMatchOptionsSchema,
  RouteMatch_ConnectMatcherSchema,
  RouteMatchSchema,
  RouteSchema,
  VirtualHostSchema,
} from "../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import { RouteConfigurationSchema } from "../../../api/gen/envoy/config/route/v3/route_pb.js";
import { HeaderMutationPerRouteSchema } from "../../../api/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js";
import { UriTemplateMatchConfigSchema } from "../../../api/gen/envoy/extensions/path/match/uri_template/v3/uri_template_match_pb.js";
import type { MessageFields } from "./field-status.ts";
import {
  extension,
  fieldsOf,
  harmless,
  implemented,
  implementedNote,
  implementedNoteWithout,
} from "./field-status.ts";

const NO_READERS = "No filter that may be configured reads it.";

const NO_TRACING = "Only tracing asks for it, which cannot be configured.";

const PER_FILTER_CONFIG = extension(HeaderMutationPerRouteSchema, FilterConfigSchema);

/** The header edits that routes, virtual hosts and route configurations all have. */
const HEADER_EDITS = {
  request_headers_to_add: implemented,
  request_headers_to_remove: implemented,
  response_headers_to_add: implemented,
  response_headers_to_remove: implemented,
};

/** Route configurations, virtual hosts, what a route matches, and answers without an upstream. */
export const ROUTE_FIELDS: readonly MessageFields[] = [
  fieldsOf(RouteConfigurationSchema, {
    name: implemented,
    virtual_hosts: implemented,
    internal_only_headers: implementedNote("`host` and names that begin with `:` are refused."),
    vhost_header: implemented,
    ignore_port_in_host_matching: implemented,
    ignore_path_parameters_in_path_matching: implemented,
    ...HEADER_EDITS,
    most_specific_header_mutations_wins: implemented,
    validate_clusters: implemented,
    max_direct_response_body_size_bytes: implemented,
    typed_per_filter_config: PER_FILTER_CONFIG,
    request_mirror_policies: implemented,
    metadata: harmless(NO_READERS),
  }),
  fieldsOf(VirtualHostSchema, {
    name: implemented,
    domains: implemented,
    routes: implemented,
    require_tls: implemented,
    ...HEADER_EDITS,
    typed_per_filter_config: PER_FILTER_CONFIG,
    include_request_attempt_count: implemented,
    include_attempt_count_in_response: implemented,
    request_mirror_policies: implemented,
    per_request_buffer_limit_bytes: implemented,
    metadata: implementedNoteWithout(
      "`%METADATA(VIRTUAL_HOST:…)%` reads it.",
      "typed_filter_metadata",
    ),
  }),
  fieldsOf(RouteSchema, {
    name: implemented,
    match: implemented,
    route: implemented,
    redirect: implemented,
    direct_response: implemented,
    metadata: implementedNoteWithout("`%METADATA(ROUTE:…)%` reads it.", "typed_filter_metadata"),
    decorator: harmless(NO_TRACING),
    typed_per_filter_config: PER_FILTER_CONFIG,
    per_request_buffer_limit_bytes: implemented,
    ...HEADER_EDITS,
  }),
  fieldsOf(RouteMatch_TlsContextMatchOptionsSchema, {
    presented: implemented,
    validated: implemented,
  }),
  fieldsOf(RouteMatchSchema, {
    tls_context: implemented,
    prefix: implemented,
    path: implemented,
    safe_regex: implemented,
    path_separated_prefix: implemented,
    path_match_policy: extension(UriTemplateMatchConfigSchema),
    connect_matcher: implemented,
    case_sensitive: implemented,
    runtime_fraction: implemented,
    headers: implemented,
    query_parameters: implemented,
    grpc: implemented,
  }),
  fieldsOf(RouteMatch_GrpcRouteMatchOptionsSchema, {}),
  fieldsOf(RouteMatch_ConnectMatcherSchema, {}),
  fieldsOf(UriTemplateMatchConfigSchema, { path_template: implemented }),
  fieldsOf(RedirectActionSchema, {
    https_redirect: implemented,
    scheme_redirect: implemented,
    host_redirect: implemented,
    port_redirect: implemented,
    path_redirect: implemented,
    prefix_rewrite: implemented,
    regex_rewrite: implemented,
    response_code: implemented,
    strip_query: implemented,
  }),
  fieldsOf(DirectResponseActionSchema, { status: implemented, body: implemented }),
];
