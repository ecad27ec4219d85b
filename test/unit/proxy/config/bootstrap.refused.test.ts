import assert from "node:assert/strict";
import type { JsonValue } from "@bufbuild/protobuf";
import {
  CLUSTER,
  cluster,
  HOST,
  HTTP_OPTIONS,
  MANAGER,
  problemsOf,
  sampleBootstrap,
  setAt,
  socketAddress,
  typeUrl,
} from "./sample-bootstrap.ts";

/** One change to the sample, and all that is then wrong with it. */
interface Row {
  readonly name: string;
  readonly at: string;
  readonly value: JsonValue | undefined;
  readonly want: readonly string[];
}

const LISTENER = "static_resources.listeners[0]";
const ROUTE = `${HOST}.routes[0]`;

const HEALTH_CHECK = {
  timeout: "1s",
  interval: "1s",
  unhealthy_threshold: 1,
  healthy_threshold: 1,
  tcp_health_check: {},
};

/** Things that Envoy has and we have not, each told at its own path. */
const notImplemented: { at: string; value: JsonValue }[] = [
  { at: "dynamic_resources", value: {} },
  { at: "cluster_manager", value: { local_cluster_name: "a" } },
  { at: "stats_sinks", value: [{ name: "statsd" }] },
  { at: "stats_config.stats_matcher", value: { reject_all: true } },
  { at: "overload_manager", value: { resource_monitors: [{ name: "a" }] } },
  { at: "tracing", value: {} },
  { at: "layered_runtime.layers[0].disk_layer", value: { symlink_root: "/a" } },
  { at: "admin.access_log_path", value: "/dev/null" },
  { at: "admin.socket_options", value: [{ level: 1, name: 2, int_value: 3 }] },
  { at: `${LISTENER}.listener_filters`, value: [{ name: "envoy.filters.listener.tls_inspector" }] },
  { at: `${LISTENER}.connection_balance_config`, value: { exact_balance: {} } },
  { at: `${LISTENER}.udp_listener_config`, value: {} },
  { at: `${LISTENER}.filter_chains[0].filter_chain_match.server_names`, value: ["a"] },
  { at: `${LISTENER}.address.socket_address.resolver_name`, value: "a" },
  { at: `${MANAGER}.tracing`, value: {} },
  { at: `${MANAGER}.http2_protocol_options`, value: {} },
  { at: `${MANAGER}.upgrade_configs`, value: [{ upgrade_type: "websocket" }] },
  { at: `${MANAGER}.common_http_protocol_options.max_stream_duration`, value: "1s" },
  { at: `${MANAGER}.http_protocol_options.send_fully_qualified_url`, value: true },
  {
    at: `${MANAGER}.http_filters[0].typed_config.strict_check_headers`,
    value: ["x-envoy-max-retries"],
  },
  { at: `${HOST}.cors`, value: {} },
  { at: `${HOST}.rate_limits`, value: [{ actions: [{ remote_address: {} }] }] },
  { at: `${HOST}.retry_policy`, value: { retry_on: "5xx" } },
  { at: `${ROUTE}.decorator`, value: { operation: "a" } },
  { at: `${ROUTE}.match.grpc`, value: {} },
  { at: `${ROUTE}.route.retry_policy`, value: {} },
  { at: `${ROUTE}.route.hash_policy`, value: [{ connection_properties: { source_ip: true } }] },
  { at: `${ROUTE}.route.max_stream_duration.grpc_timeout_header_max`, value: "1s" },
  {
    at: `${ROUTE}.route.internal_redirect_policy.predicates`,
    value: [{ name: "a", typed_config: { "@type": "a/b.C" } }],
  },
  { at: `${CLUSTER}.health_checks`, value: [HEALTH_CHECK] },
  { at: `${CLUSTER}.outlier_detection`, value: {} },
  { at: `${CLUSTER}.http2_protocol_options`, value: {} },
  { at: `${CLUSTER}.lb_subset_config`, value: { subset_selectors: [{ keys: ["a"] }] } },
  { at: `${CLUSTER}.circuit_breakers.thresholds[0].retry_budget`, value: {} },
  { at: `${CLUSTER}.load_assignment.policy`, value: { overprovisioning_factor: 100 } },
  { at: `${CLUSTER}.load_assignment.endpoints[0].priority`, value: 1 },
];

const partly: Row[] = [
  {
    name: "a codec other than HTTP/1",
    at: `${MANAGER}.codec_type`,
    value: "HTTP2",
    want: [`${MANAGER}.codec_type: HTTP2 is not implemented (accepted: AUTO, HTTP1)`],
  },
  {
    name: "a load balancer other than round robin",
    at: `${CLUSTER}.lb_policy`,
    value: "MAGLEV",
    want: [`${CLUSTER}.lb_policy: MAGLEV is not implemented (accepted: ROUND_ROBIN)`],
  },
  {
    name: "the high priority",
    at: `${ROUTE}.route.priority`,
    value: "HIGH",
    want: [`${ROUTE}.route.priority: HIGH is not implemented (accepted: DEFAULT)`],
  },
  {
    name: "UDP",
    at: `${LISTENER}.address.socket_address.protocol`,
    value: "UDP",
    want: [`${LISTENER}.address.socket_address.protocol: UDP is not implemented (accepted: TCP)`],
  },
  {
    name: "a transparent listener",
    at: `${LISTENER}.transparent`,
    value: true,
    want: [`${LISTENER}.transparent: not implemented (accepted: false)`],
  },
  {
    name: "a listener that says it is not transparent",
    at: `${LISTENER}.transparent`,
    value: false,
    want: [],
  },
  {
    name: "an HTTP filter that is not implemented",
    at: `${MANAGER}.http_filters[0].typed_config`,
    value: { "@type": typeUrl("envoy.extensions.filters.http.lua.v3.Lua"), inline_code: "x" },
    want: [
      `${MANAGER}.http_filters[0].typed_config: ` +
        '"type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua" is not implemented',
    ],
  },
  {
    name: "an HTTP filter in the place of an access logger",
    at: `${MANAGER}.access_log`,
    value: [
      {
        name: "a",
        typed_config: { "@type": typeUrl("envoy.extensions.filters.http.router.v3.Router") },
      },
    ],
    want: [
      `${MANAGER}.access_log[0].typed_config: ` +
        '"type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" is not implemented',
    ],
  },
  {
    name: "a path rewriter in the place of a path matcher",
    at: `${ROUTE}.match`,
    value: {
      path_match_policy: {
        name: "a",
        typed_config: {
          "@type": typeUrl(
            "envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig",
          ),
          path_template_rewrite: "/a",
        },
      },
    },
    want: [
      `${ROUTE}.match.path_match_policy.typed_config: "type.googleapis.com/envoy.extensions` +
        '.path.rewrite.uri_template.v3.UriTemplateRewriteConfig" is not implemented',
    ],
  },
  {
    name: "a downstream option for an upstream",
    at: `${CLUSTER}.typed_extension_protocol_options`,
    value: {
      [HTTP_OPTIONS]: {
        "@type": typeUrl(HTTP_OPTIONS),
        explicit_http_config: { http_protocol_options: { accept_http_10: true } },
      },
    },
    want: [
      `${CLUSTER}.typed_extension_protocol_options["${HTTP_OPTIONS}"].explicit_http_config` +
        ".http_protocol_options.accept_http_10: not implemented",
    ],
  },
];

const broken: Row[] = [
  {
    name: "an unknown field deep in an extension",
    at: `${ROUTE}.match.prefx`,
    value: "/",
    want: [`${ROUTE}.match.prefx: unknown field`],
  },
  {
    name: "a missing path in a match",
    at: `${ROUTE}.match`,
    value: {},
    want: [`${ROUTE}.match.path_specifier: value is required`],
  },
  {
    name: "a misspelt path, without telling that it is missing too",
    at: `${ROUTE}.match`,
    value: { prefx: "/" },
    want: [`${ROUTE}.match.prefx: unknown field`],
  },
  {
    name: "a route without action",
    at: `${ROUTE}.route`,
    value: undefined,
    want: [`${ROUTE}.action: value is required`],
  },
  {
    name: "a rule inside an extension of a cluster",
    at: `${CLUSTER}.typed_extension_protocol_options`,
    value: { [HTTP_OPTIONS]: { "@type": typeUrl(HTTP_OPTIONS) } },
    want: [
      `${CLUSTER}.typed_extension_protocol_options["${HTTP_OPTIONS}"]` +
        ".upstream_protocol_options: value is required",
    ],
  },
  {
    name: "an empty name",
    at: `${HOST}.name`,
    value: "",
    want: [`${HOST}.name: value length must be at least 1 characters`],
  },
  {
    name: "a port out of range",
    at: `${LISTENER}.address.socket_address.port_value`,
    value: 65_536,
    want: [
      `${LISTENER}.address.socket_address.port_value: value must be less than or equal to 65535`,
    ],
  },
  {
    name: "a status out of range",
    at: `${HOST}.routes[2].direct_response.status`,
    value: 199,
    want: [`${HOST}.routes[2].direct_response.status: value must be inside range [200, 600)`],
  },
  {
    name: "a header name with a line end",
    at: `${ROUTE}.request_headers_to_add`,
    value: [{ header: { key: "a\nb", value: "c" } }],
    want: [
      `${ROUTE}.request_headers_to_add[0].header.key: ` +
        'value does not match regex pattern "^[^\\u0000\\u000A\\u000D]*$"',
    ],
  },
];

const across: Row[] = [
  {
    name: "a route to an unknown cluster",
    at: `${ROUTE}.route.cluster`,
    value: "c",
    want: [`${ROUTE}.route.cluster: route: unknown cluster 'c'`],
  },
  {
    name: "weights for an unknown cluster",
    at: `${ROUTE}.route`,
    value: { weighted_clusters: { clusters: [{ name: "c", weight: 1 }] } },
    want: [
      `${ROUTE}.route.weighted_clusters.clusters[0].name: route: unknown weighted cluster 'c'`,
    ],
  },
  {
    name: "weights that are all zero",
    at: `${ROUTE}.route`,
    value: {
      weighted_clusters: {
        clusters: [
          { name: "a", weight: 0 },
          { name: "b", weight: 0 },
        ],
      },
    },
    want: [
      `${ROUTE}.route.weighted_clusters: ` +
        "Sum of weights in the weighted_cluster must be greater than 0.",
    ],
  },
  {
    name: "a weighted cluster without weight",
    at: `${ROUTE}.route`,
    value: { weighted_clusters: { clusters: [{ name: "a", weight: 0 }, { name: "b" }] } },
    want: [`${ROUTE}.route.weighted_clusters.clusters[1]: Field 'weight' is missing`],
  },
  {
    name: "weights whose sum does not fit",
    at: `${ROUTE}.route`,
    value: {
      weighted_clusters: {
        clusters: [
          { name: "a", weight: 4_294_967_295 },
          { name: "b", weight: 1 },
        ],
      },
    },
    want: [
      `${ROUTE}.route.weighted_clusters: ` +
        "The sum of weights of all weighted clusters exceeds 4294967295",
    ],
  },
  {
    name: "a weight that names no cluster, and one that names it twice",
    at: `${ROUTE}.route`,
    value: {
      weighted_clusters: {
        clusters: [{ weight: 1 }, { name: "a", cluster_header: "x-a", weight: 1 }],
      },
    },
    want: [
      `${ROUTE}.route.weighted_clusters.clusters[0]: ` +
        "At least one of name or cluster_header need to be specified",
      `${ROUTE}.route.weighted_clusters.clusters[1]: ` +
        "Only one of name or cluster_header can be specified",
    ],
  },
  {
    name: "a mirror of an unknown cluster",
    at: `${ROUTE}.route.request_mirror_policies`,
    value: [{ cluster: "c" }, {}],
    want: [
      `${ROUTE}.route.request_mirror_policies[0].cluster: route: unknown shadow cluster 'c'`,
      `${ROUTE}.route.request_mirror_policies[1]: Exactly one of cluster or cluster_header ` +
        "in request mirror policy need to be specified",
    ],
  },
  {
    name: "two rewrites of one path",
    at: `${ROUTE}.route`,
    value: {
      cluster: "a",
      prefix_rewrite: "/a",
      regex_rewrite: { pattern: { regex: "a" }, substitution: "b" },
    },
    want: [
      `${ROUTE}.route: Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy`,
    ],
  },
  {
    name: "a domain that stands in two virtual hosts",
    at: `${MANAGER}.route_config.virtual_hosts[1]`,
    value: { name: "second", domains: ["a.com", "A.com", "*"] },
    want: [
      `${MANAGER}.route_config.virtual_hosts[1].domains[1]: Only unique values for domains are ` +
        "permitted. Duplicate entry of domain a.com in route local",
      `${MANAGER}.route_config.virtual_hosts[1].domains[2]: ` +
        "Only a single wildcard domain is permitted in route local",
    ],
  },
  {
    name: "edits of what routing has decided",
    at: `${HOST}.request_headers_to_remove`,
    value: ["x-a", "Host", ":path"],
    want: [
      `${HOST}.request_headers_to_remove[1]: :-prefixed or host headers may not be removed`,
      `${HOST}.request_headers_to_remove[2]: :-prefixed or host headers may not be removed`,
    ],
  },
  {
    name: "an action beside the field that it replaced",
    at: `${HOST}.response_headers_to_add`,
    value: [
      {
        header: { key: "a", value: "b" },
        append: true,
        append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
      },
    ],
    want: [
      `${HOST}.response_headers_to_add[0]: ` +
        "Both append and append_action are set and it's not allowed",
    ],
  },
  {
    name: "a direct response that is too long",
    at: `${HOST}.routes[2].direct_response.body`,
    value: { inline_string: "ü".repeat(2049) },
    want: [
      `${HOST}.routes[2].direct_response.body: response body size is 4098 bytes; maximum is 4096`,
    ],
  },
  {
    name: "two clusters of one name",
    at: "static_resources.clusters[2]",
    value: cluster("a", "STATIC", "10.0.0.2"),
    want: ["static_resources.clusters[2].name: cluster manager: duplicate cluster 'a'"],
  },
  {
    name: "a name where a static cluster needs an address",
    at: `${CLUSTER}.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address`,
    value: socketAddress("localhost", 80),
    want: [
      `${CLUSTER}.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address` +
        ".address: malformed IP address: localhost. " +
        "Consider setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'",
    ],
  },
  {
    name: "an endpoint without address",
    at: `${CLUSTER}.load_assignment.endpoints[0].lb_endpoints[0].endpoint`,
    value: {},
    want: [
      `${CLUSTER}.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address: value is required`,
    ],
  },
  {
    name: "a logical cluster without endpoint",
    at: `${CLUSTER}`,
    value: { name: "a", type: "LOGICAL_DNS" },
    want: [
      `${CLUSTER}.load_assignment.endpoints: LOGICAL_DNS clusters must have a single ` +
        "locality_lb_endpoint and a single lb_endpoint",
    ],
  },
  {
    name: "options of a protocol that does not exist",
    at: `${CLUSTER}.typed_extension_protocol_options`,
    value: {
      http: {
        "@type": typeUrl(HTTP_OPTIONS),
        explicit_http_config: { http_protocol_options: {} },
      },
    },
    want: [
      `${CLUSTER}.typed_extension_protocol_options["http"]: Didn't find a registered network or ` +
        "http filter or protocol options implementation for name: 'http'",
    ],
  },
  {
    name: "a listener on a name",
    at: `${LISTENER}.address.socket_address.address`,
    value: "localhost",
    want: [`${LISTENER}.address.socket_address.address: malformed IP address: localhost`],
  },
  {
    name: "a listener without address",
    at: `${LISTENER}.address`,
    value: undefined,
    want: [`${LISTENER}.address: value is required`],
  },
  {
    name: "a listener without filter chain",
    at: `${LISTENER}.filter_chains`,
    value: [],
    want: [`${LISTENER}.filter_chains: no filter chains specified`],
  },
  {
    name: "a filter chain without filters",
    at: `${LISTENER}.filter_chains[0].filters`,
    value: [],
    want: [
      `${LISTENER}.filter_chains[0].filters: a filter chain without filters is not implemented`,
    ],
  },
  {
    name: "a second address that is taken",
    at: `${LISTENER}.additional_addresses`,
    value: [{ address: socketAddress("0.0.0.0", 10_000) }],
    want: [
      `${LISTENER}.additional_addresses[0].address: ` +
        "'main' has duplicate address '0.0.0.0:10000' as existing listener",
    ],
  },
  {
    name: "a range of addresses with too many bits",
    at: `${LISTENER}.filter_chains[0].filter_chain_match.source_prefix_ranges`,
    value: [{ address_prefix: "10.0.0.0", prefix_len: 33 }],
    want: [
      `${LISTENER}.filter_chains[0].filter_chain_match.source_prefix_ranges[0]: ` +
        "invalid ip/mask combo '10.0.0.0/33' (format is <ip>/<# mask bits>)",
    ],
  },
  {
    name: "an HTTP filter chain without router",
    at: `${MANAGER}.http_filters[0].typed_config`,
    value: {
      "@type": typeUrl("envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"),
    },
    want: [
      `${MANAGER}.http_filters[0]: Error: non-terminal filter named router of type ` +
        "envoy.filters.http.header_mutation is the last filter in a http filter chain.",
    ],
  },
  {
    name: "an empty HTTP filter chain",
    at: `${MANAGER}.http_filters`,
    value: [],
    want: [`${MANAGER}.http_filters: the chain must end with the router filter`],
  },
  {
    name: "a router in front of a router",
    at: `${MANAGER}.http_filters[1]`,
    value: {
      name: "second",
      typed_config: { "@type": typeUrl("envoy.extensions.filters.http.router.v3.Router") },
    },
    want: [
      `${MANAGER}.http_filters[0]: Error: terminal filter named router of type ` +
        "envoy.filters.http.router must be the last filter in a http filter chain.",
    ],
  },
  {
    name: "two runtime layers of one name",
    at: "layered_runtime.layers",
    value: [
      { name: "a", static_layer: { x: 1 } },
      { name: "a", static_layer: {} },
    ],
    want: ["layered_runtime.layers[1]: Duplicate layer name: a"],
  },
  {
    name: "two admin layers",
    at: "layered_runtime.layers",
    value: [
      { name: "a", admin_layer: {} },
      { name: "b", admin_layer: {} },
    ],
    want: [
      "layered_runtime.layers: " +
        "Too many admin layers specified in LayeredRuntime, at most one may be specified",
    ],
  },
];

describe("bootstrap, refused", () => {
  for (const { at, value } of notImplemented) {
    it(`parseBootstrap: ${at.slice(at.lastIndexOf(".") + 1)} at ${at} is not implemented`, () => {
      const bootstrap = sampleBootstrap();
      if (at.startsWith("layered_runtime")) setAt(bootstrap, "layered_runtime", { layers: [{}] });
      if (at.includes("thresholds")) {
        setAt(bootstrap, `${CLUSTER}.circuit_breakers`, { thresholds: [{}] });
      }
      setAt(bootstrap, at, value);
      const problems = problemsOf(bootstrap).filter((problem) => problem.startsWith(at));
      assert.deepEqual(problems, [`${at}: not implemented`]);
    });
  }

  for (const { name, at, value, want } of [...partly, ...broken, ...across]) {
    it(`parseBootstrap: ${name} is ${want.length === 0 ? "taken" : "refused"}`, () => {
      const bootstrap = sampleBootstrap();
      setAt(bootstrap, at, value);
      assert.deepEqual(problemsOf(bootstrap), want);
    });
  }

  it("parseBootstrap: two listeners may not share a name or an address", () => {
    const bootstrap = sampleBootstrap();
    const filters = { filters: [{ name: "http" }] };
    setAt(bootstrap, "static_resources.listeners[1]", {
      name: "main",
      address: socketAddress("0.0.0.0", 10_000),
      filter_chains: [filters, filters],
    });
    const at = "static_resources.listeners[1]";
    assert.deepEqual(problemsOf(bootstrap), [
      `${at}.name: duplicate listener main found`,
      `${at}.address: 'main' has duplicate address '0.0.0.0:10000' as existing listener`,
      `${at}.filter_chains[0].filters[0].typed_config: value is required`,
      `${at}.filter_chains[1].filters[0].typed_config: value is required`,
      `${at}.filter_chains[1]: has the same matching rules defined as filter_chains[0]`,
    ]);
  });

  it("parseBootstrap: a route configuration may say that clusters come later", () => {
    const bootstrap = sampleBootstrap();
    setAt(bootstrap, `${ROUTE}.route.cluster`, "c");
    setAt(bootstrap, `${MANAGER}.route_config.validate_clusters`, false);
    assert.deepEqual(problemsOf(bootstrap), []);
  });
});
