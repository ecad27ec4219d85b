import assert from "node:assert/strict";
import fc from "fast-check";
import { Hpack } from "./hpack.ts";
import { encodeNumber } from "./reference/plain-hpack.ts";

const E_TRUNCATED = -1;
const E_INTEGER = -2;

describe("integer", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  function write(pattern: number, prefixBits: number, value: number): string {
    const prefix = 2 ** prefixBits - 1;
    return hpack
      .written((target) => hpack.exports.writeNumber(target, pattern, prefix, value))
      .toString("hex");
  }

  /** Reads what stands behind a full prefix: the value and the bytes it took, or an error. */
  function read(hex: string, prefixBits: number): [number, number] | number {
    const bytes = Buffer.from(hex, "hex");
    const at = hpack.place(bytes);
    const found = hpack.exports.readContinuation(at, at + bytes.length, 2 ** prefixBits - 1);
    if (found < 0n) return Number(found);
    return [Number(found & 0xffff_ffffn), Number(found >> 32n)];
  }

  const written: [string, number, number, number, string][] = [
    ["10 in five bits, RFC 7541 C.1.1", 0, 5, 10, "0a"],
    ["1337 in five bits, RFC 7541 C.1.2", 0, 5, 1337, "1f9a0a"],
    ["42 in eight bits, RFC 7541 C.1.3", 0, 8, 42, "2a"],
    ["the last that fits into its prefix", 0x80, 7, 126, "fe"],
    ["the first that does not", 0x80, 7, 127, "ff00"],
    ["the last with one byte behind it", 0x40, 6, 63 + 127, "7f7f"],
    ["the first with two", 0x40, 6, 63 + 128, "7f8001"],
    ["zero", 0x10, 4, 0, "10"],
    ["the largest", 0, 7, 2 ** 31 - 1, "7f80ffffff07"],
  ];
  for (const [what, pattern, prefixBits, value, hex] of written) {
    it(`writeNumber: ${what} is written as ${hex}`, () => {
      assert.equal(write(pattern, prefixBits, value), hex);
    });
  }

  const read5: [string, string, [number, number] | number][] = [
    ["1337 of RFC 7541 C.1.2", "9a0a", [1337, 2]],
    ["nothing more than the prefix", "00", [31, 1]],
    ["a zero that takes all five bytes", "8080808000", [31, 5]],
    ["the largest value", "e0ffffff07", [2 ** 31 - 1, 5]],
    ["one more than the largest value", "e1ffffff07", E_INTEGER],
    ["a value above 32 bits", "ffffffff7f", E_INTEGER],
    ["a sixth byte", "808080808000", E_INTEGER],
    ["bytes without an end", "ffffffffffffffffffffff", E_INTEGER],
    ["no byte", "", E_TRUNCATED],
    ["a byte that is not the last", "9a", E_TRUNCATED],
    ["four bytes that are not the last", "80808080", E_TRUNCATED],
  ];
  for (const [what, hex, want] of read5) {
    it(`readContinuation: ${what} gives ${want}`, () => {
      assert.deepEqual(read(hex, 5), want);
    });
  }

  it("readContinuation: reads what is written, and what the plain encoder writes", () => {
    const values = fc.oneof(fc.nat(1000), fc.nat(2 ** 31 - 1));
    fc.assert(
      fc.property(values, fc.integer({ min: 4, max: 8 }), (value, prefixBits) => {
        const bytes = encodeNumber(0, prefixBits, value);
        assert.equal(write(0, prefixBits, value), bytes.toString("hex"));
        if (bytes.length === 1) return;
        assert.deepEqual(read(bytes.toString("hex", 1), prefixBits), [value, bytes.length - 1]);
      }),
    );
  });
});
