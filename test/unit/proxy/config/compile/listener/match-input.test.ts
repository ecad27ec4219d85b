import assert from "node:assert/strict";
import type { MatchInput } from "../../../../../../proxy/config/listener-model.ts";
import { compileListener } from "./compiled-listener.ts";

const rows: readonly [type: string, want: MatchInput][] = [
  ["DestinationIPInput", { kind: "destination-ip" }],
  ["DestinationPortInput", { kind: "destination-port" }],
  ["SourceIPInput", { kind: "source-ip" }],
  ["SourcePortInput", { kind: "source-port" }],
  ["DirectSourceIPInput", { kind: "direct-source-ip" }],
  ["SourceTypeInput", { kind: "source-type" }],
  ["ServerNameInput", { kind: "server-name" }],
  ["TransportProtocolInput", { kind: "transport-protocol" }],
  ["ApplicationProtocolInput", { kind: "application-protocol" }],
  ["FilterStateInput", { kind: "filter-state", key: "k" }],
];

describe("compileMatchInput", () => {
  for (const [type, want] of rows) {
    it(`compileMatchInput: ${type} is ${want.kind}`, async () => {
      const url = `type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.${type}`;
      const typed_config = { "@type": url, ...(want.kind === "filter-state" ? { key: "k" } : {}) };
      const text = { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "a" };
      const map = { x: { action: { name: "a", typed_config: text } } };
      const matcher_tree = { input: { name: "i", typed_config }, prefix_match_map: { map } };
      const fields = { filter_chain_matcher: { matcher_tree } };
      const { chainMatcher } = await compileListener({ fields });
      const outcome = { kind: "chain", name: "a" };
      const rule = { kind: "prefix", input: want, map: new Map([["x", outcome]]) };
      assert.deepEqual(chainMatcher, { rule, onNoMatch: null });
    });
  }
});
