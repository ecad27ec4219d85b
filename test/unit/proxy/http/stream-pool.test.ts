import assert from "node:assert/strict";
import { StreamPool } from "../../../../proxy/http/stream-pool.ts";
import { DeadlineQueue } from "../../../../proxy/timer/deadline.ts";
import { loadEngine } from "../../../support/load-engine.ts";

describe("StreamPool", () => {
  it("streams: one that was given back is used again, the last one first", () => {
    const pool = new StreamPool(loadEngine(), new DeadlineQueue());
    const first = pool.take();
    const second = pool.take();
    assert.notEqual(first, second);
    pool.giveBack(first);
    pool.giveBack(second);
    assert.equal(pool.take(), second);
    assert.equal(pool.take(), first);
    assert.notEqual(pool.take(), first);
  });
});
