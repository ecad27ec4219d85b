import { deepEqual, equal } from "node:assert/strict";
import { suite, test } from "mocha";
import { AccessLogDrain } from "../../../../proxy/observe/access-log-drain.ts";
import { AccessLogWriter } from "../../../../proxy/observe/access-log-writer.ts";
import { FakeLogFiles } from "./fake-log-files.ts";

/** An engine with two sinks, the second of which has lines. */
function fakeSource(text: string, droppedCount: number) {
  const memory = { buffer: new ArrayBuffer(65_536) };
  Buffer.from(memory.buffer).write(text, 100);
  let length = text.length;
  return {
    memory,
    logPendingBytes: () => length,
    logSinkAddress: () => 100,
    logSinkLength: (sink: number) => (sink === 1 ? length : 0),
    logSinkLines: () => text.split("\n").length - 1,
    logSinkDropped: () => droppedCount,
    logSinkClear() {
      length = 0;
    },
  };
}

function openWriters(files: FakeLogFiles): AccessLogWriter[] {
  return ["/a", "/b"].map((path) => new AccessLogWriter({ kind: "file", path }, { files }));
}

suite("access log drain", () => {
  test("drain: lines go to the writer of their sink, and the sink is cleared", () => {
    const files = new FakeLogFiles();
    const writers = openWriters(files);
    const source = fakeSource("one\ntwo\n", 3);
    new AccessLogDrain(source, writers).drain();
    files.pass(1_000);
    deepEqual([...files.contents], [["/b", "one\ntwo\n"]]);
    equal(source.logPendingBytes(), 0);
    deepEqual([writers[1].stats.linesTotal, writers[1].stats.writeDropped], [2, 3]);
  });

  test("drainIfFull: 16 KiB are taken, less is left", () => {
    const few = fakeSource(`${"x".repeat(16_382)}\n`, 0);
    const many = fakeSource(`${"x".repeat(16_383)}\n`, 0);
    for (const source of [few, many]) {
      new AccessLogDrain(source, openWriters(new FakeLogFiles())).drainIfFull();
    }
    deepEqual([few.logPendingBytes(), many.logPendingBytes()], [16_383, 0]);
  });
});
