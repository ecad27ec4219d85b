import { layers } from "../rule/layers.ts";
import { defineSampleTests } from "./sample-tests.ts";

defineSampleTests(layers, [
  {
    name: "imports that go down are fine",
    files: {
      "cli/a.ts": 'import "../proxy/b.ts";',
      "proxy/worker/a.ts": 'import "../http/b.ts";\nimport "../../api/gen/x_pb.js";',
      "proxy/cluster/a.ts": 'import "../config/b.ts";\nimport "node:net";',
      "filters/a/b.ts": 'import { C } from "../../api/engine/c.ts";',
      "test/a.ts": 'import "../proxy/http/b.ts";\nimport "../bench/b.ts";',
    },
    want: [],
  },
  {
    name: "an import that goes up is found",
    files: {
      "api/a.ts": 'import "../proxy/config/b.ts";',
      "proxy/cluster/a.ts": 'import type { B } from "../http/b.ts";',
      "proxy/config/a.ts": 'export const load = () => import("../worker/b.ts");',
      "filters/a.ts": 'export { b } from "../api/b";',
      "proxy/http/a.ts": '\nexport type C = import("../worker/b.ts").B;',
    },
    want: [
      "api/a.ts:1 direction",
      "proxy/cluster/a.ts:1 direction",
      "proxy/config/a.ts:1 direction",
      "filters/a.ts:1 barrel",
      "filters/a.ts:1 direction",
      "proxy/http/a.ts:2 direction",
    ],
  },
  {
    name: "an import that goes sideways is found",
    files: {
      "proxy/http/a.ts": 'import "../tcp/b.ts";',
      "proxy/a.ts": 'import "../control/b.ts";',
      "control/a.ts": 'import "../proxy/b.ts";',
      "filters/a.ts": 'import "../proxy/config/b.ts";',
    },
    want: [
      "proxy/http/a.ts:1 direction",
      "proxy/a.ts:1 direction",
      "control/a.ts:1 direction",
      "filters/a.ts:1 direction",
    ],
  },
  {
    name: "nobody may import tests, benches or scripts",
    files: {
      "cli/a.ts": 'import "../test/b.ts";\nimport "../bench/b.ts";\nimport "../scripts/b.mjs";',
    },
    want: ["cli/a.ts:1 direction", "cli/a.ts:2 direction", "cli/a.ts:3 direction"],
  },
  {
    name: "pure code that asks the machine is found",
    files: {
      "proxy/config/compile/a.ts": 'import "node:fs";\nimport "yaml";',
      "proxy/config/image/a.ts": 'import "node:os";',
      "filters/a.ts": 'import "node:fs";\nimport "yaml";',
      "proxy/config/a.ts": 'import "node:fs";',
    },
    want: [
      "proxy/config/compile/a.ts:1 pure",
      "proxy/config/image/a.ts:1 pure",
      "filters/a.ts:1 pure",
      "filters/a.ts:2 pure",
    ],
  },
  {
    name: "constants that both compilers read alike are fine",
    files: {
      "api/engine/a.ts": [
        'import { A } from "./b.ts";',
        "export const B = (A + 0x10) << 2;",
        "const C = -1;",
        'export const D = [["x", "y"], [B, C]];',
      ].join("\n"),
    },
    want: [],
  },
  {
    name: "what one of the two compilers reads otherwise is found",
    files: {
      "api/engine/a.ts": [
        "export const A: number = 1;",
        "export const B = 1.5;",
        "export const C = [1] as const;",
        "export const D = { e: 1 };",
        "export let E = 1;",
        "export function f() {}",
        "export type G = 1;",
      ].join("\n"),
    },
    want: [1, 2, 3, 4, 5, 6, 7].map((line) => `api/engine/a.ts:${line} constant`),
  },
  {
    name: "a file that only hands on is found, unless a tool starts with it",
    files: {
      "proxy/all.ts": 'export * from "./a.ts";\nexport { b } from "./b.ts";',
      "proxy/list.ts": 'import { a } from "./a.ts";\nexport { a };',
      "proxy/some.ts": 'export * from "./a.ts";\n/** One. */\nexport const one = 1;',
      "proxy/entry.ts": 'export { a } from "./a.ts";',
      "package.json": '{ "exports": "./dist/proxy/entry.js" }',
    },
    want: ["proxy/all.ts:1 barrel", "proxy/list.ts:1 barrel"],
  },
]);
