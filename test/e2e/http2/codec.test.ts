import assert from "node:assert/strict";
import type http2 from "node:http2";
import { setTimeout as wait } from "node:timers/promises";
import { Http2Client } from "./http2-client.ts";
import { get, ok, type Part, type ProxySketch, TestProxy } from "../../support/proxy-sketch.ts";
import { RawUpstream } from "../../support/raw-upstream.ts";
import { makeCertificate } from "../../support/tls/certificate.ts";
import { downstreamTls, inlineCertificate } from "../../support/tls/sketch.ts";

const ROOT = makeCertificate({ subject: [["CN", "root"]], isAuthority: true });
const SERVER = makeCertificate({ subject: [["CN", "server"]], dns: ["a.test"], issuer: ROOT });
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

describe("http/2 or http/1.1 downstream", () => {
  let upstream: RawUpstream;
  let proxy: TestProxy | undefined;
  const clients: Http2Client[] = [];

  beforeEach(async () => {
    upstream = await RawUpstream.listen();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await proxy?.untilIdle();
    await proxy?.stop();
    proxy = undefined;
    upstream.close();
  });

  async function start(sketch: Partial<ProxySketch> = {}): Promise<TestProxy> {
    proxy = await TestProxy.start({ endpoints: [upstream.port], ...sketch });
    return proxy;
  }

  async function connect(options?: http2.SecureClientSessionOptions): Promise<Http2Client> {
    const client = await Http2Client.open(proxy?.port ?? 0, options);
    clients.push(client);
    return client;
  }

  const manager = (fields: Part): Partial<ProxySketch> => ({ manager: fields });

  it("TLS: ALPN chooses h2", async () => {
    const common = { tls_certificates: [inlineCertificate(SERVER)], alpn_protocols: ["h2"] };
    await start({ chain: { transport_socket: downstreamTls(common) } });
    upstream.serve((head, connection) => connection.write(ok(head)));
    const client = await connect({ ca: [ROOT.pem], servername: "a.test" });
    assert.match((await client.ask({})).body, /\r\nx-forwarded-proto: https\r\n/);
  });

  it("codec_type AUTO: HTTP/1.1 is served on the same port", async () => {
    const running = await start();
    upstream.serve((_, connection) => connection.write(ok("one")));
    const client = await running.connect();
    client.write(get("/"));
    assert.equal((await client.readMessage()).body, "one");
    client.close();
  });

  it("codec_type AUTO: a preface in pieces is one", async () => {
    const running = await start();
    const client = await running.connect();
    for (const character of PREFACE) {
      client.write(character);
      await wait(1);
    }
    // Our SETTINGS, then the acknowledgement of an empty frame of theirs.
    client.write("\0\0\0\x04\0\0\0\0\0");
    await client.readUntil("\0\0\0\x04\x01\0\0\0\0");
    client.close();
  });

  it("codec_type AUTO: what only begins like a preface is HTTP/1", async () => {
    const running = await start();
    upstream.serve((_, connection) => connection.write(ok("one")));
    const client = await running.connect();
    client.write("P");
    await wait(5);
    client.write("OST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    assert.equal((await client.readMessage()).body, "one");
    client.close();
  });

  it("codec_type HTTP2: HTTP/1 is refused with GOAWAY", async () => {
    const running = await start(manager({ codec_type: "HTTP2" }));
    const client = await running.connect();
    client.write(get("/"));
    const { text } = await client.readToEnd();
    assert.ok(text.includes("\0\0\x08\x07\0"));
  });

  it("codec_type HTTP1: the preface is a malformed request", async () => {
    const running = await start(manager({ codec_type: "HTTP1" }));
    const client = await running.connect();
    client.write(PREFACE);
    assert.match((await client.readToEnd()).text, /^HTTP\/1\.1 400 /);
  });
});
