import { dependencies } from "../rule/dependencies.ts";
import { defineSampleTests } from "./sample-tests.ts";

const MANIFEST = `{
  "dependencies": {
    "yaml": "2.9.1"
  },
  "devDependencies": {
    "@types/node": "26.6.6-rc.1"
  }
}`;

const DOCUMENT = "| `yaml` | reads YAML | js-yaml |\n| `@types/node` | types | none |\n";

defineSampleTests(dependencies, [
  {
    name: "exact, explained and declared packages are fine",
    files: {
      "package.json": MANIFEST,
      "docs/dependencies.md": DOCUMENT,
      "proxy/a.ts": 'import "yaml";\nimport "node:fs";\nimport "./b.ts";\nimport "causeway";',
      "test/a.ts": 'import "@types/node/fs";\nimport "yaml/sub";',
    },
    want: [],
  },
  {
    name: "a version that is a range is found",
    files: {
      "package.json": MANIFEST.replace("2.9.1", "^2.9.1").replace("26.6.6-rc.1", "26"),
      "docs/dependencies.md": DOCUMENT,
    },
    want: ["package.json:3 exact", "package.json:6 exact"],
  },
  {
    name: "a package without an explanation is found",
    files: {
      "package.json": MANIFEST,
      "docs/dependencies.md": "| `yaml` | reads YAML | |\n",
    },
    want: ["package.json:6 explained", "docs/dependencies.md:1 explained"],
  },
  {
    name: "an explanation without a package is found",
    files: {
      "package.json": MANIFEST,
      "docs/dependencies.md": `${DOCUMENT}| \`koffi\` | system calls | none |\n`,
    },
    want: ["docs/dependencies.md:3 gone"],
  },
  {
    name: "a package that nobody declared, or only for development, is found",
    files: {
      "package.json": MANIFEST,
      "docs/dependencies.md": DOCUMENT,
      "proxy/a.ts": 'import "@types/node";\nimport "@scope/other/file";',
      "test/a.ts": 'import "other";',
    },
    want: ["proxy/a.ts:1 undeclared", "proxy/a.ts:2 undeclared", "test/a.ts:1 undeclared"],
  },
]);
