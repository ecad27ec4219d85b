import assert from "node:assert/strict";
import { createRegistry, fromJson, type JsonObject } from "@bufbuild/protobuf";
import {
  CLUSTER_BYTES,
  CLUSTER_FLAGS,
  CLUSTER_FLAG_CHUNKED_LENGTH,
  CLUSTER_FLAG_KEEP_CASE,
  CLUSTER_FLAG_KEEP_CASE_PROPER,
  CLUSTER_FLAG_KEEP_REASON,
  CLUSTER_FLAG_PROPER_CASE,
  CLUSTER_FLAG_TRAILERS,
  CLUSTER_FLAG_WHOLE_URL,
  CLUSTER_HEADER_COUNT_MAX,
  CLUSTER_HEAD_BYTES_MAX,
  CLUSTER_NAME,
  CLUSTER_OBSERVED_NAME,
  CLUSTER_STATS,
  SCOPE_KIND_CLUSTER,
} from "../../../../../api/engine/image.ts";
import { ClusterSchema } from "../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { PreserveCaseFormatterConfigSchema } from "../../../../../api/gen/envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case_pb.js";
import { HttpProtocolOptionsSchema } from "../../../../../api/gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js";
import { toClusterModel, writeCluster } from "../../../../../proxy/config/compile/cluster.ts";
import { ImageCollector } from "../../../../../proxy/config/compile/compile-setting.ts";
import { ImageReader } from "../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import { ImageWriter } from "../../../../../proxy/config/image/image-writer.ts";
import type { ClusterModel } from "../../../../../proxy/config/model.ts";

const registry = createRegistry(HttpProtocolOptionsSchema, PreserveCaseFormatterConfigSchema);
const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

function read(json: JsonObject) {
  return fromJson(ClusterSchema, { name: "a", ...json }, { registry });
}

/** A cluster with HTTP options. */
function withOptions(options: JsonObject): JsonObject {
  const any = { "@type": `type.googleapis.com/${OPTIONS}`, ...options };
  return { typed_extension_protocol_options: { [OPTIONS]: any } };
}

/** A cluster with one endpoint. */
function withEndpoint(endpoint: JsonObject, group: JsonObject = {}): JsonObject {
  return { load_assignment: { endpoints: [{ lb_endpoints: [endpoint], ...group }] } };
}

const ADDRESS = { socket_address: { address: "10.0.0.1", port_value: 80 } };

/** Envoy's defaults, from cluster.proto, protocol.proto and circuit_breaker.proto. */
const DEFAULTS: ClusterModel = {
  name: "a",
  observedName: "a",
  discovery: "static",
  originalDst: null,
  endpoints: [],
  dnsTargets: [],
  dnsRefreshMs: 5_000,
  dnsFailureRefreshMs: 5_000,
  respectsDnsTtl: false,
  dnsFamily: "auto",
  connectTimeoutMs: 5_000,
  requestsPerConnectionMax: 0,
  idleTimeoutMs: 3_600_000,
  connectionDurationMaxMs: 0,
  bufferBytesMax: 1_048_576,
  codec: "http1",
  followsDownstream: false,
  http2StreamsMax: 1024,
  http2Keepalive: null,
  preconnectRatio: 1,
  circuitBreaker: {
    connectionsMax: 1_024,
    pendingMax: 1_024,
    requestsMax: 1_024,
    retriesMax: 3,
  },
  proxyHeader: null,
  hasKeepAlive: false,
  keepAliveDelayMs: 0,
  tls: null,
  tlsFacts: 0,
};

const LOCALITY = { region: "", zone: "", subZone: "" };
const TARGET = {
  host: "10.0.0.1",
  port: 80,
  weight: 1,
  priority: 0,
  locality: LOCALITY,
  proxyTlvs: [],
};

const rows: readonly { name: string; json: JsonObject; want: Partial<ClusterModel> }[] = [
  { name: "nothing", json: {}, want: {} },
  { name: "alt_stat_name", json: { alt_stat_name: "b" }, want: { observedName: "b" } },
  { name: "connect_timeout", json: { connect_timeout: "0.25s" }, want: { connectTimeoutMs: 250 } },
  {
    name: "DNS settings",
    json: {
      type: "STRICT_DNS",
      dns_refresh_rate: "60s",
      respect_dns_ttl: true,
      dns_lookup_family: "V4_PREFERRED",
    },
    want: {
      discovery: "strict-dns",
      dnsRefreshMs: 60_000,
      dnsFailureRefreshMs: 60_000,
      respectsDnsTtl: true,
      dnsFamily: "v4-preferred",
    },
  },
  { name: "LOGICAL_DNS", json: { type: "LOGICAL_DNS" }, want: { discovery: "logical-dns" } },
  {
    name: "the buffer limit",
    json: { per_connection_buffer_limit_bytes: 4_096 },
    want: { bufferBytesMax: 4_096 },
  },
  {
    name: "max_requests_per_connection of old",
    json: { max_requests_per_connection: 9 },
    want: { requestsPerConnectionMax: 9 },
  },
  {
    name: "common HTTP options, which win",
    json: {
      max_requests_per_connection: 9,
      ...withOptions({
        common_http_protocol_options: {
          idle_timeout: "0s",
          max_connection_duration: "2s",
          max_requests_per_connection: 1,
        },
        explicit_http_config: { http_protocol_options: {} },
      }),
    },
    want: { requestsPerConnectionMax: 1, idleTimeoutMs: 0, connectionDurationMaxMs: 2_000 },
  },
  {
    name: "the protocol of the downstream",
    json: withOptions({
      use_downstream_protocol_config: { http2_protocol_options: { max_concurrent_streams: 7 } },
    }),
    want: { codec: "http2", followsDownstream: true, http2StreamsMax: 7 },
  },
  {
    name: "circuit breakers of the default priority, 0 included",
    json: {
      circuit_breakers: {
        thresholds: [
          { priority: "HIGH", max_connections: 7 },
          { max_connections: 0, max_requests: 5 },
        ],
      },
    },
    want: {
      circuitBreaker: { connectionsMax: 0, pendingMax: 1_024, requestsMax: 5, retriesMax: 3 },
    },
  },
  {
    name: "an endpoint with all its facts",
    json: withEndpoint(
      { endpoint: { address: ADDRESS, hostname: "h" }, load_balancing_weight: 3 },
      { priority: 1, locality: { region: "r", zone: "z", sub_zone: "s" } },
    ),
    want: {
      endpoints: [
        {
          address: { kind: "tcp", host: "10.0.0.1", port: 80 },
          hostname: "h",
          weight: 3,
          priority: 1,
          locality: { region: "r", zone: "z", subZone: "s" },
          isHealthy: true,
          passedMetadata: [],
          proxyTlvs: [],
        },
      ],
    },
  },
  {
    name: "a name to look up",
    json: { type: "STRICT_DNS", ...withEndpoint({ endpoint: { address: ADDRESS } }) },
    want: { discovery: "strict-dns", dnsTargets: [{ ...TARGET, hostname: "10.0.0.1" }] },
  },
  {
    name: "a name to look up for endpoints of another name",
    json: {
      type: "LOGICAL_DNS",
      ...withEndpoint({ endpoint: { address: ADDRESS, hostname: "h" } }),
    },
    want: { discovery: "logical-dns", dnsTargets: [{ ...TARGET, hostname: "h" }] },
  },
];

const flags: readonly { options: JsonObject; want: number }[] = [
  { options: {}, want: 0 },
  { options: { enable_trailers: true }, want: CLUSTER_FLAG_TRAILERS },
  { options: { allow_chunked_length: true }, want: CLUSTER_FLAG_CHUNKED_LENGTH },
  { options: { header_key_format: { proper_case_words: {} } }, want: CLUSTER_FLAG_PROPER_CASE },
  { options: { send_fully_qualified_url: true }, want: CLUSTER_FLAG_WHOLE_URL },
  { options: preserve({}), want: CLUSTER_FLAG_KEEP_CASE },
  {
    options: preserve({ formatter_type_on_envoy_headers: "PROPER_CASE" }),
    want: CLUSTER_FLAG_KEEP_CASE | CLUSTER_FLAG_KEEP_CASE_PROPER,
  },
  {
    options: preserve({ forward_reason_phrase: true }),
    want: CLUSTER_FLAG_KEEP_CASE | CLUSTER_FLAG_KEEP_REASON,
  },
];

function preserve(config: JsonObject): JsonObject {
  const type = `type.googleapis.com/${PreserveCaseFormatterConfigSchema.typeName}`;
  const formatter = { name: "preserve_case", typed_config: { "@type": type, ...config } };
  return { header_key_format: { stateful_formatter: formatter } };
}

/** Envoy's defaults for HTTP/1 are 80 KiB and 100. */
const limits: readonly { common: JsonObject; bytes: number; count: number }[] = [
  { common: {}, bytes: 81_920, count: 100 },
  { common: { max_response_headers_kb: 1 }, bytes: 1_024, count: 100 },
  { common: { max_response_headers_kb: 8_192 }, bytes: 8_388_608, count: 100 },
  { common: { max_headers_count: 7 }, bytes: 81_920, count: 7 },
];

describe("compile cluster", () => {
  for (const { name, json, want } of rows) {
    it(`toClusterModel: ${name}`, () => {
      const model = toClusterModel(read(json), FieldPath.root.field("cluster"), null);
      assert.deepEqual(model, { ...DEFAULTS, ...want });
    });
  }

  it("toClusterModel: an endpoint without an address is refused with its path", () => {
    const message =
      "cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address: value is required";
    assert.throws(
      () =>
        toClusterModel(read(withEndpoint({ endpoint: {} })), FieldPath.root.field("cluster"), null),
      { code: "CONFIG_INVALID", message },
    );
  });

  for (const { options, want } of flags) {
    it(`writeCluster: ${JSON.stringify(options)} is flag ${want}`, () => {
      const writer = new ImageWriter();
      const record = writer.reserve(CLUSTER_BYTES);
      const collector = new ImageCollector([]);
      const json = withOptions({ explicit_http_config: { http_protocol_options: options } });
      writeCluster(writer, record, read({ ...json, alt_stat_name: "b" }), collector);
      const reader = new ImageReader(new DataView(writer.finish().buffer));
      assert.equal(reader.uint32(record + CLUSTER_FLAGS), want);
      assert.equal(reader.text(record + CLUSTER_NAME), "a");
      assert.equal(reader.text(record + CLUSTER_OBSERVED_NAME), "b");
      const scope = { kind: SCOPE_KIND_CLUSTER, name: "b", field: record + CLUSTER_STATS };
      assert.deepEqual(collector.scopes, [scope]);
    });
  }

  for (const { common, bytes, count } of limits) {
    it(`writeCluster: ${JSON.stringify(common)} limits heads to ${bytes} and ${count}`, () => {
      const writer = new ImageWriter();
      const record = writer.reserve(CLUSTER_BYTES);
      const json = withOptions({
        common_http_protocol_options: common,
        explicit_http_config: { http_protocol_options: {} },
      });
      writeCluster(writer, record, read(json), new ImageCollector([]));
      const reader = new ImageReader(new DataView(writer.finish().buffer));
      assert.equal(reader.uint32(record + CLUSTER_HEAD_BYTES_MAX), bytes);
      assert.equal(reader.uint32(record + CLUSTER_HEADER_COUNT_MAX), count);
    });
  }
});
