import assert from "node:assert/strict";
import type { Row } from "./sample-bootstrap.ts";
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

const LISTENER = "static_resources.listeners[0]";
const ROUTE = `${HOST}.routes[0]`;

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
  for (const { name, at, value, want } of [...broken, ...across]) {
    it(`parseBootstrap: ${name} is refused`, () => {
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
