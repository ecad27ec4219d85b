import assert from "node:assert/strict";
import fc from "fast-check";
import { anyField, anyForm, anyHeads, anyTableBytes } from "./head-arbitrary.ts";
import { Hpack } from "./hpack.ts";
import {
  PlainDecoder,
  PlainError,
  encodeForm,
  encodeNumber,
  toLine,
} from "./reference/plain-hpack.ts";

describe("decoder: any input", () => {
  let hpack: Hpack;
  let bytesBefore: number;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
    bytesBefore = hpack.exports.bytesInUse();
  });
  afterEach(() => {
    assert.equal(hpack.exports.bytesInUse(), bytesBefore, "all memory was given back");
  });

  it("decodeBlock: any heads in any forms are what they were, and so is the table", () => {
    const part = fc.tuple(fc.array(fc.tuple(anyField, anyForm), { maxLength: 12 }), anyTableBytes);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const decoder = hpack.decoder("trailers");
        decoder.limit(65_536);
        const { table } = new PlainDecoder();
        for (const [fields, tableBytes] of parts) {
          table.resize(tableBytes);
          const block = [encodeNumber(0x20, 5, tableBytes)];
          for (const [field, form] of fields) block.push(encodeForm(table, field, form));
          const decoded = decoder.decode(Buffer.concat(block));
          assert.deepEqual([decoded.error, decoded.headError], [null, null]);
          assert.deepEqual(
            decoded.fields,
            fields.map(([field]) => toLine(field)),
          );
          assert.deepEqual(decoder.table(), table.fields);
          assert.equal(decoder.tableSize, table.size);
        }
        decoder.close();
      }),
      { numRuns: 500 },
    );
  });

  it("decodeBlock: what is over any limit leaves the same table", () => {
    const limits = fc.tuple(fc.nat(800), fc.nat(10));
    fc.assert(
      fc.property(anyHeads, limits, fc.array(anyForm, { minLength: 5 }), (heads, limit, forms) => {
        const [headBytesMax, headerCountMax] = limit;
        const decoder = hpack.decoder("trailers", { headBytesMax, headerCountMax });
        const { table } = new PlainDecoder();
        for (const head of heads) {
          const blocks = head.map((field, at) =>
            encodeForm(table, field, forms[at % forms.length]),
          );
          const decoded = decoder.decode(Buffer.concat(blocks));
          const bytes = decoded.fields.join("").length - 2 * decoded.fields.length;
          assert.ok(decoded.fields.length <= headerCountMax && bytes <= headBytesMax);
          const whole = head.map((field) => field.join("")).join("").length;
          const fits = whole <= headBytesMax && head.length <= headerCountMax;
          assert.equal(decoded.overflow === "FITS", fits);
          assert.deepEqual(decoded.fields, head.slice(0, decoded.fields.length).map(toLine));
          assert.deepEqual(decoder.table(), table.fields);
        }
        decoder.close();
      }),
      { numRuns: 500 },
    );
  });

  it("decodeBlock: any bytes are read, or refused, as by the plain decoder", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(fc.constantFrom(0x82, 0xbe, 0x40, 0x00, 0x01, 0x61, 0x3f, 0x20, 0x84, 0x7f, 0xff)),
    );
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 4 }), (blocks) => {
        const decoder = hpack.decoder("trailers", { headBytesMax: 200, headerCountMax: 20 });
        const plain = new PlainDecoder();
        for (const block of blocks) {
          const want = errorOf(() => plain.decode(Uint8Array.from(block)));
          const decoded = decoder.decode(Uint8Array.from(block));
          assert.equal(decoded.error, want);
          if (want !== null) break;
          assert.deepEqual(decoder.table(), plain.table.fields);
        }
        decoder.close();
      }),
      { numRuns: 5000 },
    );
  });

  it("decodeBlock: what our encoder writes is what it was given, for any size of the table", () => {
    fc.assert(
      fc.property(anyHeads, anyTableBytes, fc.array(anyTableBytes), (heads, own, peers) => {
        const encoder = hpack.encoder(own);
        const decoder = hpack.decoder("trailers");
        decoder.limit(65_536);
        const plain = new PlainDecoder();
        plain.limit = 65_536;
        for (const [turn, head] of [...heads, ...heads, ...heads].entries()) {
          if (turn % 2 === 0) for (const size of peers.slice(turn, turn + 2)) encoder.limit(size);
          const block = encoder.encode("trailers", head);
          assert.deepEqual(plain.decode(block), head);
          assert.deepEqual(encoder.table(), plain.table.fields);
          const decoded = decoder.decode(block);
          assert.deepEqual(decoded.fields, head.map(toLine));
          assert.deepEqual(decoder.table(), plain.table.fields);
        }
        encoder.close();
        decoder.close();
      }),
      { numRuns: 400 },
    );
  });
});

function errorOf(decode: () => void): string | null {
  try {
    decode();
    return null;
  } catch (error) {
    if (error instanceof PlainError) return error.message;
    throw error;
  }
}
