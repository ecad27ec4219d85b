import { size } from "../rule/size.ts";
import { defineSampleTests } from "./sample-tests.ts";

defineSampleTests(size, [
  {
    name: "everything at its limit is fine",
    files: {
      "proxy/file.ts": "1;\n".repeat(400),
      "proxy/function.ts": `function f() {\n${"1;\n".repeat(68)}}`,
      "proxy/line.ts": `// ${"x".repeat(97)}`,
      "proxy/import.ts": `import {\n  a,\n  b,\n} from "./${"x".repeat(97)}.ts";`,
      ...folderOf(15),
    },
    want: [],
  },
  {
    name: "everything one above its limit is found",
    files: {
      "proxy/file.ts": "1;\n".repeat(401),
      "proxy/function.ts": `\nfunction f() {\n${"1;\n".repeat(69)}}`,
      "proxy/line.ts": `\n// ${"x".repeat(98)}`,
      "proxy/import.ts": `import { a, b } from "./${"x".repeat(97)}.ts";`,
      ...folderOf(16),
    },
    want: [
      "proxy/file.ts:401 file",
      "proxy/function.ts:2 function",
      "proxy/line.ts:2 line",
      "proxy/import.ts:1 line",
      "proxy/many:1 folder",
    ],
  },
  {
    name: "methods, accessors and callbacks are functions",
    files: {
      "proxy/a.ts": `class A {\nb() {\n${"1;\n".repeat(69)}}\nget c() {\n${"1;\n".repeat(69)}}\n}`,
      "proxy/b.ts": `[1].map(() => {\n${"1;\n".repeat(69)}});`,
    },
    want: ["proxy/a.ts:2 function", "proxy/a.ts:73 function", "proxy/b.ts:1 function"],
  },
  {
    name: "the callback that groups tests is no function, a test is one",
    files: {
      "test/a.test.ts": `describe("a", () => {\n${"1;\n".repeat(69)}});`,
      "test/b.test.ts": `describe.only("b", () => {\n${"1;\n".repeat(69)}});`,
      "test/c.test.ts": `it("c: d", () => {\n${"1;\n".repeat(69)}});`,
    },
    want: ["test/c.test.ts:1 function"],
  },
  {
    name: "a doc comment does not count as a part of its function",
    files: { "proxy/a.ts": `/**\n * Long.\n */\nfunction f() {\n${"1;\n".repeat(68)}}` },
    want: [],
  },
]);

function folderOf(count: number): Record<string, string> {
  const names = Array.from({ length: count }, (_, index) => `proxy/many/file-${index}.yaml`);
  return Object.fromEntries(names.map((name) => [name, ""]));
}
