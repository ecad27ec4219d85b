import assert from "node:assert/strict";
import { toProject } from "../project.ts";
import { errors, renderErrors } from "../rule/errors.ts";
import { defineSampleTests } from "./sample-tests.ts";

const TABLE = `/** Errors. */
export const ERROR_CODES = {
  /**
   * Connecting took
   * too long.
   */
  TOO_LATE: { side: "upstream", httpStatus: 503, retryable: true },
  /** Wrong. */
  WRONG: { side: "config", httpStatus: 400, retryable: false },
} as const satisfies Record<string, unknown>;
`;

const DOCUMENT = renderErrors(toProject({ "api/errors.ts": TABLE })) ?? "";

defineSampleTests(errors, [
  {
    name: "a document that the table gives is fine",
    files: { "api/errors.ts": TABLE, "docs/errors.md": DOCUMENT },
    want: [],
  },
  {
    name: "no table asks for no document",
    files: { "api/errors.ts": "/** Not a table. */\nexport const ERROR_CODES = 1;" },
    want: [],
  },
  {
    name: "a code without a row is found at the code",
    files: { "api/errors.ts": TABLE, "docs/errors.md": without(DOCUMENT, "WRONG") },
    want: ["api/errors.ts:9 undocumented", "docs/errors.md:13 stale"],
  },
  {
    name: "a row without a code is found in the document",
    files: { "api/errors.ts": without(TABLE, "TOO_LATE"), "docs/errors.md": DOCUMENT },
    want: ["docs/errors.md:12 stale"],
  },
  {
    name: "a row with other facts is found in the document",
    files: { "api/errors.ts": TABLE, "docs/errors.md": DOCUMENT.replace("503", "504") },
    want: ["docs/errors.md:12 stale"],
  },
]);

describe("errors document", () => {
  it("renderErrors: each row has the doc comment on one line and the facts", () => {
    const rows = DOCUMENT.split("\n").filter((line) => line.startsWith("| `"));
    assert.deepEqual(rows, [
      "| `TOO_LATE` | Connecting took too long. | upstream | 503 | yes |",
      "| `WRONG` | Wrong. | config | 400 | no |",
    ]);
  });
});

function without(text: string, word: string): string {
  const lines = text.split("\n");
  return lines.filter((line) => !line.includes(word)).join("\n");
}
