import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { get, ok, type Part, type ProxySketch, toBootstrap } from "../../support/proxy-sketch.ts";
import type { RawConnection } from "../../support/raw-connection.ts";
import { FOUND, POST, RedirectScene } from "./redirect-scene.ts";

const CHUNKED = `${POST}transfer-encoding: chunked\r\n\r\n`;

describe("internal redirects", () => {
  let scene: RedirectScene;
  let client: RawConnection;

  afterEach(() => scene.stop());

  async function start(sketch?: Partial<ProxySketch>, target?: Part): Promise<void> {
    scene = await RedirectScene.start(sketch, target);
    client = await scene.proxy.connect();
  }

  it("GET: the client sees only what the redirect led to", async () => {
    await start();
    client.write(get("/a?b", "x-mine: 1\r\n"));
    const [link, target] = await scene.redirect();
    const { head } = await target.readMessage();
    assert.match(head, /^GET \/target HTTP\/1.1\r\nhost: test\r\n/);
    assert.match(head, /\r\nx-mine: 1\r\n/);
    assert.match(head, /\r\nx-envoy-original-url: http:\/\/test\/a\?b\r\n/);
    target.write(ok("target", "x-theirs: 1\r\n"));
    const answer = await client.readMessage();
    assert.equal(answer.body, "target");
    assert.match(answer.head, /^HTTP\/1.1 200 OK\r\n(?!.*location).*x-theirs: 1\r\n/s);
    // Both connections can be used again.
    client.write(get("/again"));
    await link.readMessage();
    link.write(FOUND);
    await target.readMessage();
    target.write(ok("again"));
    assert.equal((await client.readMessage()).body, "again");
    client.close();
    await scene.proxy.untilIdle();
  });

  const bodies: { name: string; pieces: string[]; framing: RegExp; body: string }[] = [
    {
      name: "with a length",
      pieces: [`${POST}content-length: 10\r\n\r\n`, "hello", "world"],
      framing: /content-length: 10\r\n/,
      body: "helloworld",
    },
    {
      name: "with a length, all at once",
      pieces: [`${POST}content-length: 10\r\n\r\nhelloworld`],
      framing: /content-length: 10\r\n/,
      body: "helloworld",
    },
    {
      name: "in chunks",
      pieces: [CHUNKED, "5\r\nhello\r\n", "5\r\nwor", "ld\r\n0\r\n\r\n"],
      framing: /transfer-encoding: chunked\r\n/,
      body: "helloworld",
    },
    {
      name: "in chunks with trailers",
      pieces: [CHUNKED, "a\r\nhelloworld\r\n0\r\nx-sum: 1\r\n", "\r\n"],
      framing: /transfer-encoding: chunked\r\n/,
      body: "helloworld",
    },
    {
      name: "as large as may be kept",
      pieces: [`${POST}content-length: 1048576\r\n\r\n`, "0123456789abcdef".repeat(65_536)],
      framing: /content-length: 1048576\r\n/,
      body: "0123456789abcdef".repeat(65_536),
    },
  ];
  for (const { name, pieces, framing, body } of bodies) {
    it(`POST: a body ${name} is sent again`, async () => {
      await start({ manager: { http_protocol_options: { enable_trailers: true } } });
      for (const piece of pieces) client.write(piece);
      const [link, target] = await scene.redirect();
      const again = await target.readMessage();
      assert.match(again.head, /^POST \/target /);
      assert.match(again.head, framing);
      assert.ok(again.body === body, `${again.body.length} bytes`);
      target.write(ok("target"));
      assert.equal((await client.readMessage()).body, "target");
      client.write(get("/next"));
      assert.match((await link.readMessage()).head, /^GET \/next /);
    });
  }

  it("POST: trailers go along where the cluster has them", async () => {
    const options = { explicit_http_config: { http_protocol_options: { enable_trailers: true } } };
    const type = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    const cluster = {
      typed_extension_protocol_options: {
        [type]: { "@type": `type.googleapis.com/${type}`, ...options },
      },
    };
    await start({
      manager: { http_protocol_options: { enable_trailers: true } },
      cluster,
      routes: [],
    });
    client.write(`${CHUNKED}5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n`);
    const link = await scene.up.accept();
    await link.readUntil("0\r\nx-sum: 1\r\n\r\n");
    link.write(FOUND);
    const again = await link.readUntil("0\r\nx-sum: 1\r\n\r\n");
    assert.match(again, /\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n$/);
    link.write(ok("target"));
    assert.equal((await client.readMessage()).body, "target");
  });

  const large = 1024 * 1024 + 1;
  it("POST: a body that is too large to be kept lets the redirect through", async () => {
    await start();
    client.write(`${POST}content-length: ${large}\r\n\r\n${"b".repeat(large)}`);
    const link = await scene.up.accept();
    assert.equal((await link.readMessage()).body.length, large);
    link.write(FOUND);
    const { head } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 302 Found\r\n.*location: http:\/\/test\/target\r\n/s);
    assert.equal(await scene.proxy.stat("cluster.up.retry_or_shadow_abandoned"), 1);
    assert.equal(await scene.proxy.stat("cluster.up.upstream_internal_redirect_failed_total"), 1);
    client.write(get("/next"));
    assert.match((await link.readMessage()).head, /^GET \/next /);
  });

  it("POST: what is seen elsewhere is asked for with GET", async () => {
    await start();
    client.write(`${POST}content-length: 5\r\n\r\nhello`);
    const [, target] = await scene.redirect(FOUND.replace("302", "303"));
    const { head, body } = await target.readMessage();
    assert.match(head, /^GET \/target (?!.*content-length)/s);
    assert.equal(body, "");
    target.write(ok("target"));
    assert.equal((await client.readMessage()).body, "target");
  });

  const reuse: { name: string; pieces: string[]; isKept: boolean }[] = [
    { name: "without a body", pieces: [FOUND], isKept: true },
    {
      name: "with its body",
      pieces: [`${FOUND.replace("length: 0", "length: 2")}hi`],
      isKept: true,
    },
    {
      name: "with its chunks",
      pieces: [`${FOUND.replace("content-length: 0", "transfer-encoding: chunked")}0\r\n\r\n`],
      isKept: true,
    },
    {
      name: "without all of its body",
      pieces: [`${FOUND.replace("length: 0", "length: 9")}hi`],
      isKept: false,
    },
    {
      name: "that closes",
      pieces: [FOUND.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")],
      isKept: false,
    },
    { name: "with bytes behind it", pieces: [`${FOUND}HTTP/1.1 200 OK\r\n`], isKept: false },
    {
      name: "until the close",
      pieces: [FOUND.replace("content-length: 0\r\n", "")],
      isKept: false,
    },
  ];
  for (const { name, pieces, isKept } of reuse) {
    it(`connection: a redirect ${name} ${isKept ? "leaves it open" : "ends it"}`, async () => {
      await start({ routes: [] });
      client.write(get("/"));
      const link = await scene.up.accept();
      await link.readMessage();
      for (const piece of pieces) link.write(piece);
      const target = isKept ? link : await scene.up.accept();
      assert.match((await target.readMessage()).head, /^GET \/target /);
      if (!isKept) await link.readToEnd();
      target.write(ok("target"));
      assert.equal((await client.readMessage()).body, "target");
      const connections = await scene.proxy.stat("cluster.up.upstream_cx_total");
      assert.equal(connections, isKept ? 1 : 2);
    });
  }

  it("loops: end with the redirect that is one too many", async () => {
    await start({
      routes: [],
      action: { internal_redirect_policy: { max_internal_redirects: 5 } },
    });
    let asked = 0;
    scene.up.serve((_head, link) => {
      asked++;
      link.write(FOUND);
    });
    client.write(get("/"));
    assert.match((await client.readMessage()).head, /^HTTP\/1.1 302 /);
    assert.equal(asked, 6);
    const name = "passthrough_internal_redirect_too_many_redirects";
    assert.equal(await scene.proxy.stat(`http.test.${name}`), 1);
    client.close();
    await scene.proxy.untilIdle();
  });

  it("pipelined requests: those behind a redirect wait for it", async () => {
    await start();
    scene.up.serve((head, link, body) => {
      link.write(head.includes("/plain") ? ok(`plain ${body}`) : FOUND);
    });
    scene.other.serve((head, link, body) => link.write(ok(`${head.slice(0, 4)} ${body}`)));
    const plain = POST.replace("POST /", "POST /plain");
    client.write(
      [
        get("/1"),
        `${POST}content-length: 2\r\n\r\nhi`,
        `${plain}content-length: 2\r\n\r\nhi`,
        `${CHUNKED}2\r\nho\r\n0\r\n\r\n`,
        get("/plain"),
      ].join(""),
    );
    for (const want of ["GET  ", "POST hi", "plain hi", "POST ho", "plain "]) {
      assert.equal((await client.readMessage()).body, want);
    }
    client.close();
    await scene.proxy.untilIdle();
  });

  it("interim responses: those before the redirect reach the client", async () => {
    await start();
    client.write(get("/"));
    const [, target] = await scene.redirect(
      `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${FOUND}`,
    );
    assert.match(await client.readHead(), /^HTTP\/1.1 103 Early Hints\r\nlink: <\/a>\r\n/);
    await target.readMessage();
    target.write(ok("target"));
    assert.equal((await client.readMessage()).body, "target");
  });

  it("access log: a line for the redirect, and one for what came of it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "causeway-redirect-"));
    const path = join(folder, "log");
    const format =
      "%REQ(:METHOD)% %REQ(:PATH)% %REQ(X-ENVOY-ORIGINAL-URL)% %RESPONSE_CODE% " +
      "%RESPONSE_CODE_DETAILS% %ROUTE_NAME% %UPSTREAM_CLUSTER% %BYTES_RECEIVED% %BYTES_SENT% " +
      "%RESP(LOCATION)% %UPSTREAM_WIRE_BYTES_RECEIVED%";
    const typed = {
      "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
      path,
      log_format: { text_format_source: { inline_string: `${format}\n` } },
    };
    await start({ manager: { access_log: [{ name: "file", typed_config: typed }] } });
    client.write(`${POST}content-length: 5\r\n\r\nhello`);
    const body = `${FOUND.replace("length: 0", "length: 2")}hi`;
    const [, target] = await scene.redirect(body);
    await target.readMessage();
    target.write(ok("target"));
    await client.readMessage();
    await scene.proxy.stop();
    assert.deepEqual(readFileSync(path, "utf8").split("\n"), [
      `POST /target http://test/ 302 internal_redirect - up 5 0 http://test/target ${body.length}`,
      `POST /target http://test/ 200 via_upstream target other 5 6 - ${ok("target").length}`,
      "",
    ]);
    rmSync(folder, { recursive: true });
  });

  it("statistics: a request that was followed counts once as a response", async () => {
    await start();
    client.write(get("/"));
    const [, target] = await scene.redirect();
    await target.readMessage();
    target.write(ok("target"));
    await client.readMessage();
    const read = (name: string): Promise<number> => scene.proxy.stat(name);
    assert.equal(await read("http.test.downstream_rq_total"), 2);
    assert.equal(await read("http.test.downstream_rq_completed"), 1);
    assert.equal(await read("http.test.downstream_rq_2xx"), 1);
    assert.equal(await read("http.test.downstream_rq_3xx"), 0);
    assert.equal(await read("http.test.downstream_rq_active"), 0);
    assert.equal(await read("cluster.up.upstream_rq_total"), 1);
    assert.equal(await read("cluster.up.upstream_rq_completed"), 0);
    assert.equal(await read("cluster.up.upstream_internal_redirect_succeeded_total"), 1);
    assert.equal(await read("cluster.other.upstream_rq_200"), 1);
  });

  it("replacement: a redirect leads where it did when the request began", async () => {
    await start();
    client.write(get("/"));
    const link = await scene.up.accept();
    await link.readMessage();
    await scene.proxy.proxy.replace(toBootstrap({ endpoints: [scene.up.port] }));
    link.write(FOUND);
    const target = await scene.other.accept();
    await target.readMessage();
    target.write(ok("target"));
    assert.equal((await client.readMessage()).body, "target");
    client.write(get("/next"));
    assert.match((await link.readMessage()).head, /^GET \/next /);
  });
});
