import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { runUntilSignal } from "../../../../cli/line/shutdown.ts";

/** A thing to stop whose drain ends when the test says so, and a clock that the test moves. */
function start() {
  const signals = new EventEmitter();
  const steps: string[] = [];
  const drained = Promise.withResolvers<void>();
  let clockMs = 0;
  const running = {
    drain: () => {
      steps.push("drain");
      return drained.promise;
    },
    stop: async () => {
      steps.push("stop");
    },
  };
  const done = runUntilSignal(running, {
    signals,
    nowMs: () => clockMs,
    onStep: (step, signal) => steps.push(`${step} on ${signal}`),
  });
  const send = (signal: string, atMs: number) => {
    clockMs = atMs;
    signals.emit(signal, signal);
  };
  return { signals, steps, done, send, endDrain: drained.resolve };
}

describe("shutdown", () => {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    it(`runUntilSignal: ${signal} drains, then stops`, async () => {
      const { steps, done, send, endDrain } = start();
      send(signal, 0);
      endDrain();
      await done;
      assert.deepEqual(steps, [`drain on ${signal}`, "drain", "stop"]);
    });
  }

  it("runUntilSignal: a second SIGINT stops at once, though the drain goes on", async () => {
    const { steps, done, send } = start();
    send("SIGINT", 0);
    send("SIGINT", 400);
    await done;
    assert.ok(steps.includes("stop on SIGINT"));
    assert.equal(steps.at(-1), "stop");
  });

  it("runUntilSignal: SIGINT after SIGTERM stops at once", async () => {
    const { steps, done, send } = start();
    send("SIGTERM", 0);
    send("SIGINT", 5_000);
    await done;
    assert.equal(steps.at(-1), "stop");
  });

  it("runUntilSignal: the echo of a SIGINT, which npm sends on, counts as the same", async () => {
    const { steps, done, send, endDrain } = start();
    send("SIGINT", 0);
    send("SIGINT", 399);
    endDrain();
    await done;
    assert.deepEqual(steps, ["drain on SIGINT", "drain", "stop"]);
  });

  it("runUntilSignal: a second SIGTERM changes nothing", async () => {
    const { steps, done, send, endDrain } = start();
    send("SIGTERM", 0);
    send("SIGTERM", 5_000);
    endDrain();
    await done;
    assert.deepEqual(steps, ["drain on SIGTERM", "drain", "stop"]);
  });

  it("runUntilSignal: no listener is left behind", async () => {
    const { signals, done, send, endDrain } = start();
    send("SIGTERM", 0);
    endDrain();
    await done;
    assert.deepEqual(signals.eventNames(), []);
  });
});
