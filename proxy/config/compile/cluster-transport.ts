import type { Cluster } from "../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import type { TransportSocket } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import {
  type InternalUpstreamTransport,
  InternalUpstreamTransportSchema,
} from "../../../api/gen/envoy/extensions/transport_sockets/internal_upstream/v3/internal_upstream_pb.js";
import {
  type ProxyProtocolUpstreamTransport,
  ProxyProtocolUpstreamTransportSchema,
} from "../../../api/gen/envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol_pb.js";
import type { FieldPath } from "../field-path.ts";
import { unpackAny } from "../message/any-registry.ts";
import { refuse } from "./route/route-setting.ts";

/** The transport of a cluster, taken apart: TLS or plain text, and what is around it. */
export interface ClusterTransport {
  /** `internal_upstream`, or null. */
  readonly internal: InternalUpstreamTransport | null;
  /** `upstream_proxy_protocol`, or null. */
  readonly proxy: ProxyProtocolUpstreamTransport | null;
  /** Of the configuration of `proxy`. */
  readonly proxyPath: FieldPath;
  /** What is inside; undefined for plain text that nothing is said of. */
  readonly inner: TransportSocket | undefined;
  /** Of the configuration of `inner`. */
  readonly path: FieldPath;
}

/**
 * Takes the transport of a cluster apart.
 *
 * @param path Of the cluster.
 * @throws MeshError `CONFIG_INVALID` for the same transport around itself.
 */
export function readTransport(cluster: Cluster, path: FieldPath): ClusterTransport {
  let internal: InternalUpstreamTransport | null = null;
  let proxy: ProxyProtocolUpstreamTransport | null = null;
  let inner = cluster.transportSocket;
  let at = path.field("transport_socket").field("typed_config");
  let proxyPath = at;
  for (;;) {
    const config = inner?.configType;
    const any = config?.case === "typedConfig" ? config.value : undefined;
    const asInternal = any && unpackAny(any, InternalUpstreamTransportSchema);
    const asProxy = any && unpackAny(any, ProxyProtocolUpstreamTransportSchema);
    if (asInternal) {
      if (internal !== null) refuse(at, "internal_upstream may stand around others once");
      internal = asInternal;
    } else if (asProxy) {
      if (proxy !== null) refuse(at, "a connection has one PROXY header");
      proxy = asProxy;
      proxyPath = at;
    } else return { internal, proxy, proxyPath, inner, path: at };
    inner = (asInternal || asProxy)?.transportSocket;
    at = at.field("transport_socket").field("typed_config");
  }
}

/** Namespaces of endpoints' metadata that connections carry along. */
export function passedNamespaces({ internal }: ClusterTransport): ReadonlySet<string> {
  const sources = internal?.passthroughMetadata ?? [];
  return new Set(sources.map(({ name }) => name));
}
