import type { Part } from "../proxy-sketch.ts";
import { upstreamTls } from "../tls/sketch.ts";

const TYPE = "type.googleapis.com/envoy.extensions";
const RAW: Part = {
  name: "raw",
  typed_config: { "@type": `${TYPE}.transport_sockets.raw_buffer.v3.RawBuffer` },
};
const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** A transport socket with a PROXY header before `inner`. */
export function withHeader(config: Part | null, inner: Part = RAW): Part {
  return {
    name: "proxy",
    typed_config: {
      "@type": `${TYPE}.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport`,
      ...(config === null ? {} : { config }),
      transport_socket: inner,
    },
  };
}

/** A cluster with one endpoint of this machine. */
export function toCluster(name: string, port: number, fields: Part, endpoint: Part = {}): Part {
  const address = { socket_address: { address: "127.0.0.1", port_value: port } };
  return {
    name,
    connect_timeout: "2s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address }, ...endpoint }] }],
    },
    ...fields,
  };
}

/** A listener with the connection manager, and one route for all or several. */
export function toHttpListener(
  name: string,
  route: Part | readonly Part[],
  filters: readonly Part[] = [],
  manager: Part = {},
): Part {
  const routes = Array.isArray(route) ? route : [{ match: { prefix: "/" }, route }];
  const virtual_hosts = [{ name: "all", domains: ["*"], routes }];
  return toListener(name, filters, {
    name: "http",
    typed_config: {
      "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: name,
      route_config: { virtual_hosts },
      http_filters: [
        { name: "router", typed_config: { "@type": `${TYPE}.filters.http.router.v3.Router` } },
      ],
      ...manager,
    },
  });
}

/** A listener with the TCP proxy. */
export function toTcpListener(name: string, cluster: string, filters: readonly Part[] = []): Part {
  return toListener(name, filters, {
    name: "tcp",
    typed_config: {
      "@type": `${TYPE}.filters.network.tcp_proxy.v3.TcpProxy`,
      stat_prefix: name,
      cluster,
    },
  });
}

function toListener(name: string, filters: readonly Part[], terminal: Part): Part {
  return {
    name,
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    listener_filters: filters,
    filter_chains: [{ filters: [terminal] }],
  };
}

/** A listener filter that takes PROXY headers, and keeps all TLVs. */
export const TAKES_HEADERS: Part = {
  name: "proxy",
  typed_config: {
    "@type": `${TYPE}.filters.listener.proxy_protocol.v3.ProxyProtocol`,
    pass_through_tlvs: {},
  },
};

const value = (text: string): string => Buffer.from(text).toString("base64");
const ALL: Part = { version: "V2", pass_through_tlvs: {} };
const ADDED: Part = {
  version: "V2",
  pass_through_tlvs: { match_type: "INCLUDE", tlv_type: [0xe0, 0xe1, 0xe5] },
  added_tlvs: [
    { type: 0xe0, value: value("cluster") },
    { type: 0xf0, value: value("overridden") },
    { type: 0xf1, value: value("one") },
    { type: 0xf1, value: value("two") },
  ],
};
const HOST: Part = {
  metadata: {
    typed_filter_metadata: {
      "envoy.transport_sockets.proxy_protocol": {
        "@type": "type.googleapis.com/envoy.config.core.v3.PerHostConfig",
        added_tlvs: [
          { type: 0xf0, value: value("host") },
          { type: 0xf0, value: value("twice") },
          { type: 0xe5, value: value("own") },
        ],
      },
    },
  },
};
const HTTP2: Part = {
  typed_extension_protocol_options: {
    [HTTP_OPTIONS]: {
      "@type": `type.googleapis.com/${HTTP_OPTIONS}`,
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};

/** Listeners, each before a cluster that has the PROXY headers of its name. */
export function toProxyResources(port: number): Part {
  return {
    listeners: [
      toHttpListener("v1", { cluster: "v1" }),
      toHttpListener("v2", { cluster: "v2" }),
      toHttpListener("default", { cluster: "default" }),
      toHttpListener("none", { cluster: "v2" }, [TAKES_HEADERS]),
      toHttpListener("all", { cluster: "all" }, [TAKES_HEADERS]),
      toHttpListener("added", { cluster: "added" }, [TAKES_HEADERS]),
      toHttpListener("http2", { cluster: "http2" }),
      toHttpListener("tls", { cluster: "tls" }),
      toHttpListener("mirrored", {
        cluster: "plain",
        request_mirror_policies: [{ cluster: "v1" }, { cluster: "all" }],
      }),
      toTcpListener("tcp", "counted", [TAKES_HEADERS]),
    ],
    clusters: [
      toCluster("plain", port, {}),
      toCluster("v1", port, { transport_socket: withHeader({ version: "V1" }) }),
      toCluster("v2", port, { transport_socket: withHeader({ version: "V2" }) }),
      toCluster("default", port, { transport_socket: withHeader(null) }),
      toCluster("all", port, { transport_socket: withHeader(ALL) }),
      toCluster("counted", port, { transport_socket: withHeader(ALL) }),
      toCluster("added", port, { transport_socket: withHeader(ADDED) }, HOST),
      toCluster("http2", port, { transport_socket: withHeader({ version: "V2" }), ...HTTP2 }),
      toCluster("tls", port, {
        transport_socket: withHeader({ version: "V1" }, upstreamTls({})),
      }),
    ],
  };
}
