import assert from "node:assert/strict";
import { ImageWriter } from "../../../../../proxy/config/image/image-writer.ts";

const IMAGE_BYTES_MAX = 67_108_864;

describe("image writer", () => {
  it("ImageWriter: records begin at multiples of 8 and are zero", () => {
    const writer = new ImageWriter();
    assert.deepEqual([writer.reserve(3), writer.reserve(8), writer.reserve(1)], [0, 8, 16]);
    assert.equal(writer.length, 17);
    assert.deepEqual(writer.finish(), new Uint8Array(24));
  });

  it("ImageWriter: numbers are little-endian", () => {
    const writer = new ImageWriter();
    writer.reserve(32);
    writer.setUint32(0, 0x01020304);
    writer.setInt32(4, -2);
    writer.setFloat64(8, 1);
    writer.setUint64(16, 0x0102030405060708n);
    writer.setBytes(24, Uint8Array.of(9, 8));
    const hex = Buffer.from(writer.finish()).toString("hex");
    assert.equal(hex, "04030201feffffff000000000000f03f08070605040302010908000000000000");
  });

  it("ImageWriter: equal texts are stored once, as UTF-8 with 16 bytes behind them", () => {
    const writer = new ImageWriter();
    writer.reserve(24);
    writer.setText(0, "é");
    writer.setText(8, "é");
    writer.setText(16, "");
    const view = new DataView(writer.finish().buffer);
    const words = [0, 4, 8, 12, 16, 20].map((offset) => view.getUint32(offset, true));
    assert.deepEqual(words, [24, 2, 24, 2, 0, 0]);
    assert.equal(view.getUint16(24), 0xc3a9);
    assert.equal(writer.length, 24 + 2 + 16);
  });

  it("ImageWriter: an empty list refers to nothing", () => {
    const writer = new ImageWriter();
    writer.reserve(16);
    writer.setList(0, 64, 0);
    writer.setList(8, 64, 3);
    const view = new DataView(writer.finish().buffer);
    assert.deepEqual(
      [0, 4, 8, 12].map((at) => view.getUint32(at, true)),
      [0, 0, 64, 3],
    );
  });

  it("ImageWriter: a blob is aligned and has its length", () => {
    const writer = new ImageWriter();
    writer.reserve(9);
    writer.setBlob(0, Uint8Array.of(1, 2, 3));
    const bytes = writer.finish();
    const view = new DataView(bytes.buffer);
    assert.deepEqual([view.getUint32(0, true), view.getUint32(4, true)], [16, 3]);
    assert.deepEqual([...bytes.subarray(16, 20)], [1, 2, 3, 0]);
  });

  it("ImageWriter: what was written stays when the block grows", () => {
    const writer = new ImageWriter();
    writer.reserve(8);
    writer.setUint32(0, 7);
    const far = writer.reserve(1_000_000) + 999_996;
    writer.setUint32(far, 9);
    const view = new DataView(writer.finish().buffer);
    assert.deepEqual([view.getUint32(0, true), view.getUint32(far, true)], [7, 9]);
  });

  it("ImageWriter: 64 MiB fit, and a byte more is refused", () => {
    assert.equal(new ImageWriter().reserve(IMAGE_BYTES_MAX), 0);
    assert.throws(() => new ImageWriter().reserve(IMAGE_BYTES_MAX + 1), {
      code: "CONFIG_INVALID",
      message: "the configuration compiles to more than 67108864 bytes",
    });
  });
});
