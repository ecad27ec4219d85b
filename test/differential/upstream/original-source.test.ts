import assert from "node:assert/strict";
import { RawConnection } from "../../support/raw-connection.ts";
import { mayBindToSources } from "../../support/upstream/net-admin.ts";
import { toSourceResources } from "../../support/upstream/source-resources.ts";
import { type Side, UpstreamPair } from "./upstream-pair.ts";

const GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
/** Both need it; without it both fail alike. */
const IS_ALLOWED = mayBindToSources();
const COUNTED = /^cluster\.(up|ipv4|ipv6)\.(bind_errors|upstream_(cx|rq)_[a-z0-9_]+)$/;
/** Histograms, and what depends on the length of ports in heads. */
const OWN = /_(ms|bytes_\w+)$/;

/** A PROXY header of a client. */
function from(ip: string, port = 8080): string {
  const [family, own] = ip.includes(":") ? ["TCP6", "::1"] : ["TCP4", "198.51.100.7"];
  return `PROXY ${family} ${ip} ${own} ${port} 443\r\n`;
}

describe("differential upstream: original_src", () => {
  let pair: UpstreamPair | undefined;

  before(async function () {
    this.timeout(30_000);
    pair = await UpstreamPair.start(this, toSourceResources);
  });
  after(() => pair?.stop());

  async function same<Seen>(scene: (side: Side) => Promise<Seen>): Promise<Seen> {
    assert.ok(pair !== undefined);
    const { envoy, ours } = await pair.play(scene);
    assert.deepEqual(ours, envoy);
    return ours;
  }

  /** Where the upstream connection of a new request comes from, or how it failed. */
  async function sourceOf(side: Side, listener: string, header: string): Promise<string> {
    const client = await RawConnection.open(side.portOf(listener));
    client.write(header + GET);
    const answered = client.readMessage().then(
      ({ head, body }) => `${head.split("\r\n", 1)} ${body.replace(/, transport failure.*/, "")}`,
      () => "closed",
    );
    const accepted = IS_ALLOWED ? side.upstream.accept() : new Promise<never>(() => {});
    const up = await Promise.race([accepted, answered]);
    if (typeof up === "string") return up;
    await up.readHead();
    up.write(OK);
    await answered;
    const { remoteAddress } = up.socket;
    up.close();
    client.close();
    return remoteAddress ?? "";
  }

  const rows: readonly [name: string, listener: string, header: string, want: string][] = [
    ["the client itself", "direct", "", "127.0.0.1"],
    ["whom a PROXY header names", "behind", from("127.0.0.9"), "127.0.0.9"],
    ["the client where the header comes later", "before", from("127.0.0.9"), "127.0.0.1"],
    ["whom a PROXY header names, in TCP", "tcp", from("127.0.0.8"), "127.0.0.8"],
    ["nobody in particular without the filter", "none", from("127.0.0.9"), "127.0.0.1"],
  ];
  for (const [name, listener, header, want] of rows) {
    it(`source: the upstream sees ${name}`, async function () {
      if (!IS_ALLOWED && listener === "none") return this.skip();
      const seen = await same((side) => sourceOf(side, listener, header));
      if (IS_ALLOWED) assert.equal(seen, want);
    });
  }

  for (const [name, listener, ip] of [
    ["IPv4 in IPv6", "ipv6", "127.0.0.9"],
    ["IPv6 in IPv4", "ipv4", "::1"],
  ]) {
    it(`source: no connection is made for ${name}`, async () => {
      const seen = await same(async (side) => {
        const client = await RawConnection.open(side.portOf(listener));
        client.write(from(ip) + GET);
        const { head, body } = await client.readMessage();
        return `${head.split("\r\n", 1)} ${body}`;
      });
      assert.match(seen, /^HTTP\/1.1 503 .* reset reason: local connection failure$/);
    });
  }

  it("mirror: it is not told of the client", async function () {
    if (!IS_ALLOWED) return this.skip();
    const seen = await same(async (side) => {
      const client = await RawConnection.open(side.portOf("mirrored"));
      client.write(from("127.0.0.9") + GET);
      const both = [await side.upstream.accept(), await side.upstream.accept()];
      for (const each of both) {
        await each.readHead();
        each.write(OK);
      }
      await client.readMessage();
      const addresses = both.map(({ socket }) => socket.remoteAddress);
      for (const each of [client, ...both]) each.close();
      return addresses.sort();
    });
    assert.deepEqual(seen, ["127.0.0.1", "127.0.0.9"]);
  });

  it("pools: clients of one address share, and others have their own", async function () {
    if (!IS_ALLOWED) return this.skip();
    const seen = await same(async (side) => {
      const open = async (ip: string, port: number): Promise<RawConnection> => {
        const client = await RawConnection.open(side.portOf("behind"));
        client.write(from(ip, port) + GET);
        return client;
      };
      const first = await open("127.0.0.7", 1);
      const up = await side.upstream.accept();
      await up.readHead();
      up.write(OK);
      await first.readMessage();
      const second = await open("127.0.0.7", 2);
      await up.readHead();
      up.write(OK);
      await second.readMessage();
      const third = await open("127.0.0.6", 1);
      const other = await side.upstream.accept();
      await other.readHead();
      other.write(OK);
      await third.readMessage();
      const addresses = [up, other].map(({ socket }) => socket.remoteAddress);
      for (const each of [first, second, third, up, other]) each.close();
      return addresses;
    });
    assert.deepEqual(seen, ["127.0.0.7", "127.0.0.6"]);
  });

  it("statistics: both have counted the same", async () => {
    const stats = await pair?.readStats(COUNTED);
    const told = (numbers: Readonly<Record<string, number>> = {}): string[] =>
      Object.entries(numbers).flatMap(([name, value]) => {
        return value === 0 || OWN.test(name) ? [] : `${name} ${value}`;
      });
    const ours = told(stats?.ours);
    if (IS_ALLOWED) assert.ok(ours.includes("cluster.ipv6.bind_errors 1"));
    assert.ok(ours.includes("cluster.ipv4.upstream_cx_connect_fail 1"));
    assert.deepEqual(ours, told(stats?.envoy));
  });
});
