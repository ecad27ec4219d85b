import { toBootstrap } from "../../support/proxy-sketch.ts";
import { assertNothingStays, SOAK_TIMEOUT_MS } from "../../support/soak.ts";
import { TunnelClient } from "../upgrade/tunnel-client.ts";
import { nameOf, type TunnelWay, tunnelSketch, WAYS } from "../upgrade/tunnel-sketch.ts";
import { TunnelUpstream } from "../upgrade/tunnel-upstream.ts";
import { obeyAll, type OpenTunnel, toTunnelKinds } from "./tunnel-kinds.ts";

describe("leaks, upgrades and CONNECT", function () {
  this.timeout(SOAK_TIMEOUT_MS);

  for (const up of ["HTTP/1", "HTTP/2", "TCP"] as const) {
    it(`tunnels to ${up}: nothing stays of what ends, is cut, reset or refused`, async () => {
      const upstream = await TunnelUpstream.listen(up);
      void obeyAll(upstream, up !== "TCP");
      const ways = WAYS.filter((way) => way.up === up);
      await assertNothingStays({
        config: toBootstrap(tunnelSketch(up, upstream.port)),
        kinds: (port) => Object.fromEntries(ways.flatMap((way) => kindsOf(way, port))),
        cost: 10,
        settle: () => upstream.cut(),
      });
      upstream.close();
    });
  }
});

function kindsOf(way: TunnelWay, port: number) {
  const kinds = Object.entries(toTunnelKinds(() => open(way, port)));
  return kinds.map(([name, turn]) => [`${nameOf(way)}, ${name}`, turn] as const);
}

async function open({ down, kind }: TunnelWay, port: number): Promise<OpenTunnel> {
  const client = new TunnelClient(port);
  const { status, tunnel } = await client.ask(down, { kind });
  return { end: status < 300 ? tunnel : null, close: () => client.close() };
}
