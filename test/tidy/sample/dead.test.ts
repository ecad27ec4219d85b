import { dead } from "../rule/dead.ts";
import { defineSampleTests } from "./sample-tests.ts";

const PACKAGE = { "package.json": '{ "bin": "cli/main.ts" }' };

defineSampleTests(dead, [
  {
    name: "what is imported, started or handed to a tool is alive",
    files: {
      ...PACKAGE,
      "cli/main.ts": 'import { a } from "./a.ts";\nexport const own = 1;',
      "cli/a.ts": 'export const a = new URL("./worker.ts", import.meta.url);',
      "cli/worker.ts": 'import * as all from "./all.ts";\nconst { b } = await import("./b.ts");',
      "cli/all.ts": "export const c = 1;\nexport const d = 1;",
      "cli/b.ts": 'export { e as b } from "./e.ts";',
      "cli/e.ts": "export const e = 1;",
      "bench/main.ts": "",
      "docs/bench.md": "Run `node bench/main.ts`.",
    },
    want: [],
  },
  {
    name: "a file that nobody imports is found, even when the file imports itself",
    files: { ...PACKAGE, "cli/main.ts": "", "cli/a.ts": 'import "./a.ts";', "cli/b.ts": "" },
    want: ["cli/a.ts:1 file", "cli/b.ts:1 file"],
  },
  {
    name: "a layout is written whole, but some file must read it",
    files: {
      ...PACKAGE,
      "cli/main.ts": 'import { A } from "../api/engine/a.ts";',
      "api/engine/a.ts": "export const A = 1;\nexport const B = 2;",
      "api/engine/b.ts": "export const C = 1;",
    },
    want: ["api/engine/b.ts:1 file"],
  },
  {
    name: "tests and benches keep no file alive",
    files: {
      "proxy/a.ts": "export const a = 1;",
      "test/unit/proxy/a.test.ts": 'import { a } from "../../../proxy/a.ts";',
    },
    want: ["proxy/a.ts:1 file"],
  },
  {
    name: "tests keep an export alive in a file that lives",
    files: {
      ...PACKAGE,
      "cli/main.ts": 'import { a } from "./a.ts";',
      "cli/a.ts": "export const a = 1;\nexport const b = 2;",
      "test/unit/cli/a.test.ts": 'import { b } from "../../../cli/a.ts";',
    },
    want: [],
  },
  {
    name: "an export that nobody imports is found",
    files: {
      ...PACKAGE,
      "cli/main.ts": 'import { a } from "./a.ts";',
      "cli/a.ts": "export const a = 1;\nexport const b = 2;\nexport interface C {}",
    },
    want: ["cli/a.ts:2 export", "cli/a.ts:3 export"],
  },
  {
    name: "a type in the signature of a live export is alive, a value used only at home is not",
    files: {
      ...PACKAGE,
      "cli/main.ts": 'import { a } from "./a.ts";',
      "cli/a.ts": "export interface B {}\nexport function a(b: B) { c(); }\nexport function c() {}",
    },
    want: ["cli/a.ts:3 export"],
  },
]);
