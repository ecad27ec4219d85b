import assert from "node:assert/strict";
import { mock } from "node:test";
import { HTTP_DOWNSTREAM_CX_MAX_DURATION_REACHED } from "../../../../../api/engine/stats.ts";
import type { HttpConnectionManagerModel } from "../../../../../proxy/config/model.ts";
import { ConnectionLifetime } from "../../../../../proxy/http/connection/connection-lifetime.ts";
import { DeadlineQueue } from "../../../../../proxy/timer/deadline.ts";

const MANAGER: HttpConnectionManagerModel = {
  kind: "http",
  record: 0,
  statScope: "test",
  codec: "auto",
  idleTimeoutMs: 0,
  connectionDurationMaxMs: 1000,
  requestTimeoutMs: 0,
  requestHeadersTimeoutMs: 0,
  delayedCloseTimeoutMs: 0,
  forwardedDetails: null,
  tlsFacts: 0,
  drainTimeoutMs: 500,
  http2Keepalive: null,
};

const COUNTED = `count ${HTTP_DOWNSTREAM_CX_MAX_DURATION_REACHED}`;

describe("ConnectionLifetime", () => {
  let nowMs: number;
  let heard: string[];
  let deadlines: DeadlineQueue;

  beforeEach(() => {
    nowMs = 0;
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

  function start(more: Partial<HttpConnectionManagerModel> = {}): ConnectionLifetime {
    const lifetime = new ConnectionLifetime(deadlines, {
      manager: { ...MANAGER, ...more },
      drain: (closesIdle) => heard.push(closesIdle ? "close" : "tell"),
      count: (counter) => heard.push(`count ${counter}`),
    });
    lifetime.start(nowMs);
    return lifetime;
  }

  function pass(ms: number): void {
    nowMs += ms;
    mock.timers.tick(ms);
  }

  it("max_connection_duration: a connection that was not used closes at once", () => {
    start();
    pass(2000);
    assert.deepEqual(heard, [COUNTED, "close"]);
  });

  it("max_connection_duration: one that was used is told first, and counted once", () => {
    start().onUsed();
    pass(1100);
    assert.deepEqual(heard, [COUNTED, "tell"]);
    pass(1000);
    assert.deepEqual(heard, [COUNTED, "tell", "close"]);
  });

  it("max_connection_duration: without drain_timeout nobody is told first", () => {
    start({ drainTimeoutMs: 0 }).onUsed();
    pass(1100);
    assert.deepEqual(heard, [COUNTED, "close"]);
  });

  it("max_connection_duration: 0 is no limit", () => {
    start({ connectionDurationMaxMs: 0 });
    pass(100_000);
    assert.deepEqual(heard, []);
  });

  it("cancel: nothing comes of it any more", () => {
    start().cancel();
    pass(5000);
    assert.deepEqual(heard, []);
  });
});
