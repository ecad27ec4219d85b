import assert from "node:assert/strict";
import { systemRandom } from "../../../../proxy/engine/system-random.ts";

describe("systemRandom", () => {
  it("systemRandom: as many bytes as asked for, never the same", () => {
    const first = systemRandom(48);
    assert.equal(first.length, 48);
    assert.notDeepEqual(systemRandom(48), first);
    assert.ok(new Set(first).size > 16);
  });
});
