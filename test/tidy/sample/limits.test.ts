import { limits } from "../rule/limits.ts";
import { defineSampleTests } from "./sample-tests.ts";

const ROW = "| `QUEUE_BYTES_MAX` | `4 * 1024` | `proxy/queue.ts` | what waits |\n";

defineSampleTests(limits, [
  {
    name: "a limit with a row is fine",
    files: {
      "proxy/queue.ts": "/** Bytes. */\nconst QUEUE_BYTES_MAX = 4 * 1024;\n",
      "docs/architecture.md": ROW,
    },
    want: [],
  },
  {
    name: "a limit of a guest is found through its type",
    files: { "filters/queue.ts": "const COUNT_MAX: i32 = 4;\n" },
    want: ["filters/queue.ts:1 unlisted"],
  },
  {
    name: "a limit outside of the product needs no row",
    files: { "test/queue.ts": "const COUNT_MAX = 4;\n" },
    want: [],
  },
  {
    name: "another value is found in the document",
    files: {
      "proxy/queue.ts": "\nexport const QUEUE_BYTES_MAX = 5 * 1024;\n",
      "docs/architecture.md": `\n${ROW}`,
    },
    want: ["docs/architecture.md:2 stale"],
  },
  {
    name: "a row without a limit is found in the document",
    files: { "docs/architecture.md": ROW },
    want: ["docs/architecture.md:1 stale"],
  },
  {
    name: "a limit in another file needs a row of its own",
    files: {
      "proxy/queue.ts": "const QUEUE_BYTES_MAX = 4 * 1024;\n",
      "proxy/other.ts": "const QUEUE_BYTES_MAX = 4 * 1024;\n",
      "docs/architecture.md": ROW,
    },
    want: ["proxy/other.ts:1 unlisted"],
  },
]);
