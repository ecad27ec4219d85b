import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { allowRelease, releaseStartMemory } from "../../../../proxy/engine/start-memory.ts";

describe("memory after the start", () => {
  it("release: nothing stays that nobody holds", async () => {
    allowRelease();
    const held = { name: "held" };
    const seen = [new WeakRef(held), new WeakRef({ name: "left" })];
    // A WeakRef keeps its object alive until the turn of the event loop is over.
    await wait(1);
    releaseStartMemory();
    assert.deepEqual(
      seen.map((ref) => ref.deref()?.name),
      [held.name, undefined],
    );
  });
});
