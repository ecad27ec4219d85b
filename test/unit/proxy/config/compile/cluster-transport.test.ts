import assert from "node:assert/strict";
import { createRegistry, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { ClusterSchema } from "../../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import { InternalUpstreamTransportSchema } from "../../../../../api/gen/envoy/extensions/transport_sockets/internal_upstream/v3/internal_upstream_pb.js";
import { ProxyProtocolUpstreamTransportSchema } from "../../../../../api/gen/envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol_pb.js";
import { RawBufferSchema } from "../../../../../api/gen/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer_pb.js";
import {
  passedNamespaces,
  readTransport,
} from "../../../../../proxy/config/compile/cluster-transport.ts";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";

const registry = createRegistry(
  InternalUpstreamTransportSchema,
  ProxyProtocolUpstreamTransportSchema,
  RawBufferSchema,
);
const SOCKETS = "type.googleapis.com/envoy.extensions.transport_sockets";
const RAW = { name: "raw", typed_config: { "@type": `${SOCKETS}.raw_buffer.v3.RawBuffer` } };

function read(transportSocket: JsonObject | null) {
  const more = transportSocket === null ? {} : { transport_socket: transportSocket };
  const cluster = fromJson(ClusterSchema, { name: "a", ...more }, { registry });
  return readTransport(cluster, FieldPath.root.field("c"));
}

const around = (type: string, inner: JsonObject, more: JsonObject = {}): JsonObject => ({
  name: type,
  typed_config: { "@type": `${SOCKETS}.${type}`, transport_socket: inner, ...more },
});
const within = (inner: JsonObject): JsonObject =>
  around("internal_upstream.v3.InternalUpstreamTransport", inner, {
    passthrough_metadata: [{ kind: { host: {} }, name: "istio" }],
  });
const proxied = (inner: JsonObject): JsonObject =>
  around("proxy_protocol.v3.ProxyProtocolUpstreamTransport", inner, { config: { version: "V2" } });

const OUTER = "c.transport_socket.typed_config";
const INNER = `${OUTER}.transport_socket.typed_config`;
const INMOST = `${INNER}.transport_socket.typed_config`;

const rows: readonly {
  readonly name: string;
  readonly socket: JsonObject | null;
  readonly has: readonly [internal: boolean, proxy: boolean];
  readonly proxyPath?: string;
  readonly path: string;
}[] = [
  { name: "nothing", socket: null, has: [false, false], path: OUTER },
  { name: "plain text", socket: RAW, has: [false, false], path: OUTER },
  { name: "within the worker", socket: within(RAW), has: [true, false], path: INNER },
  {
    name: "with a PROXY header",
    socket: proxied(RAW),
    has: [false, true],
    proxyPath: OUTER,
    path: INNER,
  },
  {
    name: "with a header within the worker",
    socket: within(proxied(RAW)),
    has: [true, true],
    proxyPath: INNER,
    path: INMOST,
  },
  {
    name: "within the worker, and a header around it",
    socket: proxied(within(RAW)),
    has: [true, true],
    proxyPath: OUTER,
    path: INMOST,
  },
];

describe("cluster-transport", () => {
  for (const { name, socket, has, proxyPath, path } of rows) {
    it(`readTransport: ${name}`, () => {
      const transport = read(socket);
      assert.deepEqual([transport.internal !== null, transport.proxy !== null], has);
      assert.equal(transport.inner?.name, socket === null ? undefined : "raw");
      assert.equal(transport.path.toString(), path);
      if (proxyPath !== undefined) assert.equal(transport.proxyPath.toString(), proxyPath);
    });
  }

  it("readTransport: the same twice is refused where it stands", () => {
    assert.throws(() => read(proxied(proxied(RAW))), {
      message: `${INNER}: a connection has one PROXY header`,
    });
    assert.throws(() => read(within(within(RAW))), {
      message: `${INNER}: internal_upstream may stand around others once`,
    });
  });

  it("passedNamespaces: those of endpoints' metadata that are named", () => {
    assert.deepEqual([...passedNamespaces(read(within(RAW)))], ["istio"]);
    assert.deepEqual([...passedNamespaces(read(RAW))], []);
  });
});
