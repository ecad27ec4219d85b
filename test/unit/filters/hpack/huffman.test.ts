import assert from "node:assert/strict";
import fc from "fast-check";
import { Hpack } from "./hpack.ts";
import { HUFFMAN_BITS, decodePlain, encodePlain, toBytes } from "./reference/plain-huffman.ts";

describe("huffman", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  /** Decodes where there is room for `lengthMax` bytes. */
  function decode(bytes: Uint8Array, lengthMax = 65536): { length: number; text: Buffer } {
    let length = 0;
    const at = hpack.place(bytes);
    const text = hpack.written((target) => {
      Buffer.from(hpack.exports.memory.buffer).fill(0xa5, target, target + lengthMax + 32);
      length = hpack.exports.decodeHuffman(target, lengthMax, at, bytes.length);
      return target + Math.max(0, Math.min(length, lengthMax));
    });
    return { length, text };
  }

  /** Encodes up to `limit` bytes; null when there are as many or more. */
  function encode(text: Uint8Array, limit = 4 * text.length + 1): Buffer | null {
    const at = hpack.place(text);
    let isShorter = true;
    const code = hpack.written((target) => {
      const end = hpack.exports.encodeHuffman(target, target + limit, at, text.length);
      isShorter = end !== 0;
      return isShorter ? end : target;
    });
    return isShorter ? code : null;
  }

  it("encodeHuffman: each byte has the code of Appendix B, and is decoded again", () => {
    for (let symbol = 0; symbol < 256; symbol++) {
      const bits = HUFFMAN_BITS[symbol];
      const want = toBytes(bits.padEnd(Math.ceil(bits.length / 8) * 8, "1"));
      assert.deepEqual(encode(Buffer.of(symbol)), want, `byte ${symbol}`);
      assert.deepEqual(decode(want).text, Buffer.of(symbol), `byte ${symbol}`);
    }
  });

  it("decodeHuffman: each pair of codes is decoded, wherever the second begins in a byte", () => {
    for (let first = 0; first < 256; first += 3) {
      for (let second = 0; second < 256; second++) {
        const text = Buffer.of(first, second, second, first);
        const code = encodePlain(text);
        assert.deepEqual(decode(code).text, text);
        assert.deepEqual(encode(text), code);
      }
    }
  });

  const errors: [string, string][] = [
    ["EOS alone", HUFFMAN_BITS[256]],
    ["EOS behind a text", `${"0".repeat(25)}${HUFFMAN_BITS[256]}`],
    ["EOS before a text", `${HUFFMAN_BITS[256]}${"0".repeat(250)}`],
    ["eight bits of padding", "1".repeat(8)],
    ["eight bits of padding behind a text", `${"0".repeat(40)}${"1".repeat(8)}`],
    ["sixteen bits of padding", `${"0".repeat(80)}${"1".repeat(16)}`],
    ["padding of zeros", "0".repeat(8)],
    ["padding with one zero", "00000110"],
    ["a long code that is not over", HUFFMAN_BITS[0].padEnd(16, "1").slice(0, 8).padEnd(16, "0")],
    ["a code that misses its last bit", HUFFMAN_BITS[1].slice(0, 16)],
  ];
  for (const [what, bits] of errors) {
    it(`decodeHuffman: ${what} is an error`, () => {
      const bytes = toBytes(bits.padEnd(Math.ceil(bits.length / 8) * 8, "1"));
      assert.equal(decodePlain(bytes), null);
      assert.equal(decode(bytes).length, -1);
    });
  }

  it("decodeHuffman: no bytes are an empty text, and up to seven ones are padding", () => {
    assert.equal(decode(Buffer.alloc(0)).length, 0);
    for (let ones = 0; ones <= 7; ones++) {
      const zeros = { 0: 40, 1: 15, 2: 30, 3: 5, 4: 20, 5: 35, 6: 10, 7: 25 }[ones] ?? 0;
      const bytes = toBytes("0".repeat(zeros) + "1".repeat(ones));
      assert.equal(decode(bytes).text.toString(), "0".repeat(zeros / 5), `${ones} ones`);
    }
  });

  it("decodeHuffman: decodes any bytes as the plain decoder does", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const want = decodePlain(bytes);
        const { length, text } = decode(bytes);
        assert.equal(length, want === null ? -1 : want.length);
        if (want !== null) assert.deepEqual(text, want);
      }),
      { numRuns: 3000 },
    );
  });

  it("encodeHuffman: any text is encoded as by the plain encoder, and decoded again", () => {
    const texts = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const code = encodePlain(text);
        assert.deepEqual(encode(text), code);
        assert.deepEqual(decode(code).text, Buffer.from(text));
      }),
      { numRuns: 2000 },
    );
  });

  it("encodeHuffman: is given up where it has no fewer bytes than the limit", () => {
    for (const text of ["", "0", "www.example.com", "\x00\x01", "{}{}{}{}", "0".repeat(300)]) {
      const bytes = Buffer.from(text, "latin1");
      const { length } = encodePlain(bytes);
      assert.equal(encode(bytes, length), null, text);
      assert.equal(encode(bytes, length + 1)?.length, length, text);
    }
  });

  it("decodeHuffman: stores no more than it may, and measures the whole", () => {
    const text = "a text that is longer than the room it has, <{and}> with long codes";
    const code = encodePlain(Buffer.from(text));
    for (let lengthMax = 0; lengthMax <= text.length + 1; lengthMax++) {
      const { length, text: stored } = decode(code, lengthMax);
      assert.equal(length, text.length);
      assert.equal(stored.toString(), text.slice(0, lengthMax));
    }
    hpack.written((target) => {
      const memory = Buffer.from(hpack.exports.memory.buffer);
      memory.fill(0xa5, target, target + 100);
      hpack.exports.decodeHuffman(target, 8, hpack.place(code), code.length);
      assert.ok(memory.subarray(target + 8 + 16, target + 100).every((byte) => byte === 0xa5));
      return target;
    });
  });
});
