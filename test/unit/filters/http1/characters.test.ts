import assert from "node:assert/strict";
import { Codec } from "./codec.ts";

/** The plain version of `findControl`. */
function plainFind(bytes: Uint8Array, from: number): number {
  const isControl = (byte: number) => (byte < 32 && byte !== 9) || byte === 127;
  const at = bytes.findIndex((byte, index) => index >= from && isControl(byte));
  return at < 0 ? bytes.length : at;
}

describe("characters", () => {
  let codec: Codec;
  before(async function () {
    this.timeout(60_000);
    codec = await Codec.open();
  });

  it("findControl: finds exactly the bytes that no line may hold", () => {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = Uint8Array.of(0x61, byte, 0x62);
      const found = codec.exports.findControl(codec.place(bytes), 0, bytes.length);
      assert.equal(found, plainFind(bytes, 0), `byte ${byte}`);
    }
  });

  it("findControl: finds the first one at every place, and never one behind the end", () => {
    for (let length = 0; length < 50; length++) {
      for (let at = 0; at <= length; at++) {
        const bytes = new Uint8Array(length).fill(0xe9).fill(13, at, at + 2);
        const address = codec.place(bytes);
        for (const from of [0, at, Math.min(at + 1, length)]) {
          const found = codec.exports.findControl(address, from, length);
          assert.equal(found, plainFind(bytes, from), `${length} bytes, ${at}, from ${from}`);
        }
      }
    }
  });
});
