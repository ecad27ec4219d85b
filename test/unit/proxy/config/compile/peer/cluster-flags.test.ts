import assert from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import {
  CLUSTER_FLAG_EXTERNAL as EXTERNAL,
  CLUSTER_FLAG_NO_PEER_HEADERS as NEVER,
} from "../../../../../../api/engine/image.ts";
import { ClusterSchema } from "../../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { peerFlagsOf } from "../../../../../../proxy/config/compile/peer/cluster-flags.ts";

const rows: readonly (readonly [JsonObject, number])[] = [
  [{ name: "a" }, 0],
  [{ name: "PassthroughCluster" }, EXTERNAL],
  [istio({ external: true }), EXTERNAL],
  [istio({ external: "true" }), 0],
  [istio({ disable_mx: true }), NEVER],
  [istio({ disable_mx: false }), 0],
  [istio({ disable_mx: true, external: true }), NEVER | EXTERNAL],
];

function istio(values: JsonObject): JsonObject {
  return { metadata: { filter_metadata: { istio: values } } };
}

describe("peerFlagsOf", () => {
  for (const [json, want] of rows) {
    it(`peerFlagsOf: ${JSON.stringify(json)} is ${want}`, () => {
      assert.equal(peerFlagsOf(fromJson(ClusterSchema, json)), want);
    });
  }
});
