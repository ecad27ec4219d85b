import { types } from "../rule/types.ts";
import { defineSampleTests } from "./sample-tests.ts";

// Written so that this file does not break the rule itself.
const IGNORE = ["@ts", "ignore"].join("-");

defineSampleTests(types, [
  {
    name: "what only looks like a way round is fine",
    files: {
      "proxy/a.ts": [
        'import { a as b } from "./b.ts";',
        "const table = { any: 1 } as const;",
        "const text = 'x as any!';",
        "const isNot = !table;",
        "const fits = table satisfies object;",
        "const far = table.any != 2;",
      ].join("\n"),
    },
    want: [],
  },
  {
    name: "every way round the checker is found",
    files: {
      "proxy/a.ts": [
        "let a: any;",
        "const b = a as string;",
        "const c = <string>a;",
        "const d = a!.e;",
        "class F { g!: string }",
        `// ${IGNORE}`,
        `/* ${["biome", "ignore"].join("-")} lint: x */`,
        "function h(i: Map<string, any[]>) {}",
        "const j = a as unknown as string;",
      ].join("\n"),
    },
    want: [
      "proxy/a.ts:1 any",
      "proxy/a.ts:2 cast",
      "proxy/a.ts:3 cast",
      "proxy/a.ts:4 non-null",
      "proxy/a.ts:5 non-null",
      "proxy/a.ts:6 suppression",
      "proxy/a.ts:7 suppression",
      "proxy/a.ts:8 any",
      "proxy/a.ts:9 cast",
    ],
  },
  {
    name: "in a guest a cast is a conversion, and decorators may be marked",
    files: {
      "filters/a.ts": [
        `// ${IGNORE}: decorator`,
        "@inline",
        "function a(b: i32): u8 { return b as u8; }",
        `// ${IGNORE}`,
        "const c = a(1)!;",
      ].join("\n"),
    },
    want: ["filters/a.ts:4 suppression", "filters/a.ts:5 non-null"],
  },
]);
