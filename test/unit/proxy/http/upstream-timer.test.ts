import assert from "node:assert/strict";
import { mock } from "node:test";
import {
  STATE_REQUEST_END,
  STATE_RESPONSE_BEGUN,
  STATE_TIMEOUT_NO_CONTENT,
  STREAM_STATE,
  STREAM_TIMEOUT_MS,
  STREAM_TRY_DURATION_MAX_MS,
  STREAM_TRY_TIMEOUT_MS,
} from "../../../../api/engine/layout.ts";
import {
  UPSTREAM_UPSTREAM_RQ_MAX_DURATION_REACHED,
  UPSTREAM_UPSTREAM_RQ_PER_TRY_TIMEOUT,
  UPSTREAM_UPSTREAM_RQ_TIMEOUT,
} from "../../../../api/engine/stats.ts";
import { UpstreamTimer } from "../../../../proxy/http/upstream-timer.ts";
import { DeadlineQueue } from "../../../../proxy/timer/deadline.ts";

const RECORD = 4096;

describe("UpstreamTimer", () => {
  let nowMs: number;
  let deadlines: DeadlineQueue;
  let heard: (string | number)[];
  let fields: Map<number, number>;
  let timer: UpstreamTimer;

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
    timer = new UpstreamTimer(engine, deadlines, ({ status, details }, counter) => {
      heard.push(`${status} ${details}`, counter);
    });
    timer.open(RECORD);
  });

  afterEach(() => {
    deadlines.stop();
    mock.timers.reset();
    mock.restoreAll();
  });

  function set(offset: number, value: number): void {
    fields.set(RECORD + offset, value);
  }

  function pass(ms: number): void {
    nowMs += ms;
    mock.timers.tick(ms);
  }

  it("timeout: it begins when the request is whole, with a connection or without", () => {
    set(STREAM_TIMEOUT_MS, 100);
    pass(500);
    timer.onRequestWhole(nowMs);
    pass(60);
    timer.onAttempt(nowMs);
    timer.onRequestWhole(nowMs);
    timer.onAttemptWhole(nowMs);
    pass(39);
    assert.deepEqual(heard, []);
    pass(1);
    assert.deepEqual(heard, ["504 response_timeout", UPSTREAM_UPSTREAM_RQ_TIMEOUT]);
  });

  it("timeout: it goes on from one attempt to the next, and behind the begin of a response", () => {
    set(STREAM_TIMEOUT_MS, 100);
    timer.onRequestWhole(nowMs);
    timer.onAttempt(nowMs);
    pass(60);
    timer.endAttempt();
    timer.onAttempt(nowMs);
    set(STREAM_STATE, STATE_RESPONSE_BEGUN);
    pass(40);
    assert.deepEqual(heard, ["504 response_timeout", UPSTREAM_UPSTREAM_RQ_TIMEOUT]);
  });

  it("try: it begins when the whole request is on a connection", () => {
    set(STREAM_TRY_TIMEOUT_MS, 100);
    timer.onRequestWhole(nowMs);
    pass(500);
    timer.onAttempt(nowMs);
    pass(500);
    timer.onAttemptWhole(nowMs);
    pass(99);
    assert.deepEqual(heard, []);
    pass(1);
    assert.deepEqual(heard, ["504 upstream_per_try_timeout", UPSTREAM_UPSTREAM_RQ_PER_TRY_TIMEOUT]);
  });

  it("try: a response that has begun is not cut off", () => {
    set(STREAM_TRY_TIMEOUT_MS, 100);
    timer.onAttemptWhole(nowMs);
    set(STREAM_STATE, STATE_RESPONSE_BEGUN);
    pass(100);
    assert.deepEqual(heard, []);
  });

  it("try: each attempt has the whole time", () => {
    set(STREAM_TRY_TIMEOUT_MS, 100);
    timer.onAttemptWhole(nowMs);
    pass(60);
    timer.endAttempt();
    pass(60);
    timer.onAttemptWhole(nowMs);
    pass(60);
    assert.deepEqual(heard, []);
    pass(40);
    assert.equal(heard.length, 2);
  });

  it("no content: timeouts are answered with 204", () => {
    set(STREAM_STATE, STATE_TIMEOUT_NO_CONTENT);
    set(STREAM_TRY_TIMEOUT_MS, 100);
    set(STREAM_TIMEOUT_MS, 200);
    timer.onRequestWhole(nowMs);
    timer.onAttemptWhole(nowMs);
    pass(200);
    assert.deepEqual(heard, [
      "204 upstream_per_try_timeout",
      UPSTREAM_UPSTREAM_RQ_PER_TRY_TIMEOUT,
      "204 response_timeout",
      UPSTREAM_UPSTREAM_RQ_TIMEOUT,
    ]);
  });

  for (const [state, status] of [
    [0, 408],
    [STATE_REQUEST_END, 504],
    [STATE_REQUEST_END | STATE_TIMEOUT_NO_CONTENT, 504],
    [STATE_REQUEST_END | STATE_RESPONSE_BEGUN, 504],
  ]) {
    it(`try duration: it begins with the connection, and is ${status} in state ${state}`, () => {
      set(STREAM_STATE, state);
      set(STREAM_TRY_DURATION_MAX_MS, 100);
      timer.onRequestWhole(nowMs);
      pass(500);
      timer.onAttempt(nowMs);
      pass(100);
      assert.deepEqual(heard, [
        `${status} upstream_max_stream_duration_reached`,
        UPSTREAM_UPSTREAM_RQ_MAX_DURATION_REACHED,
      ]);
    });
  }

  it("close: nothing is heard of a stream that is over, and no time is no limit", () => {
    timer.onRequestWhole(nowMs);
    timer.onAttempt(nowMs);
    timer.onAttemptWhole(nowMs);
    pass(1e6);
    for (const field of [STREAM_TIMEOUT_MS, STREAM_TRY_TIMEOUT_MS, STREAM_TRY_DURATION_MAX_MS]) {
      set(field, 100);
    }
    timer.onRequestWhole(nowMs);
    timer.onAttempt(nowMs);
    timer.onAttemptWhole(nowMs);
    timer.close();
    pass(1e6);
    assert.deepEqual(heard, []);
  });
});
