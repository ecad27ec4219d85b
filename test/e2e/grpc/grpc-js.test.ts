import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import { type Part, type ProxySketch, TestProxy } from "../../support/proxy-sketch.ts";

/** Messages are plain bytes, so that no .proto file is needed. */
const pass = (bytes: Buffer): Buffer => bytes;

function method(path: string, requestStream: boolean, responseStream: boolean) {
  const codec = {
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  };
  return { path, requestStream, responseStream, ...codec };
}

const SERVICE = {
  unary: method("/test.Echo/Unary", false, false),
  download: method("/test.Echo/Download", false, true),
  upload: method("/test.Echo/Upload", true, false),
  chat: method("/test.Echo/Chat", true, true),
  fail: method("/test.Echo/Fail", false, false),
  hang: method("/test.Echo/Hang", false, false),
};

const cancelled: string[] = [];

const IMPLEMENTATION: grpc.UntypedServiceImplementation = {
  unary(call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
    const trailers = new grpc.Metadata();
    trailers.set("x-trailer", "end");
    const head = new grpc.Metadata();
    head.set("x-seen", call.metadata.get("x-sent").join());
    call.sendMetadata(head);
    callback(null, call.request, trailers);
  },
  download(call: grpc.ServerWritableStream<Buffer, Buffer>) {
    for (let i = 0; i < 100; i++) call.write(Buffer.from(`${call.request}${i}`));
    call.end();
  },
  upload(call: grpc.ServerReadableStream<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
    let bytes = 0;
    call.on("data", (message: Buffer) => {
      bytes += message.length;
    });
    call.on("end", () => callback(null, Buffer.from(`${bytes}`)));
  },
  chat(call: grpc.ServerDuplexStream<Buffer, Buffer>) {
    call.on("data", (message: Buffer) => call.write(Buffer.from(`re: ${message}`)));
    call.on("end", () => call.end());
  },
  fail(_call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
    callback({ code: grpc.status.NOT_FOUND, details: "no such thing, näh" });
  },
  hang(call: grpc.ServerUnaryCall<Buffer, Buffer>) {
    call.on("cancelled", () => cancelled.push("hang"));
  },
};

const HTTP2: Part = {
  typed_extension_protocol_options: {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};

describe("gRPC with @grpc/grpc-js", () => {
  let server: grpc.Server;
  let port = 0;
  let proxy: TestProxy;
  let client: grpc.Client;

  async function start(sketch: Partial<ProxySketch> = {}): Promise<void> {
    proxy = await TestProxy.start({ endpoints: [port], cluster: HTTP2, ...sketch });
    client = new grpc.Client(`127.0.0.1:${proxy.port}`, grpc.credentials.createInsecure());
  }

  before(async () => {
    server = new grpc.Server();
    server.addService(SERVICE, IMPLEMENTATION);
    port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
  });

  after(() => server.forceShutdown());

  afterEach(async () => {
    client.close();
    await proxy.untilIdle();
    await proxy.stop();
  });

  /** Makes a unary call; rejects with the status. */
  function unary(path: string, request: Buffer, options: grpc.CallOptions = {}): Promise<Buffer> {
    const metadata = new grpc.Metadata();
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, pass, pass, request, metadata, options, (error, value) => {
        if (error !== null) reject(error);
        else resolve(value ?? Buffer.alloc(0));
      });
    });
  }

  it("unary: metadata and trailers go both ways", async () => {
    await start();
    const metadata = new grpc.Metadata();
    metadata.set("x-sent", "yes");
    metadata.set("x-bytes-bin", Buffer.from([0, 255, 1]));
    const call = client.makeUnaryRequest(
      SERVICE.unary.path,
      pass,
      pass,
      Buffer.from("hello"),
      metadata,
      () => {},
    );
    const head = new Promise<grpc.Metadata>((resolve) => call.on("metadata", resolve));
    const status = new Promise<grpc.StatusObject>((resolve) => call.on("status", resolve));
    assert.deepEqual((await head).get("x-seen"), ["yes"]);
    const { code, metadata: trailers } = await status;
    assert.equal(code, grpc.status.OK);
    assert.deepEqual(trailers.get("x-trailer"), ["end"]);
  });

  it("unary: many calls at a time on one connection", async () => {
    await start();
    const calls = Array.from({ length: 200 }, (_, i) => {
      return unary(SERVICE.unary.path, Buffer.from(`${i}`));
    });
    const answers = await Promise.all(calls);
    assert.deepEqual(
      answers.map(String),
      calls.map((_, i) => `${i}`),
    );
    assert.equal(await proxy.stat("http.test.downstream_cx_total"), 1);
    assert.equal(await proxy.stat("cluster.up.upstream_cx_total"), 1);
  });

  it("unary: a message of 3 MB", async () => {
    await start();
    const message = Buffer.alloc(3_000_000, "abc");
    assert.ok((await unary(SERVICE.unary.path, message)).equals(message));
  });

  it("server streaming: all messages, in order", async () => {
    await start();
    const { path } = SERVICE.download;
    const call = client.makeServerStreamRequest(path, pass, pass, Buffer.from("m"));
    const seen: string[] = [];
    for await (const message of call) seen.push(String(message));
    assert.deepEqual(
      seen,
      Array.from({ length: 100 }, (_, i) => `m${i}`),
    );
  });

  it("client streaming: all messages arrive", async () => {
    await start();
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const { path } = SERVICE.upload;
      const call = client.makeClientStreamRequest(path, pass, pass, (error, value) => {
        if (error !== null) reject(error);
        else resolve(value ?? Buffer.alloc(0));
      });
      for (let i = 0; i < 50; i++) call.write(Buffer.alloc(20_000));
      call.end();
    });
    assert.equal(String(answer), "1000000");
  });

  it("bidirectional streaming: each message is answered while the stream is open", async () => {
    await start();
    const call = client.makeBidiStreamRequest(SERVICE.chat.path, pass, pass);
    for (const text of ["one", "two", "three"]) {
      call.write(Buffer.from(text));
      const answer = await new Promise((resolve) => call.once("data", resolve));
      assert.equal(String(answer), `re: ${text}`);
    }
    const ended = new Promise((resolve) => call.once("end", resolve));
    call.end();
    await ended;
  });

  it("a status that is an error: code and message arrive", async () => {
    await start();
    await assert.rejects(unary(SERVICE.fail.path, Buffer.alloc(0)), {
      code: grpc.status.NOT_FOUND,
      details: "no such thing, näh",
    });
    assert.equal(await proxy.stat("http.test.downstream_rq_2xx"), 1);
  });

  it("a method that nobody has: UNIMPLEMENTED, in the head alone", async () => {
    await start();
    await assert.rejects(unary("/test.Echo/Nothing", Buffer.alloc(0)), {
      code: grpc.status.UNIMPLEMENTED,
    });
  });

  it("deadline: the server hears that the call is cancelled", async () => {
    await start();
    cancelled.length = 0;
    const call = unary(SERVICE.hang.path, Buffer.alloc(0), { deadline: Date.now() + 200 });
    await assert.rejects(call, { code: grpc.status.DEADLINE_EXCEEDED });
    while (cancelled.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it("no upstream: UNAVAILABLE", async () => {
    await start({ endpoints: [] });
    await assert.rejects(unary(SERVICE.unary.path, Buffer.alloc(0)), {
      code: grpc.status.UNAVAILABLE,
      details: "no healthy upstream",
    });
  });

  it("no route: UNIMPLEMENTED", async () => {
    const routes = [{ match: { prefix: "/" }, direct_response: { status: 404 } }];
    await start({ routes });
    await assert.rejects(unary(SERVICE.unary.path, Buffer.alloc(0)), {
      code: grpc.status.UNIMPLEMENTED,
    });
  });

  it("the route's timeout: UNAVAILABLE, as Envoy maps 504", async () => {
    await start({ action: { timeout: "0.2s" } });
    await assert.rejects(unary(SERVICE.hang.path, Buffer.alloc(0)), {
      code: grpc.status.UNAVAILABLE,
      details: "upstream request timeout",
    });
  });
});
