import assert from "node:assert/strict";
import type { ListenerFilterType } from "../../../../../support/listener/sketch.ts";
import type { Part } from "../../../../../support/proxy-sketch.ts";
import { compileListener } from "./compiled-listener.ts";

const PROXY = {
  kind: "proxy-protocol",
  statPrefix: "",
  allowsNone: false,
  disallowed: [],
  rules: [],
  passed: [],
} as const;
const TLS = {
  kind: "tls-inspector",
  helloBytesMax: 16_384,
  closesOnParseError: false,
  makesJa3: false,
} as const;

type Row = readonly [type: ListenerFilterType, fields: Part, want: Part];

const rows: readonly Row[] = [
  ["tls", {}, TLS],
  [
    "tls",
    {
      max_client_hello_size: 300,
      close_connection_on_client_hello_parsing_errors: true,
      enable_ja3_fingerprinting: true,
      initial_read_buffer_size: 512,
    },
    { ...TLS, helloBytesMax: 300, closesOnParseError: true, makesJa3: true },
  ],
  ["http", {}, { kind: "http-inspector" }],
  ["original-dst", {}, { kind: "original-dst" }],
  ["original-src", {}, { kind: "original-src", mark: 0 }],
  ["original-src", { mark: 77 }, { kind: "original-src", mark: 77 }],
  ["proxy", {}, PROXY],
  [
    "proxy",
    {
      stat_prefix: "p",
      allow_requests_without_proxy_protocol: true,
      disallowed_versions: ["V1", "V2"],
      pass_through_tlvs: { match_type: "INCLUDE", tlv_type: [1, 2] },
    },
    { ...PROXY, statPrefix: "p", allowsNone: true, disallowed: [1, 2], passed: [1, 2] },
  ],
  ["proxy", { pass_through_tlvs: {} }, { ...PROXY, passed: "all" }],
  [
    "proxy",
    {
      rules: [
        { tlv_type: 1, on_tlv_present: { key: "a" } },
        {
          tlv_type: 2,
          on_tlv_present: { key: "b", metadata_namespace: "n", value_string_encoding: "BASE64" },
        },
        { tlv_type: 3 },
      ],
    },
    {
      ...PROXY,
      rules: [
        { type: 1, namespace: "envoy.filters.listener.proxy_protocol", key: "a", encoding: "utf8" },
        { type: 2, namespace: "n", key: "b", encoding: "base64" },
      ],
    },
  ],
];

describe("compileListenerFilter", () => {
  for (const [type, fields, want] of rows) {
    it(`compileListenerFilter: ${type} with ${JSON.stringify(fields)}`, async () => {
      const { listenerFilters } = await compileListener({ filters: [[type, fields]] });
      assert.deepEqual(listenerFilters.filters, [{ ...want, disabled: null }]);
    });
  }

  it("compileListenerFilter: when a filter is left out", async () => {
    const filter_disabled = {
      or_match: {
        rules: [
          { not_match: { any_match: true } },
          {
            and_match: {
              rules: [{ destination_port_range: { start: 1, end: 9 } }, { any_match: true }],
            },
          },
        ],
      },
    };
    const { listenerFilters } = await compileListener({
      filters: [["http", {}, { filter_disabled }]],
    });
    assert.deepEqual(listenerFilters.filters[0].disabled, {
      kind: "or",
      rules: [
        { kind: "not", rule: { kind: "any" } },
        { kind: "and", rules: [{ kind: "port", start: 1, end: 9 }, { kind: "any" }] },
      ],
    });
  });

  it("compileListenerFilter: a filter without configuration is refused", async () => {
    const fields = { listener_filters: [{ name: "a" }] };
    await assert.rejects(compileListener({ fields }), /listener_filters\[0\].typed_config/);
  });
});
