import assert from "node:assert/strict";
import { mock } from "node:test";
import { Deadline, DeadlineQueue } from "../../../../proxy/timer/deadline.ts";

describe("DeadlineQueue", () => {
  let nowMs: number;
  let queue: DeadlineQueue;
  let fired: string[];

  beforeEach(() => {
    nowMs = 1000;
    fired = [];
    queue = new DeadlineQueue();
    mock.timers.enable({ apis: ["setTimeout"] });
    mock.method(performance, "now", () => nowMs);
  });

  afterEach(() => {
    queue.stop();
    mock.timers.reset();
    mock.restoreAll();
  });

  function pass(ms: number): void {
    nowMs += ms;
    mock.timers.tick(ms);
  }

  const named = (name: string): Deadline => new Deadline(() => fired.push(name));

  it("deadline: it expires once, not before its time", () => {
    const a = named("a");
    queue.start(a, 100, nowMs);
    pass(99);
    assert.deepEqual(fired, []);
    assert.equal(a.isStarted, true);
    pass(1);
    assert.deepEqual(fired, ["a"]);
    assert.equal(a.isStarted, false);
    pass(500);
    assert.deepEqual(fired, ["a"]);
  });

  it("deadline: a start while it runs begins the time again", () => {
    const a = named("a");
    queue.start(a, 100, nowMs);
    pass(60);
    queue.start(a, 100, nowMs);
    pass(60);
    assert.deepEqual(fired, []);
    pass(40);
    assert.deepEqual(fired, ["a"]);
  });

  it("deadline: one that is cancelled does not expire, its neighbours do", () => {
    const all = ["a", "b", "c"].map(named);
    for (const one of all) {
      queue.start(one, 100, nowMs);
      pass(10);
    }
    all[1].cancel();
    all[1].cancel();
    pass(100);
    assert.deepEqual(fired, ["a", "c"]);
  });

  it("deadline: one whose time began in the past stands before those that expire later", () => {
    queue.start(named("late"), 100, nowMs);
    queue.start(named("early"), 100, nowMs - 50);
    pass(50);
    assert.deepEqual(fired, ["early"]);
    pass(50);
    assert.deepEqual(fired, ["early", "late"]);
  });

  it("deadline: it may start itself and cancel others while it expires", () => {
    const b = named("b");
    let rounds = 0;
    const a: Deadline = new Deadline(() => {
      fired.push("a");
      b.cancel();
      if (++rounds < 2) queue.start(a, 100, nowMs);
    });
    queue.start(a, 100, nowMs);
    queue.start(b, 100, nowMs);
    pass(100);
    pass(100);
    assert.deepEqual(fired, ["a", "a"]);
  });

  it("lengths: each has its own order, and one that is not used is forgotten", () => {
    queue.start(named("long"), 300, nowMs);
    queue.start(named("short"), 20, nowMs);
    assert.equal(queue.lengthCount, 2);
    pass(20);
    assert.deepEqual(fired, ["short"]);
    assert.equal(queue.lengthCount, 1);
    pass(280);
    assert.deepEqual(fired, ["short", "long"]);
    assert.equal(queue.lengthCount, 0);
  });

  it("lengths: a deadline starts again after its length was forgotten", () => {
    const a = named("a");
    queue.start(a, 100, nowMs);
    pass(300);
    assert.equal(queue.lengthCount, 0);
    queue.start(a, 100, nowMs);
    assert.equal(queue.lengthCount, 1);
    pass(100);
    assert.deepEqual(fired, ["a", "a"]);
  });

  it("lengths: a thousand that clients choose leave nothing behind", () => {
    for (let ms = 1; ms <= 1000; ms++) {
      const one = named("never");
      queue.start(one, ms + 0.5, nowMs);
      one.cancel();
    }
    pass(1001);
    assert.equal(queue.lengthCount, 0);
    assert.deepEqual(fired, []);
  });

  it("lengths: those that nothing waits for make room for others, however long they are", () => {
    const waits = named("waits");
    queue.start(waits, 1e9, nowMs);
    for (let ms = 1; ms < 256; ms++) {
      const one = named("never");
      queue.start(one, 2e9 + ms, nowMs);
      one.cancel();
    }
    assert.equal(queue.lengthCount, 256);
    queue.start(named("last"), 500, nowMs);
    assert.equal(queue.lengthCount, 2);
    pass(500);
    assert.deepEqual(fired, ["last"]);
    assert.equal(waits.isStarted, true);
  });

  it("lengths: as many as are waited for have room", () => {
    const all = Array.from({ length: 600 }, (_, n) => named(`${n}`));
    for (const [n, one] of all.entries()) queue.start(one, 1000 + n, nowMs);
    assert.equal(queue.lengthCount, 600);
    pass(1599);
    assert.equal(fired.length, 600);
    assert.equal(queue.lengthCount, 0);
  });

  it("lengths: one that makes room while it expires may be used again at once", () => {
    const again = named("again");
    const first = new Deadline(() => {
      for (let ms = 1; ms <= 256; ms++) {
        const one = named("never");
        queue.start(one, 2e9 + ms, nowMs);
        one.cancel();
      }
      queue.start(again, 100, nowMs);
    });
    queue.start(first, 100, nowMs);
    pass(100);
    const before = queue.lengthCount;
    queue.start(named("beside"), 100, nowMs);
    assert.equal(queue.lengthCount, before);
    pass(100);
    assert.deepEqual(fired, ["again", "beside"]);
  });

  it("wait: one that is longer than a timer of Node's is taken in steps", () => {
    const month = 40 * 24 * 3600 * 1000;
    queue.start(named("month"), month, nowMs);
    pass(2 ** 31 - 1);
    assert.deepEqual(fired, []);
    pass(month - (2 ** 31 - 1));
    assert.deepEqual(fired, ["month"]);
  });

  it("stop: nothing expires any more", () => {
    queue.start(named("a"), 10, nowMs);
    queue.stop();
    pass(100);
    assert.deepEqual(fired, []);
  });
});
