import { cycles } from "../rule/cycles.ts";
import { defineSampleTests } from "./sample-tests.ts";

defineSampleTests(cycles, [
  {
    name: "two ways to one file are no cycle",
    files: {
      "proxy/a.ts": 'import "./b.ts";\nimport "./c.ts";',
      "proxy/b.ts": 'import "./c.ts";',
      "proxy/c.ts": "",
    },
    want: [],
  },
  {
    name: "a cycle is found once, at the import that enters it",
    files: {
      "proxy/a.ts": 'import "node:fs";\nimport "./b.ts";',
      "proxy/b.ts": 'import "./d/c.ts";',
      "proxy/d/c.ts": 'import "../a.ts";',
    },
    want: ["proxy/a.ts:2 cycle"],
  },
  {
    name: "types make cycles too",
    files: {
      "proxy/a.ts": 'import type { B } from "./b.ts";',
      "proxy/b.ts": 'export type { A } from "./a.ts";',
    },
    want: ["proxy/a.ts:1 cycle"],
  },
  {
    name: "a file that imports itself is found",
    files: { "proxy/a.ts": 'import "./a.ts";' },
    want: ["proxy/a.ts:1 cycle"],
  },
]);
