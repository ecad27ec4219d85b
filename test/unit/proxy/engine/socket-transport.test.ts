import assert from "node:assert/strict";
import { once } from "node:events";
import type net from "node:net";
import { openSocket } from "../../../../proxy/engine/socket.ts";
import { SocketTransport } from "../../../../proxy/engine/socket-transport.ts";
import { loadEngine } from "../../../support/load-engine.ts";
import type { RawConnection } from "../../../support/raw-connection.ts";
import { RawUpstream } from "../../../support/raw-upstream.ts";

describe("SocketTransport", () => {
  const engine = loadEngine();
  let upstream: RawUpstream;
  let peer: RawConnection;
  let transport: SocketTransport;
  let socket: net.Socket;
  let events: string[];

  beforeEach(async () => {
    events = [];
    upstream = await RawUpstream.listen();
    socket = openSocket(engine, null, (bytes) => transport.read(bytes));
    transport = new SocketTransport(engine, socket);
    transport.listen({
      onRead: (bytes) => events.push(Buffer.from(engine.input.subarray(0, bytes)).toString()),
      onEnd: () => events.push("end"),
      onWritten: () => events.push("written"),
      onBroken: () => events.push("broken"),
      onClosed: (error) => events.push(error === null ? "closed" : `closed: ${error.code}`),
    });
    socket.connect({ host: "127.0.0.1", port: upstream.port });
    await once(socket, "connect");
    peer = await upstream.accept();
  });

  afterEach(() => {
    transport.destroy();
    upstream.close();
  });

  async function until(event: string): Promise<void> {
    while (!events.includes(event)) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  function write(text: string): void {
    engine.input.set(Buffer.from(text));
    engine.calls.echo(text.length);
    transport.writeOutput();
  }

  it("reset: the peer hears of it", async () => {
    transport.reset();
    assert.ok((await peer.readToEnd()).isBroken);
    await until("closed");
  });

  it("reset where a FIN waits behind other bytes: closed all the same", async () => {
    peer.socket.pause();
    for (let piece = 0; piece < 400; piece++) write("x".repeat(60_000));
    transport.end();
    transport.reset();
    await until("closed");
    assert.ok(!events.some((each) => each.startsWith("closed:")));
  });

  it("bytes: go both ways, and the end of each by itself", async () => {
    write("hello");
    assert.equal(await peer.read(5), "hello");
    peer.write("hi");
    await until("hi");
    transport.end();
    assert.equal((await peer.readToEnd()).text, "");
    peer.end("bye");
    await until("end");
    assert.deepEqual(events.slice(0, 3), ["hi", "bye", "end"]);
  });

  it("pause and resume: what comes waits in between", async () => {
    transport.pause();
    assert.ok(transport.isPaused);
    peer.write("later");
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.deepEqual(events, []);
    transport.resume();
    await until("later");
    assert.ok(!transport.isPaused);
  });

  it("whenSent: when the end is with the kernel, and at once after that", async () => {
    write("hello");
    transport.end();
    await new Promise<void>((resolve) => transport.whenSent(resolve));
    let isSent = false;
    transport.whenSent(() => {
      isSent = true;
    });
    assert.ok(isSent);
  });

  it("a reset: closed, and why", async () => {
    peer.reset();
    await until("closed: ECONNRESET");
  });

  it("closeOutput: later output is dropped", async () => {
    transport.closeOutput();
    write("dropped");
    transport.end();
    assert.equal((await peer.readToEnd()).text, "");
  });
});
