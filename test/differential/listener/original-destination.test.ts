import assert from "node:assert/strict";
import { type Part, toBootstrap } from "../../support/proxy-sketch.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { startProxy } from "../../support/start-proxy.ts";
import { type Envoy, startEnvoy } from "../pair/envoy.ts";
import type { RunningProxy } from "../../../proxy/main.ts";

const PROXY_PROTOCOL =
  "type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol";

/** A header with the destination, in which GOOD is the upstream; whether it is passed over. */
const HEADERS: readonly (readonly [value: string | null, isInvalid: boolean])[] = [
  [null, false],
  ["GOOD", false],
  [" GOOD ", false],
  ["garbage", true],
  ["localhost:80", true],
  ["127.0.0.1", true],
  ["127.0.0.1:99999", true],
  ["GOOD,GOOD", true],
  ["", true],
];

describe("differential, ORIGINAL_DST by header", () => {
  let upstream: RawUpstream;
  let envoy: Envoy;
  let ours: RunningProxy;

  before(async function () {
    const program = requirePeer(this, "envoy");
    upstream = await RawUpstream.listen();
    upstream.serve((_, up) => up.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine"));
    const cluster: Part = {
      type: "ORIGINAL_DST",
      lb_policy: "CLUSTER_PROVIDED",
      load_assignment: undefined,
      original_dst_lb_config: { use_http_header: true },
    };
    const config = toBootstrap({
      endpoints: [],
      cluster,
      listener: {
        listener_filters: [{ name: "proxy", typed_config: { "@type": PROXY_PROTOCOL } }],
      },
      bootstrap: {
        admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } },
      },
    });
    [envoy, ours] = await Promise.all([
      startEnvoy(program, config),
      startProxy({ config, logLevel: "error" }),
    ]);
  });

  after(async () => {
    if (envoy === undefined) return;
    await Promise.all([envoy.stop(), ours.stop()]);
    upstream.close();
  });

  /** Asks, behind a PROXY header that names the upstream or else a port of nobody. */
  async function ask(port: number, value: string | null, isRestored: boolean): Promise<string> {
    const client = await RawConnection.open(port);
    const good = `127.0.0.1:${upstream.port}`;
    const header =
      value === null ? "" : `x-envoy-original-dst-host: ${value.replaceAll("GOOD", good)}\r\n`;
    const ends = `10.1.1.1 127.0.0.1 1 ${upstream.port}`;
    client.write(`PROXY ${isRestored ? `TCP4 ${ends}` : "UNKNOWN"}\r\n`);
    client.write(`GET / HTTP/1.1\r\nhost: a\r\n${header}\r\n`);
    const { head, body } = await client.readMessage();
    client.close();
    return `${head.split("\r\n")[0]} ${body}`;
  }

  for (const [value, isInvalid] of HEADERS) {
    for (const isRestored of [true, false]) {
      const where = isRestored ? "with" : "without";
      it(`${JSON.stringify(value)}, ${where} a restored one: both go the same way`, async () => {
        const portOfOurs = ours.listenerAddresses[0].port;
        const before = await counts();
        const got = await ask(portOfOurs, value, isRestored);
        assert.equal(got, await ask(envoy.ports.get("test") ?? 0, value, isRestored));
        const isFine = isRestored || value?.trim() === "GOOD";
        assert.equal(got.endsWith("fine"), isFine);
        const after = await counts();
        const counted = isInvalid ? 1 : 0;
        assert.deepEqual(
          after.map((each, place) => each - before[place]),
          [counted, counted],
        );
      });
    }
  }

  /** How many destinations were passed over: with Envoy, and with ours. */
  async function counts(): Promise<number[]> {
    const all = await Promise.all([envoy.readStats(), ours.readStats()]);
    return all.map((stats) => stats.get("cluster.up.original_dst_host_invalid") ?? 0);
  }
});
