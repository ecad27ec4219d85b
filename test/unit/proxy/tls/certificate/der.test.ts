import assert from "node:assert/strict";
import {
  readElements,
  readTime,
  toObjectIdText,
} from "../../../../../proxy/tls/certificate/der.ts";

/** Bytes in hexadecimal, and what is in them; null for what is no DER. */
const rows: readonly { name: string; hex: string; want: readonly [number, string][] | null }[] = [
  { name: "nothing", hex: "", want: [] },
  { name: "an empty element", hex: "3000", want: [[0x30, ""]] },
  {
    name: "two elements",
    hex: "0101ff0203010203",
    want: [
      [0x01, "ff"],
      [0x02, "010203"],
    ],
  },
  {
    name: "a length of one more byte",
    hex: `048180${"aa".repeat(128)}`,
    want: [[0x04, "aa".repeat(128)]],
  },
  {
    name: "a length of two more bytes",
    hex: `04820100${"bb".repeat(256)}`,
    want: [[0x04, "bb".repeat(256)]],
  },
  { name: "a tag without a length", hex: "30", want: null },
  { name: "a length that is cut off", hex: "3082", want: null },
  { name: "content that is cut off", hex: "300201", want: null },
  { name: "the indefinite length", hex: "30800000", want: null },
  { name: "a length of five bytes", hex: "04850000000001aa", want: null },
  { name: "a tag of two bytes", hex: "1f8101", want: null },
];

describe("der", () => {
  for (const { name, hex, want } of rows) {
    it(`readElements: ${name}`, () => {
      const elements = readElements(Buffer.from(hex, "hex"));
      const got = elements?.map(({ tag, content }) => [tag, Buffer.from(content).toString("hex")]);
      assert.deepEqual(got ?? null, want);
    });
  }

  const ids: readonly (readonly [hex: string, want: string | null])[] = [
    ["551d11", "2.5.29.17"],
    ["2b060104018237140203", "1.3.6.1.4.1.311.20.2.3"],
    ["8837", "2.999"],
    ["2b80", null],
    ["", null],
    [`2b${"01".repeat(63)}`, `1.3${".1".repeat(63)}`],
    [`2b${"01".repeat(64)}`, null],
  ];
  for (const [hex, want] of ids) {
    it(`toObjectIdText: ${hex.slice(0, 20)} is ${want?.slice(0, 22) ?? "none"}`, () => {
      assert.equal(toObjectIdText(Buffer.from(hex, "hex")), want);
    });
  }

  const times: readonly (readonly [tag: number, text: string, want: string | null])[] = [
    [0x17, "491231235959Z", "2049-12-31T23:59:59.000Z"],
    [0x17, "500101000000Z", "1950-01-01T00:00:00.000Z"],
    [0x18, "20500101000000Z", "2050-01-01T00:00:00.000Z"],
    [0x17, "20500101000000Z", null],
    [0x18, "500101000000Z", null],
    [0x18, "20500101000000+0000", null],
    [0x30, "500101000000Z", null],
  ];
  for (const [tag, text, want] of times) {
    it(`readTime: ${text} of tag ${tag} is ${want ?? "none"}`, () => {
      assert.equal(readTime({ tag, content: Buffer.from(text) })?.toISOString() ?? null, want);
    });
  }
});
