import assert from "node:assert/strict";
import { mock } from "node:test";
import { TCP_COUNTERS } from "../../../../api/engine/network/tcp-stats.ts";
import { UpstreamFlush } from "../../../../proxy/tcp/upstream-flush.ts";
import { DeadlineQueue } from "../../../../proxy/timer/deadline.ts";

describe("UpstreamFlush", () => {
  let nowMs: number;
  let deadlines: DeadlineQueue;
  let heard: string[];

  beforeEach(() => {
    nowMs = 1000;
    heard = [];
    deadlines = new DeadlineQueue();
    mock.timers.enable({ apis: ["setTimeout"] });
    mock.method(performance, "now", () => nowMs);
  });

  afterEach(() => {
    deadlines.stop();
    mock.timers.reset();
    mock.restoreAll();
  });

  function flush(idleTimeoutMs: number): UpstreamFlush {
    const count = (counter: number, by: number): void => {
      heard.push(`${TCP_COUNTERS[counter]} ${by}`);
    };
    const made = new UpstreamFlush({ deadlines, idleTimeoutMs, count });
    made.onFlushing(() => {
      heard.push("close");
      made.onFlushEnd();
    });
    assert.deepEqual(heard.splice(0), ["upstream_flush_total 1", "upstream_flush_active 1"]);
    return made;
  }

  function pass(ms: number): void {
    nowMs += ms;
    mock.timers.tick(ms);
  }

  it("an upstream that takes all: is no more counted, and nothing runs", () => {
    const made = flush(100);
    for (let turn = 0; turn < 3; turn++) {
      pass(90);
      made.onFlushed();
    }
    made.onFlushEnd();
    pass(10_000);
    assert.deepEqual(heard, ["upstream_flush_active -1"]);
  });

  it("an upstream that takes nothing: is closed after the idle time", () => {
    flush(100);
    pass(90);
    assert.deepEqual(heard, []);
    pass(20);
    assert.deepEqual(heard, ["idle_timeout 1", "close", "upstream_flush_active -1"]);
  });

  it("no idle time: waits for ever", () => {
    flush(0).onFlushed();
    pass(100_000_000);
    assert.deepEqual(heard, []);
  });
});
