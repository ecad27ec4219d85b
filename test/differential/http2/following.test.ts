import assert from "node:assert/strict";
import { EitherUpstream } from "../../e2e/http2/either-upstream.ts";
import { Http2Client } from "../../e2e/http2/http2-client.ts";
import { get } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { assertDocumented } from "../pair/compare.ts";
import { staticCluster } from "../pair/configuration.ts";
import { type Both, type Pair, startPair } from "../pair/pair.ts";
import { NAMED, PLAIN, type Play, PLAYS, SECURE, type Stage, VARIANTS } from "./following-plays.ts";

const CERTIFICATE = makeCertificate({ subject: [["CN", "up"]], dns: ["up.test"] });

/** Statistics that are compared elsewhere, or depend on how bytes are cut and packed. */
const NOT_COMPARED = /bytes|nghttp2|^ssl\./;

describe("differential, use_downstream_protocol_config", () => {
  let upstream: EitherUpstream;
  let secure: EitherUpstream;
  let pair: Pair;

  before(async function () {
    this.timeout(60_000);
    upstream = await EitherUpstream.listen();
    secure = await EitherUpstream.listen(CERTIFICATE);
    const clusters = [
      ...Object.entries({ ...PLAIN, direct: {} }).map(([name, more]) =>
        staticCluster(name, [upstream.port], more),
      ),
      ...Object.entries(SECURE).map(([name, more]) => staticCluster(name, [secure.port], more)),
    ];
    pair = await startPair(this, { variants: VARIANTS, clusters });
  });

  after(async () => {
    await pair?.stop();
    upstream?.close();
    secure?.close();
  });

  /** Plays with one of the two: what was seen, and what it added to the cluster's statistics. */
  async function run({ play, cluster, isUncounted = false }: Play, who: keyof Both<unknown>) {
    const clients: { close(): void }[] = [];
    const readOwn = async () => ownStats((await pair.readStats())[who], cluster);
    upstream.arrivals.length = 0;
    upstream.serve = (request, response) => void response.end(`HTTP/${request.httpVersion}`);
    const stage: Stage = {
      upstream,
      secure,
      async ask1(variant, head = get("/")) {
        const client = await RawConnection.open(pair.portsOf(variant)[who]);
        clients.push(client);
        client.write(head);
        const answer = await client.readMessage();
        return `${answer.head.slice(9, 12)} ${answer.body}`;
      },
      async ask2(variant, headers = {}) {
        const client = await Http2Client.open(pair.portsOf(variant)[who]);
        clients.push(client);
        const { status, body } = await client.ask(headers);
        return `${status} ${body}`;
      },
      stat: async (name) => (await readOwn()).get(name) ?? 0,
    };
    const before = await readOwn();
    const seen = await play(stage);
    for (const client of clients) client.close();
    if (isUncounted) return { seen, growth: {} };
    const growth = [...(await readOwn())].map(([name, value]): [string, number] => {
      return [name, value - (before.get(name) ?? 0)];
    });
    return { seen, growth: Object.fromEntries(growth.filter(([, by]) => by !== 0)) };
  }

  for (const play of PLAYS) {
    it(`play: ${play.name}`, async () => {
      const envoy = await run(play, "envoy");
      assert.deepEqual(await run(play, "ours"), envoy);
    });
  }

  it("alpn_protocols of both versions: Envoy fails in HTTP/1, we do not", async () => {
    assertDocumented("A connection offers what it will speak");
    const [envoy, ours] = [await run(NAMED, "envoy"), await run(NAMED, "ours")];
    const both = ["h2", "http/1.1"];
    const what = "upstream connect error or disconnect/reset before headers";
    const failed = `502 ${what}. reset reason: protocol error`;
    assert.deepEqual(envoy.seen, [
      [failed, "200 HTTP/2.0", failed, "200 HTTP/2.0"],
      [both, both, both],
    ]);
    assert.deepEqual(ours.seen, [
      ["200 HTTP/1.1", "200 HTTP/2.0", "200 HTTP/1.1", "200 HTTP/2.0"],
      [["http/1.1"], ["h2"]],
    ]);
  });
});

function ownStats(stats: ReadonlyMap<string, number>, cluster: string): Map<string, number> {
  const prefix = `cluster.${cluster}.`;
  const own = [...stats].filter(([name]) => name.startsWith(prefix));
  const named = own.map(([name, value]): [string, number] => [name.slice(prefix.length), value]);
  return new Map(named.filter(([name]) => !NOT_COMPARED.test(name)));
}
