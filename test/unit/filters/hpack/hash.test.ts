import assert from "node:assert/strict";
import { Hpack } from "./hpack.ts";

describe("hash", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  function hash(text: string): number {
    return hpack.exports.hashText(hpack.place(Buffer.from(text, "latin1")), text.length) >>> 0;
  }

  it("hashText: each byte counts, and so does the length", () => {
    for (let length = 0; length < 70; length++) {
      const text = "a".repeat(length);
      const others = Array.from(text, (_, at) => `${text.slice(0, at)}b${text.slice(at + 1)}`);
      const hashes = [text, `${text}a`, ...others].map(hash);
      assert.equal(new Set(hashes).size, hashes.length, `${length} bytes`);
      assert.equal(hash(text), hashes[0]);
    }
  });

  it("hashText: texts of each length are spread over slots and marks", () => {
    for (let length = 3; length < 40; length++) {
      const texts = Array.from({ length: 512 }, (_, number) =>
        String(number).padStart(3, "0").padEnd(length, "x"),
      );
      const slots = new Set(texts.map((text) => hash(text) & 511));
      const marks = new Set(texts.map((text) => hash(text) >>> 16));
      // 512 balls fall into about 324 of 512 bins, and hardly ever meet in 65,536.
      assert.ok(slots.size > 250, `${slots.size} slots for ${length} bytes`);
      assert.ok(marks.size > 450, `${marks.size} marks for ${length} bytes`);
    }
  });
});
