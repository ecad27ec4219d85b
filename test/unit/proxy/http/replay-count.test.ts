import assert from "node:assert/strict";
import { ReplayCount } from "../../../../proxy/http/replay-count.ts";

const WHOLE = 8;
const STALE = { mayBeStale: true };

describe("ReplayCount", () => {
  let replays: ReplayCount;

  beforeEach(() => {
    replays = new ReplayCount((record) => record === WHOLE);
  });

  it("allows: what met a kept connection, and what was refused", () => {
    assert.equal(replays.allows(WHOLE, STALE), true);
    assert.equal(replays.allows(WHOLE, { mayBeStale: false }), false);
    assert.equal(replays.allowsAfterRefusal(WHOLE), true);
  });

  it("allows: nothing of which a part is gone", () => {
    assert.equal(replays.allows(4, STALE), false);
    assert.equal(replays.allowsAfterRefusal(4), false);
  });

  it("allows: two replays of a request, and no third", () => {
    replays.add();
    assert.equal(replays.allows(WHOLE, STALE), true);
    replays.add();
    assert.equal(replays.allows(WHOLE, STALE), false);
    assert.equal(replays.allowsAfterRefusal(WHOLE), false);
    replays.clear();
    assert.equal(replays.allows(WHOLE, STALE), true);
  });
});
