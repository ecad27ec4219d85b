import assert from "node:assert/strict";
import type { ClusterModel } from "../../../../../proxy/config/model.ts";
import { compileSnapshot } from "../../../../../proxy/config/compile/snapshot.ts";
import { parseBootstrap } from "../../../../../proxy/config/bootstrap.ts";
import { SAMPLE_SETTING } from "./sample-setting.ts";

type Part = Readonly<Record<string, unknown>>;

const SOCKETS = "type.googleapis.com/envoy.extensions.transport_sockets";
const RAW = { name: "raw", typed_config: { "@type": `${SOCKETS}.raw_buffer.v3.RawBuffer` } };
const UPSTREAM = `${SOCKETS}.proxy_protocol.v3.ProxyProtocolUpstreamTransport`;
const HOST_CONFIG = "type.googleapis.com/envoy.config.core.v3.PerHostConfig";
const KEY = "envoy.transport_sockets.proxy_protocol";

const value = (...bytes: number[]): string => Buffer.from(bytes).toString("base64");

function compile(transport: Part, metadata: Part = {}, more: Part = {}): ClusterModel {
  const socket_address = { address: "10.0.0.1", port_value: 80 };
  const endpoint = { endpoint: { address: { socket_address } }, metadata };
  const cluster = {
    name: "a",
    load_assignment: { cluster_name: "a", endpoints: [{ lb_endpoints: [endpoint] }] },
    transport_socket: {
      name: "proxy",
      typed_config: { "@type": UPSTREAM, transport_socket: RAW, ...transport },
    },
    ...more,
  };
  const config = JSON.stringify({ static_resources: { clusters: [cluster] } });
  return compileSnapshot(parseBootstrap(config, { name: "c.json" }), 1, SAMPLE_SETTING).clusters[0];
}

const rows: readonly [name: string, config: Part | null, want: ClusterModel["proxyHeader"]][] = [
  ["nothing is version 1", null, { version: 1, passed: [], added: [] }],
  ["V1", { version: "V1" }, { version: 1, passed: [], added: [] }],
  ["V2", { version: "V2" }, { version: 2, passed: [], added: [] }],
  ["pass_through_tlvs", { pass_through_tlvs: {} }, { version: 1, passed: "all", added: [] }],
  [
    "pass_through_tlvs of some types",
    { pass_through_tlvs: { match_type: "INCLUDE", tlv_type: [1, 224] } },
    { version: 1, passed: [1, 224], added: [] },
  ],
  [
    "added_tlvs",
    { added_tlvs: [{ type: 240, value: value(1, 2) }] },
    { version: 1, passed: [], added: [{ type: 240, value: Uint8Array.of(1, 2) }] },
  ],
];

const refused: readonly [name: string, transport: Part, metadata: Part, message: RegExp][] = [
  [
    "a TLV without a value",
    { config: { added_tlvs: [{ type: 1, value: value(1) }, { type: 1 }] } },
    {},
    /added_tlvs\[1\]: Invalid TLV configuration: one of 'value' or 'format_string' must be set\./,
  ],
  [
    "a TLV with a format",
    { config: { added_tlvs: [{ type: 1, format_string: {} }] } },
    {},
    /config\.added_tlvs\[0\]\.format_string: not implemented/,
  ],
  [
    "a type above 255",
    { config: { added_tlvs: [{ type: 256, value: value(1) }] } },
    {},
    /config\.added_tlvs\[0\]\.type: value must be less than 256/,
  ],
  [
    "addresses that are not there",
    { allow_unspecified_address: true },
    {},
    /allow_unspecified_address: not implemented/,
  ],
  ["nothing inside", { transport_socket: undefined }, {}, /transport_socket: value is required/],
  [
    "typed metadata of another name",
    {},
    { typed_filter_metadata: { other: { "@type": HOST_CONFIG } } },
    /metadata\.typed_filter_metadata\["other"\]: not implemented/,
  ],
  [
    "typed metadata of another type",
    {},
    { typed_filter_metadata: { [KEY]: { "@type": UPSTREAM } } },
    /typed_filter_metadata\["envoy.transport_sockets.proxy_protocol"\]: .*is not implemented/,
  ],
];

describe("proxy-upstream", () => {
  for (const [name, config, want] of rows) {
    it(`toProxyUpstream: ${name}`, () => {
      const transport = config === null ? {} : { config };
      assert.deepEqual(compile(transport).proxyHeader, want);
    });
  }

  it("toProxyUpstream: none where the transport is another", () => {
    assert.equal(compile({}, {}, { transport_socket: RAW }).proxyHeader, null);
  });

  it("toHostTlvs: those of the endpoint, which may be empty", () => {
    const added_tlvs = [{ type: 240, value: value(7) }, { type: 241 }];
    const metadata = { typed_filter_metadata: { [KEY]: { "@type": HOST_CONFIG, added_tlvs } } };
    const want = [
      { type: 240, value: Uint8Array.of(7) },
      { type: 241, value: new Uint8Array(0) },
    ];
    assert.deepEqual(compile({}, metadata).endpoints[0].proxyTlvs, want);
    const target = compile({}, metadata, { type: "STRICT_DNS" }).dnsTargets[0];
    assert.deepEqual(target.proxyTlvs, want);
    assert.deepEqual(compile({}).endpoints[0].proxyTlvs, []);
  });

  for (const [name, transport, metadata, message] of refused) {
    it(`refused: ${name}`, () => assert.throws(() => compile(transport, metadata), message));
  }

  it("refused: typed metadata of a cluster", () => {
    const metadata = { typed_filter_metadata: { [KEY]: { "@type": HOST_CONFIG } } };
    assert.throws(() => compile({}, {}, { metadata }), /clusters\[0\]\.metadata\.typed_filter/);
  });

  it("refused: ALPN that is to choose, without TLS", () => {
    const type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    const options = { "@type": `type.googleapis.com/${type}`, auto_config: {} };
    const more = { typed_extension_protocol_options: { [type]: options } };
    assert.throws(() => compile({}, {}, more), /has a non-ALPN transport socket/);
  });
});
