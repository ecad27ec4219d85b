import assert from "node:assert/strict";
import { get, ok, type ProxySketch } from "../../support/proxy-sketch.ts";
import type { RawConnection } from "../../support/raw-connection.ts";
import { CHUNKED, LENGTH, MirrorScene, REFUSED_PORT } from "./mirror-scene.ts";

describe("mirrors, failures", () => {
  let scene: MirrorScene;
  let client: RawConnection;

  afterEach(() => scene.stop());

  async function start(sketch?: Partial<ProxySketch>): Promise<void> {
    scene = await MirrorScene.start(sketch);
    client = await scene.proxy.connect();
  }

  /** Sends half of a body, and reads it at both ends. */
  async function sendHalf(): Promise<[link: RawConnection, mirror: RawConnection]> {
    client.write(`${LENGTH}hello`);
    const both = await scene.acceptBoth();
    await Promise.all(both.map((each) => each.readUntil("hello")));
    return both;
  }

  const answers: { name: string; answer: (mirror: RawConnection) => void; counted: string }[] = [
    {
      name: "malformed bytes",
      answer: (mirror) => mirror.write("nonsense\r\n\r\n"),
      counted: "upstream_cx_protocol_error",
    },
    { name: "a close", answer: (mirror) => mirror.end(), counted: "upstream_rq_503" },
    { name: "a reset", answer: (mirror) => mirror.reset(), counted: "upstream_rq_503" },
    {
      name: "a response that is cut short",
      answer: (mirror) => mirror.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi"),
      counted: "upstream_rq_200",
    },
    {
      name: "a redirect, which is not followed",
      answer: (mirror) => {
        mirror.write("HTTP/1.1 302 Found\r\nlocation: http://test/\r\ncontent-length: 0\r\n\r\n");
      },
      counted: "upstream_rq_302",
    },
    {
      name: "interim responses",
      answer: (mirror) => mirror.write(`HTTP/1.1 103 Early Hints\r\n\r\n${ok("mirror")}`),
      counted: "upstream_rq_200",
    },
  ];
  for (const { name, answer, counted } of answers) {
    it(`the mirror: ${name} is nobody's concern`, async () => {
      await start({ action: { internal_redirect_policy: {} } });
      client.write(`${LENGTH}helloworld`);
      const { link, mirror } = await scene.readBoth();
      answer(mirror);
      await scene.proxy.untilStat(`cluster.shadow.${counted}`, 1);
      link.write(ok("real"));
      assert.equal((await client.readMessage()).body, "real");
      client.write(get("/again"));
      assert.match((await link.readMessage()).head, /^GET \/again /);
      link.write(ok("again"));
      assert.equal((await client.readMessage()).body, "again");
    });
  }

  it("the mirror: when it answers before it has the body, it gets no more of it", async () => {
    await start();
    const [link, mirror] = await sendHalf();
    mirror.write("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
    assert.deepEqual(await mirror.readToEnd(), { text: "", isBroken: false });
    client.write("world");
    assert.equal(await link.read(5), "world");
    link.write(ok("real"));
    assert.equal((await client.readMessage()).body, "real");
    assert.equal(await scene.proxy.stat("cluster.shadow.upstream_rq_413"), 1);
  });

  it("the mirror: when it never answers, it ends with the route's timeout", async () => {
    await start({ action: { timeout: "0.2s" } });
    client.write(get("/"));
    const { link, mirror } = await scene.readBoth();
    link.write(ok("real"));
    assert.equal((await client.readMessage()).body, "real");
    assert.equal((await mirror.readToEnd()).text, "");
    assert.equal(await scene.proxy.stat("cluster.shadow.upstream_rq_timeout"), 1);
    client.close();
    await scene.proxy.untilIdle();
  });

  // The reply is in the engine's output when the mirrors are ended, which use it, too.
  const REFUSED = /^HTTP\/1.1 503 .*remote connection failure$/s;
  const replies: { name: string; request: string; sketch: Partial<ProxySketch>; want: RegExp }[] = [
    {
      name: "who refuses half a body",
      request: `${LENGTH}hello`,
      sketch: { endpoints: [REFUSED_PORT] },
      want: REFUSED,
    },
    {
      name: "who refuses a body",
      request: `${LENGTH}helloworld`,
      sketch: { endpoints: [REFUSED_PORT] },
      want: REFUSED,
    },
    {
      name: "who refuses a request",
      request: get("/"),
      sketch: { endpoints: [REFUSED_PORT] },
      want: REFUSED,
    },
    {
      name: "a breaker that is open",
      request: `${LENGTH}hello`,
      sketch: { cluster: { circuit_breakers: { thresholds: [{ max_requests: 0 }] } } },
      want: /^HTTP\/1.1 503 .*overflow$/s,
    },
    {
      name: "no endpoint",
      request: `${LENGTH}hello`,
      sketch: { endpoints: [] },
      want: /^HTTP\/1.1 503 .*no healthy upstream$/s,
    },
    {
      name: "a timeout",
      request: `${LENGTH}helloworld`,
      sketch: { action: { timeout: "0.1s" } },
      want: /^HTTP\/1.1 504 .*timeout$/s,
    },
    {
      name: "a client that is too slow",
      request: `${LENGTH}hello`,
      sketch: { manager: { stream_idle_timeout: "0.1s" } },
      want: /^HTTP\/1.1 408 .*timeout$/s,
    },
    {
      name: "a malformed chunk",
      request: `${CHUNKED}5\r\nhello\r\nz\r\n`,
      sketch: {},
      want: /^HTTP\/1.1 400 .*Bad Request$/s,
    },
  ];
  for (const { name, request, sketch, want } of replies) {
    it(`the request: the client is told of ${name}, and the mirror ends`, async () => {
      await start(sketch);
      scene.shadow.serve((_head, mirror) => mirror.write(ok("mirror")));
      client.write(request);
      const { head, body } = await client.readMessage();
      assert.match(`${head}${body}`, want);
      client.close();
      await scene.proxy.untilIdle();
    });
  }

  it("the request: without an endpoint for it there is no mirror", async () => {
    await start({ endpoints: [] });
    client.write(get("/"));
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 503 /);
    assert.equal(await scene.proxy.stat("cluster.shadow.upstream_rq_total"), 0);
  });

  it("the request: an answer before the body is whole ends the mirror", async () => {
    await start();
    const [link, mirror] = await sendHalf();
    link.write(ok("early"));
    assert.equal((await client.readMessage()).body, "early");
    await mirror.readToEnd();
    client.close();
    await scene.proxy.untilIdle();
  });

  it("the client: when it goes away in the middle of its body, so does the mirror", async () => {
    await start();
    const both = await sendHalf();
    client.reset();
    await Promise.all(both.map((each) => each.readToEnd()));
    await scene.proxy.untilIdle();
    assert.equal(await scene.proxy.stat("cluster.shadow.upstream_rq_completed"), 0);
  });

  it("the client: when it goes away behind its body, the mirror has all it wants", async () => {
    await start();
    const [link, mirror] = await sendHalf();
    client.write("world");
    await Promise.all([link, mirror].map((each) => each.readUntil("world")));
    client.reset();
    await link.readToEnd();
    mirror.write(ok("mirror"));
    await scene.proxy.untilStat("cluster.shadow.upstream_rq_200", 1);
    await scene.proxy.untilIdle();
  });
});
