import assert from "node:assert/strict";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { Engine } from "../../../../../proxy/engine/engine.ts";
import { FlushQueue } from "../../../../../proxy/engine/flush-queue.ts";
import { InternalTransport } from "../../../../../proxy/engine/internal-transport.ts";
import { TransportStream } from "../../../../../proxy/tls/socket/transport-stream.ts";
import { loadEngine } from "../../../../support/load-engine.ts";

describe("TransportStream", () => {
  let engine: Engine;
  let one: TransportStream;
  let other: TransportStream;
  let far: InternalTransport;

  beforeEach(() => {
    engine = loadEngine();
    const [near, peer] = InternalTransport.pair(engine, new FlushQueue());
    far = peer;
    one = new TransportStream(engine, near);
    other = new TransportStream(engine, far);
  });

  /** Reads to the end and leaves the stream open. */
  async function readAll(stream: TransportStream): Promise<Buffer> {
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    await once(stream, "end");
    return Buffer.concat(pieces);
  }

  it("bytes: many go over whole, and leave no memory behind", async () => {
    const before = engine.calls.bytesInUse();
    const sent = Buffer.alloc(1_000_000, "0123456789");
    one.end(sent);
    const read = await readAll(other);
    assert.ok(read.equals(sent));
    other.end();
    await once(other, "close");
    assert.equal(engine.calls.bytesInUse(), before);
  });

  it("back pressure: a write is not taken while too much waits at the other end", async () => {
    const before = engine.calls.bytesInUse();
    const piece = Buffer.alloc(50_000);
    let taken = 0;
    for (let count = 0; count < 20; count++) one.write(piece, () => taken++);
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    assert.ok(taken > 0 && taken < 20, `${taken}`);
    assert.ok(engine.calls.bytesInUse() - before < 400_000);
    other.resume();
    while (taken < 20) await setImmediate();
  });

  it("end: one direction ends, the other goes on", async () => {
    one.end("last");
    assert.equal(`${await readAll(other)}`, "last");
    other.end("answer");
    assert.equal(`${await readAll(one)}`, "answer");
  });

  it("break: the other end fails when one is destroyed", async () => {
    const failed = once(other, "error");
    other.resume();
    one.destroy();
    const [error]: { code?: string }[] = await failed;
    assert.equal(error.code, "ECONNRESET");
  });
});
