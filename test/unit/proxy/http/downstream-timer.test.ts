import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";
import {
  DURATION_OVER,
  STREAM_DURATION_MAX_MS,
  STREAM_IDLE_TIMEOUT_MS,
} from "../../../../api/engine/layout.ts";
import { HTTP_COUNTERS } from "../../../../api/engine/stats.ts";
import { DownstreamTimer } from "../../../../proxy/http/downstream-timer.ts";
import { DeadlineQueue } from "../../../../proxy/timer/deadline.ts";

const RECORD = 4096;

describe("DownstreamTimer", () => {
  let nowMs: number;
  let deadlines: DeadlineQueue;
  let heard: string[];
  let fields: Map<number, number>;
  let timer: DownstreamTimer;

  beforeEach(() => {
    nowMs = 1000;
    heard = [];
    fields = new Map();
    deadlines = new DeadlineQueue();
    mock.timers.enable({ apis: ["setTimeout"] });
    mock.method(performance, "now", () => nowMs);
    const engine = {
      field: (record: number, offset: number) => fields.get(record + offset) ?? 0,
    };
    timer = new DownstreamTimer(engine, deadlines, ({ details }, counter) => {
      heard.push(`${details} ${HTTP_COUNTERS[counter]}`);
    });
  });

  afterEach(() => {
    deadlines.stop();
    mock.timers.reset();
    mock.restoreAll();
  });

  function pass(ms: number): void {
    nowMs += ms;
    mock.timers.tick(ms);
  }

  it("stream_idle_timeout: from the last thing that moved", () => {
    fields.set(RECORD + STREAM_IDLE_TIMEOUT_MS, 100);
    timer.open(RECORD, nowMs);
    pass(90);
    timer.touch(nowMs);
    pass(90);
    assert.deepEqual(heard, []);
    pass(20);
    assert.deepEqual(heard, ["stream_idle_timeout downstream_rq_idle_timeout"]);
  });

  it("max_stream_duration: from the beginning, whatever moves", () => {
    fields.set(RECORD + STREAM_DURATION_MAX_MS, 100);
    timer.open(RECORD, nowMs);
    pass(60);
    timer.touch(nowMs);
    pass(60);
    assert.deepEqual(heard, ["max_duration_timeout downstream_rq_max_duration_reached"]);
  });

  it("max_stream_duration: with nothing left, before anything else can happen", async () => {
    fields.set(RECORD + STREAM_DURATION_MAX_MS, DURATION_OVER);
    timer.open(RECORD, nowMs);
    assert.deepEqual(heard, []);
    await setImmediate();
    assert.deepEqual(heard, ["max_duration_timeout downstream_rq_max_duration_reached"]);
    timer.open(RECORD, nowMs);
    timer.close();
    await setImmediate();
    assert.deepEqual(heard, ["max_duration_timeout downstream_rq_max_duration_reached"]);
  });

  it("request_timeout: from the first byte, until the request is whole", () => {
    timer.open(RECORD, nowMs);
    timer.expectRest(100, nowMs - 50);
    pass(60);
    assert.deepEqual(heard, ["request_overall_timeout downstream_rq_timeout"]);
    timer.open(RECORD, nowMs);
    timer.expectRest(100, nowMs);
    timer.onRequestWhole();
    pass(200);
    assert.deepEqual(heard, ["request_overall_timeout downstream_rq_timeout"]);
  });

  it("no times: nothing happens", () => {
    timer.open(RECORD, nowMs);
    timer.expectRest(0, nowMs);
    pass(10_000_000);
    assert.deepEqual(heard, []);
  });

  it("close: nothing happens any more", () => {
    fields.set(RECORD + STREAM_IDLE_TIMEOUT_MS, 100);
    fields.set(RECORD + STREAM_DURATION_MAX_MS, 100);
    timer.open(RECORD, nowMs);
    timer.expectRest(100, nowMs);
    timer.close();
    pass(1000);
    assert.deepEqual(heard, []);
  });
});
