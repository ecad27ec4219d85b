import assert from "node:assert/strict";
import { RawConnection } from "../../support/raw-connection.ts";
import { clientHeader, readHeader, tellHeader } from "../../support/upstream/proxy-client.ts";
import { toPayloadResources } from "../../support/upstream/payload-resources.ts";
import { type Side, UpstreamPair } from "./upstream-pair.ts";

const CHUNKED = "transfer-encoding: chunked\r\n";
const length = (bytes: number): string => `content-length: ${bytes}\r\n`;
const post = (path: string, headers: string, version = "1.1"): string =>
  `POST ${path} HTTP/${version}\r\nhost: a\r\n${headers}\r\n`;

/** Statistics that do not depend on who is faster. */
const COUNTED = new RegExp(
  "^(http\\.payload\\.downstream_(cx_upgrades|rq_([1-5]xx|total|active|completed|ws))|" +
    "cluster\\.(up|proxied)\\.upstream_(rq_([1-5]xx|total|active|completed|pending)|" +
    "cx_(total|active|http|tx_bytes_total)))",
);

/** Heads as they are compared: without what differs from one run to the next. */
function tellHead(head: string): string[] {
  const own = /^(date|server|x-request-id|x-envoy-upstream-service-time):/;
  return head
    .trimEnd()
    .split("\r\n")
    .map((line) => (own.test(line) ? line.slice(0, line.indexOf(":")) : line))
    .sort();
}

describe("differential upstream: CONNECT and POST that end here", () => {
  let pair: UpstreamPair | undefined;

  before(async function () {
    this.timeout(30_000);
    pair = await UpstreamPair.start(this, toPayloadResources);
  });
  after(() => pair?.stop());

  /** Plays a scene on both, with a client that begins with `opening`; both see the same. */
  async function same<Seen>(
    opening: string,
    scene: (client: RawConnection, side: Side) => Promise<Seen>,
  ): Promise<Seen> {
    assert.ok(pair !== undefined);
    const { envoy, ours } = await pair.play(async (side) => {
      const client = await RawConnection.open(side.portOf("payload"));
      client.write(`${clientHeader([[0xe0, "tlv"]])}${opening}`);
      try {
        return await scene(client, side);
      } finally {
        client.close();
      }
    });
    assert.deepEqual(ours, envoy);
    return ours;
  }

  const bodies: readonly [name: string, headers: string, body: string, payload: string][] = [
    ["of a length", length(5), "hello", "hello"],
    ["in chunks", CHUNKED, "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\na: b\r\n\r\n", "hello"],
    ["that is empty", length(0), "", ""],
  ];
  for (const [name, headers, body, payload] of bodies) {
    it(`POST: a body ${name} goes on alone, and its end is the end`, async () => {
      const seen = await same(post("/post", headers) + body, async (client, { upstream }) => {
        const up = await upstream.accept();
        const head = tellHead(await client.readHead());
        const { text, isBroken } = await up.readToEnd();
        up.write("answer");
        const answer = await client.read(11);
        up.end("more");
        const rest = await client.read(14);
        return { head, text, isBroken, answer, rest };
      });
      assert.deepEqual(seen, {
        head: [
          "HTTP/1.1 200 OK",
          "date",
          "server",
          "transfer-encoding: chunked",
          "x-envoy-upstream-service-time",
        ],
        text: payload,
        isBroken: false,
        answer: "6\r\nanswer\r\n",
        rest: "4\r\nmore\r\n0\r\n\r\n",
      });
    });
  }

  it("POST: the client is answered before its body is there, which then goes on", async () => {
    const seen = await same(post("/post", CHUNKED), async (client, { upstream }) => {
      const up = await upstream.accept();
      const head = tellHead(await client.readHead());
      client.write("5\r\nhello\r\n");
      const first = await up.read(5);
      up.write("answer");
      const answer = await client.read(11);
      client.write("3\r\nend\r\n0\r\n\r\n");
      const rest = await up.readToEnd();
      up.end();
      return { head, first, answer, rest: rest.text, last: await client.read(5) };
    });
    assert.deepEqual(seen.head.slice(0, 2), ["HTTP/1.1 200 OK", "connection: close"]);
    assert.deepEqual([seen.first, seen.rest, seen.last], ["hello", "end", "0\r\n\r\n"]);
  });

  it("POST: an upstream that ends first ends the request, too", async () => {
    const seen = await same(post("/post", length(9)), async (client, { upstream }) => {
      const up = await upstream.accept();
      client.write("half");
      assert.equal(await up.read(4), "half");
      up.end("answer");
      const { text } = await client.readToEnd();
      const { isBroken } = await up.readToEnd();
      return { body: text.split("\r\n\r\n").slice(1), isBroken };
    });
    assert.deepEqual(seen.body, ["6\r\nanswer\r\n0", ""]);
  });

  it("POST: who waits for 100 gets it, and then the answer", async () => {
    const head = post("/post", `${length(5)}expect: 100-continue\r\n`);
    const seen = await same(head, async (client, { upstream }) => {
      const first = await client.readHead();
      client.write("hello");
      const up = await upstream.accept();
      assert.equal((await up.readToEnd()).text, "hello");
      up.end("answer");
      const second = await client.readMessage();
      return [first, second.head.split("\r\n", 1)[0], second.body];
    });
    assert.deepEqual(seen, ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK", "answer"]);
  });

  it("POST: without an upstream it gets 503", async () => {
    const seen = await same(`${post("/nobody", length(1))}a`, async (client) => {
      const { head, body } = await client.readMessage();
      return [...tellHead(head), body.replace(/delayed_connect_error:.*/, "")];
    });
    assert.equal(seen[0], "HTTP/1.1 503 Service Unavailable");
  });

  it("POST: the connection of the client serves another", async () => {
    await same(`${post("/post", length(1))}a`, async (client, { upstream }) => {
      for (const text of ["a", "b"]) {
        const up = await upstream.accept();
        assert.equal((await up.readToEnd()).text, text);
        up.end(text);
        const { head, body } = await client.readMessage();
        assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
        assert.equal(body, text);
        if (text === "a") client.write(`${post("/post", length(1))}b`);
      }
    });
  });

  it("POST: to HTTP/1.0 the answer ends with the connection", async () => {
    const seen = await same(`${post("/post", length(1), "1.0")}a`, async (client, side) => {
      const up = await side.upstream.accept();
      await up.readToEnd();
      up.end("answer");
      const { text } = await client.readToEnd();
      const [head, body] = text.split("\r\n\r\n");
      return [...tellHead(head), body];
    });
    assert.equal(seen.at(-1), "answer");
  });

  it("POST: an upstream that resets breaks the answer off", async () => {
    await same(`${post("/post", length(1))}a`, async (client, { upstream }) => {
      const up = await upstream.accept();
      await client.readHead();
      up.write("part");
      assert.equal(await client.read(9), "4\r\npart\r\n");
      up.reset();
      assert.equal((await client.readToEnd()).text, "");
    });
  });

  it("POST: where an upgrade is not enabled it ends here, too", async () => {
    await same(`${post("/off", length(1))}a`, async (client, { upstream }) => {
      const up = await upstream.accept();
      assert.equal((await up.readToEnd()).text, "a");
      up.end("b");
      assert.equal((await client.readMessage()).body, "b");
    });
  });

  for (const [name, opening] of [
    ["POST without allow_post", `${post("/plain", length(1))}a`],
    ["GET", "GET /post HTTP/1.1\r\nhost: a\r\n\r\n"],
  ]) {
    it(`${name}: it is a request like others`, async () => {
      const line = await same(opening, async (client, { upstream }) => {
        const up = await upstream.accept();
        const { head } = await up.readMessage();
        up.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        assert.equal((await client.readMessage()).body, "ok");
        up.close();
        return head.split("\r\n", 1);
      });
      assert.match(line[0], /^(GET|POST) .* HTTP\/1\.1$/);
    });
  }

  it("POST: one with an upgrade is refused", async () => {
    const upgrade = "connection: upgrade\r\nupgrade: websocket\r\n";
    const seen = await same(`${post("/post", length(1) + upgrade)}a`, async (client) => {
      return tellHead(await client.readHead());
    });
    assert.equal(seen[0], "HTTP/1.1 403 Forbidden");
  });

  it("POST: a mirror gets a request, and the upstream the body", async () => {
    const body = "5\r\nhello\r\n0\r\n\r\n";
    const seen = await same(post("/mirrored", CHUNKED) + body, async (client, { upstream }) => {
      const texts: string[] = [];
      for (let count = 0; count < 2; count++) {
        const up = await upstream.accept();
        const front = await up.read(5);
        if (front === "POST ") {
          const { body: mirrored } = await up.readMessage();
          texts.push(`mirror ${mirrored}`);
          up.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        } else {
          texts.push(front + (await up.readToEnd()).text);
          up.end("x");
        }
      }
      await client.readHead();
      return texts.sort();
    });
    assert.deepEqual(seen, ["hello", "mirror hello"]);
  });

  it("POST: the timeout of the route is for the whole answer", async () => {
    await same(`${post("/timeout", length(1))}a`, async (client, { upstream }) => {
      const up = await upstream.accept();
      await client.readHead();
      assert.equal((await client.readToEnd()).text, "");
      await up.readToEnd();
    });
    const stats = await pair?.readStats(/^cluster\.up\.upstream_rq_timeout$/);
    assert.deepEqual(stats?.ours, { "cluster.up.upstream_rq_timeout": 1 });
    assert.deepEqual(stats?.ours, stats?.envoy);
  });

  for (const [version, want] of [
    ["v1", "v1 192.0.2.1:8080 to 198.51.100.7:443"],
    ["v2", "v2 192.0.2.1:8080 to 198.51.100.7:443"],
  ]) {
    it(`header: POST behind one of ${version}, without TLVs`, async () => {
      const opening = `${post(`/${version}`, length(5))}hello`;
      const told = await same(opening, async (_client, { upstream }) => {
        const up = await upstream.accept();
        const header = tellHeader(await readHeader(up), new Map());
        assert.equal((await up.readToEnd()).text, "hello");
        up.close();
        return header;
      });
      assert.equal(told, want);
    });

    it(`header: CONNECT behind one of ${version}, at once`, async () => {
      const opening = `CONNECT ${version}:80 HTTP/1.1\r\nhost: ${version}:80\r\n\r\n`;
      const told = await same(opening, async (client, { upstream }) => {
        const up = await upstream.accept();
        // Before the client has said anything.
        const header = tellHeader(await readHeader(up), new Map());
        await client.readHead();
        client.write("hello");
        assert.equal(await up.read(5), "hello");
        up.write("back");
        assert.equal(await client.read(4), "back");
        up.close();
        return header;
      });
      assert.equal(told, want);
    });
  }

  it("header: that of the route goes behind that of the cluster", async () => {
    const told = await same(`${post("/twice", length(1))}a`, async (_client, { upstream }) => {
      const up = await upstream.accept();
      const headers = [await readHeader(up), await readHeader(up)];
      assert.equal((await up.readToEnd()).text, "a");
      up.close();
      return headers.map((each) => tellHeader(each, new Map()));
    });
    const ends = "192.0.2.1:8080 to 198.51.100.7:443";
    assert.deepEqual(told, [`v2 ${ends}`, `v1 ${ends}`]);
  });

  it("statistics: both have counted the same", async () => {
    const stats = await pair?.readStats(COUNTED);
    const told = (numbers: Readonly<Record<string, number>> = {}): string[] =>
      Object.entries(numbers).flatMap(([name, value]) => (value === 0 ? [] : `${name} ${value}`));
    const ours = told(stats?.ours);
    assert.ok(ours.length > 15, `${ours.length} statistics`);
    assert.deepEqual(ours, told(stats?.envoy));
  });
});
