import { mirror } from "../rule/mirror.ts";
import { defineSampleTests } from "./sample-tests.ts";

const CODE = "function f() {}";

defineSampleTests(mirror, [
  {
    name: "a source with a test of its own is fine, and so are several tests of one source",
    files: {
      "proxy/http/a.ts": CODE,
      "test/unit/proxy/http/a.test.ts": "",
      "test/unit/proxy/http/a.rfc9112.test.ts": "",
    },
    want: [],
  },
  {
    name: "parts are tested through the tested file that imports them, to any depth below it",
    files: {
      "proxy/regex/compile.ts": 'import "./syntax/parse.ts";\nfunction f() {}',
      "proxy/regex/syntax/parse.ts": 'import "./cursor.ts";\nfunction f() {}',
      "proxy/regex/syntax/cursor.ts": CODE,
      "test/unit/proxy/regex/compile.test.ts": "",
    },
    want: [],
  },
  {
    name: "a guest is tested where a test's module names it, with its parts",
    files: {
      "filters/regex/match.ts": 'import { r } from "./rows.ts";\nfunction f() {}',
      "filters/regex/rows.ts": CODE,
      "filters/regex/other.ts": CODE,
      "test/unit/filters/module.ts": 'const TEXT = `export { f } from "./filters/regex/match";`;',
    },
    want: ["filters/regex/other.ts:1 untested"],
  },
  {
    name: "a source in another folder is not tested by who imports it",
    files: {
      "proxy/http/a.ts": 'import "../tcp/b.ts";\nfunction f() {}',
      "proxy/tcp/b.ts": CODE,
      "test/unit/proxy/http/a.test.ts": "",
    },
    want: ["proxy/tcp/b.ts:1 untested"],
  },
  {
    name: "types and constants need no test, benches and scripts neither",
    files: {
      "proxy/a.ts": "export interface A {}\nexport const B = { c: 1 };",
      "bench/a.ts": CODE,
      "scripts/a.mjs": CODE,
    },
    want: [],
  },
  {
    name: "a source that no test shows is found in every language",
    files: { "filters/a.ts": CODE, "cli/b.mjs": CODE },
    want: ["filters/a.ts:1 untested", "cli/b.mjs:1 untested"],
  },
  {
    name: "a test without a source is found; one of a whole folder is fine",
    files: {
      "test/unit/proxy/gone.test.ts": "",
      "test/unit/proxy/http.test.ts": "",
      "proxy/http/a.ts": "",
    },
    want: ["test/unit/proxy/gone.test.ts:1 orphan"],
  },
]);
