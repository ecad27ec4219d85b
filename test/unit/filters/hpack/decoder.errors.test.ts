import assert from "node:assert/strict";
import { Hpack } from "./hpack.ts";
import {
  type Field,
  type Form,
  PlainTable,
  encodeForm,
  encodeNumber,
} from "./reference/plain-hpack.ts";

/** `a: b` without indexing, and with. */
const PLAIN = "00016101" + "62";
const ADDED = "40016101" + "62";

const ERRORS: readonly [what: string, hex: string, error: string][] = [
  ["index 0", "80", "INDEX"],
  ["index 62 of an empty table", "be", "INDEX"],
  ["an index behind the last row", `${ADDED}bf`, "INDEX"],
  ["an index with all bits that a number may have", "ff80ffffff07", "INDEX"],
  ["a name of index 62 of an empty table", "0f2f0162", "INDEX"],
  ["a name of index 62, added, of an empty table", "7e0162", "INDEX"],
  ["an index of too many digits", "ff808080808000", "INTEGER"],
  ["an index above 31 bits", "ff81ffffff07", "INTEGER"],
  ["a length of too many digits", "007f808080808000", "INTEGER"],
  ["a length above 31 bits", "007fffffffff7f", "INTEGER"],
  ["a table size of too many digits", "3f808080808000", "INTEGER"],
  ["an index that is not over", "ff", "TRUNCATED"],
  ["an index that is not over after a byte", "ff80", "TRUNCATED"],
  ["a table size that is not over", "3f", "TRUNCATED"],
  ["a literal without a name", "00", "TRUNCATED"],
  ["a literal whose name is too short", "000261", "TRUNCATED"],
  ["a literal without a value", "000161", "TRUNCATED"],
  ["a literal whose value is too short", "0001610262", "TRUNCATED"],
  ["a literal whose value is as long as numbers can be", "0001617f80ffffff07", "TRUNCATED"],
  ["a Huffman text that is too short", "0001618362", "TRUNCATED"],
  ["EOS in a value", "000161" + "84ffffffff", "HUFFMAN"],
  ["EOS in a name", "0084ffffffff" + "0162", "HUFFMAN"],
  ["padding of eight ones", "000161" + "8207ff", "HUFFMAN"],
  ["padding of zeros", "000161" + "8100", "HUFFMAN"],
  ["a table of 4097 bytes", "3fe21f", "TABLE_SIZE"],
  ["the largest table there is", "3fe0ffffff07", "TABLE_SIZE"],
  ["a table size behind a field", `${PLAIN}20`, "TABLE_SIZE_LATE"],
  ["a table size behind an index", "8220", "TABLE_SIZE_LATE"],
];

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

describe("decoder: what ends a connection", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  for (const [what, hex, error] of ERRORS) {
    it(`decodeBlock: ${what} is ${error}`, () => {
      assert.equal(hpack.decodeOnce("trailers", bytesOf(hex)).error, error);
    });
  }

  it("decodeBlock: an empty block is no error, and neither are sizes alone", () => {
    for (const hex of ["", "20", "3fe11f", "203fe11f", "20202020"]) {
      assert.equal(hpack.decodeOnce("trailers", bytesOf(hex)).error, null, hex);
    }
  });

  it("decodeBlock: a block that is cut anywhere but between fields is TRUNCATED", () => {
    const block = bytesOf(`${ADDED}8286be${PLAIN}0f2f8162ff00`);
    const ends = new Set([0, 5, 6, 7, 8, 13]);
    for (let length = 0; length < 13; length++) {
      const { error } = hpack.decodeOnce("trailers", block.subarray(0, length));
      assert.equal(error, ends.has(length) ? null : "TRUNCATED", `${length} bytes`);
    }
  });

  it("limitDecoderTable: a smaller table must be taken over at the start of the next block", () => {
    const sizes: [string, string | null][] = [
      ["", "TABLE_SIZE_MISSING"],
      ["82", "TABLE_SIZE_MISSING"],
      ["3f2a", "TABLE_SIZE"],
      ["3fe11f", "TABLE_SIZE"],
      ["3f29", null],
      ["3f2982", null],
      ["2082", null],
      ["203f2982", null],
    ];
    for (const [hex, error] of sizes) {
      const decoder = hpack.decoder("trailers");
      decoder.limit(72);
      assert.equal(decoder.decode(bytesOf(hex)).error, error, hex);
      if (error === null) assert.equal(decoder.decode(bytesOf(PLAIN)).error, null, hex);
      decoder.close();
    }
  });

  it("limitDecoderTable: the smallest of several sizes must be taken over first", () => {
    const sizes: [string, string | null][] = [
      ["", "TABLE_SIZE_MISSING"],
      ["3fe11f", "TABLE_SIZE"],
      ["3f293fe11f", null],
      ["203fe11f", null],
      ["3f29", null],
    ];
    for (const [hex, error] of sizes) {
      const decoder = hpack.decoder("trailers");
      for (const bytes of [1000, 72, 500, 4096]) decoder.limit(bytes);
      assert.equal(decoder.decode(bytesOf(hex)).error, error, hex);
      decoder.close();
    }
  });

  it("limitDecoderTable: a larger table may be taken over, and need not", () => {
    for (const hex of ["", "3fe11f", "3fe13f"]) {
      const decoder = hpack.decoder("trailers");
      decoder.limit(8192);
      assert.equal(decoder.decode(bytesOf(hex)).error, null, hex);
      assert.equal(decoder.decode(bytesOf("3fe23f")).error, "TABLE_SIZE", hex);
      decoder.close();
    }
  });

  it("limitDecoderTable: no table has more than 65,536 bytes", () => {
    const decoder = hpack.decoder("trailers");
    decoder.limit(2 ** 32 - 1);
    assert.equal(decoder.decode(encodeNumber(0x20, 5, 65_536)).error, null);
    assert.equal(decoder.decode(encodeNumber(0x20, 5, 65_537)).error, "TABLE_SIZE");
    decoder.close();
  });

  it("decodeBlock: a smaller table puts the oldest out, and an empty one all", () => {
    const decoder = hpack.decoder("trailers");
    const table = new PlainTable();
    for (const name of ["a", "b", "c", "d"]) decoder.decode(added(table, [name, "1"]));
    const left = (size: number) => {
      decoder.decode(encodeNumber(0x20, 5, size));
      return decoder.table().map(([name]) => name);
    };
    assert.deepEqual(left(4 * 34), ["d", "c", "b", "a"]);
    assert.deepEqual(left(4 * 34 - 1), ["d", "c", "b"]);
    assert.deepEqual(left(34), ["d"]);
    assert.deepEqual(left(33), []);
    assert.deepEqual([left(0), decoder.tableSize], [[], 0]);
    decoder.close();
  });

  it("decodeBlock: a field as large as the table is added, and one byte more empties it", () => {
    for (const [size, names] of [
      [4096, ["x"]],
      [4097, []],
    ] as const) {
      const decoder = hpack.decoder("trailers");
      decoder.decode(added(new PlainTable(), ["a", "1"]));
      const value = "v".repeat(size - 33);
      const decoded = decoder.decode(added(new PlainTable(), ["x", value]));
      assert.deepEqual(decoded.fields, [`x: ${value}`]);
      assert.deepEqual(
        decoder.table().map(([name]) => name),
        names,
      );
      decoder.close();
    }
  });

  it("decodeBlock: a field may have the name of the row that it puts out", () => {
    const decoder = hpack.decoder("trailers");
    const table = new PlainTable();
    const [first, second, third] = ["1", "2", "3"].map((value) => value.repeat(4000));
    decoder.decode(added(table, ["x-name", first]));
    const decoded = decoder.decode(added(table, ["x-name", second]));
    assert.deepEqual(decoded.fields, [`x-name: ${second}`]);
    assert.deepEqual(decoder.table(), [["x-name", second]]);
    // The same where nothing is kept but the table.
    decoder.decode(added(table, ["x-name", third]));
    assert.deepEqual(decoder.table(), [["x-name", third]]);
    decoder.close();
  });
});

const ADDED_FORM: Form = { kind: "added", usesName: true, huffmanName: false, huffmanValue: true };

function added(table: PlainTable, field: Field): Buffer {
  return encodeForm(table, field, ADDED_FORM);
}
