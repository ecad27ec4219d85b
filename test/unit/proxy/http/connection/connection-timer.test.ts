import assert from "node:assert/strict";
import { mock } from "node:test";
import { HCM_BYTES, HCM_STREAM_IDLE_TIMEOUT_MS } from "../../../../../api/engine/image.ts";
import {
  HTTP_DOWNSTREAM_CX_IDLE_TIMEOUT,
  HTTP_DOWNSTREAM_RQ_HEADER_TIMEOUT,
  HTTP_DOWNSTREAM_RQ_IDLE_TIMEOUT,
  HTTP_DOWNSTREAM_RQ_TIMEOUT,
} from "../../../../../api/engine/stats.ts";
import type { HttpConnectionManagerModel } from "../../../../../proxy/config/model.ts";
import { ConnectionTimer } from "../../../../../proxy/http/connection/connection-timer.ts";
import { DeadlineQueue } from "../../../../../proxy/timer/deadline.ts";
import { loadEngine } from "../../../../support/load-engine.ts";

const NONE: HttpConnectionManagerModel = {
  kind: "http",
  record: 0,
  statScope: "test",
  codec: "auto",
  idleTimeoutMs: 0,
  connectionDurationMaxMs: 0,
  requestTimeoutMs: 0,
  requestHeadersTimeoutMs: 0,
  delayedCloseTimeoutMs: 0,
  drainTimeoutMs: 0,
  forwardedDetails: null,
  tlsFacts: 0,
  http2Keepalive: null,
};

describe("ConnectionTimer", () => {
  const engine = loadEngine();
  const record = engine.calls.allocate(HCM_BYTES);
  let nowMs: number;
  let deadlines: DeadlineQueue;
  let heard: (string | number)[];
  let timer: ConnectionTimer;

  beforeEach(() => {
    nowMs = 1000;
    heard = [];
    deadlines = new DeadlineQueue();
    mock.timers.enable({ apis: ["setTimeout"] });
    mock.method(performance, "now", () => nowMs);
    engine.words[(record + HCM_STREAM_IDLE_TIMEOUT_MS) >> 2] = 0;
    timer = new ConnectionTimer(deadlines, {
      onIdle: () => heard.push("idle"),
      onHeadTimeout: ({ status, details }) => heard.push(`${status} ${details}`),
      onCloseTimeout: () => heard.push("close"),
      count: (counter) => heard.push(counter),
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

  it("idle: it passes once", () => {
    timer.startIdle({ ...NONE, idleTimeoutMs: 100 }, nowMs);
    pass(99);
    assert.deepEqual(heard, []);
    pass(1);
    assert.deepEqual(heard, [HTTP_DOWNSTREAM_CX_IDLE_TIMEOUT, "idle"]);
  });

  it("idle: it begins with the connection, not with an empty line", () => {
    const manager = { ...NONE, idleTimeoutMs: 100 };
    timer.startIdle(manager, nowMs);
    pass(60);
    timer.keepIdle(manager, nowMs);
    pass(40);
    assert.deepEqual(heard, [HTTP_DOWNSTREAM_CX_IDLE_TIMEOUT, "idle"]);
  });

  for (const [name, part, streamIdleMs, want] of [
    [
      "request_headers_timeout",
      { requestHeadersTimeoutMs: 50, requestTimeoutMs: 60 },
      70,
      [HTTP_DOWNSTREAM_RQ_HEADER_TIMEOUT, "408 request_header_timeout"],
    ],
    [
      "request_timeout",
      { requestHeadersTimeoutMs: 60, requestTimeoutMs: 50 },
      70,
      [HTTP_DOWNSTREAM_RQ_TIMEOUT, "408 request_overall_timeout"],
    ],
    ["stream_idle_timeout", {}, 50, [HTTP_DOWNSTREAM_RQ_IDLE_TIMEOUT, "408 stream_idle_timeout"]],
  ] as const) {
    it(`head: ${name} passes when it is the shortest`, () => {
      engine.words[(record + HCM_STREAM_IDLE_TIMEOUT_MS) >> 2] = streamIdleMs;
      timer.startIdle({ ...NONE, idleTimeoutMs: 10 }, nowMs);
      timer.startHead({ ...NONE, ...part }, engine, record, nowMs);
      pass(49);
      timer.startHead({ ...NONE, ...part }, engine, record, nowMs);
      assert.deepEqual(heard, []);
      pass(1);
      assert.deepEqual(heard, want);
    });
  }

  it("head: its end says when it began, and nothing passes after it", () => {
    timer.startHead({ ...NONE, requestTimeoutMs: 50 }, engine, record, nowMs);
    pass(20);
    assert.equal(timer.endHead(nowMs), 1000);
    assert.equal(timer.endHead(nowMs), 1020);
    pass(100);
    assert.deepEqual(heard, []);
  });

  it("close: a peer that takes some of what waits gets the time again", () => {
    const waiting = { waitingBytes: 10 };
    timer.startClose({ ...NONE, delayedCloseTimeoutMs: 100 }, waiting, nowMs);
    pass(90);
    waiting.waitingBytes = 5;
    pass(10);
    pass(99);
    assert.deepEqual(heard, []);
    pass(1);
    assert.deepEqual(heard, ["close"]);
  });

  it("close: without a timeout of its own it takes the one of an idle connection", () => {
    timer.startClose({ ...NONE, idleTimeoutMs: 100 }, { waitingBytes: 10 }, nowMs);
    pass(100);
    assert.deepEqual(heard, ["close"]);
  });
});
