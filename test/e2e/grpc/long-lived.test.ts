import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import { type ProxySketch, TestProxy, toBootstrap } from "../../support/proxy-sketch.ts";
import { HTTP2 } from "./interop/proxied.ts";

/** Messages are plain bytes, so that no .proto file is needed. */
const pass = (bytes: Buffer): Buffer => bytes;

const CHAT = "/test.Echo/Chat";

const SERVICE = {
  chat: {
    path: CHAT,
    requestStream: true,
    responseStream: true,
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  },
};

type Call = grpc.ClientDuplexStream<Buffer, Buffer>;

describe("gRPC streams that live long", () => {
  let server: grpc.Server;
  let port = 0;
  let proxy: TestProxy;
  let client: grpc.Client;

  before(async () => {
    server = new grpc.Server();
    server.addService(SERVICE, {
      chat(call: grpc.ServerDuplexStream<Buffer, Buffer>) {
        call.on("data", (message: Buffer) => call.write(message));
        call.on("end", () => call.end());
      },
    });
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
    await proxy.stop();
  });

  function sketch(more: Partial<ProxySketch> = {}): ProxySketch {
    return { endpoints: [port], cluster: HTTP2, ...more };
  }

  async function open(more: Partial<ProxySketch> = {}): Promise<Call> {
    proxy = await TestProxy.start(sketch(more));
    client = new grpc.Client(`127.0.0.1:${proxy.port}`, grpc.credentials.createInsecure());
    return client.makeBidiStreamRequest(CHAT, pass, pass);
  }

  /** Sends a message, and resolves when it comes back. */
  async function say(call: Call, text: string): Promise<void> {
    const answer = new Promise((resolve) => call.once("data", resolve));
    call.write(Buffer.from(text));
    assert.equal(String(await answer), text);
  }

  /** Ends the call, and resolves with its status. */
  async function end(call: Call): Promise<grpc.StatusObject> {
    const status = new Promise<grpc.StatusObject>((resolve) => call.once("status", resolve));
    call.end();
    return status;
  }

  it("stream_idle_timeout: messages that come in time keep a stream alive", async () => {
    const call = await open({ manager: { stream_idle_timeout: "0.4s" } });
    for (let i = 0; i < 8; i++) {
      await say(call, `${i}`);
      await setTimeout(100);
    }
    assert.equal((await end(call)).code, grpc.status.OK);
    assert.equal(await proxy.stat("http.test.downstream_rq_idle_timeout"), 0);
  });

  it("stream_idle_timeout: a stream that is silent for longer is reset", async () => {
    const call = await open({ manager: { stream_idle_timeout: "0.2s" } });
    await say(call, "one");
    const error = await new Promise<grpc.ServiceError>((resolve) => call.once("error", resolve));
    assert.equal(error.code, grpc.status.INTERNAL);
    assert.equal(await proxy.stat("http.test.downstream_rq_idle_timeout"), 1);
    await proxy.untilStat("cluster.up.upstream_rq_active", 0);
  });

  it("stream_idle_timeout: 0 lets a silent stream live", async () => {
    const action = { timeout: "0s", idle_timeout: "0s" };
    const call = await open({ manager: { stream_idle_timeout: "0.1s" }, action });
    await say(call, "one");
    await setTimeout(400);
    await say(call, "two");
    assert.equal((await end(call)).code, grpc.status.OK);
  });

  it("the route's timeout: it begins with the end of the request", async () => {
    const call = await open({ action: { timeout: "0.2s" } });
    for (let i = 0; i < 4; i++) {
      await say(call, `${i}`);
      await setTimeout(100);
    }
    assert.equal((await end(call)).code, grpc.status.OK);
  });

  it("new configuration: a stream goes on with what it began with", async () => {
    const call = await open();
    await say(call, "before");
    const routes = [{ match: { prefix: "/" }, direct_response: { status: 403 } }];
    await proxy.proxy.replace(toBootstrap(sketch({ routes })));
    await say(call, "after");
    const other = client.makeBidiStreamRequest(CHAT, pass, pass);
    const error = await new Promise<grpc.ServiceError>((resolve) => other.once("error", resolve));
    assert.equal(error.code, grpc.status.PERMISSION_DENIED);
    await say(call, "at last");
    assert.equal((await end(call)).code, grpc.status.OK);
  });

  it("drain: a stream goes on, and the proxy waits for it", async () => {
    const call = await open();
    await say(call, "before");
    let isDrained = false;
    const drained = proxy.proxy.drain().then(() => {
      isDrained = true;
    });
    await say(call, "while it drains");
    await setTimeout(200);
    await say(call, "later");
    assert.equal(isDrained, false);
    assert.equal((await end(call)).code, grpc.status.OK);
    client.close();
    await drained;
  });
});
