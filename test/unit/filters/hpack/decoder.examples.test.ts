import assert from "node:assert/strict";
import { type HeadKind, Hpack } from "./hpack.ts";
import { toLine } from "./reference/plain-hpack.ts";

/** A block of RFC 7541 Appendix C: what it says, and the table after it. */
interface Example {
  readonly section: string;
  readonly hex: string;
  readonly fields: readonly string[];
  readonly table: readonly string[];
  readonly tableSize: number;
}

/** Blocks that are decoded one behind the other. */
interface Sequence {
  readonly what: string;
  readonly kind: HeadKind;
  /** SETTINGS_HEADER_TABLE_SIZE that the examples begin with. */
  readonly tableBytesMax: number;
  readonly examples: readonly Example[];
}

const AUTHORITY = ":authority: www.example.com";
const CUSTOM = "custom-key: custom-value";

/** C.3 and C.4: the same requests without and with Huffman coding. */
function requests(section: string, hexes: readonly string[]): Sequence {
  return {
    what: `requests of ${section}`,
    kind: "request",
    tableBytesMax: 4096,
    examples: [
      {
        section: `${section}.1`,
        hex: hexes[0],
        fields: [":method: GET", ":path: /", AUTHORITY, ":scheme: http"],
        table: [AUTHORITY],
        tableSize: 57,
      },
      {
        section: `${section}.2`,
        hex: hexes[1],
        fields: [":method: GET", ":path: /", AUTHORITY, ":scheme: http", "cache-control: no-cache"],
        table: ["cache-control: no-cache", AUTHORITY],
        tableSize: 110,
      },
      {
        section: `${section}.3`,
        hex: hexes[2],
        fields: [":method: GET", ":path: /index.html", AUTHORITY, ":scheme: https", CUSTOM],
        table: [CUSTOM, "cache-control: no-cache", AUTHORITY],
        tableSize: 164,
      },
    ],
  };
}

const LOCATION = "location: https://www.example.com";
const DATE_21 = "date: Mon, 21 Oct 2013 20:13:21 GMT";
const DATE_22 = "date: Mon, 21 Oct 2013 20:13:22 GMT";
const PRIVATE = "cache-control: private";
const COOKIE = "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

/** C.5 and C.6: the same responses without and with Huffman coding. */
function responses(section: string, hexes: readonly string[]): Sequence {
  return {
    what: `responses of ${section}`,
    kind: "response",
    tableBytesMax: 256,
    examples: [
      {
        section: `${section}.1`,
        hex: hexes[0],
        fields: [":status: 302", PRIVATE, DATE_21, LOCATION],
        table: [LOCATION, DATE_21, PRIVATE, ":status: 302"],
        tableSize: 222,
      },
      {
        section: `${section}.2`,
        hex: hexes[1],
        fields: [":status: 307", PRIVATE, DATE_21, LOCATION],
        table: [":status: 307", LOCATION, DATE_21, PRIVATE],
        tableSize: 222,
      },
      {
        section: `${section}.3`,
        hex: hexes[2],
        fields: [":status: 200", PRIVATE, DATE_22, LOCATION, "content-encoding: gzip", COOKIE],
        table: [COOKIE, "content-encoding: gzip", DATE_22],
        tableSize: 215,
      },
    ],
  };
}

const SEQUENCES: readonly Sequence[] = [
  requests("C.3", [
    "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
    "8286 84be 5808 6e6f 2d63 6163 6865",
    "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
  ]),
  requests("C.4", [
    "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
    "8286 84be 5886 a8eb 1064 9cbf",
    "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
  ]),
  responses("C.5", [
    "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a" +
      "3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
    "4803 3330 37c1 c0bf",
    "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04" +
      "677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49" +
      "553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
  ]),
  responses("C.6", [
    "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e" +
      "919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
    "4883 640e ffc1 c0bf",
    "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7" +
      "821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed" +
      "4ee5 b106 3d50 07",
  ]),
];

/** C.2: single fields, each with a table of its own. */
const FIELDS: readonly Example[] = [
  {
    section: "C.2.1",
    hex: "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
    fields: ["custom-key: custom-header"],
    table: ["custom-key: custom-header"],
    tableSize: 55,
  },
  {
    section: "C.2.2",
    hex: "040c 2f73 616d 706c 652f 7061 7468",
    fields: [":path: /sample/path"],
    table: [],
    tableSize: 0,
  },
  {
    section: "C.2.3",
    hex: "1008 7061 7373 776f 7264 0673 6563 7265 74",
    fields: ["password: secret"],
    table: [],
    tableSize: 0,
  },
  { section: "C.2.4", hex: "82", fields: [":method: GET"], table: [], tableSize: 0 },
];

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

describe("decoder: the examples of RFC 7541", () => {
  let hpack: Hpack;
  before(async function () {
    this.timeout(60_000);
    hpack = await Hpack.open();
  });

  for (const { section, hex, fields, table, tableSize } of FIELDS) {
    it(`decodeBlock: the field of ${section} is what the RFC says`, () => {
      const decoder = hpack.decoder("request");
      const decoded = decoder.decode(bytesOf(hex));
      assert.equal(decoded.error, null);
      assert.deepEqual(decoded.fields, fields);
      assert.deepEqual(decoder.table().map(toLine), table);
      assert.equal(decoder.tableSize, tableSize);
      decoder.close();
    });
  }

  for (const { what, kind, tableBytesMax, examples } of SEQUENCES) {
    it(`decodeBlock: the ${what} are what the RFC says, and so are the tables`, () => {
      const decoder = hpack.decoder(kind);
      decoder.limit(tableBytesMax);
      // The examples leave out how the encoder takes the size over.
      if (tableBytesMax !== 4096) assert.equal(decoder.decode(bytesOf("3fe101")).error, null);
      for (const { section, hex, fields, table, tableSize } of examples) {
        const decoded = decoder.decode(bytesOf(hex));
        assert.deepEqual([decoded.error, decoded.headError], [null, null], section);
        assert.deepEqual(decoded.fields, fields, section);
        assert.deepEqual(decoder.table().map(toLine), table, section);
        assert.equal(decoder.tableSize, tableSize, section);
      }
      decoder.close();
    });
  }
});
