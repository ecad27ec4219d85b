import assert from "node:assert/strict";
import { FilterRun } from "../../../../proxy/listener/filter-run.ts";
import type { ListenerFilter } from "../../../../proxy/listener/filter/listener-filter.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** A filter that waits for so many bytes, takes some of them away, and says what it saw. */
function waitingFor(count: number, takenBytes: number, seen: string[]): ListenerFilter {
  return {
    takenBytes,
    onAccept: () => "more",
    onBytes(bytes) {
      seen.push(text(bytes));
      return bytes.length < count ? "more" : "next";
    },
  };
}

const PASSING: ListenerFilter = {
  takenBytes: 0,
  onAccept: () => "next",
  onBytes: () => assert.fail("it asked for nothing"),
};

describe("FilterRun", () => {
  it("start: without filters, and with those that look at no bytes, it is done", () => {
    assert.equal(new FilterRun([]).start(), "done");
    assert.equal(new FilterRun([PASSING, PASSING]).start(), "done");
  });

  it("receive: each filter sees all bytes but those that were taken before", () => {
    const seen: string[] = [];
    const filters = [waitingFor(2, 2, seen), PASSING, waitingFor(3, 0, seen)];
    const run = new FilterRun(filters);
    assert.equal(run.start(), "more");
    assert.equal(run.receive(Buffer.from("a")), "more");
    assert.equal(run.receive(Buffer.from("bcd")), "more");
    assert.equal(run.receive(Buffer.from("e")), "done");
    assert.deepEqual(seen, ["a", "abcd", "cd", "cde"]);
    assert.equal(text(run.bytes), "cde");
  });

  it("receive: a filter that nothing was left for waits without being asked", () => {
    const seen: string[] = [];
    const run = new FilterRun([waitingFor(2, 2, seen), waitingFor(1, 0, seen)]);
    run.start();
    assert.equal(run.receive(Buffer.from("ab")), "more");
    assert.equal(run.receive(Buffer.from("c")), "done");
    assert.deepEqual(seen, ["ab", "c"]);
  });

  it("receive: bytes are copied, since the buffer is used again", () => {
    const run = new FilterRun([waitingFor(4, 0, [])]);
    const shared = Buffer.from("ab");
    run.start();
    run.receive(shared);
    shared.fill("x");
    run.receive(Buffer.from("cd"));
    assert.equal(text(run.bytes), "abcd");
  });

  it("receive: a filter that closes ends the run", () => {
    const closing: ListenerFilter = {
      takenBytes: 0,
      onAccept: () => "more",
      onBytes: () => "close",
    };
    const run = new FilterRun([closing, PASSING]);
    assert.equal(run.start(), "more");
    assert.equal(run.receive(Buffer.from("a")), "close");
  });
});
