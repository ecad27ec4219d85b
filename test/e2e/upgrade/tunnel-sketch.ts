import { type Part, type ProxySketch, toCluster } from "../../support/proxy-sketch.ts";
import type { TunnelRequest, Version } from "./tunnel-client.ts";

/** A way through the proxy: who asks for what, and what the upstream speaks. */
export interface TunnelWay {
  readonly down: Version;
  readonly kind: TunnelRequest["kind"];
  readonly up: Version | "TCP";
  /** The cluster speaks that because the client does. */
  readonly follows?: boolean;
}

/** All ways. CONNECT to an upstream in TCP is the one that ends at the proxy. */
export const WAYS: readonly TunnelWay[] = (["HTTP/1", "HTTP/2"] as const).flatMap((down) => [
  { down, kind: "websocket", up: "HTTP/1" },
  { down, kind: "websocket", up: "HTTP/2" },
  { down, kind: "CONNECT", up: "HTTP/1" },
  { down, kind: "CONNECT", up: "HTTP/2" },
  { down, kind: "CONNECT", up: "TCP" },
]);

/** Ways to a cluster that speaks what the client speaks. */
export const FOLLOWING_WAYS: readonly TunnelWay[] = (["HTTP/1", "HTTP/2"] as const).flatMap(
  (version) => [
    { down: version, kind: "websocket", up: version, follows: true },
    { down: version, kind: "CONNECT", up: version, follows: true },
  ],
);

/** What a way is called. */
export function nameOf({ down, kind, up, follows = false }: TunnelWay): string {
  return `${down} ${kind} to ${follows ? "a cluster that follows" : up}`;
}

/** How much may wait on a connection of these proxies. */
export const BUFFER_BYTES = 65_536;

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const OPTIONS_TYPE = `type.googleapis.com/${OPTIONS}`;

function withOptions(options: Part): Part {
  const any = { "@type": OPTIONS_TYPE, ...options };
  return { typed_extension_protocol_options: { [OPTIONS]: any } };
}

/** Fields of a cluster, by what its endpoints speak. */
const CLUSTERS: Readonly<Record<TunnelWay["up"] | "the client's", Part>> = {
  TCP: {},
  "HTTP/1": {},
  "HTTP/2": withOptions({
    explicit_http_config: { http2_protocol_options: { allow_connect: true } },
  }),
  "the client's": withOptions({ use_downstream_protocol_config: {} }),
};

/** A proxy for one way. */
export function sketchOf({ up, follows = false }: TunnelWay, port: number): ProxySketch {
  return tunnelSketch(follows ? "the client's" : up, port);
}

/** A proxy that opens tunnels to one upstream. */
export function tunnelSketch(
  up: keyof typeof CLUSTERS,
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
      ...CLUSTERS[up],
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
