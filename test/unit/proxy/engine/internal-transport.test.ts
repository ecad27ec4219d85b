import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { Engine } from "../../../../proxy/engine/engine.ts";
import { FlushQueue } from "../../../../proxy/engine/flush-queue.ts";
import { InternalTransport } from "../../../../proxy/engine/internal-transport.ts";
import type { TransportListener } from "../../../../proxy/engine/transport.ts";
import { loadEngine } from "../../../support/load-engine.ts";

/** Writes down what a transport tells. */
class Heard implements TransportListener {
  readonly events: string[] = [];
  readonly #engine: Engine;
  onReadOnce: (() => void) | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  onRead(bytes: number): void {
    const text = Buffer.from(this.#engine.input.subarray(0, bytes)).toString("latin1");
    this.events.push(text.length > 20 ? `${text.length} bytes` : text);
    const then = this.onReadOnce;
    this.onReadOnce = null;
    then?.();
  }

  onEnd(): void {
    this.events.push("end");
  }

  onWritten(): void {
    this.events.push("written");
  }

  onBroken(): void {
    this.events.push("broken");
  }

  onClosed(): void {
    this.events.push("closed");
  }
}

describe("InternalTransport", () => {
  const engine = loadEngine();
  let one: InternalTransport;
  let other: InternalTransport;
  let heardByOne: Heard;
  let heard: Heard;
  let bytesBefore: number;

  beforeEach(() => {
    bytesBefore = engine.calls.bytesInUse();
    [one, other] = InternalTransport.pair(engine, new FlushQueue());
    heardByOne = new Heard(engine);
    heard = new Heard(engine);
    one.listen(heardByOne);
    other.listen(heard);
  });

  afterEach(async () => {
    one.destroy();
    other.destroy();
    await setImmediate();
    assert.equal(engine.calls.bytesInUse(), bytesBefore, "all memory is given back");
  });

  /** Makes a text the engine's output, and writes it. */
  function write(transport: InternalTransport, text: string): void {
    for (let at = 0; at < text.length; ) {
      const piece = Buffer.from(text.slice(at, at + engine.input.length), "latin1");
      engine.input.set(piece);
      engine.calls.echo(piece.length);
      transport.writeOutput();
      at += piece.length;
    }
  }

  it("writing: read by the other end in order, but not within the call", async () => {
    write(one, "first");
    write(one, "second");
    assert.deepEqual(heard.events, []);
    assert.equal(one.waitingBytes, 11);
    await setImmediate();
    assert.deepEqual(heard.events, ["first", "second"]);
    assert.deepEqual(heardByOne.events, ["written"]);
    assert.equal(one.waitingBytes, 0);
  });

  it("an answer: read in the same turn", async () => {
    heard.onReadOnce = () => write(other, "answer");
    write(one, "question");
    await setImmediate();
    assert.deepEqual(
      heardByOne.events.filter((each) => each !== "written"),
      ["answer"],
    );
  });

  it("pause: nothing is read until resume, and what waits counts", async () => {
    other.pause();
    assert.ok(other.isPaused);
    write(one, "x".repeat(200_000));
    await setImmediate();
    assert.deepEqual(heard.events, []);
    assert.equal(one.waitingBytes, 200_000);
    other.resume();
    await setImmediate();
    const total = heard.events.reduce((sum, each) => sum + Number.parseInt(each, 10), 0);
    assert.equal(total, 200_000);
    assert.equal(one.waitingBytes, 0);
    assert.deepEqual(heardByOne.events, ["written"]);
  });

  it("pause while reading: the rest waits", async () => {
    heard.onReadOnce = () => other.pause();
    write(one, "first");
    write(one, "second");
    await setImmediate();
    assert.deepEqual(heard.events, ["first"]);
    assert.equal(one.waitingBytes, 6);
    other.resume();
    await setImmediate();
    assert.deepEqual(heard.events, ["first", "second"]);
  });

  it("end: told once, behind what was written; the other way stays open", async () => {
    write(one, "bye");
    one.end();
    one.end();
    write(one, "dropped");
    await setImmediate();
    assert.deepEqual(heard.events, ["bye", "end"]);
    write(other, "still");
    await setImmediate();
    assert.deepEqual(
      heardByOne.events.filter((each) => each !== "written"),
      ["still"],
    );
    assert.deepEqual(heard.events, ["bye", "end", "written"]);
  });

  it("whenSent: at once where nothing waits, else when all is read", async () => {
    let sent = 0;
    one.whenSent(() => sent++);
    assert.equal(sent, 1);
    write(one, "hello");
    one.whenSent(() => sent++);
    assert.equal(sent, 1);
    await setImmediate();
    assert.equal(sent, 2);
  });

  it("destroy: what was written goes on, then that it is closed, and no end", async () => {
    write(one, "last words");
    one.destroy();
    await setImmediate();
    assert.deepEqual(heard.events, ["last words", "closed"]);
    assert.deepEqual(heardByOne.events, []);
  });

  it("destroy: what was not read is given back, and nothing is told to who destroyed", async () => {
    other.pause();
    write(one, "x".repeat(100_000));
    other.destroy();
    await setImmediate();
    assert.deepEqual(heard.events, []);
    assert.equal(one.waitingBytes, 0);
    assert.deepEqual(heardByOne.events, ["closed"]);
  });

  it("destroy while reading: nothing more is told", async () => {
    heard.onReadOnce = () => other.destroy();
    write(one, "first");
    write(one, "second");
    await setImmediate();
    assert.deepEqual(heard.events, ["first"]);
  });

  it("writing to an end that is gone: broken, later, and once", async () => {
    other.destroy();
    write(one, "hello");
    write(one, "hello");
    assert.deepEqual(heardByOne.events, []);
    await setImmediate();
    assert.equal(heardByOne.events.filter((each) => each === "broken").length, 1);
  });

  it("closeOutput: later output is dropped", async () => {
    one.closeOutput();
    write(one, "hello");
    await setImmediate();
    assert.deepEqual(heard.events, []);
  });

  it("listen: hears of what came before", async () => {
    const [early, late] = InternalTransport.pair(engine, new FlushQueue());
    write(early, "early");
    early.end();
    await setImmediate();
    const listener = new Heard(engine);
    late.listen(listener);
    await setImmediate();
    assert.deepEqual(listener.events, ["early", "end"]);
    early.destroy();
    late.destroy();
  });
});
