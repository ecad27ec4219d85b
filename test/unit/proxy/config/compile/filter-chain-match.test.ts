import assert from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { FilterChainMatchSchema } from "../../../../../api/gen/envoy/config/listener/v3/listener_components_pb.js";
import { toChainMatch } from "../../../../../proxy/config/compile/filter-chain-match.ts";
import type { FilterChainMatchModel } from "../../../../../proxy/config/model.ts";

const ANY: FilterChainMatchModel = {
  destinationPort: 0,
  prefixRanges: [],
  serverNames: [],
  transportProtocol: "",
  applicationProtocols: [],
  directSourcePrefixRanges: [],
  sourcePrefixRanges: [],
  sourcePorts: [],
  sourceType: "any",
};

const rows: readonly { json: JsonObject; want: Partial<FilterChainMatchModel> }[] = [
  { json: {}, want: {} },
  { json: { destination_port: 8080 }, want: { destinationPort: 8080 } },
  {
    json: { prefix_ranges: [{ address_prefix: "10.0.0.0", prefix_len: 8 }] },
    want: { prefixRanges: ["10.0.0.0/8"] },
  },
  {
    json: { direct_source_prefix_ranges: [{ address_prefix: "fd00::", prefix_len: 16 }] },
    want: { directSourcePrefixRanges: ["fd00::/16"] },
  },
  // A range without a length holds every address.
  {
    json: { source_prefix_ranges: [{ address_prefix: "10.0.0.1" }] },
    want: { sourcePrefixRanges: ["10.0.0.1/0"] },
  },
  {
    json: { server_names: ["A.Test", "*.b.test"], transport_protocol: "tls" },
    want: { serverNames: ["a.test", "*.b.test"], transportProtocol: "tls" },
  },
  { json: { application_protocols: ["h2"] }, want: { applicationProtocols: ["h2"] } },
  { json: { source_ports: [1, 65535] }, want: { sourcePorts: [1, 65_535] } },
  { json: { source_type: "SAME_IP_OR_LOOPBACK" }, want: { sourceType: "same-ip-or-loopback" } },
  { json: { source_type: "EXTERNAL" }, want: { sourceType: "external" } },
];

describe("filter chain match", () => {
  for (const { json, want } of rows) {
    it(`toChainMatch: ${JSON.stringify(json)}`, () => {
      const match = toChainMatch(fromJson(FilterChainMatchSchema, json));
      assert.deepEqual(match, { ...ANY, ...want });
    });
  }

  it("toChainMatch: none at all takes every connection", () => {
    assert.equal(toChainMatch(undefined), null);
  });
});
