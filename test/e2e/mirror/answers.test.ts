import assert from "node:assert/strict";
import {
  get,
  ok,
  type Part,
  type ProxySketch,
  toBootstrap,
  toCluster,
} from "../../support/proxy-sketch.ts";
import type { RawConnection, RawMessage } from "../../support/raw-connection.ts";
import { CHUNKED, LENGTH, MirrorScene, POST, REFUSED_PORT } from "./mirror-scene.ts";

/** What a message says of how it is framed, in order, and its body. */
function framed({ head, body }: RawMessage): string[] {
  const lines = head
    .split("\r\n")
    .filter((line) => /^[A-Z]+ |^(content-|transfer-|host)/.test(line));
  return [...lines.toSorted(), body];
}

/** `METHOD target body` of a request. */
function told(head: string, body: string): string {
  return `${head.slice(0, head.indexOf(" HTTP"))} ${body}`;
}

describe("mirrors", () => {
  let scene: MirrorScene;
  let client: RawConnection;

  afterEach(() => scene.stop());

  async function start(sketch?: Partial<ProxySketch>, cluster?: Part): Promise<void> {
    scene = await MirrorScene.start(sketch, cluster);
    client = await scene.proxy.connect();
  }

  it("GET: the client is answered by the cluster, whatever the mirror does", async () => {
    await start();
    client.write(get("/a?b"));
    const { link, mirror, asked, mirrored } = await scene.readBoth();
    link.write(ok("real"));
    assert.equal((await client.readMessage()).body, "real");
    assert.deepEqual(framed(asked), ["GET /a?b HTTP/1.1", "host: test", ""]);
    assert.deepEqual(framed(mirrored), ["GET /a?b HTTP/1.1", "host: test-shadow", ""]);
    mirror.write(ok("mirror", "x-mirror: 1\r\n"));
    await scene.proxy.untilStat("cluster.shadow.upstream_rq_200", 1);
    assert.equal(client.waiting, "");
    assert.equal(await scene.proxy.stat("cluster.up.upstream_rq_200"), 1);
    assert.equal(await scene.proxy.stat("http.test.downstream_rq_total"), 1);
    assert.equal(await scene.proxy.stat("http.test.downstream_rq_completed"), 1);
    client.close();
    await scene.proxy.untilIdle();
  });

  it("GET: the mirror's connection is kept for the next", async () => {
    await start();
    scene.up.serve((_head, link) => link.write(ok("real")));
    client.write(get("/1"));
    const mirror = await scene.shadow.accept();
    await mirror.readMessage();
    await client.readMessage();
    mirror.write(ok("1"));
    await scene.proxy.untilStat("cluster.shadow.upstream_rq_200", 1);
    client.write(get("/2"));
    assert.match((await mirror.readMessage()).head, /^GET \/2 /);
    await client.readMessage();
    mirror.write(ok("2"));
    await scene.proxy.untilStat("cluster.shadow.upstream_rq_200", 2);
    assert.equal(await scene.proxy.stat("cluster.shadow.upstream_cx_total"), 1);
  });

  it("HEAD: is mirrored as HEAD, and a length without a body ends the mirror", async () => {
    await start();
    client.write("HEAD / HTTP/1.1\r\nhost: test\r\n\r\n");
    const { link, mirror, mirrored } = await scene.readBoth();
    assert.match(mirrored.head, /^HEAD \/ /);
    for (const each of [link, mirror]) each.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
    assert.match(await client.readHead(), /content-length: 9/);
    await scene.proxy.untilStat("cluster.shadow.upstream_rq_200", 1);
  });

  const bodies: { name: string; pieces: string[]; framing: string; body: string }[] = [
    {
      name: "with a length",
      pieces: [LENGTH, "hello", "world"],
      framing: "content-length: 10",
      body: "helloworld",
    },
    {
      name: "with a length, all at once",
      pieces: [`${LENGTH}helloworld`],
      framing: "content-length: 10",
      body: "helloworld",
    },
    {
      name: "in chunks",
      pieces: [CHUNKED, "5\r\nhello\r\n", "5;a=b\r\nwor", "ld\r\n0\r\n\r\n"],
      framing: "transfer-encoding: chunked",
      body: "helloworld",
    },
    {
      name: "in chunks, all at once",
      pieces: [`${CHUNKED}5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n`],
      framing: "transfer-encoding: chunked",
      body: "helloworld",
    },
    {
      name: "in chunks with trailers",
      pieces: [CHUNKED, "a\r\nhelloworld\r\n0\r\nx-sum: 1\r\n", "x-more: 2\r\n\r\n"],
      framing: "transfer-encoding: chunked",
      body: "helloworld",
    },
    {
      name: "of no byte",
      pieces: [CHUNKED, "0\r\n\r\n"],
      framing: "transfer-encoding: chunked",
      body: "",
    },
  ];
  for (const { name, pieces, framing, body } of bodies) {
    for (const isTrailed of [true, false]) {
      const trailers = isTrailed ? "kept" : "dropped";
      it(`POST: a body ${name} is the same in both, trailers ${trailers}`, async () => {
        await start({ manager: { http_protocol_options: { enable_trailers: isTrailed } } });
        for (const piece of pieces) client.write(piece);
        const { link, mirror, asked, mirrored } = await scene.readBoth();
        const rest = ["POST / HTTP/1.1", framing];
        assert.deepEqual(framed(asked), [...rest, "host: test"].toSorted().concat(body));
        assert.deepEqual(framed(mirrored), [...rest, "host: test-shadow"].toSorted().concat(body));
        for (const each of [link, mirror]) each.write(ok("real"));
        assert.equal((await client.readMessage()).body, "real");
        await scene.proxy.untilStat("cluster.shadow.upstream_rq_200", 1);
      });
    }
  }

  it("POST: a mirror that has to wait gets the whole body, after the answer", async () => {
    // One connection, which is busy until the first mirror is answered.
    const cluster = { circuit_breakers: { thresholds: [{ max_connections: 1 }] } };
    await start({}, cluster);
    const { proxy, shadow, up } = scene;
    up.serve((_head, link, body) => link.write(ok(body)));
    client.write(get("/first"));
    const mirror = await shadow.accept();
    await mirror.readMessage();
    await client.readMessage();
    for (const request of [`${LENGTH}helloworld`, `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`]) {
      client.write(request);
      await client.readMessage();
    }
    client.close();
    mirror.write(ok("1"));
    assert.equal((await mirror.readMessage()).body, "helloworld");
    mirror.write(ok("2"));
    assert.equal((await mirror.readMessage()).body, "hello");
    mirror.write(ok("3"));
    await proxy.untilStat("cluster.shadow.upstream_rq_200", 3);
    await proxy.untilIdle();
    assert.equal(shadow.acceptableCount, 0);
  });

  it("many mirrors: one that fails changes nothing for the others", async () => {
    const policies = [
      ...Array.from({ length: 10 }, () => ({ cluster: "shadow" })),
      { cluster: "refused" },
      { cluster: "empty" },
      { cluster: "up" },
    ];
    await start({
      action: { request_mirror_policies: policies },
      moreClusters: [toCluster("refused", [REFUSED_PORT]), toCluster("empty", [])],
    });
    const mirrored: string[] = [];
    scene.shadow.serve((_head, mirror, body) => {
      mirrored.push(body);
      mirror.write(ok("mirror"));
    });
    scene.up.serve((head, link, body) => link.write(ok(`${head.includes("-shadow")} ${body}`)));
    client.write(LENGTH);
    client.write("helloworld");
    assert.equal((await client.readMessage()).body, "false helloworld");
    await scene.proxy.untilStat("cluster.shadow.upstream_rq_200", 10);
    await scene.proxy.untilStat("cluster.up.upstream_rq_200", 2);
    assert.deepEqual(mirrored, Array(10).fill("helloworld"));
    assert.equal(await scene.proxy.stat("cluster.refused.upstream_rq_503"), 1);
    assert.equal(await scene.proxy.stat("cluster.empty.upstream_cx_none_healthy"), 1);
  });

  it("pipelined requests: each is mirrored, and answers keep their order", async () => {
    await start();
    const mirrored: string[] = [];
    scene.shadow.serve((head, mirror, body) => {
      mirrored.push(told(head, body));
      mirror.write(ok("mirror"));
    });
    scene.up.serve((head, link, body) => link.write(ok(told(head, body))));
    const post = LENGTH.replace("POST /", "POST /2");
    client.write(`${get("/1")}${post}helloworld${get("/3")}${CHUNKED}1\r\nx\r\n0\r\n\r\n`);
    const want = ["GET /1 ", "POST /2 helloworld", "GET /3 ", "POST / x"];
    for (const each of want) assert.equal((await client.readMessage()).body, each);
    await scene.proxy.untilStat("cluster.shadow.upstream_rq_200", want.length);
    assert.deepEqual(mirrored.toSorted(), want.toSorted());
  });

  it("100 Continue: the mirror's is nobody's", async () => {
    await start({ manager: { proxy_100_continue: true } });
    client.write(`${POST}content-length: 5\r\nexpect: 100-continue\r\n\r\n`);
    const [link, mirror] = await scene.acceptBoth();
    await Promise.all([link.readHead(), mirror.readHead()]);
    for (const each of [mirror, link]) each.write("HTTP/1.1 100 Continue\r\n\r\n");
    assert.equal(await client.readHead(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.write("hello");
    for (const each of [mirror, link]) {
      assert.equal(await each.read(5), "hello");
      each.write(ok("real"));
    }
    assert.equal((await client.readMessage()).body, "real");
    await scene.proxy.untilStat("cluster.shadow.upstream_rq_200", 1);
  });

  it("replacement: a mirror in progress ends as it began", async () => {
    await start();
    client.write(`${LENGTH}hello`);
    const [link, mirror] = await scene.acceptBoth();
    await Promise.all([link.readUntil("hello"), mirror.readUntil("hello")]);
    await scene.proxy.proxy.replace(toBootstrap({ endpoints: [scene.up.port] }));
    client.write("world");
    for (const each of [mirror, link]) assert.equal(await each.read(5), "world");
    link.write(ok("real"));
    assert.equal((await client.readMessage()).body, "real");
    mirror.write(ok("mirror"));
    client.write(get("/next"));
    assert.match(await link.readHead(), /^GET \/next /);
    link.write(ok("next"));
    assert.equal((await client.readMessage()).body, "next");
    // Its cluster is gone, and so is its connection.
    assert.equal((await mirror.readToEnd()).text, "");
    assert.equal(scene.shadow.acceptableCount, 0);
    client.close();
    await scene.proxy.untilIdle();
  });
});
