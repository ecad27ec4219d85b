import assert from "node:assert/strict";
import http2 from "node:http2";
import { type ProxySketch, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { webFilters } from "./interop/proxied.ts";

const WEB_TEXT = "application/grpc-web-text";

describe("gRPC-Web where it meets other things", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy;

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });

  afterEach(async () => {
    await proxy.stop();
    upstream.close();
  });

  async function start(manager: ProxySketch["manager"] = {}): Promise<void> {
    const all = { ...manager, http_filters: webFilters };
    proxy = await TestProxy.start({ endpoints: [upstream.port], manager: all });
  }

  it("gRPC-Web: an upgrade is left alone, whatever type it says", async () => {
    await start({ upgrade_configs: [{ upgrade_type: "websocket" }] });
    const client = await proxy.connect();
    const asked = "connection: upgrade\r\nupgrade: websocket\r\n";
    client.write(`GET / HTTP/1.1\r\nhost: a\r\n${asked}content-type: ${WEB_TEXT}\r\n\r\n`);
    const up = await upstream.accept();
    const head = await up.readHead();
    assert.match(head, /\r\ncontent-type: application\/grpc-web-text\r\n/);
    assert.doesNotMatch(head, /transfer-encoding/);
    up.write(`HTTP/1.1 101 Switching Protocols\r\n${asked}\r\n`);
    assert.match(await client.readHead(), /^HTTP\/1.1 101 /);
    client.write("not base64!");
    assert.equal(await up.read(11), "not base64!");
  });

  it("gRPC-Web: an answer without gRPC waits for its body on HTTP/2, too", async () => {
    await start();
    const session = http2.connect(`http://127.0.0.1:${proxy.port}`);
    const headers = { ":method": "POST", ":path": "/s/m", "content-type": WEB_TEXT };
    const request = session.request(headers);
    request.end("AAAAAAA=");
    const answered = new Promise<http2.IncomingHttpHeaders>((resolve) => {
      request.once("response", resolve);
    });
    const up = await upstream.accept();
    assert.match(await up.readHead(), /\r\ncontent-type: application\/grpc\r\n/);
    assert.equal(await up.readUntil("0\r\n\r\n"), "5\r\n\0\0\0\0\0\r\n0\r\n\r\n");
    up.write("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 10\r\n\r\nfull");
    up.write(" house");
    const response = await answered;
    assert.equal(response[":status"], 503);
    assert.equal(response["grpc-status"], "14");
    assert.equal(response["grpc-message"], "full house");
    assert.equal(response["content-length"], undefined);
    request.resume();
    await new Promise((resolve) => request.once("close", resolve));
    assert.equal(await proxy.stat("cluster.up.upstream_rq_503"), 1);
    session.close();
  });

  it("gRPC-Web: bad base64 resets what the upstream has of the request", async () => {
    await start();
    const client = await proxy.connect();
    const length = "transfer-encoding: chunked\r\n";
    client.write(`POST /s/m HTTP/1.1\r\nhost: a\r\n${length}content-type: ${WEB_TEXT}\r\n\r\n`);
    client.write("4\r\nAAAA\r\n");
    const up = await upstream.accept();
    await up.readHead();
    client.write("4\r\nA?AA\r\n");
    const { head } = await client.readMessage();
    assert.match(head, /^HTTP\/1.1 400 Bad Request\r\n/);
    assert.match(head, /\r\ngrpc-status: 13\r\n/);
    assert.match(head, /\r\ngrpc-message: Bad gRPC-web request, invalid base64 data\.\r\n/);
    await up.readToEnd();
    assert.equal(await proxy.stat("http.test.downstream_cx_protocol_error"), 0);
  });
});
