import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import {
  CLUSTER,
  HTTP_OPTIONS,
  MANAGER,
  problemsOf,
  sampleBootstrap,
  setAt,
  typeUrl,
} from "./sample-bootstrap.ts";

const PRESERVE =
  "envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig";
const FORMATTER = "header_key_format.stateful_formatter";
const OPTIONS = `${CLUSTER}.typed_extension_protocol_options["${HTTP_OPTIONS}"]`;
const UPSTREAM = `${OPTIONS}.explicit_http_config.http_protocol_options`;
const DOWNSTREAM = `${MANAGER}.http_protocol_options`;

/** Options of the codecs, and what is wrong with them at their own place. */
const rows: readonly {
  readonly name: string;
  /** Fields of the connection manager. */
  readonly manager?: JsonObject;
  /** Fields of the cluster's `HttpProtocolOptions`. */
  readonly cluster?: JsonObject;
  /** Fields of the cluster itself. */
  readonly ownCluster?: JsonObject;
  readonly want: readonly string[];
}[] = [
  {
    name: "8192 KiB of a request's head",
    manager: { max_request_headers_kb: 8192 },
    want: [],
  },
  {
    name: "more of a request's head than Envoy takes",
    manager: { max_request_headers_kb: 8193 },
    want: [`${MANAGER}.max_request_headers_kb: value must be inside range (0, 8192]`],
  },
  {
    name: "limits of responses",
    cluster: {
      common_http_protocol_options: { max_response_headers_kb: 8192, max_headers_count: 1 },
    },
    want: [],
  },
  {
    name: "more of a response's head than Envoy takes",
    cluster: { common_http_protocol_options: { max_response_headers_kb: 8193 } },
    want: [
      `${OPTIONS}.common_http_protocol_options.max_response_headers_kb: ` +
        "value must be inside range (0, 8192]",
    ],
  },
  {
    name: "no header at all",
    cluster: { common_http_protocol_options: { max_headers_count: 0 } },
    want: [
      `${OPTIONS}.common_http_protocol_options.max_headers_count: ` +
        "value must be greater than or equal to 1",
    ],
  },
  {
    name: "a limit of responses for a listener",
    manager: { common_http_protocol_options: { max_response_headers_kb: 80 } },
    want: [
      `${MANAGER}.common_http_protocol_options.max_response_headers_kb: ` +
        "Error: max_response_headers_kb cannot be set on http_connection_manager.",
    ],
  },
  {
    name: "preserve_case for requests and for responses",
    manager: { http_protocol_options: preserve() },
    cluster: { explicit_http_config: { http_protocol_options: preserve() } },
    want: [],
  },
  {
    name: "preserve_case with an odd formatter for what is added",
    manager: { http_protocol_options: preserve({ formatter_type_on_envoy_headers: 7 }) },
    want: [
      `${DOWNSTREAM}.${FORMATTER}.typed_config.formatter_type_on_envoy_headers: ` +
        "value must be one of the defined enum values",
    ],
  },
  {
    name: "a formatter without a type",
    manager: { http_protocol_options: formatter({ name: "preserve_case" }) },
    want: [`${DOWNSTREAM}.${FORMATTER}.typed_config: value is required`],
  },
  {
    name: "another formatter than preserve_case",
    manager: {
      http_protocol_options: formatter({
        name: "preserve_case",
        typed_config: { "@type": typeUrl("google.protobuf.Struct"), value: {} },
      }),
    },
    want: [
      `${DOWNSTREAM}.${FORMATTER}.typed_config: ` +
        '"type.googleapis.com/google.protobuf.Struct" is not implemented',
    ],
  },
  {
    name: "two ways to strip the port of a host, one of them off",
    manager: { strip_matching_host_port: true, strip_any_host_port: false },
    want: [],
  },
  {
    name: "two ways to strip the port of a host",
    manager: { strip_matching_host_port: true, strip_any_host_port: true },
    want: [
      `${MANAGER}.strip_any_host_port: ` +
        "Error: Only one of `strip_matching_host_port` or `strip_any_host_port` can be set.",
    ],
  },
  {
    name: "requests of a connection, counted in the old place",
    ownCluster: { max_requests_per_connection: 5 },
    cluster: { common_http_protocol_options: {} },
    want: [],
  },
  {
    name: "requests of a connection, counted in the old place and in the new",
    ownCluster: { max_requests_per_connection: 5 },
    cluster: { common_http_protocol_options: { max_requests_per_connection: 0 } },
    want: [
      `${CLUSTER}.max_requests_per_connection: Only one of max_requests_per_connection ` +
        "from Cluster or HttpProtocolOptions can be specified",
    ],
  },
  {
    name: "upgrades to ignore, custom methods",
    manager: {
      http_protocol_options: {
        ignore_http_11_upgrade: [{ prefix: "TLS/" }, { safe_regex: { regex: "a.*" } }],
        allow_custom_methods: true,
      },
    },
    want: [],
  },
  {
    name: "an upgrade to ignore that matches nothing",
    manager: { http_protocol_options: { ignore_http_11_upgrade: [{}] } },
    want: [`${DOWNSTREAM}.ignore_http_11_upgrade[0].match_pattern: value is required`],
  },
  {
    name: "whole URLs for an upstream",
    cluster: {
      explicit_http_config: { http_protocol_options: { send_fully_qualified_url: true } },
    },
    want: [],
  },
  {
    name: "whole URLs for a downstream",
    manager: { http_protocol_options: { send_fully_qualified_url: true } },
    want: [`${DOWNSTREAM}.send_fully_qualified_url: not implemented`],
  },
  {
    name: "what is for downstreams only",
    cluster: {
      explicit_http_config: {
        http_protocol_options: {
          allow_custom_methods: true,
          ignore_http_11_upgrade: [{ exact: "a" }],
        },
      },
    },
    want: [
      `${UPSTREAM}.allow_custom_methods: not implemented`,
      `${UPSTREAM}.ignore_http_11_upgrade: not implemented`,
    ],
  },
];

function formatter(config: JsonObject): JsonObject {
  return { header_key_format: { stateful_formatter: config } };
}

function preserve(more: JsonObject = {}): JsonObject {
  const typed = { "@type": typeUrl(PRESERVE), forward_reason_phrase: true, ...more };
  return formatter({ name: "preserve_case", typed_config: typed });
}

describe("bootstrap, codec", () => {
  for (const { name, manager = {}, cluster, ownCluster = {}, want } of rows) {
    it(`parseBootstrap: ${name}: ${want.length === 0 ? "taken" : "refused"}`, () => {
      const bootstrap = sampleBootstrap();
      for (const [field, value] of Object.entries(manager)) {
        setAt(bootstrap, `${MANAGER}.${field}`, value);
      }
      for (const [field, value] of Object.entries(ownCluster)) {
        setAt(bootstrap, `${CLUSTER}.${field}`, value);
      }
      const options = { "@type": typeUrl(HTTP_OPTIONS), ...cluster };
      const plain = { explicit_http_config: { http_protocol_options: {} } };
      if (cluster !== undefined) setAt(bootstrap, OPTIONS, { ...plain, ...options });
      assert.deepEqual(problemsOf(bootstrap).sort(), [...want].sort());
    });
  }

  it("parseBootstrap: auto_config without TLS: refused", () => {
    const bootstrap = sampleBootstrap();
    setAt(bootstrap, OPTIONS, { "@type": typeUrl(HTTP_OPTIONS), auto_config: {} });
    const reason = "ALPN configured for cluster a which has a non-ALPN transport socket";
    assert.deepEqual(problemsOf(bootstrap), [`${OPTIONS}.auto_config: ${reason}`]);
  });
});
