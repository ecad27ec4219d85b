import { type Part, type ProxySketch, toCluster } from "../../support/proxy-sketch.ts";
import type { TunnelRequest, Version } from "./tunnel-client.ts";

/** A way through the proxy: who asks for what, and what the upstream speaks. */
export interface TunnelWay {
  readonly down: Version;
  readonly kind: TunnelRequest["kind"];
  readonly up: Version | "TCP";
}

/** All ways. CONNECT to an upstream in TCP is the one that ends at the proxy. */
export const WAYS: readonly TunnelWay[] = (["HTTP/1", "HTTP/2"] as const).flatMap((down) => [
  { down, kind: "websocket", up: "HTTP/1" },
  { down, kind: "websocket", up: "HTTP/2" },
  { down, kind: "CONNECT", up: "HTTP/1" },
  { down, kind: "CONNECT", up: "HTTP/2" },
  { down, kind: "CONNECT", up: "TCP" },
]);

/** What a way is called. */
export function nameOf({ down, kind, up }: TunnelWay): string {
  return `${down} ${kind} to ${up}`;
}

/** How much may wait on a connection of these proxies. */
export const BUFFER_BYTES = 65_536;

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const OPTIONS_TYPE = `type.googleapis.com/${OPTIONS}`;

/** Fields of a cluster whose endpoints speak HTTP/2. */
const HTTP2_CLUSTER: Part = {
  typed_extension_protocol_options: {
    [OPTIONS]: {
      "@type": OPTIONS_TYPE,
      explicit_http_config: { http2_protocol_options: { allow_connect: true } },
    },
  },
};

/** A proxy that opens tunnels to one upstream. */
export function tunnelSketch(
  up: TunnelWay["up"],
  port: number,
  manager: Part = {},
  action: Part = {},
): ProxySketch {
  const ends = up === "TCP" ? { connect_config: {} } : {};
  const connect = { upgrade_type: "CONNECT", ...ends };
  return {
    endpoints: [port],
    listener: { per_connection_buffer_limit_bytes: BUFFER_BYTES },
    cluster: {
      per_connection_buffer_limit_bytes: BUFFER_BYTES,
      ...(up === "HTTP/2" ? HTTP2_CLUSTER : {}),
    },
    manager: {
      http2_protocol_options: { allow_connect: true },
      upgrade_configs: [{ upgrade_type: "websocket" }, { upgrade_type: "CONNECT" }],
      ...manager,
    },
    routes: [
      {
        match: { connect_matcher: {} },
        route: { cluster: "up", upgrade_configs: [connect], ...action },
      },
    ],
    action,
    moreClusters: [toCluster("nowhere", [1])],
  };
}
