import assert from "node:assert/strict";
import { loadEngine } from "../../../support/load-engine.ts";

describe("Engine", () => {
  it("keepText: one text is kept once", () => {
    const engine = loadEngine();
    const first = engine.keepText("127.0.0.1:80");
    assert.equal(engine.keepText("127.0.0.1:80"), first);
    assert.notEqual(engine.keepText("127.0.0.1:81").address, first.address);
    const bytes = engine.bytes.subarray(first.address, first.address + first.length);
    assert.equal(new TextDecoder().decode(bytes), "127.0.0.1:80");
  });

  it("placeTexts: they lie one behind the other, with lengths in bytes", () => {
    const engine = loadEngine();
    const { address, lengths } = engine.placeTexts(["a", "é", ""]);
    assert.deepEqual(lengths, [1, 2, 0]);
    assert.deepEqual([...engine.bytes.subarray(address, address + 3)], [97, 0xc3, 0xa9]);
  });

  it("placeTexts: what does not fit is cut, not written elsewhere", () => {
    const engine = loadEngine();
    const { lengths } = engine.placeTexts(["x".repeat(10_000), "y"]);
    assert.deepEqual(lengths, [8192, 0]);
  });

  it("output: a length has one view, until the region is another", () => {
    const engine = loadEngine();
    const first = engine.output();
    assert.equal(engine.output(), first);
    const held = engine.holdRegion();
    engine.calls.endUpstream(engine.calls.openUpstream(0, 0, 0, 0), 0, 0);
    assert.notEqual(engine.output().byteOffset, first.byteOffset);
    engine.releaseRegion(held);
  });

  it("regions: each is another, and all come back", () => {
    const engine = loadEngine();
    const before = engine.calls.bytesInUse();
    const regions = Array.from({ length: 8 }, () => engine.holdRegion());
    assert.equal(new Set(regions).size, 8);
    assert.equal(engine.regionsHeld, 8);
    for (const region of regions) engine.releaseRegion(region);
    assert.equal(engine.regionsHeld, 0);
    assert.equal(engine.calls.bytesInUse(), before);
  });

  it("memory: it is scarce before it is gone, and not scarce when it is given back", () => {
    const engine = loadEngine();
    const blocks: number[] = [];
    while (!engine.isScarce) blocks.push(engine.calls.allocate(1_000_000));
    assert.ok(engine.calls.bytesLeft() > 14_000_000);
    for (const block of blocks) engine.calls.release(block);
    assert.equal(engine.isScarce, false);
  });

  it("memory: small blocks that were given back serve large ones", () => {
    const engine = loadEngine();
    const before = engine.calls.bytesInUse();
    const blocks: number[] = [];
    while (!engine.isScarce) blocks.push(engine.calls.allocate(100));
    // One in ten stays, here and there at the end: the others lie in runs.
    const kept = blocks.filter((_, at) => at > blocks.length - 1000 && at % 10 === 0);
    const gone = blocks.filter((block) => !kept.includes(block));
    for (const block of kept) engine.words[block >> 2] = block;
    for (const block of gone) engine.calls.release(block);
    const large: number[] = [];
    while (!engine.isScarce) large.push(engine.calls.allocate(1_000_000));
    assert.ok(large.length > 200, `${large.length} blocks of 1 MB`);
    for (const block of large) engine.words[block >> 2] = block;
    for (const block of [...kept, ...large]) assert.equal(engine.words[block >> 2], block);
    for (const block of [...kept, ...large]) engine.calls.release(block);
    assert.equal(engine.calls.bytesInUse(), before);
  });

  it("memory: large blocks that were given back serve small ones", () => {
    const engine = loadEngine();
    const blocks: number[] = [];
    while (!engine.isScarce) blocks.push(engine.calls.allocate(1_000_000));
    for (const block of blocks) engine.calls.release(block);
    const small = new Set<number>();
    while (!engine.isScarce) small.add(engine.calls.allocate(60_000));
    assert.ok(small.size * 65_536 > 0.9 * blocks.length * 1_048_576);
    // No two overlap: each holds what was written to it.
    for (const block of small) engine.words[block >> 2] = block;
    for (const block of small) assert.equal(engine.words[block >> 2], block);
  });
});
