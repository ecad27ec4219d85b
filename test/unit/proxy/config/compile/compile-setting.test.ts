import assert from "node:assert/strict";
import { ImageCollector } from "../../../../../proxy/config/compile/compile-setting.ts";
import type { LogSinkModel } from "../../../../../proxy/config/model.ts";

const A: LogSinkModel = { kind: "file", path: "/a" };
const B: LogSinkModel = { kind: "file", path: "/b" };
const STDOUT: LogSinkModel = { kind: "stdout", path: "" };

describe("image collector", () => {
  it("ImageCollector: equal sinks share a number", () => {
    const collector = new ImageCollector([]);
    const numbers = [A, STDOUT, { ...A }, B].map((sink) => collector.sinkIndex(sink));
    assert.deepEqual(numbers, [0, 1, 0, 2]);
    assert.deepEqual(collector.logSinks, [A, STDOUT, B]);
  });

  it("ImageCollector: sinks of the snapshot before keep their numbers, in use or not", () => {
    const known = [A, STDOUT];
    const collector = new ImageCollector(known);
    assert.equal(collector.sinkIndex(B), 2);
    assert.equal(collector.sinkIndex(STDOUT), 1);
    assert.deepEqual(collector.logSinks, [A, STDOUT, B]);
    assert.equal(known.length, 2);
  });

  it("ImageCollector: scopes come in the order in which they were asked for", () => {
    const collector = new ImageCollector([]);
    collector.addScope(2, "a", 80);
    collector.addScope(1, "b", 96);
    assert.deepEqual(collector.scopes, [
      { kind: 2, name: "a", field: 80 },
      { kind: 1, name: "b", field: 96 },
    ]);
  });
});
