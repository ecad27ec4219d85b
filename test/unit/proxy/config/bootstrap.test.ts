import assert from "node:assert/strict";
import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { MeshError } from "../../../../api/errors.ts";
import { BootstrapSchema } from "../../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { HttpConnectionManagerSchema } from "../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import {
  mergeBootstrap,
  parseBootstrap,
  validateBootstrap,
} from "../../../../proxy/config/bootstrap.ts";
import { unpackAny } from "../../../../proxy/config/message/any-registry.ts";
import {
  CLUSTER,
  MANAGER,
  problemsOf,
  problemsOfText,
  sampleBootstrap,
  setAt,
  typeUrl,
} from "./sample-bootstrap.ts";

const SAMPLE = JSON.stringify(sampleBootstrap());

/** Everything that the table calls implemented or harmless in one place, by example. */
const FULL = `
node:
  id: one
  cluster: shop
  metadata: { role: edge }
  locality: { region: r, zone: z }
  user_agent_name: x
stats_flush_interval: 5s
stats_config:
  stats_tags: [{ tag_name: a, fixed_value: b }]
  use_all_default_tags: false
layered_runtime:
  layers:
  - name: static
    static_layer: { upstream: { healthy: 1 } }
  - name: admin
    admin_layer: {}
admin:
  address: { pipe: { path: /tmp/admin.sock, mode: 0600 } }
static_resources:
  listeners:
  - name: main
    address: { socket_address: { address: "::", port_value: 0, ipv4_compat: true } }
    additional_addresses: [{ address: { pipe: { path: "@shop" } } }]
    enable_reuse_port: yes
    per_connection_buffer_limit_bytes: 32768
    traffic_direction: INBOUND
    tcp_backlog_size: 1024
    filter_chains:
    - filter_chain_match: { destination_port: 80, source_type: EXTERNAL }
      filters: &filters
      - name: http
        typed_config:
          "@type": ${typeUrl("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager")}
          stat_prefix: ingress
          codec_type: AUTO
          server_header_transformation: PASS_THROUGH
          max_request_headers_kb: 96
          use_remote_address: true
          stream_idle_timeout: 0s
          common_http_protocol_options: { idle_timeout: 60s, max_headers_count: 50 }
          http_protocol_options:
            accept_http_10: true
            header_key_format:
              stateful_formatter:
                name: preserve_case
                typed_config:
                  "@type": ${typeUrl("envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig")}
          access_log:
          - name: file
            filter:
              and_filter:
                filters:
                - status_code_filter: { comparison: { op: GE, value: { default_value: 500, runtime_key: x } } }
                - not_health_check_filter: {}
            typed_config:
              "@type": ${typeUrl("envoy.extensions.access_loggers.file.v3.FileAccessLog")}
              path: /dev/null
              log_format: { json_format: { status: "%RESPONSE_CODE%" } }
          local_reply_config:
            mappers:
            - filter: { response_flag_filter: { flags: [UH] } }
              status_code: 502
              body: { inline_string: "away" }
          route_config:
            name: local
            request_headers_to_add: [{ header: { key: x-a, value: "%PROTOCOL%" }, append: false }]
            virtual_hosts:
            - name: all
              domains: ["*.example.com", "*"]
              routes:
              - name: template
                match:
                  path_match_policy:
                    name: template
                    typed_config:
                      "@type": ${typeUrl("envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig")}
                      path_template: "/a/{id}"
                route:
                  cluster: a
                  path_rewrite_policy:
                    name: template
                    typed_config:
                      "@type": ${typeUrl("envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig")}
                      path_template_rewrite: "/{id}"
              - match:
                  safe_regex: { google_re2: {}, regex: "/b.*" }
                  headers: [{ name: x-b, string_match: { exact: c, ignore_case: true } }]
                  runtime_fraction: { default_value: { numerator: 5, denominator: HUNDRED } }
                route:
                  weighted_clusters:
                    clusters: [{ name: a, weight: 90 }, { name: a, weight: 10 }]
                typed_per_filter_config:
                  mutation:
                    "@type": ${typeUrl("envoy.config.route.v3.FilterConfig")}
                    config:
                      "@type": ${typeUrl("envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute")}
                      mutations: { response_mutations: [{ remove: server }] }
          http_filters:
          - name: mutation
            typed_config:
              "@type": ${typeUrl("xds.type.v3.TypedStruct")}
              type_url: ${typeUrl("envoy.extensions.filters.http.header_mutation.v3.HeaderMutation")}
              value: { mutations: { request_mutations: [{ append: { header: { key: a, value: b } } }] } }
          - name: router
            typed_config: { "@type": ${typeUrl("envoy.extensions.filters.http.router.v3.Router")} }
    default_filter_chain: { filters: *filters }
  clusters:
  - name: a
    type: LOGICAL_DNS
    dns_lookup_family: V4_PREFERRED
    dns_refresh_rate: 30s
    respect_dns_ttl: true
    circuit_breakers: { thresholds: [{ max_connections: 10 }, { priority: HIGH, max_retries: 3 }] }
    transport_socket:
      name: raw
      typed_config: { "@type": ${typeUrl("envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer")} }
    load_assignment:
      cluster_name: a
      endpoints:
      - lb_endpoints: [{ endpoint: { address: { socket_address: { address: a.b, port_value: 80 } } } }]
`;

function assertRefused(run: () => unknown, message: RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof MeshError);
    assert.equal(error.code, "CONFIG_INVALID");
    assert.match(error.message, message);
    return true;
  });
}

describe("bootstrap", () => {
  it("parseBootstrap: a valid text becomes the message that it describes", () => {
    const { staticResources, admin } = parseBootstrap(SAMPLE, { name: "a.json" });
    assert.equal(staticResources?.listeners[0].name, "main");
    assert.equal(staticResources.clusters[1].connectTimeout?.seconds, 1n);
    assert.equal(admin?.address?.address.case, "socketAddress");
  });

  it("parseBootstrap: the connection manager is there to be unpacked", () => {
    const { staticResources } = parseBootstrap(SAMPLE, { name: "a.yaml" });
    const filter = staticResources?.listeners[0].filterChains[0].filters[0];
    assert.ok(filter?.configType.case === "typedConfig");
    const manager = unpackAny(filter.configType.value, HttpConnectionManagerSchema);
    assert.equal(manager?.statPrefix, "ingress");
  });

  it("parseBootstrap: what the table calls implemented or harmless is taken", () => {
    assert.deepEqual(problemsOfText(FULL, "full.yaml"), []);
  });

  it("parseBootstrap: a number with a leading zero is octal, as for file modes", () => {
    const { admin } = parseBootstrap(FULL, { name: "full.yaml" });
    assert.ok(admin?.address?.address.case === "pipe");
    assert.equal(admin.address.address.value.mode, 0o600);
  });

  it("parseBootstrap: an empty text is an empty bootstrap", () => {
    const empty = toBinary(BootstrapSchema, parseBootstrap("", { name: "a.yaml" }));
    assert.equal(empty.length, 0);
  });

  it("parseBootstrap: a text that is no map is refused", () => {
    assert.deepEqual(problemsOfText("[]", "a.yaml"), ["expected a map of fields, found a list"]);
    assert.deepEqual(problemsOfText("3", "a.json"), ["expected a map of fields, found 3"]);
  });

  it("parseBootstrap: all kinds of problems are told together", () => {
    const bootstrap = sampleBootstrap();
    setAt(bootstrap, "foo", 1);
    setAt(bootstrap, `${MANAGER}.stat_prefix`, "");
    setAt(bootstrap, `${CLUSTER}.outlier_detection`, {});
    setAt(bootstrap, `${CLUSTER}.type`, "STRICT");
    const paths = problemsOf(bootstrap).map((problem) => problem.slice(0, problem.indexOf(": ")));
    const want = [
      `${CLUSTER}.type`,
      "foo",
      `${MANAGER}.stat_prefix`,
      `${CLUSTER}.outlier_detection`,
    ];
    assert.deepEqual(paths, want);
  });

  it("mergeBootstrap: single values are replaced and lists are joined", () => {
    const over = {
      node: { id: "two" },
      admin: { address: { socket_address: { port_value: 1234 } } },
      static_resources: { clusters: [{ name: "c" }] },
    };
    const { node, admin, staticResources } = mergeBootstrap([
      { name: "a.json", text: SAMPLE },
      { name: "--config-yaml", text: JSON.stringify(over) },
    ]);
    assert.equal(node?.id, "two");
    assert.ok(admin?.address?.address.case === "socketAddress");
    assert.equal(admin.address.address.value.address, "127.0.0.1");
    assert.equal(admin.address.address.value.portSpecifier.value, 1234);
    assert.deepEqual(
      staticResources?.clusters.map(({ name }) => name),
      ["a", "b", "c"],
    );
  });

  it("mergeBootstrap: a text may be incomplete, the whole may not", () => {
    const cluster = { static_resources: { clusters: [{ name: "a" }] } };
    const texts = [
      { name: "a.json", text: JSON.stringify(cluster) },
      { name: "--config-yaml", text: "static_resources: {clusters: [{name: a}]}" },
    ];
    assertRefused(
      () => mergeBootstrap(texts),
      /^a\.json with --config-yaml: static_resources\.clusters\[1\]\.name: .*duplicate cluster/,
    );
  });

  it("mergeBootstrap: a text that cannot be read is named", () => {
    const texts = [
      { name: "a.json", text: SAMPLE },
      { name: "--config-yaml", text: "foo: 1" },
    ];
    assertRefused(() => mergeBootstrap(texts), /^--config-yaml: foo: unknown field$/);
  });

  it("validateBootstrap: a message from the wire is checked like a text", () => {
    const bytes = toBinary(BootstrapSchema, parseBootstrap(FULL, { name: "full.yaml" }));
    const bootstrap = fromBinary(BootstrapSchema, bytes);
    validateBootstrap(bootstrap, { name: "wire" });
    const changed = clone(BootstrapSchema, bootstrap);
    changed.staticResources?.clusters.push(...changed.staticResources.clusters);
    assertRefused(() => validateBootstrap(changed, { name: "wire" }), /^wire: .*duplicate cluster/);
  });

  it("validateBootstrap: fields of a newer Envoy are refused by their number", () => {
    // Field 1000 with the varint 1.
    const bootstrap = fromBinary(BootstrapSchema, Uint8Array.of(0xc0, 0x3e, 1));
    assertRefused(
      () => validateBootstrap(bootstrap, { name: "wire" }),
      /unknown field of number 1000$/,
    );
  });

  it("validateBootstrap: an Any whose bytes are no message is refused", () => {
    const bootstrap = parseBootstrap(SAMPLE, { name: "a.json" });
    const filter = bootstrap.staticResources?.listeners[0].filterChains[0].filters[0];
    assert.ok(filter?.configType.case === "typedConfig");
    const value = Uint8Array.of(0x12, 0x7f);
    filter.configType.value = create(AnySchema, {
      typeUrl: filter.configType.value.typeUrl,
      value,
    });
    assertRefused(
      () => validateBootstrap(bootstrap, { name: "wire" }),
      /typed_config: the value is no valid/,
    );
  });
});
