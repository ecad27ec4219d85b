import { words } from "../rule/words.ts";
import { defineSampleTests } from "./sample-tests.ts";

// Written so that this file does not break the rule itself.
const LATER = ["TO", "DO"].join("");

defineSampleTests(words, [
  {
    name: "names with a subject are fine",
    files: {
      "proxy/stream-state.ts": "class StreamState {}\ninterface SharedData {}",
      "proxy/http-connection-manager.ts": "export class HttpConnectionManager {}",
      "proxy/tls.ts": "export interface TlsContext {}\nexport type Reconnected = 1;",
      "proxy/host-rewrite.ts": "export const hostRewrite = 1;\nconst client = 1;",
    },
    want: [],
  },
  {
    name: "files and folders that collect are found",
    files: {
      "proxy/utils/a.ts": "",
      "proxy/utils/b.ts": "",
      "proxy/string-helpers.ts": "",
      "proxy/connection-manager.ts": "",
      "proxy/state.ts": "",
      "proxy/core/a.test.ts": "",
    },
    want: [
      "proxy/utils:1 path",
      "proxy/string-helpers.ts:1 path",
      "proxy/connection-manager.ts:1 path",
      "proxy/state.ts:1 path",
      "proxy/core:1 path",
    ],
  },
  {
    name: "types that say nothing are found, exported or not",
    files: {
      "proxy/a.ts": [
        "class StreamHandler {}",
        "interface RouteInfo {}",
        "type State = 1;",
        "class HttpUtil {}",
        "interface RequestContext {}",
      ].join("\n"),
    },
    want: [1, 2, 3, 4, 5].map((line) => `proxy/a.ts:${line} type`),
  },
  {
    name: "other vocabularies are found in exports of the product only",
    files: {
      "proxy/a.ts": "export class Client {}\nexport const backend = 1;",
      "bench/a.ts": "export class Backend {}",
    },
    want: ["proxy/a.ts:1 glossary", "proxy/a.ts:2 glossary"],
  },
  {
    name: "abbreviations are found as whole words of exports",
    files: {
      "proxy/a.ts": "export const CONN_COUNT = 1;\nexport function readMsg() {}",
      "proxy/b.ts": "export const connect = 1;\nconst msg = 1;",
    },
    want: ["proxy/a.ts:1 abbreviation", "proxy/a.ts:2 abbreviation"],
  },
  {
    name: "work left for later is found in comments, not in strings",
    files: {
      "proxy/a.ts": `// ${LATER}: later\n/*\n * ${LATER}\n */\n`,
      "proxy/b.ts": `const a = "// ${LATER}";\nconst b = \`/* ${LATER} */\`;`,
      "proxy/d.ts": `const c = /\\/\\/ ${LATER}/;`,
      "proxy/c.ts": `const a = \`\${1 /* ${LATER} */}\`;`,
    },
    want: ["proxy/a.ts:1 unfinished", "proxy/a.ts:3 unfinished", "proxy/c.ts:1 unfinished"],
  },
]);
