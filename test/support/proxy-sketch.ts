import { setImmediate } from "node:timers/promises";
import type { RunningProxy } from "../../proxy/main.ts";
import type { ProxyOptions } from "../../proxy/proxy-options.ts";
import { RawConnection } from "./raw-connection.ts";
import { startProxy } from "./start-proxy.ts";

/** Envoy configuration as JSON. */
export type Part = Readonly<Record<string, unknown>>;

/** What differs from the plain proxy: one listener, one route to one cluster. */
export interface ProxySketch {
  /** Ports on this machine, or paths of Unix sockets, of the cluster's endpoints. */
  readonly endpoints: readonly (number | string)[];
  /** Fields of the connection manager. */
  readonly manager?: Part;
  /** Fields of the route action. */
  readonly action?: Part;
  /** Routes before the plain one. */
  readonly routes?: readonly Part[];
  /** Fields of the cluster. */
  readonly cluster?: Part;
  /** HttpProtocolOptions of the cluster's `common_http_protocol_options`. */
  readonly upstreamOptions?: Part;
  /** Http1ProtocolOptions of the cluster. */
  readonly upstreamHttp1?: Part;
  /** Fields of the listener. */
  readonly listener?: Part;
  /** Fields of the filter chain. */
  readonly chain?: Part;
  readonly listenerName?: string;
  readonly moreClusters?: readonly Part[];
  /** The bootstrap's static secrets. */
  readonly secrets?: readonly Part[];
  /** Fields of the bootstrap. */
  readonly bootstrap?: Part;
}

const TYPE = "type.googleapis.com/envoy.extensions";

/** The bootstrap of a sketch as text. Statistics are under `http.test.` and `cluster.up.`. */
export function toBootstrap(sketch: ProxySketch): string {
  const { listener = {}, chain = {}, listenerName = "test", moreClusters = [] } = sketch;
  return JSON.stringify({
    ...sketch.bootstrap,
    static_resources: {
      listeners: [
        {
          name: listenerName,
          address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
          ...listener,
          filter_chains: [{ ...chain, filters: [toManager(sketch)] }],
        },
      ],
      clusters: [toCluster("up", sketch.endpoints, sketch), ...moreClusters],
      secrets: sketch.secrets,
    },
  });
}

function toManager({ manager = {}, routes = [], action = {} }: ProxySketch): Part {
  const plain = { match: { prefix: "/" }, route: { cluster: "up", ...action } };
  return {
    name: "http",
    typed_config: {
      "@type": `${TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: "test",
      route_config: {
        virtual_hosts: [{ name: "all", domains: ["*"], routes: [...routes, plain] }],
      },
      http_filters: [
        { name: "router", typed_config: { "@type": `${TYPE}.filters.http.router.v3.Router` } },
      ],
      ...manager,
    },
  };
}

/** A static cluster. */
export function toCluster(
  name: string,
  endpoints: readonly (number | string)[],
  {
    cluster = {},
    upstreamOptions,
    upstreamHttp1,
  }: Pick<ProxySketch, "cluster" | "upstreamOptions" | "upstreamHttp1"> = {},
): Part {
  const options = {
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": `${TYPE}.upstreams.http.v3.HttpProtocolOptions`,
        common_http_protocol_options: upstreamOptions,
        explicit_http_config: { http_protocol_options: upstreamHttp1 ?? {} },
      },
    },
  };
  return {
    name,
    type: "STATIC",
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: endpoints.map(toEndpoint) }],
    },
    ...(upstreamOptions === undefined && upstreamHttp1 === undefined ? {} : options),
    ...cluster,
  };
}

function toEndpoint(place: number | string): Part {
  const address =
    typeof place === "number"
      ? { socket_address: { address: "127.0.0.1", port_value: place } }
      : { pipe: { path: place } };
  return { endpoint: { address } };
}

/** A proxy that runs for a test. */
export class TestProxy {
  readonly proxy: RunningProxy;
  readonly #clients: RawConnection[] = [];

  private constructor(proxy: RunningProxy) {
    this.proxy = proxy;
  }

  /** Starts the proxy of a sketch with one worker. */
  static async start(sketch: ProxySketch, options: Partial<ProxyOptions> = {}): Promise<TestProxy> {
    return TestProxy.run(toBootstrap(sketch), options);
  }

  /** Starts the proxy of a bootstrap with one worker. */
  static async run(config: string, options: Partial<ProxyOptions> = {}): Promise<TestProxy> {
    return new TestProxy(await startProxy({ ...options, config }));
  }

  get port(): number {
    return this.proxy.listenerAddresses[0].port;
  }

  /** Connects as a client. */
  async connect(): Promise<RawConnection> {
    const client = await RawConnection.open(this.port);
    this.#clients.push(client);
    return client;
  }

  /** One number of the proxy; 0 when it is not there. */
  async stat(name: string): Promise<number> {
    return (await this.proxy.readStats()).get(name) ?? 0;
  }

  /** Resolves when a number has the value; the time limit of the test ends the wait. */
  async untilStat(name: string, value: number): Promise<void> {
    while ((await this.stat(name)) !== value) await setImmediate();
  }

  /** Resolves when nothing is in progress any more, idle upstream connections apart. */
  async untilIdle(): Promise<void> {
    for (;;) {
      const stats = await this.proxy.readStats();
      const busy = [...stats].filter(([name, value]) => isProgress(name) && value !== 0);
      const negative = busy.find(([, value]) => value < 0);
      if (negative !== undefined) throw new Error(`${negative[0]} is ${negative[1]}`);
      if (busy.length === 0) return;
      await setImmediate();
    }
  }

  /** Closes the clients and stops the proxy. */
  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.proxy.stop();
  }
}

/** Whether a statistic is a gauge of things that end: requests, downstream connections. */
function isProgress(name: string): boolean {
  return /^(http|cluster|listener)\..+_active$/.test(name) && !name.endsWith("upstream_cx_active");
}

/** A request without a body. */
export function get(path: string, headers = ""): string {
  return `GET ${path} HTTP/1.1\r\nhost: test\r\n${headers}\r\n`;
}

/** A response with a body of a known length. */
export function ok(body: string, headers = ""): string {
  return `HTTP/1.1 200 OK\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`;
}
