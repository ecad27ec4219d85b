import assert from "node:assert/strict";
import { ByteCursor } from "../../../../../proxy/listener/hello/byte-cursor.ts";

describe("ByteCursor", () => {
  it("number, take, vector: read one behind the other, numbers big-endian", () => {
    const cursor = new ByteCursor(Uint8Array.of(1, 2, 3, 9, 0, 2, 5, 6));
    assert.equal(cursor.number(3), 0x010203);
    assert.deepEqual([...cursor.take(1)], [9]);
    assert.deepEqual([...cursor.vector(2)], [5, 6]);
    assert.ok(cursor.isAtEnd && !cursor.isBroken);
  });

  it("vector: one that is longer than what is left is empty, and nothing follows", () => {
    const cursor = new ByteCursor(Uint8Array.of(3, 1, 2));
    assert.deepEqual([...cursor.vector(1)], []);
    assert.ok(cursor.isBroken && cursor.isAtEnd);
    assert.equal(cursor.number(2), 0);
  });

  it("number: four bytes stay positive", () => {
    assert.equal(new ByteCursor(Uint8Array.of(255, 255, 255, 255)).number(4), 0xffff_ffff);
  });
});
