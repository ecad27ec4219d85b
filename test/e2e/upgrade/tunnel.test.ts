import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { TestProxy } from "../../support/proxy-sketch.ts";
import {
  SAMPLE_ACCEPT,
  TunnelClient,
  type TunnelRequest,
  type TunnelAnswer,
} from "./tunnel-client.ts";
import type { TunnelEnd } from "./tunnel-end.ts";
import { FOLLOWING_WAYS, nameOf, sketchOf, WAYS } from "./tunnel-sketch.ts";
import { type TunnelAsk, TunnelUpstream } from "./tunnel-upstream.ts";

const LARGE_BYTES = 3_000_000;

/** A tunnel with its two ends. */
interface Opened {
  readonly answer: TunnelAnswer;
  readonly client: TunnelEnd;
  readonly ask: TunnelAsk;
  readonly upstream: TunnelEnd;
}

for (const way of [...WAYS, ...FOLLOWING_WAYS]) {
  const { down, kind, up } = way;
  // Where one side has no half-closing, the end of it is the end of all, as in Envoy.
  const halfCloses = down === "HTTP/2" && up !== "HTTP/1";

  // A client that is gone has its stream reset, whatever the peer's windows still hold back.
  const isCut = down === "HTTP/1" && up === "HTTP/2";

  describe(`tunnel: ${nameOf(way)}`, () => {
    let upstream: TunnelUpstream;
    let proxy: TestProxy;
    let client: TunnelClient;

    before(async () => {
      upstream = await TunnelUpstream.listen(up);
      proxy = await TestProxy.start(sketchOf(way, upstream.port));
    });

    beforeEach(() => {
      client = new TunnelClient(proxy.port);
    });

    afterEach(async () => {
      client.close();
      await proxy.untilIdle();
    });

    after(async () => {
      await proxy.stop();
      upstream.close();
    });

    async function open(more: Partial<TunnelRequest> = {}): Promise<Opened> {
      const answering = client.ask(down, { kind, ...more });
      const ask = await upstream.next();
      const end = ask.accept();
      const answer = await answering;
      return { answer, client: answer.tunnel, ask, upstream: end };
    }

    it("payload: bytes go both ways, and what is open is counted", async () => {
      const before = await proxy.stat("http.test.downstream_cx_upgrades_total");
      const { answer, client: end, upstream: other } = await open();
      const isSwitch = down === "HTTP/1" && kind === "websocket";
      assert.equal(answer.status, isSwitch ? 101 : 200);
      end.write("GET / HTTP/1.1\r\n\r\n");
      assert.equal(await other.read(18), "GET / HTTP/1.1\r\n\r\n");
      other.write("\0\x01\xff");
      assert.equal(await end.read(3), "\0\x01\xff");
      assert.equal(await proxy.stat("http.test.downstream_cx_upgrades_total"), before + 1);
      assert.equal(await proxy.stat("http.test.downstream_cx_upgrades_active"), 1);
    });

    if (kind === "websocket") {
      it("handshake: it is whole on both sides", async () => {
        const { answer, ask } = await open({ path: "/chat?a=b" });
        assert.equal(ask.path, "/chat?a=b");
        assert.equal(ask.headers["sec-websocket-version"], "13");
        const accept = answer.headers["sec-websocket-accept"];
        assert.equal(accept, down === "HTTP/1" ? SAMPLE_ACCEPT : undefined);
        if (up === "HTTP/1") {
          assert.equal(ask.method, "GET");
          assert.equal(ask.headers.upgrade, "websocket");
          assert.equal(Buffer.from(`${ask.headers["sec-websocket-key"]}`, "base64").length, 16);
        } else {
          assert.equal(ask.method, ":websocket");
          assert.equal(ask.headers.upgrade, undefined);
          assert.equal(ask.headers.connection, undefined);
        }
        if (down === "HTTP/2") assert.equal(answer.headers.upgrade, undefined);
      });
    } else if (up !== "TCP") {
      it("authority: it is what the upstream is asked for", async () => {
        const { ask } = await open();
        assert.deepEqual([ask.method, ask.path], ["CONNECT", "a.test:443"]);
      });
    }

    it("early data: arrives, in its place", async () => {
      const { client: end, upstream: other } = await open({ early: "early " });
      end.write("late");
      assert.equal(await other.read(10), "early late");
      assert.equal(await proxy.stat("http.test.downstream_cx_upgrades_active"), 1);
    });

    it("large transfers: megabytes both ways at once arrive as they were sent", async () => {
      const { client: end, upstream: other } = await open();
      const [upload, download] = [randomBytes(LARGE_BYTES), randomBytes(LARGE_BYTES)];
      end.stream.write(upload);
      other.stream.write(download);
      const [got, back] = await Promise.all([other.read(LARGE_BYTES), end.read(LARGE_BYTES)]);
      assert.equal(digest(Buffer.from(got, "latin1")), digest(upload));
      assert.equal(digest(Buffer.from(back, "latin1")), digest(download));
    }).timeout(30_000);

    it("the upstream ends: the client gets all, then the end", async () => {
      const { client: end, upstream: other } = await open();
      const tail = "tail".repeat(50_000);
      other.end(tail);
      const { text, isBroken } = await end.readToEnd();
      assert.ok(text === tail);
      assert.equal(isBroken, false);
      end.end();
    });

    it("the client ends: the upstream hears of it, after all that was sent", async () => {
      const { client: end, upstream: other } = await open();
      const tail = "tail".repeat(50_000);
      if (isCut) {
        end.write(tail);
        assert.ok((await other.read(tail.length)) === tail);
        end.end();
        assert.equal((await other.readToEnd()).text, "");
        return;
      }
      end.end(tail);
      const { text } = await other.readToEnd();
      assert.ok(text === tail);
      if (halfCloses) {
        other.end("more");
        assert.deepEqual(await end.readToEnd(), { text: "more", isBroken: false });
      } else {
        other.end();
        await end.readToEnd();
      }
    });

    if (down === "HTTP/2") {
      it("the head is the end: the upstream hears of it", async () => {
        const { client: end, upstream: other } = await open({ isEnd: true });
        assert.deepEqual(await other.readToEnd(), { text: "", isBroken: false });
        other.end("bye");
        assert.deepEqual(await end.readToEnd(), { text: "bye", isBroken: false });
      });
    }

    it("the client gives up: so does the proxy", async () => {
      const { client: end, upstream: other } = await open();
      end.write("x");
      await other.read(1);
      end.reset();
      await other.readToEnd();
      other.end();
    });

    it("the upstream gives up: so does the proxy", async () => {
      const { client: end, upstream: other } = await open();
      other.write("x");
      await end.read(1);
      other.reset();
      await end.readToEnd();
    });

    if (up === "TCP") return;

    for (const status of [403, 503]) {
      it(`the upstream answers ${status}: so is the client, body included`, async () => {
        const answering = client.ask(down, { kind, early: "GET /smuggled HTTP/1.1\r\n\r\n" });
        const ask = await upstream.next();
        ask.refuse(status, "no way");
        const { status: got, tunnel } = await answering;
        assert.equal(got, status);
        // To node what follows the answer to CONNECT is no body, so that its chunks are there.
        assert.match((await tunnel.readToEnd()).text, /^(6\r\n)?no way(\r\n0\r\n\r\n)?$/);
      });
    }

    it("the client leaves before the answer: so does the proxy", async () => {
      const answering = client.ask(down, { kind, early: "early" });
      answering.catch(() => {});
      await upstream.next();
      client.close();
      await proxy.untilStat("http.test.downstream_cx_upgrades_active", 0);
    });
  });
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
