import { once } from "node:events";
import net from "node:net";
import { findFreePort } from "../../../bench/process/free-port.ts";
import { type Part, toCluster } from "../../support/proxy-sketch.ts";
import { assertNothingStays, SOAK_TIMEOUT_MS } from "../../support/soak.ts";
import { HTTP2 } from "../grpc/interop/proxied.ts";
import { networkFilter, toTcpBootstrap } from "../tcp/tcp-scene.ts";
import { TunnelEnd } from "../upgrade/tunnel-end.ts";
import { TunnelUpstream } from "../upgrade/tunnel-upstream.ts";
import { obeyAll, type OpenTunnel, toTunnelKinds } from "./tunnel-kinds.ts";

const CONNECT: Part = { tunneling_config: { hostname: "far.test:443" } };
const POST: Part = { tunneling_config: { hostname: "far.test:443", use_post: true } };

/** What carries connections to the upstream. */
const carriers = [
  { name: "TCP", up: "TCP", proxy: {}, cluster: {} },
  { name: "CONNECT in HTTP/1", up: "HTTP/1", proxy: CONNECT, cluster: {} },
  { name: "CONNECT in HTTP/2", up: "HTTP/2", proxy: CONNECT, cluster: HTTP2 },
  { name: "POST in HTTP/2", up: "HTTP/2", proxy: POST, cluster: HTTP2 },
] as const;

describe("leaks, TCP proxy", function () {
  this.timeout(SOAK_TIMEOUT_MS);

  for (const { name, up, proxy, cluster } of carriers) {
    it(`${name}: nothing stays of what ends, is cut or is reset`, async () => {
      const upstream = await TunnelUpstream.listen(up);
      void obeyAll(upstream, up !== "TCP");
      await assertNothingStays({
        config: toTcpBootstrap({ endpoints: [upstream.port], proxy, cluster }),
        kinds: (port) => toTunnelKinds(() => open(port)),
        cost: 8,
        settle: () => upstream.cut(),
      });
      upstream.close();
    });
  }

  it("a listener within the worker: nothing stays of either connection", async () => {
    const upstream = await TunnelUpstream.listen("TCP");
    void obeyAll(upstream, false);
    await assertNothingStays({
      config: withinBootstrap(upstream.port),
      kinds: (port) => toTunnelKinds(() => open(port)),
      cost: 8,
      settle: () => upstream.cut(),
    });
    upstream.close();
  });

  it("an upstream that refuses: nothing stays of any attempt", async () => {
    const endpoints = [await findFreePort()];
    await assertNothingStays({
      config: toTcpBootstrap({ endpoints, proxy: { max_connect_attempts: 3 } }),
      kinds: (port) => toTunnelKinds(() => open(port)),
      cost: 8,
      settle: () => {},
    });
  });
});

/** A TCP proxy before an internal listener with another. */
function withinBootstrap(port: number): string {
  const address = { envoy_internal_address: { server_listener_name: "inner" } };
  const endpoints = [{ lb_endpoints: [{ endpoint: { address } }] }];
  const proxy = (cluster: string) => {
    const filter = networkFilter("tcp_proxy.v3.TcpProxy", { stat_prefix: cluster, cluster });
    return [{ filters: [filter] }];
  };
  const outer = { socket_address: { address: "127.0.0.1", port_value: 0 } };
  return JSON.stringify({
    static_resources: {
      listeners: [
        { name: "outer", address: outer, filter_chains: proxy("within") },
        { name: "inner", internal_listener: {}, filter_chains: proxy("up") },
      ],
      clusters: [
        { name: "within", load_assignment: { cluster_name: "within", endpoints } },
        toCluster("up", [port]),
      ],
    },
  });
}

async function open(port: number): Promise<OpenTunnel> {
  const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  return { end: new TunnelEnd(socket), close: () => socket.destroy() };
}
