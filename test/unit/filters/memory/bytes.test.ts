import assert from "node:assert/strict";
import { type MemoryExports, openMemoryModule } from "./memory-module.ts";

const ROOM = 4096;

describe("bytes", () => {
  let memory: MemoryExports;
  let view: Buffer;
  let first: number;
  let second: number;
  before(async function () {
    this.timeout(60_000);
    memory = await openMemoryModule();
    view = Buffer.from(memory.memory.buffer);
    first = memory.allocate(ROOM);
    second = memory.allocate(ROOM);
  });

  it("copyBytes: copies every length, and not one byte more", () => {
    for (let length = 0; length < 80; length++) {
      for (let i = 0; i < length; i++) view[first + i] = i + 1;
      view.fill(0xee, second, second + 200);
      memory.copy(second + 40, first, length);
      assert.deepEqual(
        [...view.subarray(second + 40, second + 40 + length)],
        Array.from({ length }, (_, i) => i + 1),
      );
      assert.equal(view[second + 39], 0xee);
      assert.equal(view[second + 40 + length], 0xee);
    }
  });

  it("equalBytes: sees a difference at every place of every length, and none behind it", () => {
    for (let length = 0; length < 40; length++) {
      view.fill(7, first, first + 64);
      view.fill(7, second, second + 64);
      view[second + length] = 8;
      assert.equal(memory.equalBytes(first, second, length), 1);
      for (let at = 0; at < length; at++) {
        view[first + at] = 9;
        assert.equal(memory.equalBytes(first, second, length), 0, `${at} of ${length}`);
        view[first + at] = 7;
      }
    }
  });

  it("indexOfByte: finds the first one at every place, and never one behind the end", () => {
    for (let length = 0; length < 70; length++) {
      for (let at = 0; at <= length; at++) {
        view.fill(1, first, first + 100);
        view[first + at] = 2;
        view[first + length] = 2;
        assert.equal(memory.indexOfByte(first, length, 2), at < length ? at : -1);
      }
    }
  });

  const searches: [string, string, number][] = [
    ["hello", "", 0],
    ["", "", 0],
    ["", "a", -1],
    ["hello", "l", 2],
    ["hello", "lo", 3],
    ["hello", "hello", 0],
    ["hello", "hellos", -1],
    ["hell", "lo", -1],
    ["aaab", "aab", 1],
    [`${"ab".repeat(20)}ac`, "ac", 40],
    [`${"x".repeat(31)}needle`, "needle", 31],
  ];
  for (const [text, needle, want] of searches) {
    it(`indexOfBytes: ${JSON.stringify(needle)} in ${JSON.stringify(text)} is at ${want}`, () => {
      // More of the needle follows behind the text.
      view.write(text + needle, first);
      view.write(needle, second);
      assert.equal(memory.indexOfBytes(first, text.length, second, needle.length), want);
    });
  }

  const numbers = [0n, 1n, 9n, 10n, 15n, 16n, 99n, 100n, 255n, 256n, 2n ** 32n, 2n ** 64n - 1n];
  for (const number of numbers) {
    it(`writeDecimal and writeHex: ${number}`, () => {
      const digits = memory.writeDecimal(first, number);
      assert.equal(view.toString("latin1", first, first + digits), number.toString());
      const hexDigits = memory.writeHex(first, number);
      assert.equal(view.toString("latin1", first, first + hexDigits), number.toString(16));
    });
  }

  const decimals: [string, bigint][] = [
    ["0", 0n],
    ["007", 7n],
    ["999999999999999999", 999_999_999_999_999_999n],
    ["1000000000000000000", -1n],
    ["", -1n],
    ["1a", -1n],
    ["-1", -1n],
    [" 1", -1n],
    ["1/", -1n],
    ["1:", -1n],
  ];
  for (const [text, want] of decimals) {
    it(`readDecimal: ${JSON.stringify(text)} is ${want}`, () => {
      view.write(`${text}5`, first);
      assert.equal(memory.readDecimal(first, text.length), want);
    });
  }

  it("hexDigit: 0 to 9, a to f in both cases, and nothing else", () => {
    for (let byte = 0; byte < 256; byte++) {
      const want = "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase());
      assert.equal(memory.hexDigit(byte), want, `byte ${byte}`);
    }
  });

  it("lowerByte: only the letters of ASCII change", () => {
    for (let byte = 0; byte < 256; byte++) {
      const isCapital = byte >= 0x41 && byte <= 0x5a;
      assert.equal(memory.lower(byte), isCapital ? byte + 32 : byte);
    }
  });

  it("hashBytes: the test vectors of FNV-1a", () => {
    const vectors: [string, number][] = [
      ["", 0x811c9dc5],
      ["a", 0xe40c292c],
      ["foobar", 0xbf9cf968],
    ];
    for (const [text, want] of vectors) {
      view.write(text, first);
      assert.equal(memory.hashBytes(first, text.length) >>> 0, want);
    }
  });

  it("writeAscii and staticText: one byte for each character", () => {
    assert.equal(memory.putAscii(first), 6);
    assert.equal(view.toString("latin1", first, first + 6), "a text");
    const text = memory.text();
    assert.equal(view.toString("latin1", text, text + 6), "a text");
  });

  const places: [string, number][] = [
    ["ab", 0],
    ["abc", 1],
    ["", 2],
    ["b", 3],
    ["a", -1],
    ["abcd", -1],
    ["B", -1],
  ];
  for (const [text, place] of places) {
    it(`indexOfText: "${text}" is at ${place} of ab, abc, nothing and b`, () => {
      view.write(`${text}c`, first);
      assert.equal(memory.placeOf(first, text.length), place);
    });
  }

  it("abort: stops the instance", () => {
    assert.throws(() => memory.fail(), WebAssembly.RuntimeError);
  });
});
