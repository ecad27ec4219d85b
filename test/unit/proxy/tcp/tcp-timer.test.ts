import assert from "node:assert/strict";
import { mock } from "node:test";
import { TCP_COUNTERS } from "../../../../api/engine/network/tcp-stats.ts";
import { RESPONSE_FLAG_NAMES } from "../../../../api/engine/response-flags.ts";
import type { TcpProxyModel } from "../../../../proxy/config/model.ts";
import { TcpTimer } from "../../../../proxy/tcp/tcp-timer.ts";
import { DeadlineQueue } from "../../../../proxy/timer/deadline.ts";

const MODEL: TcpProxyModel = {
  kind: "tcp",
  record: 0,
  statScope: "test",
  idleTimeoutMs: 0,
  durationMaxMs: 0,
  attemptsMax: 1,
  logIntervalMs: 0,
  logsConnected: false,
  tlsFacts: 0,
};

describe("TcpTimer", () => {
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

  function start(model: Partial<TcpProxyModel>): TcpTimer {
    const timer = new TcpTimer(
      deadlines,
      { ...MODEL, ...model },
      {
        onLate: (counter, flag) =>
          heard.push(`${TCP_COUNTERS[counter]} ${RESPONSE_FLAG_NAMES[flag] ?? "-"}`),
        onLogDue: () => heard.push("log"),
      },
    );
    timer.start(nowMs);
    return timer;
  }

  function pass(ms: number): void {
    nowMs += ms;
    mock.timers.tick(ms);
  }

  it("idle time: begins again with whatever moves, and has no flag", () => {
    const timer = start({ idleTimeoutMs: 100 });
    pass(90);
    timer.touch(nowMs);
    pass(90);
    assert.deepEqual(heard, []);
    pass(20);
    assert.deepEqual(heard, ["idle_timeout -"]);
  });

  it("longest duration: whatever moves", () => {
    const timer = start({ durationMaxMs: 100 });
    pass(90);
    timer.touch(nowMs);
    pass(20);
    assert.deepEqual(heard, ["max_downstream_connection_duration DT"]);
  });

  it("log interval: again and again", () => {
    const timer = start({ logIntervalMs: 100 });
    for (let turn = 0; turn < 3; turn++) pass(110);
    timer.close();
    pass(500);
    assert.deepEqual(heard, ["log", "log", "log"]);
  });

  it("nothing set: nothing is waited for", () => {
    start({});
    pass(10_000_000);
    assert.deepEqual(heard, []);
  });

  it("a connection that closes: its peer has the idle time, and nothing is logged", () => {
    const timer = start({ idleTimeoutMs: 100, logIntervalMs: 30 });
    timer.startClose();
    pass(90);
    timer.touch(nowMs);
    pass(90);
    assert.deepEqual(heard, []);
    pass(20);
    assert.deepEqual(heard, ["idle_timeout -"]);
    const other = start({ idleTimeoutMs: 100 });
    other.startClose();
    other.close();
    pass(5000);
    assert.equal(heard.length, 1);
  });
});
