import assert from "node:assert/strict";
import { SharedCell } from "../../../../../proxy/tcp/filter/shared-cell.ts";

describe("SharedCell", () => {
  let one: SharedCell;
  let other: SharedCell;

  beforeEach(() => {
    const memory = SharedCell.create(2);
    one = new SharedCell(memory, 0);
    other = new SharedCell(memory, 1);
  });

  it("addBelow: what all workers have counts against the limit", () => {
    assert.ok(one.addBelow(2));
    assert.ok(other.addBelow(2));
    assert.ok(!one.addBelow(2));
    other.remove();
    assert.ok(one.addBelow(2));
    assert.ok(!other.addBelow(2));
  });

  it("addBelow: a limit of 0 lets nobody", () => {
    assert.ok(!one.addBelow(0));
  });

  it("add: also above a limit", () => {
    one.add();
    one.add();
    assert.ok(!other.addBelow(2));
  });

  it("clearOwn: takes off what one worker has, and no more", () => {
    one.add();
    one.add();
    other.add();
    new SharedCell(SharedCell.create(1), 0).clearOwn();
    one.clearOwn();
    one.clearOwn();
    assert.ok(other.addBelow(2));
    assert.ok(!other.addBelow(2));
  });

  it("takeToken: a bucket is full at first, and fills evenly", () => {
    const takes = (nowUs: number): boolean => one.takeToken(2, 1 / 1000, BigInt(nowUs));
    assert.deepEqual([takes(5000), takes(5000), takes(5000)], [true, true, false]);
    assert.ok(!takes(5999));
    assert.ok(takes(6000));
    assert.ok(!takes(6000));
    // More than it holds is not saved.
    assert.deepEqual([takes(99_000), takes(99_000), takes(99_000)], [true, true, false]);
  });

  it("takeToken: workers take from one bucket", () => {
    assert.ok(one.takeToken(1, 1 / 1000, 5000n));
    assert.ok(!other.takeToken(1, 1 / 1000, 5000n));
  });
});
