import assert from "node:assert/strict";
import type { JsonValue } from "@bufbuild/protobuf";
import type { Row } from "./sample-bootstrap.ts";
import {
  CLUSTER,
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
  { at: `${LISTENER}.udp_listener_config`, value: {} },
  { at: `${LISTENER}.socket_options`, value: [{ level: 1, name: 9, int_value: 1 }] },
  { at: `${LISTENER}.tcp_fast_open_queue_length`, value: 5 },
  { at: `${LISTENER}.enable_mptcp`, value: true },
  { at: `${LISTENER}.filter_chains[0].filter_chain_match.address_suffix`, value: "a" },
  { at: `${LISTENER}.address.socket_address.resolver_name`, value: "a" },
  { at: `${MANAGER}.tracing`, value: {} },
  { at: `${MANAGER}.http2_protocol_options.allow_metadata`, value: true },
  { at: `${MANAGER}.common_http_protocol_options.max_stream_duration`, value: "1s" },
  { at: `${MANAGER}.http_protocol_options.send_fully_qualified_url`, value: true },
  { at: `${MANAGER}.http_filters[0].typed_config.start_child_span`, value: true },
  { at: `${HOST}.cors`, value: {} },
  { at: `${HOST}.rate_limits`, value: [{ actions: [{ remote_address: {} }] }] },
  { at: `${HOST}.retry_policy`, value: { retry_on: "5xx" } },
  { at: `${ROUTE}.route.retry_policy`, value: {} },
  { at: `${ROUTE}.route.hash_policy`, value: [{ connection_properties: { source_ip: true } }] },
  { at: `${CLUSTER}.health_checks`, value: [HEALTH_CHECK] },
  { at: `${CLUSTER}.outlier_detection`, value: {} },
  { at: `${CLUSTER}.preconnect_policy.predictive_preconnect_ratio`, value: 2 },
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
    value: "HTTP3",
    want: [`${MANAGER}.codec_type: HTTP3 is not implemented (accepted: AUTO, HTTP1, HTTP2)`],
  },
  {
    name: "a second grpc_stats",
    at: `${MANAGER}.http_filters`,
    value: ["grpc_stats.v3.FilterConfig", "grpc_stats.v3.FilterConfig", "router.v3.Router"].map(
      (type) => ({
        name: type,
        typed_config: { "@type": typeUrl(`envoy.extensions.filters.http.${type}`) },
      }),
    ),
    want: [`${MANAGER}.http_filters[1]: a second envoy.filters.http.grpc_stats is not implemented`],
  },
  {
    name: "a load balancer other than round robin",
    at: `${CLUSTER}.lb_policy`,
    value: "MAGLEV",
    want: [
      `${CLUSTER}.lb_policy: MAGLEV is not implemented (accepted: ROUND_ROBIN, CLUSTER_PROVIDED)`,
    ],
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
    name: "a socket option of one more address",
    at: `${LISTENER}.additional_addresses`,
    value: [
      {
        address: socketAddress("127.0.0.1", 1),
        socket_options: { socket_options: [{ level: 1, name: 9, int_value: 1 }] },
      },
    ],
    want: [`${LISTENER}.additional_addresses[0].socket_options: not implemented`],
  },
  {
    name: "a listener that binds what the machine does not have",
    at: `${LISTENER}.freebind`,
    value: true,
    want: [`${LISTENER}.freebind: not implemented (accepted: false)`],
  },
  {
    name: "the port of an original source, which Envoy does not use",
    at: `${LISTENER}.listener_filters`,
    value: [
      {
        name: "a",
        typed_config: {
          "@type": typeUrl("envoy.extensions.filters.listener.original_src.v3.OriginalSrc"),
          bind_port: true,
        },
      },
    ],
    want: [
      `${LISTENER}.listener_filters[0].typed_config.bind_port: not implemented (accepted: false)`,
    ],
  },
  {
    name: "a fingerprint of the fourth kind",
    at: `${LISTENER}.listener_filters`,
    value: [
      {
        name: "a",
        typed_config: {
          "@type": typeUrl("envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"),
          enable_ja4_fingerprinting: true,
        },
      },
    ],
    want: [
      `${LISTENER}.listener_filters[0].typed_config.enable_ja4_fingerprinting: ` +
        "not implemented (accepted: false)",
    ],
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

describe("bootstrap, not implemented", () => {
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

  for (const { name, at, value, want } of partly) {
    it(`parseBootstrap: ${name} is ${want.length === 0 ? "taken" : "refused"}`, () => {
      const bootstrap = sampleBootstrap();
      setAt(bootstrap, at, value);
      assert.deepEqual(problemsOf(bootstrap), want);
    });
  }
});
