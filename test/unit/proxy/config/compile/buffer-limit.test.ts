import assert from "node:assert/strict";
import { toBufferLimit } from "../../../../../proxy/config/compile/buffer-limit.ts";

describe("toBufferLimit", () => {
  for (const { name, configured, want } of [
    { name: "nothing is configured: a mebibyte", configured: undefined, want: 1_048_576 },
    { name: "a number is itself", configured: 1, want: 1 },
    { name: "0 is no limit", configured: 0, want: 4_294_967_295 },
    { name: "the largest", configured: 4_294_967_295, want: 4_294_967_295 },
  ]) {
    it(`toBufferLimit: ${name}`, () => assert.equal(toBufferLimit(configured), want));
  }
});
