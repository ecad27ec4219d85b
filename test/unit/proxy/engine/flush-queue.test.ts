import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { FlushQueue } from "../../../../proxy/engine/flush-queue.ts";

describe("FlushQueue", () => {
  it("flush: once at the end of the turn, however often it is asked for", async () => {
    const queue = new FlushQueue();
    const flushed: string[] = [];
    const one = { flush: () => flushed.push("one") };
    const two = { flush: () => flushed.push("two") };
    queue.add(one);
    queue.add(two);
    queue.add(one);
    assert.deepEqual(flushed, []);
    await setImmediate();
    assert.deepEqual(flushed, ["one", "two"]);
  });

  it("flush: what asks again meanwhile has another turn", async () => {
    const queue = new FlushQueue();
    let count = 0;
    const again = {
      flush: () => {
        if (++count < 3) queue.add(again);
      },
    };
    queue.add(again);
    for (let turn = 1; turn <= 3; turn++) {
      await setImmediate();
      assert.equal(count, turn);
    }
  });
});
