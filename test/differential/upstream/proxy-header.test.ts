import assert from "node:assert/strict";
import net from "node:net";
import { get, ok } from "../../support/proxy-sketch.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { serveTls } from "../../support/tls/sketch.ts";
import {
  clientHeader,
  readHeader,
  tellHeader,
  type TextTlv,
} from "../../support/upstream/proxy-client.ts";
import { toProxyResources } from "../../support/upstream/proxy-resources.ts";
import { type Side, UpstreamPair } from "./upstream-pair.ts";

const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"] });

/** Has one request answered over the connection that it comes on. */
async function exchange(client: RawConnection, up: RawConnection): Promise<void> {
  up.write(ok("here"));
  assert.equal((await client.readMessage()).body, "here");
}

/** What a client says first, and the header that its request is sent behind. */
async function headerOf(
  { upstream, portOf }: Side,
  listener: string,
  opening: string,
): Promise<{ told: string; client: RawConnection; up: RawConnection }> {
  const client = await RawConnection.open(portOf(listener));
  client.write(opening + get("/"));
  const up = await upstream.accept();
  const names = new Map([
    [client.socket.localPort ?? 0, "client"],
    [portOf(listener), "listener"],
  ]);
  return { told: tellHeader(await readHeader(up), names), client, up };
}

/** Headers for what clients say first. */
const told: readonly [listener: string, name: string, opening: string, want: string][] = [
  ["v1", "version 1", "", "v1 127.0.0.1:client to 127.0.0.1:listener"],
  ["v2", "version 2", "", "v2 127.0.0.1:client to 127.0.0.1:listener"],
  ["default", "no configuration", "", "v1 127.0.0.1:client to 127.0.0.1:listener"],
  [
    "none",
    "the ends of a header, none of its TLVs",
    clientHeader([[0xe0, "a"]]),
    "v2 192.0.2.1:8080 to 198.51.100.7:443",
  ],
  [
    "all",
    "all TLVs",
    clientHeader(
      [
        [0xe0, "a"],
        [0xe1, "b"],
        [0xe0, ""],
        [2, "c"],
      ],
      1,
    ),
    "v2 192.0.2.1:1 to 198.51.100.7:443 e0=a e1=b e0= 2=c",
  ],
  [
    "all",
    "IPv6",
    "PROXY TCP6 2001:db8::1 fd00::2 8080 443\r\n",
    "v2 2001:db8::1:8080 to fd00::2:443",
  ],
  [
    "all",
    "a header that knows nothing",
    "PROXY UNKNOWN\r\n",
    "v2 127.0.0.1:client to 127.0.0.1:listener",
  ],
  [
    "added",
    "TLVs of endpoint, cluster and client",
    clientHeader(
      [
        [0xe0, "a"],
        [0xe1, "b"],
        [0xe1, "c"],
        [0xe2, "d"],
        [0xe5, "e"],
      ],
      2,
    ),
    "v2 192.0.2.1:2 to 198.51.100.7:443 " +
      "f0=host f0=twice e5=own e0=cluster f1=one f1=two e1=b e1=c",
  ],
];

describe("differential upstream: PROXY headers", () => {
  let pair: UpstreamPair | undefined;

  before(async function () {
    this.timeout(30_000);
    pair = await UpstreamPair.start(this, toProxyResources);
  });
  after(() => pair?.stop());

  /** Plays a scene on both, which see the same; returns that. */
  async function same<Seen>(scene: (side: Side) => Promise<Seen>): Promise<Seen> {
    assert.ok(pair !== undefined);
    const { envoy, ours } = await pair.play(scene);
    assert.deepEqual(ours, envoy);
    return ours;
  }

  for (const [listener, name, opening, want] of told) {
    it(`header: ${name}`, async () => {
      const seen = await same(async (side) => {
        const { told: header, client, up } = await headerOf(side, listener, opening);
        assert.match(await up.readHead(), /^GET \/ /);
        await exchange(client, up);
        client.close();
        return header;
      });
      assert.equal(seen, want);
    });
  }

  it("pools: one client's requests share a connection, another's do not", async () => {
    await same(async (side) => {
      const first = await headerOf(side, "v2", "");
      await first.up.readHead();
      await exchange(first.client, first.up);
      first.client.write(get("/again"));
      assert.match(await first.up.readHead(), /^GET \/again /);
      await exchange(first.client, first.up);
      const second = await headerOf(side, "v2", "");
      assert.equal(second.told, first.told);
      await second.up.readHead();
      await exchange(second.client, second.up);
      assert.equal(side.upstream.acceptableCount, 0);
      first.client.close();
      second.client.close();
    });
  });

  it("pools: two clients that say the same share a connection", async () => {
    await same(async (side) => {
      const opening = clientHeader([[0xe0, "same"]], 3);
      const first = await headerOf(side, "all", opening);
      await first.up.readHead();
      await exchange(first.client, first.up);
      const second = await RawConnection.open(side.portOf("all"));
      second.write(opening + get("/second"));
      assert.match(await first.up.readHead(), /^GET \/second /);
      await exchange(second, first.up);
      assert.equal(side.upstream.acceptableCount, 0);
      first.client.close();
      second.close();
    });
  });

  it("HTTP/2: the header goes before the preface", async () => {
    const seen = await same(async (side) => {
      const { told: header, client, up } = await headerOf(side, "http2", "");
      const preface = await up.read(24);
      client.close();
      up.close();
      return [header, preface];
    });
    assert.deepEqual(seen, [
      "v2 127.0.0.1:client to 127.0.0.1:listener",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]);
  });

  it("TLS: the header goes before the handshake, which is that of the endpoint", async () => {
    await same(async ({ upstream, portOf }) => {
      const client = await RawConnection.open(portOf("tls"));
      client.write(get("/in-tls"));
      const up = await upstream.accept();
      const header = await readHeader(up);
      assert.equal(header.ends?.source.port, client.socket.localPort);
      const server = await serveTls(SERVER);
      const secure = net.connect(server.port, "127.0.0.1");
      secure.write(Buffer.from(up.waiting, "latin1"));
      up.socket.pipe(secure).pipe(up.socket);
      assert.match((await client.readMessage()).body, /^GET \/in-tls /);
      client.close();
      up.close();
      server.close();
    });
  });

  it("mirrors: they are the proxy's own, and say so", async () => {
    await same(async ({ upstream, portOf }) => {
      const client = await RawConnection.open(portOf("mirrored"));
      client.write(get("/"));
      const seen: string[] = [];
      for (let count = 0; count < 3; count++) {
        const up = await upstream.accept();
        const front = await up.read(4);
        if (front === "GET ") {
          up.write(ok("here"));
          seen.push("the request");
          continue;
        }
        const line = front === "PROX" ? front + (await up.readUntil("\r\n")) : "";
        const own = `${up.socket.remotePort} ${upstream.port}`;
        seen.push(line === "" ? (await up.read(12)).slice(-4) : line.replace(own, "own"));
        up.close();
      }
      assert.equal((await client.readMessage()).body, "here");
      client.close();
      return seen.sort();
    });
  });

  it("tcp: each connection has a header, and its bytes are counted", async () => {
    await same(async ({ upstream, portOf }) => {
      const client = await RawConnection.open(portOf("tcp"));
      client.write(`${clientHeader([[0xe0, "tcp"]], 4)}payload`);
      const up = await upstream.accept();
      const header = tellHeader(await readHeader(up), new Map());
      assert.equal(header, "v2 192.0.2.1:4 to 198.51.100.7:443 e0=tcp");
      assert.equal(await up.read(7), "payload");
      client.end();
      await up.readToEnd();
      up.end();
      await client.readToEnd();
    });
    const stats = await pair?.readStats(/^cluster\.counted\.upstream_cx_(tx_bytes_)?total$/);
    assert.deepEqual(stats?.ours, stats?.envoy);
    assert.equal(stats?.ours["cluster.counted.upstream_cx_tx_bytes_total"], 28 + 6 + 7);
  });

  it("statistics: TLVs that do not fit are left out and counted", async () => {
    const large: TextTlv = [0xe0, "x".repeat(60_000)];
    const added: TextTlv = [0xe1, "y".repeat(5_000)];
    await same(async (side) => {
      // What comes with the addresses is just as long as it may be.
      const opening = clientHeader([large, added], 5);
      const { told: header, client, up } = await headerOf(side, "all", opening);
      assert.match(header, /^v2 192\.0\.2\.1:5 to 198\.51\.100\.7:443 e0=x+ e1=y+$/);
      client.close();
      up.close();
      const more = await headerOf(side, "added", clientHeader([[0xe1, "z".repeat(65_500)]], 6));
      more.client.close();
      more.up.close();
      return more.told;
    });
    const stats = await pair?.readStats(/^cluster\.(added|all)\.upstream\.proxyprotocol\./);
    assert.deepEqual(stats?.ours, stats?.envoy);
    const name = "upstream.proxyprotocol.v2_tlvs_exceed_max_length";
    assert.deepEqual(stats?.ours, { [`cluster.added.${name}`]: 1, [`cluster.all.${name}`]: 0 });
  });
});
