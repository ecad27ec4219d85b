import assert from "node:assert/strict";
import { type HeadKind, Hpack } from "./hpack.ts";
import { type Field, PlainDecoder } from "./reference/plain-hpack.ts";

/** One field that is encoded over and over, and the blocks that it becomes. */
type Row = readonly [what: string, kind: HeadKind, field: Field, blocks: readonly string[]];

const AUTHORITY_HEX = "8cf1e3c2e5f23a6ba0ab90f4ff";
/** `x-request-id` and `abc` in Huffman code. */
const REQUEST_ID_HEX = "89f2b585ed6950958d27";
const ABC_HEX = "821c64";

const ROWS: readonly Row[] = [
  ["a field of the static table is an index", "request", [":method", "GET"], ["82", "82"]],
  ["an empty value may be in the static table", "trailers", ["accept", ""], ["93", "93"]],
  [
    "a field is added when it comes again",
    "request",
    [":authority", "www.example.com"],
    [`01${AUTHORITY_HEX}`, `41${AUTHORITY_HEX}`, "be", "be"],
  ],
  [
    "a name that is in no table is added with its field",
    "trailers",
    ["x-request-id", "abc"],
    [
      `00${REQUEST_ID_HEX}${ABC_HEX}`,
      `40${REQUEST_ID_HEX}${ABC_HEX}`,
      `0f2f${ABC_HEX}`,
      `0f2f${ABC_HEX}`,
    ],
  ],
  [
    "authorization is never indexed",
    "trailers",
    ["authorization", "abc"],
    [`1f08${ABC_HEX}`, `1f08${ABC_HEX}`],
  ],
  [
    "proxy-authorization is never indexed",
    "trailers",
    ["proxy-authorization", "abc"],
    [`1f22${ABC_HEX}`, `1f22${ABC_HEX}`],
  ],
  [
    "set-cookie is never indexed",
    "trailers",
    ["set-cookie", "abc"],
    [`1f28${ABC_HEX}`, `1f28${ABC_HEX}`],
  ],
  [
    "a cookie of 19 bytes is never indexed",
    "trailers",
    ["cookie", "0000000000000000000"],
    ["1f118c000000000000000000000001", "1f118c000000000000000000000001"],
  ],
  [
    "a cookie of 20 bytes is added when it comes again",
    "trailers",
    ["cookie", "00000000000000000000"],
    ["0f118d0000000000000000000000000f", "608d0000000000000000000000000f", "be"],
  ],
  [
    ":path with a query is not added",
    "request",
    [":path", "/a?0"],
    ["04042f613f30", "04042f613f30", "04042f613f30"],
  ],
  [
    ":path without a query is added when it comes again",
    "request",
    [":path", "/a0"],
    ["04826060", "44826060", "be"],
  ],
  [
    "content-length is not added",
    "trailers",
    ["content-length", "123"],
    ["0f0d820899", "0f0d820899", "0f0d820899"],
  ],
  ["etag is not added", "trailers", ["etag", "123"], ["0f13820899", "0f13820899", "0f13820899"]],
  [
    "a text is as it is when Huffman code is not shorter",
    "trailers",
    ["\x7c\x7c", "{}"],
    ["00027c7c027b7d", "40027c7c027b7d", "be"],
  ],
];

describe("encoder", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  for (const [what, kind, field, blocks] of ROWS) {
    it(`encodeBlock: ${what}`, () => {
      const encoder = hpack.encoder();
      for (const hex of blocks) {
        assert.equal(encoder.encode(kind, [field]).toString("hex"), hex);
      }
      encoder.close();
    });
  }

  /** Encodes heads one behind the other, and checks each with the plain decoder. */
  function encodeAll(
    kind: HeadKind,
    heads: readonly (readonly Field[])[],
    tableBytesMax = 4096,
  ): string[] {
    const encoder = hpack.encoder(tableBytesMax);
    const decoder = new PlainDecoder();
    const blocks = heads.map((head) => {
      const block = encoder.encode(kind, head);
      assert.deepEqual(decoder.decode(block), head);
      assert.deepEqual(encoder.table(), decoder.table.fields);
      assert.equal(encoder.tableSize, decoder.table.size);
      return block.toString("hex");
    });
    encoder.close();
    return blocks;
  }

  it("encodeBlock: a field of three quarters of the table is added, a larger one is not", () => {
    for (const [size, isAdded] of [
      [3072, true],
      [3073, false],
    ] as const) {
      const field: Field = ["a", "1".repeat(size - 33)];
      const encoder = hpack.encoder();
      for (let turn = 0; turn < 3; turn++) encoder.encode("trailers", [field]);
      assert.deepEqual(encoder.table(), isAdded ? [field] : []);
      encoder.close();
    }
  });

  it("encodeBlock: what comes once puts nothing out", () => {
    const kept: Field[] = [
      ["user-agent", "a browser"],
      ["x-team", "shop"],
    ];
    const heads = Array.from({ length: 500 }, (_, number): Field[] => [
      ...kept,
      ["x-once", `value ${number}`],
    ]);
    const encoder = hpack.encoder();
    for (const head of heads) encoder.encode("trailers", head);
    const table = encoder.table();
    assert.deepEqual(
      kept.filter((field) => table.some((other) => String(other) === String(field))),
      kept,
    );
    assert.ok(table.length <= 8, `${table.length} rows`);
    encoder.close();
  });

  it("encodeBlock: each of many values that repeat is found again", () => {
    const fields = Array.from({ length: 60 }, (_, number): Field => ["x-v", `value ${number}`]);
    const encoder = hpack.encoder();
    for (let turn = 0; turn < 3; turn++) encoder.encode("trailers", fields);
    const block = encoder.encode("trailers", fields);
    assert.equal(block.length, 60, "one byte each");
    encoder.close();
  });

  it("encodeBlock: fields are found by their whole name and value", () => {
    const fields: Field[] = [
      ["x-a", "long value of sixteen and more bytes, with an end"],
      ["x-a", "long value of sixteen and more bytes, with an enD"],
      ["x-a", "Long value of sixteen and more bytes, with an end"],
      ["x-b", "long value of sixteen and more bytes, with an end"],
      ["x-", "along value of sixteen and more bytes, with an end"],
      ["server", "x"],
      ["via", "x"],
      ["x-a", ""],
    ];
    const [, , , last] = encodeAll("trailers", [fields, fields, fields, fields]);
    assert.equal(last.length / 2, fields.length);
  });

  it("encodeBlock: values with the same hash are told apart", () => {
    const { exports } = hpack;
    const seen = new Map<number, string>();
    let pair: [string, string] | null = null;
    // The hash has 32 bits, so that of some ten thousand texts two are soon found.
    for (let number = 0; pair === null && number < 500_000; number++) {
      const text = `v${number}`;
      const hash = exports.hashText(hpack.place(Buffer.from(text)), text.length);
      const other = seen.get(hash);
      if (other !== undefined) pair = [other, text];
      seen.set(hash, text);
    }
    assert.ok(pair !== null, "two texts with one hash");
    const [first, second] = pair.map((value): Field => ["x-a", value]);
    encodeAll("trailers", [[first], [first], [second, first], [second], [first, second]]);
  });

  it("encodeBlock: names that come with ever new values are added once, not each time", () => {
    const names = Array.from({ length: 40 }, (_, number) => `x-name-${number}`);
    const heads = Array.from({ length: 20 }, (_, turn) =>
      names.map((name, place): Field => [name, `${turn}-${place}`]),
    );
    const encoder = hpack.encoder(8192);
    encoder.limit(8192);
    for (const head of heads) encoder.encode("trailers", head);
    const { length } = encoder.table();
    // Now and then what was met is forgotten, and some fields are taken for others.
    assert.ok(length >= names.length && length < 3 * names.length, `${length} rows`);
    encoder.close();
  });

  it("encodeBlock: rows that were put out are not found, however often the ring turns", () => {
    const heads = Array.from({ length: 300 }, (_, turn) =>
      Array.from(
        { length: 12 },
        (_, place): Field => [
          `x-${(turn * 5 + place) % 97}`,
          "v".repeat((turn * 7 + place * 3) % 130),
        ],
      ),
    );
    encodeAll("trailers", [...heads, ...heads]);
    encodeAll("trailers", heads.slice(0, 100), 500);
  });

  it("encodeBlock: more rows than sixteen bits can number are added", () => {
    const encoder = hpack.encoder();
    // Some more than the table can hold, so that each was just put out when it comes again.
    const fields = Array.from({ length: 150 }, (_, number): Field => ["x", String(number)]);
    for (let turn = 0; turn < 450; turn++) encoder.encode("trailers", fields);
    const decoder = new PlainDecoder();
    for (const field of encoder.table().toReversed()) decoder.table.add(field);
    for (let turn = 0; turn < 3; turn++) {
      const block = encoder.encode("trailers", fields);
      assert.deepEqual(decoder.decode(block), fields);
      assert.ok(block.length > 3 * fields.length, "they are added");
    }
    encoder.close();
  });

  it("encodeBlock: :protocol comes before all fields, wherever it stands", () => {
    const pseudo: Field[] = [
      [":method", "CONNECT"],
      [":path", "/"],
      [":authority", "a"],
      [":scheme", "http"],
    ];
    const encoder = hpack.encoder();
    const block = encoder.encode("request", [
      ...pseudo,
      ["a", "1"],
      [":protocol", "websocket"],
      ["b", "2"],
    ]);
    const names = new PlainDecoder().decode(block).map(([name]) => name);
    assert.deepEqual(names.slice(4), [":protocol", "a", "b"]);
    encoder.close();
  });

  it("encodeBlock: pseudo-headers that are not set are left out", () => {
    const encoder = hpack.encoder();
    const head: Field[] = [
      [":method", "CONNECT"],
      [":authority", "a"],
    ];
    assert.deepEqual(new PlainDecoder().decode(encoder.encode("request", head)), head);
    encoder.close();
  });

  it("encodedLengthMax: there is room for every byte in texts of every length", () => {
    const lengths = [0, 1, 2, 15, 126, 127, 128, 254, 255, 256, 1000, 20_000];
    const fields = lengths.flatMap((length): Field[] => [
      ["x", "\xff".repeat(length)],
      ["\xfe".repeat(length + 1), ""],
      ["x", "0".repeat(length)],
      ["y", "~".repeat(length)],
    ]);
    encodeAll("trailers", [fields, fields]);
  });

  const HEAD: readonly Field[] = [["x-a", "1"]];
  const sizes: readonly [what: string, own: number, peers: readonly number[], hex: string][] = [
    ["nothing is said about 4096 bytes", 4096, [], ""],
    ["nothing is said about a peer that repeats 4096 bytes", 4096, [4096], ""],
    ["a larger table of the peer is not made use of", 4096, [65_536], ""],
    ["a smaller table of our own is told", 100, [], "3f45"],
    ["no table of our own is told", 0, [], "20"],
    ["a smaller table of the peer is told", 4096, [100], "3f45"],
    ["no table of the peer is told", 4096, [0], "20"],
    ["a larger one of both is told", 8192, [8192], "3fe13f"],
    ["the smaller of both counts", 8192, [6000], "3fd12e"],
    ["no table has more than 65,536 bytes", 2 ** 32 - 1, [2 ** 32 - 1], "3fe1ff03"],
    ["of several sizes the last is told", 4096, [1000, 100], "3f45"],
    ["a smaller one before the last is told as well", 4096, [100, 1000], "3f453fc907"],
    ["the smallest and the last are told, and no others", 4096, [200, 0, 100, 1000], "203fc907"],
    ["that a table was smaller is told when it is not any more", 4096, [0, 4096], "203fe11f"],
  ];
  for (const [what, own, peers, hex] of sizes) {
    it(`limitEncoderTable: ${what}`, () => {
      const encoder = hpack.encoder(own);
      for (const peer of peers) encoder.limit(peer);
      const block = encoder.encode("trailers", HEAD).toString("hex");
      const rest = block.slice(hex.length);
      assert.equal(block, `${hex}${rest}`);
      assert.equal(rest.slice(0, 2), "00", "a literal follows at once");
      assert.notEqual(encoder.encode("trailers", HEAD).toString("hex").slice(0, 1), "2");
      encoder.close();
    });
  }

  it("limitEncoderTable: rows that have no room any more are put out", () => {
    const encoder = hpack.encoder();
    const fields = ["a", "b", "c"].map((name): Field => [name, "1"]);
    for (let turn = 0; turn < 2; turn++) encoder.encode("trailers", fields);
    assert.deepEqual(encoder.table(), fields.toReversed());
    encoder.limit(2 * 34);
    assert.deepEqual(encoder.table(), [fields[2], fields[1]]);
    encoder.limit(0);
    assert.deepEqual(encoder.table(), []);
    for (let turn = 0; turn < 3; turn++) encoder.encode("trailers", fields);
    assert.deepEqual(encoder.table(), []);
    encoder.limit(4096);
    for (let turn = 0; turn < 3; turn++) encoder.encode("trailers", fields);
    assert.deepEqual(encoder.table(), fields.toReversed());
    encoder.close();
  });

  it("createEncoder: takes little memory before it has a field to remember", () => {
    const { exports } = hpack;
    const before = exports.bytesInUse();
    const encoder = hpack.encoder();
    encoder.encode("request", [[":method", "GET"]]);
    assert.ok(exports.bytesInUse() - before <= 192, `${exports.bytesInUse() - before} bytes`);
    const fields = Array.from({ length: 200 }, (_, number): Field => [`x-${number}`, "1"]);
    for (let turn = 0; turn < 3; turn++) encoder.encode("trailers", fields);
    assert.ok(exports.bytesInUse() - before <= 8192, `${exports.bytesInUse() - before} bytes`);
    encoder.close();
    assert.equal(exports.bytesInUse(), before);
  });
});
