import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { TunnelClient, type TunnelRequest } from "../../e2e/upgrade/tunnel-client.ts";
import type { TunnelEnd } from "../../e2e/upgrade/tunnel-end.ts";
import {
  FOLLOWING_WAYS,
  nameOf,
  sketchOf,
  type TunnelWay,
  WAYS,
} from "../../e2e/upgrade/tunnel-sketch.ts";
import { type TunnelAsk, TunnelUpstream } from "../../e2e/upgrade/tunnel-upstream.ts";
import { staticCluster, type Json, type Variant } from "../pair/configuration.ts";
import { type Both, type Pair, startPair } from "../pair/pair.ts";

/** What happens to a tunnel. Tells what each end saw. */
interface Play {
  readonly name: string;
  readonly ask?: Partial<TunnelRequest>;
  /** Not for the ways where there is nobody to refuse. */
  readonly refuses?: number;
  play?(client: TunnelEnd, upstream: TunnelEnd): Promise<string>;
}

/** Sends a word each way. */
async function greet(client: TunnelEnd, upstream: TunnelEnd): Promise<void> {
  client.write("ping");
  await upstream.read(4);
  upstream.write("pong!");
  await client.read(5);
}

const plays: readonly Play[] = [
  {
    name: "the upstream ends",
    async play(client, upstream) {
      await greet(client, upstream);
      upstream.end("bye");
      const { text } = await client.readToEnd();
      client.end();
      return text;
    },
  },
  {
    name: "the client gives up",
    async play(client, upstream) {
      await greet(client, upstream);
      client.reset();
      return (await upstream.readToEnd()).text;
    },
  },
  {
    name: "the upstream gives up",
    async play(client, upstream) {
      await greet(client, upstream);
      upstream.reset();
      return (await client.readToEnd()).text;
    },
  },
  {
    name: "early data",
    ask: { early: "early" },
    async play(client, upstream) {
      const text = await upstream.read(5);
      upstream.end("bye");
      await client.readToEnd();
      return text;
    },
  },
  { name: "403", refuses: 403 },
  { name: "503", refuses: 503 },
];

/** Half-closing, where both sides know it. */
const halfClosing: Play = {
  name: "the client ends, then the upstream",
  async play(client, upstream) {
    await greet(client, upstream);
    client.end("done");
    const { text } = await upstream.readToEnd();
    upstream.end("bye");
    return `${text}, ${(await client.readToEnd()).text}`;
  },
};

const ALL_WAYS = [...WAYS, ...FOLLOWING_WAYS];

/** Statistics that are compared, of the manager and of the cluster. */
const COMPARED = [
  "downstream_cx_upgrades_active",
  "downstream_cx_upgrades_total",
  "downstream_rq_1xx",
  "downstream_rq_2xx",
  "downstream_rq_4xx",
  "downstream_rq_5xx",
  "downstream_rq_active",
  "downstream_rq_completed",
  "downstream_rq_total",
  "upstream_cx_active",
  "upstream_cx_http1_total",
  "upstream_cx_http2_total",
  "upstream_cx_protocol_error",
  "upstream_rq_1xx",
  "upstream_rq_2xx",
  "upstream_rq_4xx",
  "upstream_rq_5xx",
  "upstream_rq_active",
  "upstream_rq_total",
];

const LOG_FORMAT =
  "%REQ(X-PLAY)%: %PROTOCOL% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% " +
  "received %BYTES_RECEIVED% sent %BYTES_SENT% to %UPSTREAM_CLUSTER% by %UPSTREAM_PROTOCOL% " +
  "%REQ(:METHOD)% %REQ(:AUTHORITY)% %REQ(:PATH)% upgrade %REQ(UPGRADE)% %RESP(UPGRADE)%";

function idOf(way: TunnelWay): string {
  return nameOf(way).replaceAll(/[^\w]+/g, "-");
}

function isOf(way: TunnelWay, play: Play): boolean {
  return play.refuses === undefined || way.up !== "TCP";
}

function playsOf(way: TunnelWay): readonly Play[] {
  const more = way.down === "HTTP/2" && way.up !== "HTTP/1" ? [halfClosing] : [];
  return [...plays, ...more].filter((play) => isOf(way, play));
}

/** The listener of a way, and its cluster. */
function configure(way: TunnelWay, port: number): { variant: Variant; cluster: Json } {
  const id = idOf(way);
  const { manager = {}, routes = [], cluster = {} } = sketchOf(way, port);
  const toOwn = (text: string): string => text.replaceAll('"cluster":"up"', `"cluster":"${id}"`);
  const plain = { match: { prefix: "/" }, route: { cluster: "up" } };
  const own: Json[] = JSON.parse(toOwn(JSON.stringify([...routes, plain])));
  return { variant: { manager, routes: own }, cluster: staticCluster(id, [port], cluster) };
}

describe("differential, tunnels", () => {
  const upstreams = new Map<string, TunnelUpstream>();
  let pair: Pair;

  before(async function () {
    this.timeout(60_000);
    const variants: Record<string, Variant> = {};
    const clusters: Json[] = [];
    for (const way of ALL_WAYS) {
      const upstream = upstreams.get(way.up) ?? (await TunnelUpstream.listen(way.up));
      upstreams.set(way.up, upstream);
      const { variant, cluster } = configure(way, upstream.port);
      variants[idOf(way)] = variant;
      clusters.push(cluster);
    }
    pair = await startPair(this, { variants, clusters, logFormat: LOG_FORMAT });
  });

  after(async () => {
    await pair?.stop();
    for (const upstream of upstreams.values()) upstream.close();
  });

  /** Plays with one of the two, and waits until it is over there. */
  async function run(way: TunnelWay, play: Play, who: keyof Both<unknown>): Promise<string> {
    const upstream = upstreams.get(way.up);
    assert.ok(upstream !== undefined);
    const client = new TunnelClient(pair.portsOf(idOf(way))[who]);
    const headers = { "x-play": play.name };
    const answering = client.ask(way.down, { kind: way.kind, ...play.ask, headers });
    const ask: TunnelAsk = await upstream.next();
    const { refuses, play: act } = play;
    let seen: string;
    if (refuses !== undefined) {
      ask.refuse(refuses, "no");
      const { status, tunnel } = await answering;
      seen = `${status} ${(await tunnel.readToEnd()).text}`;
    } else {
      const end = ask.accept();
      const { status, tunnel } = await answering;
      seen = `${status} ${await act?.(tunnel, end)}`;
      end.end();
    }
    client.close();
    while (((await pair.readStats())[who].get(activeOf(way)) ?? 0) > 0) await setImmediate();
    return seen;
  }

  function activeOf(way: TunnelWay): string {
    return `http.${idOf(way)}.downstream_rq_active`;
  }

  for (const way of ALL_WAYS) {
    for (const play of playsOf(way)) {
      it(`${nameOf(way)}: ${play.name}`, async () => {
        const envoy = await run(way, play, "envoy");
        assert.equal(await run(way, play, "ours"), envoy);
      });
    }

    it(`${nameOf(way)}: the statistics afterwards`, async () => {
      const { envoy, ours } = await pair.readStats();
      const id = idOf(way);
      const pick = (stats: ReadonlyMap<string, number>): string[] =>
        COMPARED.map((name) => {
          const scope = name.startsWith("downstream") ? "http" : "cluster";
          return `${name} ${stats.get(`${scope}.${id}.${name}`) ?? 0}`;
        });
      assert.deepEqual(pick(ours), pick(envoy));
    });
  }

  for (const way of ALL_WAYS) {
    it(`${nameOf(way)}: the access log`, async () => {
      const { envoy, ours } = await pair.readLogs(idOf(way));
      assert.equal(envoy.length, playsOf(way).length);
      assert.deepEqual(ours, envoy);
    });
  }
});
