import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { WebSocketModule } from "./websocket-module.ts";

/** RFC 3174 §7.3, and the first two of FIPS 180's examples among them. */
const VECTORS: readonly (readonly [text: string, times: number, digest: string])[] = [
  ["", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
  ["abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    1,
    "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
  ],
  ["a", 10_000, "a080cbda64850abb7b7f67ee875ba068074ff6fe"],
  [
    "0123456701234567012345670123456701234567012345670123456701234567",
    10,
    "dea356a2cddd90c7a7ecedc5ebb563934f460452",
  ],
];

describe("sha1", () => {
  let websocket: WebSocketModule;
  before(async function () {
    this.timeout(60_000);
    websocket = await WebSocketModule.open();
  });

  for (const [text, times, digest] of VECTORS) {
    it(`writeSha1: ${times} × ${JSON.stringify(text.slice(0, 16))}`, () => {
      assert.equal(websocket.sha1(Buffer.from(text.repeat(times))), digest);
    });
  }

  it("writeSha1: every length around the blocks is as node has it", () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 7 + length) & 255));
      assert.equal(websocket.sha1(bytes), createHash("sha1").update(bytes).digest("hex"));
    }
  });
});
