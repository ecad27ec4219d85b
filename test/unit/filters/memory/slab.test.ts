import assert from "node:assert/strict";
import fc from "fast-check";
import { type MemoryExports, openMemoryModule } from "./memory-module.ts";

describe("slab", () => {
  let memory: MemoryExports;
  beforeEach(async function () {
    this.timeout(60_000);
    memory = await openMemoryModule();
  });

  it("allocate: a block has room for what was asked, and begins at a multiple of 16", () => {
    for (const size of [0, 1, 47, 48, 49, 63, 64, 112, 113, 4096, 65_536, 1 << 20]) {
      const block = memory.allocate(size);
      assert.ok(memory.capacityOf(block) >= size, `size ${size}`);
      assert.equal(block % 16, 0);
    }
  });

  it("allocate: a block of 2^n - 16 bytes wastes nothing, one byte more doubles it", () => {
    assert.equal(memory.capacityOf(memory.allocate(4080)), 4080);
    assert.equal(memory.capacityOf(memory.allocate(4081)), 8176);
  });

  it("release: the block is the next one of its size", () => {
    const [first, second] = [memory.allocate(100), memory.allocate(100)];
    memory.release(first);
    memory.release(second);
    assert.equal(memory.allocate(90), second);
    assert.equal(memory.allocate(110), first);
  });

  it("bytesInUse: counts whole blocks, and is 0 again when all are given back", () => {
    const before = memory.bytesInUse();
    const blocks = [1, 100, 5000].map((size) => memory.allocate(size));
    assert.equal(memory.bytesInUse() - before, 64 + 128 + 8192);
    for (const block of blocks) memory.release(block);
    assert.equal(memory.bytesInUse(), before);
  });

  it("bytesLeft: goes down by what is handed out, and up again when it comes back", () => {
    const before = memory.bytesLeft();
    const block = memory.allocate(1000);
    assert.equal(memory.bytesLeft(), before - 1024);
    memory.release(block);
    assert.equal(memory.bytesLeft(), before);
  });

  it("allocate: memory holds as many blocks as it has room for, again and again", () => {
    for (let turn = 0; turn < 3; turn++) {
      const blocks: number[] = [];
      while (memory.bytesLeft() > 2 << 20) blocks.push(memory.allocate(1 << 19));
      for (const block of blocks) memory.release(block);
    }
  });

  it("allocate: large blocks that came back serve small ones when nothing else is left", () => {
    const allocateAll = (size: number) => {
      const blocks: number[] = [];
      while (memory.bytesLeft() > 2 << 20) blocks.push(memory.allocate(size));
      return blocks;
    };
    for (const block of allocateAll((1 << 19) - 16)) memory.release(block);
    const blocks = allocateAll(1000);
    assert.equal(new Set(blocks).size, blocks.length);
    const view = new DataView(memory.memory.buffer);
    for (const block of blocks) view.setUint32(block + 996, block, true);
    for (const block of blocks) assert.equal(view.getUint32(block + 996, true), block);
    for (const block of blocks) memory.release(block);
  });

  it("hasBlocks: as many blocks as can be had, and not one more", () => {
    const size = (1 << 22) - 16;
    let count = 0;
    while (memory.hasBlocks(size, count + 1) !== 0) count++;
    assert.ok(count > 3);
    const blocks: number[] = [];
    for (; count > 0; count--) {
      assert.ok(memory.hasBlocks(size, count) !== 0 && memory.hasBlocks(size, count + 1) === 0);
      blocks.push(memory.allocate(size));
    }
    assert.equal(memory.hasBlocks(size, 1), 0);
    assert.throws(() => memory.allocate(size), WebAssembly.RuntimeError);
  });

  it("hasBlocks: blocks that came back count, larger ones for several", () => {
    const size = (1 << 20) - 16;
    const large = memory.allocate((1 << 22) - 16);
    while (memory.hasBlocks(size, 1) !== 0) memory.allocate(size);
    memory.release(large);
    assert.ok(memory.hasBlocks(size, 4) !== 0 && memory.hasBlocks(size, 5) === 0);
    // What was cut is put together again where that is needed.
    memory.release(memory.allocate(size));
    assert.ok(memory.hasBlocks(size, 4) !== 0 && memory.hasBlocks(size, 5) === 0);
    assert.ok(memory.hasBlocks(size + 1, 2) !== 0 && memory.hasBlocks(size + 1, 3) === 0);
  });

  it("hasBlocks: what no block can hold cannot be had", () => {
    assert.equal(memory.hasBlocks(0x8000_0000, 1), 0);
  });

  it("release: giving a block back twice stops the instance", () => {
    const block = memory.allocate(10);
    memory.release(block);
    assert.throws(() => memory.release(block), WebAssembly.RuntimeError);
  });

  it("release: what is no block stops the instance", () => {
    const block = memory.allocate(1000);
    new Uint8Array(memory.memory.buffer).fill(0, block, block + 1000);
    assert.throws(() => memory.release(block + 64), WebAssembly.RuntimeError);
  });

  it("allocate: more than there is stops the instance", () => {
    assert.throws(() => memory.allocate(64 << 20), WebAssembly.RuntimeError);
    assert.throws(() => memory.allocate(-8), WebAssembly.RuntimeError);
    assert.throws(() => memory.allocate(0x8000_0000), WebAssembly.RuntimeError);
  });

  it("allocate: live blocks never overlap, whatever comes and goes", () => {
    const step = fc.record({ size: fc.integer({ min: 0, max: 3000 }), victim: fc.nat() });
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bytes = new Uint8Array(memory.memory.buffer);
      const live: { block: number; size: number; mark: number }[] = [];
      for (const [mark, { size, victim }] of steps.entries()) {
        const block = memory.allocate(size);
        bytes.fill(mark, block, block + size);
        live.push({ block, size, mark });
        if (victim % 3 !== 0) continue;
        const [gone] = live.splice(victim % live.length, 1);
        const seen = bytes.subarray(gone.block, gone.block + gone.size);
        assert.ok(seen.every((byte) => byte === gone.mark));
        memory.release(gone.block);
      }
      for (const { block } of live) memory.release(block);
    });
    fc.assert(property, { numRuns: 100, seed: 4 });
  });
});
