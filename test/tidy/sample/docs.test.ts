import { docs } from "../rule/docs.ts";
import { defineSampleTests } from "./sample-tests.ts";

defineSampleTests(docs, [
  {
    name: "documented exports are fine, and what is not exported needs nothing",
    files: {
      "proxy/a.ts": [
        "/** One. */",
        "export const one = 1;",
        "export const two = 2;",
        "/** Three. */",
        "function three() {}",
        "export { three };",
        'export { four } from "./four.ts";',
        'import { seven } from "./seven.ts";',
        "export { seven };",
        "function five() {}",
        "/** Six, in two ways. */",
        "export function six(a: string): void;",
        "export function six(a: number): void;",
        "export function six() {}",
      ].join("\n"),
      "filters/a.ts": "/** One. */\n@inline\nexport function one(): void {}",
    },
    want: [],
  },
  {
    name: "an export without a doc comment is found in every form",
    files: {
      "proxy/a.ts": [
        "// One.",
        "export const one = 1;",
        "export function two() {}",
        "export class Three {}",
        "export interface Four {}",
        "export type Five = 1;",
        "const six = 6;",
        "export { six };",
        "export default 7;",
      ].join("\n"),
      "scripts/b.mjs": "export const eight = 8;",
    },
    want: [
      ...[2, 3, 4, 5, 6, 8, 9].map((line) => `proxy/a.ts:${line} export`),
      "scripts/b.mjs:1 export",
    ],
  },
  {
    name: "a blank line ends the block of constants that one comment documents",
    files: { "proxy/a.ts": "/** One. */\nexport const one = 1;\n\nexport const two = 2;" },
    want: ["proxy/a.ts:4 export"],
  },
  {
    name: "a test whose title has a subject and a fact is fine",
    files: {
      "test/a.test.ts": [
        'it("read: gives null for nothing", () => {});',
        // biome would have this sample's hole filled: it stays a hole.
        ["test(`read: ", "$", "{name}`, () => {});"].join(""),
        'pattern.test("text", 1);',
      ].join("\n"),
    },
    want: [],
  },
  {
    name: "a test without a subject, without a fact or without words is found",
    files: {
      "test/a.test.ts": [
        'it("works", () => {});',
        'it("read:", () => {});',
        'it(": fact", () => {});',
        "it(name, () => {});",
        'it.only("read: is fine", () => {});',
        'it.skip("later", () => {});',
      ].join("\n"),
    },
    want: [
      ...[1, 2, 3, 4, 6].map((line) => `test/a.test.ts:${line} title`),
      "test/a.test.ts:5 only",
    ],
  },
]);
