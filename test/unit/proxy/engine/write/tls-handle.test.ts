import assert from "node:assert/strict";
import { TlsHandle } from "../../../../../proxy/engine/write/tls-handle.ts";
import type { WriteRequest } from "../../../../../proxy/engine/write/writable-handle.ts";

/** A handle of node that ends the process at a second write, as it says. */
class ScriptedHandle {
  readonly written: string[] = [];
  readonly results: (number | WriteRequest)[] = [];
  #current: WriteRequest | null = null;

  writeBuffer(_: null, bytes: Uint8Array): number | WriteRequest {
    if (this.#current !== null) throw new Error("a second write");
    this.written.push(Buffer.from(bytes).toString());
    const result = this.results.shift() ?? request();
    if (typeof result !== "number" && typeof result.writeStatus !== "number") {
      this.#current = result;
    }
    return result;
  }

  complete(status: number): void {
    const current = this.#current;
    this.#current = null;
    current?.oncomplete(status);
  }
}

function request(writeStatus: number | null = null): WriteRequest {
  return { oncomplete: () => {}, buffer: Uint8Array.of(), writeStatus };
}

describe("TlsHandle", () => {
  let inner: ScriptedHandle;
  let handle: TlsHandle;
  let ends: string[];

  beforeEach(() => {
    inner = new ScriptedHandle();
    handle = new TlsHandle(inner);
    ends = [];
  });

  function write(text: string, onEnd: () => void = () => {}): void {
    const result = handle.writeBuffer(null, Buffer.from(text));
    if (typeof result === "number") {
      ends.push(`${text} ${result} at once`);
      return;
    }
    result.oncomplete = (status) => {
      ends.push(`${text} ${status}`);
      onEnd();
    };
    if (typeof result.writeStatus === "number") result.oncomplete(result.writeStatus);
  }

  it("write: it goes to node's handle at once", () => {
    write("a");
    assert.deepEqual([inner.written, ends], [["a"], []]);
    inner.complete(0);
    assert.deepEqual(ends, ["a 0"]);
  });

  it("writes while another goes on: they go together when it ends", () => {
    for (const text of ["a", "b", "c"]) write(text);
    assert.deepEqual(inner.written, ["a"]);
    inner.complete(0);
    assert.deepEqual([inner.written, ends], [["a", "bc"], ["a 0"]]);
    write("d");
    inner.complete(0);
    inner.complete(0);
    assert.deepEqual(
      [inner.written, ends],
      [
        ["a", "bc", "d"],
        ["a 0", "b 0", "c 0", "d 0"],
      ],
    );
  });

  it("write at the end of another: it does not overtake what waited", () => {
    write("a", () => write("c"));
    write("b");
    for (let count = 0; count < 3; count++) inner.complete(0);
    assert.deepEqual(inner.written, ["a", "b", "c"]);
    assert.deepEqual(ends, ["a 0", "b 0", "c 0"]);
  });

  it("write that ends with an error: what waited ends with it, and is not written", () => {
    write("a");
    write("b");
    inner.complete(-125);
    assert.deepEqual([inner.written, ends], [["a"], ["b -125", "a -125"]]);
  });

  it("write that node refuses: the error is returned, and the next one is tried", () => {
    inner.results.push(-71);
    write("a");
    write("b");
    assert.deepEqual([inner.written, ends], [["a", "b"], ["a -71 at once"]]);
  });

  it("write that node refuses behind another: its error is told", () => {
    write("a");
    write("b");
    inner.results.push(-71);
    inner.complete(0);
    assert.deepEqual(ends, ["b -71", "a 0"]);
  });

  it("write that ended before its end could be heard: nothing waits for it", () => {
    inner.results.push(request(0), request(0));
    write("a");
    write("b");
    assert.deepEqual(
      [inner.written, ends],
      [
        ["a", "b"],
        ["a 0", "b 0"],
      ],
    );
  });

  it("write behind another that ended before its end could be heard: it is heard", () => {
    write("a");
    write("b");
    inner.results.push(request(-32));
    inner.complete(0);
    assert.deepEqual(ends, ["b -32", "a 0"]);
  });
});
