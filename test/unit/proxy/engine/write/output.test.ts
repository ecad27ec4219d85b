import assert from "node:assert/strict";
import net from "node:net";
import { setImmediate } from "node:timers/promises";
import { type OutputSource, OutputWriter } from "../../../../../proxy/engine/write/output.ts";
import type { WriteRequest } from "../../../../../proxy/engine/write/writable-handle.ts";

/** A source whose regions are numbers, and whose present output is one byte. */
class ScriptedSource implements OutputSource {
  readonly held: number[] = [];
  #bytes = Uint8Array.of(0);
  #region = 1;
  regionsHeld = 0;

  next(byte: number): void {
    this.#bytes = Uint8Array.of(byte);
  }

  /** What the engine does with memory that nobody holds. */
  overwrite(): void {
    this.#bytes.fill(255);
  }

  output(): Uint8Array {
    return this.#bytes;
  }

  holdRegion(): number {
    this.held.push(this.#region);
    this.regionsHeld++;
    return this.#region++;
  }

  releaseRegion(region: number): void {
    this.regionsHeld--;
    this.held.splice(this.held.indexOf(region), 1);
  }
}

describe("OutputWriter", () => {
  let source: ScriptedSource;
  let socket: net.Socket;
  let results: (number | WriteRequest)[];
  let written: Uint8Array[];
  let events: string[];
  let writer: OutputWriter;

  beforeEach(() => {
    source = new ScriptedSource();
    socket = new net.Socket();
    results = [];
    written = [];
    events = [];
    const handle = {
      writeBuffer(_: null, bytes: Uint8Array) {
        written.push(bytes);
        return results.shift() ?? 0;
      },
    };
    Reflect.set(socket, "_handle", handle);
    writer = new OutputWriter(source, socket, {
      onWritten: () => events.push("written"),
      onBroken: () => events.push("broken"),
    });
  });

  afterEach(() => Reflect.set(socket, "_handle", null));

  function write(byte: number): void {
    source.next(byte);
    writer.writeOutput();
  }

  /** The kernel takes nothing at once. */
  function later(): WriteRequest {
    const request = { oncomplete: () => {}, buffer: Uint8Array.of(), writeStatus: null };
    results.push(request);
    return request;
  }

  it("output that the kernel takes at once: nothing waits, nothing is held", () => {
    write(1);
    assert.deepEqual(written, [Uint8Array.of(1)]);
    assert.equal(writer.waitingBytes, 0);
    assert.deepEqual([source.held, events], [[], []]);
  });

  it("output that waits: its region is held until the write ends", () => {
    const request = later();
    write(1);
    assert.equal(writer.waitingBytes, 1);
    assert.deepEqual(source.held, [1]);
    request.oncomplete(0);
    assert.equal(writer.waitingBytes, 0);
    assert.deepEqual([source.held, events], [[], ["written"]]);
  });

  it("output behind output that waits: it is copied, in order", () => {
    const first = later();
    const second = later();
    write(1);
    write(2);
    source.overwrite();
    assert.deepEqual(written[1], Uint8Array.of(2));
    assert.deepEqual(source.held, [1]);
    assert.equal(writer.waitingBytes, 2);
    first.oncomplete(0);
    second.oncomplete(0);
    assert.equal(writer.waitingBytes, 0);
    assert.deepEqual([source.held, events], [[], ["written", "written"]]);
  });

  it("regions: when 64 are held elsewhere, output is copied at once", () => {
    source.regionsHeld = 64;
    const request = later();
    write(1);
    source.overwrite();
    assert.deepEqual(written[0], Uint8Array.of(1));
    assert.deepEqual(source.held, []);
    request.oncomplete(0);
    assert.equal(writer.waitingBytes, 0);
  });

  it("socket that closes: the region comes back when the write ends with an error", () => {
    const request = later();
    write(1);
    writer.close();
    assert.deepEqual(source.held, [1]);
    request.oncomplete(-125);
    assert.deepEqual([source.held, events], [[], ["broken"]]);
  });

  it("write that fails at once: it is told in a later turn, nothing more is written", async () => {
    results.push(-32);
    write(1);
    write(2);
    assert.deepEqual([written.length, events], [1, []]);
    await setImmediate();
    assert.deepEqual(events, ["broken"]);
    assert.deepEqual(source.held, []);
  });

  it("write that ended before its end could be heard: it is heard now", () => {
    results.push({ oncomplete: () => {}, buffer: Uint8Array.of(), writeStatus: 0 });
    write(1);
    assert.deepEqual([source.held, events], [[], ["written"]]);
    assert.equal(writer.waitingBytes, 0);
  });

  it("end: what comes later is dropped", () => {
    let endCount = 0;
    socket.end = () => {
      endCount++;
      return socket;
    };
    writer.end();
    writer.end();
    assert.equal(endCount, 1);
    write(1);
    assert.deepEqual(written, []);
  });

  it("end behind output that waits: the socket ends when it is sent", () => {
    let isEnded = false;
    socket.end = () => {
      isEnded = true;
      return socket;
    };
    const first = later();
    const second = later();
    write(1);
    write(2);
    writer.end();
    first.oncomplete(0);
    assert.equal(isEnded, false);
    second.oncomplete(0);
    assert.equal(isEnded, true);
  });

  it("handle that is done with the bytes: no region is held", () => {
    Reflect.set(Reflect.get(socket, "_handle"), "isDoneWithBytes", true);
    const request = later();
    write(1);
    assert.deepEqual([source.held, writer.waitingBytes], [[], 1]);
    request.oncomplete(0);
    assert.deepEqual([writer.waitingBytes, events], [0, ["written"]]);
  });

  it("bytes from anywhere: they go behind what waits, and none after the end", () => {
    socket.end = () => socket;
    const first = later();
    const second = later();
    write(1);
    writer.writeBytes(Uint8Array.of(7, 8));
    assert.deepEqual(written, [Uint8Array.of(1), Uint8Array.of(7, 8)]);
    assert.deepEqual([source.held, writer.waitingBytes], [[1], 3]);
    writer.end();
    writer.writeBytes(Uint8Array.of(9));
    first.oncomplete(0);
    second.oncomplete(0);
    assert.deepEqual([written.length, writer.waitingBytes], [2, 0]);
  });

  it("socket without a handle of the right shape: the socket writes a copy", async () => {
    Reflect.set(socket, "_handle", null);
    const sent: unknown[] = [];
    socket.write = (bytes: unknown, done: unknown) => {
      sent.push(bytes);
      if (typeof done === "function") process.nextTick(done);
      return true;
    };
    write(1);
    source.overwrite();
    assert.deepEqual(sent, [Uint8Array.of(1)]);
    assert.equal(writer.waitingBytes, 1);
    await setImmediate();
    assert.equal(writer.waitingBytes, 0);
    assert.deepEqual(events, ["written"]);
  });
});
