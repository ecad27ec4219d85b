import type { ConstRow } from "../collect/table.ts";
import type { Project } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

const TABLE_PATH = "api/errors.ts";
const TABLE_NAME = "ERROR_CODES";

/** The document that lists every error. */
export const ERRORS_DOCUMENT = "docs/errors.md";

/** Writes the document anew. */
const UPDATE_COMMAND = "UPDATE_DOCS=1 npm test -- test/tidy";

/** The table of error codes and its document say the same. */
export const errors: Rule = {
  name: "errors",
  exceptions: [],
  find(project) {
    const want = renderErrors(project);
    const have = project.documents.get(ERRORS_DOCUMENT) ?? "";
    if (want === null || want === have) return [];
    return [...findUndocumented(project, have), findFirstDifference(want, have)];
  },
};

/** Writes the document from the table, or returns `null` while there is no table. */
export function renderErrors(project: Project): string | null {
  const rows = rowsOf(project);
  if (rows.length === 0) return null;
  const lines = rows.map(({ key, doc, cells }) => {
    const { side = "", httpStatus = "", retryable = "" } = cells;
    const retry = retryable === "true" ? "yes" : "no";
    return `| \`${key}\` | ${doc} | ${side} | ${httpStatus} | ${retry} |`;
  });
  return `# Errors

Every error that Causeway throws on purpose is a \`MeshError\` with one of these codes. *Side* tells
who has to act, *status* is the answer where the error ends a request or an API call, and *retry*
whether the same attempt may succeed later without any change.

Written from \`${TABLE_NAME}\` in \`${TABLE_PATH}\`: change it there, then run
\`${UPDATE_COMMAND}\`.

| Code | Meaning | Side | Status | Retry |
|---|---|---|---|---|
${lines.join("\n")}
`;
}

function rowsOf({ sources }: Project): readonly ConstRow[] {
  const tables = sources.get(TABLE_PATH)?.constTables ?? [];
  return tables.find(({ name }) => name === TABLE_NAME)?.rows ?? [];
}

function findUndocumented(project: Project, have: string): Finding[] {
  return rowsOf(project)
    .filter(({ key }) => !have.includes(`\`${key}\``))
    .map(({ key, line }) => {
      const advice = `${key} is not in ${ERRORS_DOCUMENT}; run ${UPDATE_COMMAND}`;
      return { path: TABLE_PATH, line, kind: "undocumented", advice };
    });
}

function findFirstDifference(want: string, have: string): Finding {
  const wanted = want.split("\n");
  const index = have.split("\n").findIndex((line, at) => line !== wanted[at]);
  const advice = `differs from ${TABLE_NAME} in ${TABLE_PATH}; run ${UPDATE_COMMAND}`;
  return { path: ERRORS_DOCUMENT, line: Math.max(index, 0) + 1, kind: "stale", advice };
}
