import type { Part } from "../proxy-sketch.ts";

/** One filter chain, which answers every request with its name. */
export interface ChainSketch {
  readonly match?: Part;
  readonly transportSocket?: Part;
}

/** A listener whose filter chains answer by themselves. */
export interface ListenerSketch {
  readonly name?: string;
  readonly port?: number;
  /** Types of listener filters, and the fields of their configurations. */
  readonly filters?: readonly (readonly [type: ListenerFilterType, fields?: Part, more?: Part])[];
  readonly chains: Readonly<Record<string, ChainSketch>>;
  /** Name of the chain that is the default. */
  readonly fallback?: string;
  /** Fields of the listener. */
  readonly fields?: Part;
  /** Text with format commands that comes as header `x-seen`. */
  readonly seen?: string;
}

const TYPE = "type.googleapis.com/envoy.extensions.filters";

/** The listener filters that there are, and where their types are. */
const FILTER_TYPES = {
  tls: "tls_inspector.v3.TlsInspector",
  http: "http_inspector.v3.HttpInspector",
  proxy: "proxy_protocol.v3.ProxyProtocol",
  "original-dst": "original_dst.v3.OriginalDst",
  "original-src": "original_src.v3.OriginalSrc",
} as const;

/** What sketches call listener filters. */
export type ListenerFilterType = keyof typeof FILTER_TYPES;

/** A bootstrap of such listeners, as JSON. */
export function toListenerBootstrap(sketches: readonly ListenerSketch[], more: Part = {}): string {
  const listeners = sketches.map(toListener);
  return JSON.stringify({ ...more, static_resources: { listeners } });
}

function toListener(sketch: ListenerSketch, place: number): Part {
  const { chains, fallback, filters = [], fields = {}, port = 0, seen = "" } = sketch;
  const name = sketch.name ?? `listener-${place}`;
  const all = Object.entries(chains).map(([chain, each]) => toChain(chain, each, seen));
  const fallbackChain = all.find((chain) => chain.name === fallback);
  return {
    name,
    stat_prefix: name,
    address: { socket_address: { address: "127.0.0.1", port_value: port } },
    listener_filters: filters.map(([type, own = {}, about = {}]) => ({
      name: type,
      typed_config: { "@type": `${TYPE}.listener.${FILTER_TYPES[type]}`, ...own },
      ...about,
    })),
    filter_chains: all.filter((chain) => chain !== fallbackChain),
    ...(fallbackChain === undefined ? {} : { default_filter_chain: fallbackChain }),
    ...fields,
  };
}

function toChain(name: string, { match, transportSocket }: ChainSketch, seen: string): Part {
  const header = { header: { key: "x-seen", value: seen } };
  const answer = {
    match: { prefix: "/" },
    direct_response: { status: 200, body: { inline_string: name } },
    ...(seen === "" ? {} : { response_headers_to_add: [header] }),
  };
  const manager = {
    "@type": `${TYPE}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: name,
    delayed_close_timeout: "0.02s",
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [answer] }] },
    http_filters: [{ name: "router", typed_config: { "@type": `${TYPE}.http.router.v3.Router` } }],
  };
  return {
    name,
    ...(match === undefined ? {} : { filter_chain_match: match }),
    ...(transportSocket === undefined ? {} : { transport_socket: transportSocket }),
    filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }],
  };
}
