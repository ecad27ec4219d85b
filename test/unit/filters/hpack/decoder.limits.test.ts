import assert from "node:assert/strict";
import { Hpack, type HpackDecoder } from "./hpack.ts";
import { type Field, type Form, PlainTable, encodeForm } from "./reference/plain-hpack.ts";

const FORMS: readonly Form[] = [false, true].flatMap((isHuffman) =>
  (["plain", "added"] as const).map((kind) => ({
    kind,
    usesName: false,
    huffmanName: isHuffman,
    huffmanValue: isHuffman,
  })),
);

describe("decoder: limits", () => {
  let hpack: Hpack;
  let bytesBefore: number;
  const open: HpackDecoder[] = [];
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
    bytesBefore = hpack.exports.bytesInUse();
  });
  afterEach(() => {
    for (const decoder of open.splice(0)) decoder.close();
    assert.equal(hpack.exports.bytesInUse(), bytesBefore, "all memory was given back");
  });

  function decoder(headBytesMax: number, headerCountMax: number): HpackDecoder {
    const made = hpack.decoder("trailers", { headBytesMax, headerCountMax });
    open.push(made);
    return made;
  }

  for (const form of FORMS) {
    const how = `${form.kind}, ${form.huffmanValue ? "in Huffman code" : "as they are"}`;

    it(`decodeBlock: names and values may have as many bytes as the limit says, ${how}`, () => {
      const fields: Field[] = [
        ["x-a", "0".repeat(500)],
        ["x-b", "1".repeat(494)],
      ];
      const block = Buffer.concat(fields.map((field) => encodeForm(new PlainTable(), field, form)));
      const atLimit = decoder(1000, 100).decode(block);
      assert.deepEqual([atLimit.error, atLimit.overflow], [null, "FITS"]);
      assert.equal(atLimit.fields.length, 2);
      const above = decoder(999, 100).decode(block);
      assert.deepEqual([above.error, above.overflow], [null, "TOO_LARGE"]);
      assert.deepEqual(above.fields, [`x-a: ${"0".repeat(500)}`]);
    });

    it(`decodeBlock: what is behind a field too many is left out, but read, ${how}`, () => {
      const names = ["x-a", "x-b", "x-c", "x-d"];
      const table = new PlainTable();
      const block = Buffer.concat(names.map((name) => encodeForm(table, [name, "1"], form)));
      assert.equal(decoder(1000, 4).decode(block).overflow, "FITS");
      const over = decoder(1000, 3);
      const decoded = over.decode(block);
      assert.deepEqual([decoded.error, decoded.overflow], [null, "TOO_MANY"]);
      assert.deepEqual(decoded.fields, ["x-a: 1", "x-b: 1", "x-c: 1"]);
      assert.deepEqual(over.table(), table.fields);
      assert.equal(over.decode(Buffer.of(0, 1, 0x61, 1, 0x62)).overflow, "FITS");
    });

    it(`decodeBlock: a text that is too long is read for the table alone, ${how}`, () => {
      const table = new PlainTable();
      const fields: Field[] = [
        ["x-first", "1"],
        ["x-long", "2".repeat(3000)],
        ["x-behind", "3".repeat(500)],
        ["user-agent", "4".repeat(200)],
      ];
      const block = Buffer.concat(fields.map((field) => encodeForm(table, field, form)));
      const over = decoder(1000, 100);
      const decoded = over.decode(block);
      assert.deepEqual([decoded.error, decoded.overflow], [null, "TOO_LARGE"]);
      assert.deepEqual(decoded.fields, ["x-first: 1"]);
      assert.deepEqual(over.table(), table.fields);
    });

    it(`decodeBlock: a field that is too long for the table as well empties it, ${how}`, () => {
      for (const field of [
        ["x-a", "1".repeat(30_000)],
        ["x".repeat(30_000), "1"],
        ["x".repeat(30_000), "1".repeat(30_000)],
      ] as const) {
        const over = decoder(1000, 100);
        const table = new PlainTable();
        const fields: Field[] = [["x-first", "1"], field, ["x-last", "1"]];
        const block = Buffer.concat(fields.map((each) => encodeForm(table, each, form)));
        const decoded = over.decode(block);
        assert.deepEqual([decoded.error, decoded.overflow], [null, "TOO_LARGE"]);
        assert.deepEqual(over.table(), table.fields);
      }
    });

    it(`decodeBlock: memory does not grow with what is over the limit, ${how}`, () => {
      const over = decoder(2000, 100);
      const table = new PlainTable();
      const filler: Field = ["x-filler", "1".repeat(3000)];
      over.decode(encodeForm(table, filler, form));
      const used = hpack.exports.bytesInUse();
      const fields = Array.from(
        { length: 100 },
        (_, number): Field => [`x-${number}`, "1".repeat(1990 + number)],
      );
      const block = Buffer.concat(fields.map((field) => encodeForm(table, field, form)));
      assert.equal(over.decode(block).overflow, "TOO_LARGE");
      const grown = hpack.exports.bytesInUse() - used;
      assert.ok(grown <= 8192, `${grown} bytes more`);
      assert.deepEqual(over.table(), table.fields);
    });
  }

  it("decodeBlock: one byte that stands for a long field counts as long", () => {
    const over = decoder(61_440, 1000);
    const field: Field = ["x-bomb", "b".repeat(4000)];
    over.decode(encodeForm(new PlainTable(), field, FORMS[1]));
    const used = hpack.exports.bytesInUse();
    const fits = over.decode(Buffer.alloc(15, 0xbe));
    assert.deepEqual([fits.overflow, fits.fields.length], ["FITS", 15]);
    const decoded = over.decode(Buffer.alloc(100_000, 0xbe));
    assert.deepEqual([decoded.error, decoded.overflow], [null, "TOO_LARGE"]);
    assert.equal(decoded.fields.length, 15);
    assert.ok(hpack.exports.bytesInUse() - used < 2 * 61_440);
  });

  it("decodeBlock: sums that are far above the limit do not wrap", () => {
    const over = decoder(2 ** 31 - 1, 2 ** 31 - 1);
    over.limit(65_536);
    const table = new PlainTable();
    table.resize(65_536);
    const block = encodeForm(table, ["x-bomb", "b".repeat(65_000)], FORMS[1]);
    assert.equal(
      over.decode(Buffer.concat([Buffer.of(0x3f, 0xe1, 0xff, 0x03), block])).error,
      null,
    );
    const small = decoder(100_000, 2 ** 31 - 1);
    small.limit(65_536);
    small.decode(Buffer.concat([Buffer.of(0x3f, 0xe1, 0xff, 0x03), block]));
    const decoded = small.decode(Buffer.alloc(200_000, 0xbe));
    assert.deepEqual([decoded.overflow, decoded.fields.length], ["TOO_LARGE", 1]);
  });

  it("decodeBlock: a name longer than an entry can have is over any limit", () => {
    const block = (length: number) =>
      encodeForm(new PlainTable(), ["x".repeat(length), "1"], FORMS[0]);
    assert.equal(decoder(1 << 20, 100).decode(block(65_535)).overflow, "FITS");
    assert.equal(decoder(1 << 20, 100).decode(block(65_536)).overflow, "TOO_LARGE");
  });

  it("decodeBlock: fields that are not kept count as well", () => {
    const block = Buffer.concat(
      ["X-A", "x-b"].map((name) => encodeForm(new PlainTable(), [name, "1"], FORMS[0])),
    );
    assert.equal(decoder(8, 100).decode(block).overflow, "FITS");
    assert.equal(decoder(7, 100).decode(block).overflow, "TOO_LARGE");
    assert.equal(decoder(8, 1).decode(block).overflow, "TOO_MANY");
  });

  it("addRow: a table takes memory for what it may hold, however much is added", () => {
    const made = decoder(1 << 20, 1000);
    const fresh = hpack.exports.bytesInUse();
    const table = new PlainTable();
    for (let turn = 0; turn < 40; turn++) {
      const fields = Array.from(
        { length: 35 },
        (_, place): Field => [`x-${place}`, "v".repeat((turn * 31 + place * 7) % 400)],
      );
      const blocks = fields.map((field) => encodeForm(table, field, FORMS[1]));
      assert.equal(made.decode(Buffer.concat(blocks)).overflow, "FITS");
      made.decode(Buffer.alloc(0));
      const used = hpack.exports.bytesInUse() - fresh;
      assert.ok(used <= 4096 + 2048, `${used} bytes`);
    }
    assert.deepEqual(made.table(), table.fields);
    made.decode(Buffer.of(0x20));
    assert.equal(hpack.exports.bytesInUse(), fresh, "without a table there is nothing to keep");
  });

  it("createDecoder: takes little memory before it has seen a field to keep", () => {
    const made = decoder(61_440, 100);
    const used = hpack.exports.bytesInUse();
    made.decode(Buffer.from("828684", "hex"));
    assert.equal(hpack.exports.bytesInUse(), used);
    const block = hpack.exports.newBlock(0);
    const blockBytes = hpack.exports.bytesInUse() - used;
    hpack.exports.freeBlock(block);
    assert.ok(used - blockBytes - bytesBefore <= 384, `${used - blockBytes - bytesBefore} bytes`);
  });
});
