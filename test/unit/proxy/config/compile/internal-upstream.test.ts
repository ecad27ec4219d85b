import assert from "node:assert/strict";
import { createRegistry, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { ClusterSchema } from "../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { InternalUpstreamTransportSchema } from "../../../../../api/gen/envoy/extensions/transport_sockets/internal_upstream/v3/internal_upstream_pb.js";
import { RawBufferSchema } from "../../../../../api/gen/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer_pb.js";
import {
  innerTransportOf,
  passedNamespaces,
} from "../../../../../proxy/config/compile/internal-upstream.ts";

const registry = createRegistry(InternalUpstreamTransportSchema, RawBufferSchema);
const SOCKETS = "type.googleapis.com/envoy.extensions.transport_sockets";
const RAW = { name: "raw", typed_config: { "@type": `${SOCKETS}.raw_buffer.v3.RawBuffer` } };

function read(transportSocket: JsonObject | null) {
  const more = transportSocket === null ? {} : { transport_socket: transportSocket };
  return fromJson(ClusterSchema, { name: "a", ...more }, { registry });
}

const WITHIN = {
  name: "internal",
  typed_config: {
    "@type": `${SOCKETS}.internal_upstream.v3.InternalUpstreamTransport`,
    passthrough_metadata: [{ kind: { host: {} }, name: "istio" }],
    transport_socket: RAW,
  },
};

describe("internal-upstream", () => {
  it("innerTransportOf: what is inside, or the cluster's own, or none", () => {
    assert.equal(innerTransportOf(read(WITHIN))?.name, "raw");
    assert.equal(innerTransportOf(read(RAW))?.name, "raw");
    assert.equal(innerTransportOf(read(null)), undefined);
  });

  it("passedNamespaces: those of endpoints' metadata that are named", () => {
    assert.deepEqual([...passedNamespaces(read(WITHIN))], ["istio"]);
    assert.deepEqual([...passedNamespaces(read(RAW))], []);
  });
});
