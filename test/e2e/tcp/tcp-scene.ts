import type { ProxyOptions } from "../../../proxy/proxy-options.ts";
import { type Part, TestProxy, toCluster } from "../../support/proxy-sketch.ts";

/** What differs from a plain TCP proxy before one cluster, which is called `up`. */
export interface TcpSketch {
  readonly endpoints?: readonly (number | string)[];
  /** Fields of the TcpProxy. */
  readonly proxy?: Part;
  /** Network filters before it. */
  readonly filters?: readonly Part[];
  /** The last filter in place of it. */
  readonly terminal?: Part;
  /** Fields of the cluster. */
  readonly cluster?: Part;
  readonly moreClusters?: readonly Part[];
  /** Fields of the listener. */
  readonly listener?: Part;
  /** Fields of the filter chain. */
  readonly chain?: Part;
  /** Fields of the bootstrap. */
  readonly bootstrap?: Part;
}

/** A network filter: `type` is the end of its type's name. */
export function networkFilter(type: string, fields: Part = {}): Part {
  const url = `type.googleapis.com/envoy.extensions.filters.network.${type}`;
  return { name: type, typed_config: { "@type": url, ...fields } };
}

/** The bootstrap of a sketch. Statistics are under `tcp.test.` and `cluster.up.`. */
export function toTcpBootstrap(sketch: TcpSketch): string {
  const { endpoints = [], proxy = {}, filters = [], listener = {}, chain = {} } = sketch;
  const target = proxy.weighted_clusters === undefined ? { cluster: "up" } : {};
  const tcp = networkFilter("tcp_proxy.v3.TcpProxy", { stat_prefix: "test", ...target, ...proxy });
  return JSON.stringify({
    ...sketch.bootstrap,
    static_resources: {
      listeners: [
        {
          name: "test",
          address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
          ...listener,
          filter_chains: [{ ...chain, filters: [...filters, sketch.terminal ?? tcp] }],
        },
      ],
      clusters: [
        toCluster("up", endpoints, { cluster: sketch.cluster ?? {} }),
        ...(sketch.moreClusters ?? []),
      ],
    },
  });
}

/** Starts the proxy of a sketch. */
export function startTcp(
  sketch: TcpSketch,
  options: Partial<ProxyOptions> = {},
): Promise<TestProxy> {
  return TestProxy.run(toTcpBootstrap(sketch), options);
}
