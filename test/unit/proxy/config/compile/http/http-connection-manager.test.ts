import assert from "node:assert/strict";
import { createRegistry, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { H2_OPTION_STATS } from "../../../../../../api/engine/http2.ts";
import * as image from "../../../../../../api/engine/image.ts";
import { RouterSchema } from "../../../../../../api/gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import { PreserveCaseFormatterConfigSchema } from "../../../../../../api/gen/envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case_pb.js";
import { HttpConnectionManagerSchema } from "../../../../../../api/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { ImageCollector } from "../../../../../../proxy/config/compile/compile-setting.ts";
import { compileConnectionManager } from "../../../../../../proxy/config/compile/http/http-connection-manager.ts";
import { ImageReader } from "../../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { ImageWriter } from "../../../../../../proxy/config/image/image-writer.ts";
import type { HttpConnectionManagerModel } from "../../../../../../proxy/config/model.ts";

const registry = createRegistry(RouterSchema, PreserveCaseFormatterConfigSchema);

function compile(json: JsonObject) {
  const manager = fromJson(
    HttpConnectionManagerSchema,
    { stat_prefix: "in", ...json },
    { registry },
  );
  const writer = new ImageWriter();
  writer.reserve(image.IMAGE_HEADER_BYTES);
  const parts = {
    routes: 800,
    accessLogs: { offset: 808, count: 2 },
    localReply: 816,
    ignoredUpgrades: { offset: 832, count: 3 },
    upgrades: { offset: 0, count: 0 },
    chain: { offset: 824, count: 1 },
    isTls: false,
    listenerPort: 8_080,
    listenerStatName: "127.0.0.1_8080",
    bufferBytesMax: 65_536,
    tlsFacts: 0,
  };
  const collector = new ImageCollector([]);
  const model = compileConnectionManager(writer, manager, parts, collector);
  const reader = new ImageReader(new DataView(writer.finish().buffer));
  const number = (field: number): number => reader.uint32(model.record + field);
  return { model, collector, number, text: (field: number) => reader.text(model.record + field) };
}

/** Each flag by itself. Request ids are generated unless told otherwise, as in Envoy. */
const flags: readonly { json: JsonObject; want: number }[] = [
  { json: {}, want: image.HCM_GENERATE_REQUEST_ID },
  { json: { generate_request_id: false }, want: 0 },
  { json: { use_remote_address: true }, want: image.HCM_USE_REMOTE_ADDRESS },
  { json: { skip_xff_append: true }, want: image.HCM_SKIP_XFF_APPEND },
  { json: { preserve_external_request_id: true }, want: image.HCM_PRESERVE_REQUEST_ID },
  { json: { always_set_request_id_in_response: true }, want: image.HCM_ALWAYS_SET_REQUEST_ID },
  { json: { normalize_path: true }, want: image.HCM_NORMALIZE_PATH },
  { json: { merge_slashes: true }, want: image.HCM_MERGE_SLASHES },
  { json: { strip_matching_host_port: true }, want: image.HCM_STRIP_MATCHING_PORT },
  { json: { strip_any_host_port: true }, want: image.HCM_STRIP_ANY_PORT },
  { json: { strip_any_host_port: false }, want: 0 },
  { json: { strip_trailing_host_dot: true }, want: image.HCM_STRIP_TRAILING_DOT },
  { json: { proxy_100_continue: true }, want: image.HCM_PROXY_100_CONTINUE },
  { json: http1({ accept_http_10: true }), want: image.HCM_ACCEPT_HTTP_10 },
  { json: http1({ enable_trailers: true }), want: image.HCM_ENABLE_TRAILERS },
  { json: http1({ allow_chunked_length: true }), want: image.HCM_CHUNKED_LENGTH },
  { json: http1({ allow_absolute_url: true }), want: 0 },
  { json: http1({ allow_absolute_url: false }), want: image.HCM_DENY_ABSOLUTE_URL },
  { json: http1({ header_key_format: { proper_case_words: {} } }), want: image.HCM_PROPER_CASE },
  { json: http1({ allow_custom_methods: true }), want: image.HCM_CUSTOM_METHODS },
  { json: preserve({}), want: image.HCM_KEEP_CASE },
  { json: preserve({ forward_reason_phrase: true }), want: image.HCM_KEEP_CASE },
  {
    json: preserve({ formatter_type_on_envoy_headers: "PROPER_CASE" }),
    want: image.HCM_KEEP_CASE | image.HCM_KEEP_CASE_PROPER,
  },
  { json: router({ suppress_envoy_headers: true }), want: image.HCM_SUPPRESS_ENVOY_HEADERS },
  { json: router({ respect_expected_rq_timeout: true }), want: image.HCM_RESPECT_EXPECTED_TIMEOUT },
  { json: router({}), want: 0 },
  { json: internal({ unix_sockets: true }), want: image.HCM_UNIX_SOCKETS_INTERNAL },
  { json: internal({}), want: 0 },
];

function http1(options: JsonObject): JsonObject {
  return { http_protocol_options: options };
}

function internal(config: JsonObject): JsonObject {
  return { internal_address_config: config };
}

function strict(...names: string[]): JsonObject {
  return router({ strict_check_headers: names });
}

function preserve(config: JsonObject): JsonObject {
  const type = `type.googleapis.com/${PreserveCaseFormatterConfigSchema.typeName}`;
  const formatter = { name: "preserve_case", typed_config: { "@type": type, ...config } };
  return http1({ header_key_format: { stateful_formatter: formatter } });
}

function router(config: JsonObject): JsonObject {
  const type = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";
  return { http_filters: [{ name: "router", typed_config: { "@type": type, ...config } }] };
}

/** Numbers of the record, Envoy's defaults first. */
const numbers: readonly { name: string; json: JsonObject; field: number; want: number }[] = [
  { name: "60 KiB of head", json: {}, field: image.HCM_HEAD_BYTES_MAX, want: 61_440 },
  {
    name: "max_request_headers_kb",
    json: { max_request_headers_kb: 96 },
    field: image.HCM_HEAD_BYTES_MAX,
    want: 98_304,
  },
  { name: "100 headers", json: {}, field: image.HCM_HEADER_COUNT_MAX, want: 100 },
  {
    name: "max_headers_count",
    json: { common_http_protocol_options: { max_headers_count: 5 } },
    field: image.HCM_HEADER_COUNT_MAX,
    want: 5,
  },
  {
    name: "max_requests_per_connection",
    json: { common_http_protocol_options: { max_requests_per_connection: 3 } },
    field: image.HCM_REQUESTS_PER_CONNECTION_MAX,
    want: 3,
  },
  { name: "5 minutes idle", json: {}, field: image.HCM_STREAM_IDLE_TIMEOUT_MS, want: 300_000 },
  {
    name: "stream_idle_timeout of 0 is none",
    json: { stream_idle_timeout: "0s" },
    field: image.HCM_STREAM_IDLE_TIMEOUT_MS,
    want: 0,
  },
  {
    name: "max_stream_duration",
    json: { common_http_protocol_options: { max_stream_duration: "7s" } },
    field: image.HCM_DURATION_MAX_MS,
    want: 7_000,
  },
  {
    name: "xff_num_trusted_hops",
    json: { xff_num_trusted_hops: 2 },
    field: image.HCM_XFF_TRUSTED_HOPS,
    want: 2,
  },
  {
    name: "server_header_transformation",
    json: { server_header_transformation: "PASS_THROUGH" },
    field: image.HCM_SERVER_TRANSFORMATION,
    want: image.SERVER_HEADER_PASS_THROUGH,
  },
  {
    name: "path_with_escaped_slashes_action",
    json: { path_with_escaped_slashes_action: "UNESCAPE_AND_REDIRECT" },
    field: image.HCM_ESCAPED_SLASHES,
    want: image.ESCAPED_SLASHES_UNESCAPE_REDIRECT,
  },
  {
    name: "headers with underscores are let through",
    json: {},
    field: image.HCM_UNDERSCORES,
    want: image.UNDERSCORES_ALLOW,
  },
  {
    name: "REJECT_REQUEST",
    json: { common_http_protocol_options: { headers_with_underscores_action: "REJECT_REQUEST" } },
    field: image.HCM_UNDERSCORES,
    want: image.UNDERSCORES_REJECT,
  },
  {
    name: "DROP_HEADER",
    json: { common_http_protocol_options: { headers_with_underscores_action: "DROP_HEADER" } },
    field: image.HCM_UNDERSCORES,
    want: image.UNDERSCORES_DROP,
  },
  { name: "nobody is internal", json: {}, field: image.HCM_INTERNAL_RANGES + 4, want: 0 },
  {
    name: "internal ranges",
    json: internal({ cidr_ranges: [{ address_prefix: "10.0.0.0" }, { address_prefix: "::1" }] }),
    field: image.HCM_INTERNAL_RANGES + 4,
    want: 2,
  },
  { name: "no header is checked", json: router({}), field: image.HCM_STRICT_HEADERS, want: 0 },
  {
    name: "times are checked",
    json: strict("x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms"),
    field: image.HCM_STRICT_HEADERS,
    want: image.STRICT_RQ_TIMEOUT | image.STRICT_PER_TRY_TIMEOUT,
  },
  {
    name: "retries are checked",
    json: strict("x-envoy-retry-on", "x-envoy-max-retries", "x-envoy-retry-grpc-on"),
    field: image.HCM_STRICT_HEADERS,
    want: image.STRICT_MAX_RETRIES | image.STRICT_RETRY_ON | image.STRICT_RETRY_GRPC_ON,
  },
  {
    name: "a header that is named twice is checked once",
    json: strict("x-envoy-max-retries", "x-envoy-max-retries"),
    field: image.HCM_STRICT_HEADERS,
    want: image.STRICT_MAX_RETRIES,
  },
  { name: "the routes", json: {}, field: image.HCM_ROUTE_CONFIG, want: 800 },
  { name: "the access logs", json: {}, field: image.HCM_ACCESS_LOGS, want: 808 },
  { name: "the number of logs", json: {}, field: image.HCM_ACCESS_LOGS + 4, want: 2 },
  { name: "the local replies", json: {}, field: image.HCM_LOCAL_REPLY, want: 816 },
  { name: "the filter chain", json: {}, field: image.HCM_CHAIN, want: 824 },
  { name: "the ignored upgrades", json: {}, field: image.HCM_IGNORED_UPGRADES, want: 832 },
  { name: "their number", json: {}, field: image.HCM_IGNORED_UPGRADES + 4, want: 3 },
  { name: "the port", json: {}, field: image.HCM_LISTENER_PORT, want: 8_080 },
  { name: "the buffer", json: {}, field: image.HCM_BUFFER_BYTES_MAX, want: 65_536 },
  { name: "no address of statistics yet", json: {}, field: image.HCM_STATS, want: 0 },
];

const times: readonly { json: JsonObject; want: Partial<HttpConnectionManagerModel> }[] = [
  {
    json: {},
    want: {
      idleTimeoutMs: 3_600_000,
      connectionDurationMaxMs: 0,
      requestTimeoutMs: 0,
      requestHeadersTimeoutMs: 0,
      delayedCloseTimeoutMs: 1_000,
      drainTimeoutMs: 5_000,
    },
  },
  { json: { request_timeout: "1s" }, want: { requestTimeoutMs: 1_000 } },
  { json: { request_headers_timeout: "2s" }, want: { requestHeadersTimeoutMs: 2_000 } },
  { json: { delayed_close_timeout: "0s" }, want: { delayedCloseTimeoutMs: 0 } },
  { json: { drain_timeout: "3s" }, want: { drainTimeoutMs: 3_000 } },
  {
    json: { common_http_protocol_options: { idle_timeout: "4s", max_connection_duration: "5s" } },
    want: { idleTimeoutMs: 4_000, connectionDurationMaxMs: 5_000 },
  },
];

describe("compile connection manager", () => {
  for (const { json, want } of flags) {
    it(`compileConnectionManager: ${JSON.stringify(json)} is flag ${want}`, () => {
      const others = "generate_request_id" in json || want === image.HCM_GENERATE_REQUEST_ID;
      const { number } = compile(others ? json : { ...json, generate_request_id: false });
      assert.equal(number(image.HCM_FLAGS), want);
    });
  }

  for (const { name, json, field, want } of numbers) {
    it(`compileConnectionManager: ${name}, at ${field}`, () => {
      assert.equal(compile(json).number(field), want);
    });
  }

  for (const { json, want } of times) {
    it(`compileConnectionManager: times of ${JSON.stringify(json)}`, () => {
      const { model } = compile(json);
      assert.deepEqual({ ...model, ...want }, model);
    });
  }

  it("compileConnectionManager: 8192 KiB of head, the most that Envoy takes", () => {
    const { number } = compile({ max_request_headers_kb: 8_192 });
    assert.equal(number(image.HCM_HEAD_BYTES_MAX), 8_388_608);
  });

  it("compileConnectionManager: texts, with Envoy's server name", () => {
    const { text } = compile({
      via: "v",
      http_protocol_options: { default_host_for_http_10: "h" },
    });
    assert.equal(text(image.HCM_SERVER_NAME), "envoy");
    assert.equal(text(image.HCM_VIA), "v");
    assert.equal(text(image.HCM_DEFAULT_HOST), "h");
    assert.equal(text(image.HCM_STAT_PREFIX), "in");
    assert.equal(compile({ server_name: "s" }).text(image.HCM_SERVER_NAME), "s");
  });

  it("compileConnectionManager: asks for statistics under its prefix", () => {
    const { model, collector } = compile({});
    const field = model.record + image.HCM_STATS;
    assert.deepEqual(collector.scopes, [
      { kind: image.SCOPE_KIND_HCM, name: "127.0.0.1_8080:in", field },
      {
        kind: image.SCOPE_KIND_HTTP2,
        name: "http2",
        field: model.record + image.HCM_HTTP2 + H2_OPTION_STATS,
      },
    ]);
    assert.equal(compile({ codec_type: "HTTP1" }).collector.scopes.length, 1);
  });
});
