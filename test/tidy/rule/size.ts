import { posix } from "node:path";
import type { Project } from "../project.ts";
import type { Exception, Finding, Rule } from "../rule.ts";
import type { Source } from "../source.ts";

/** Lines of one file. */
const FILE_LINES_MAX = 400;

/** Lines of one function, doc comment not counted. */
const FUNCTION_LINES_MAX = 70;

/** Characters of one line. */
const LINE_COLUMNS_MAX = 100;

/** The end of an import: the path of a generated file cannot be broken. */
const IMPORT_END = /^(\}|import [^{]*|import \{ [\w ]+ \}|import type \{ [\w ]+ \}) from "[^"]+";$/;

/** Files directly in one folder. */
const FOLDER_FILES_MAX = 15;

/** Files that are one long table. */
const TABLES: readonly Exception[] = [
  {
    kind: "file",
    path: "api/engine/stats.ts",
    reason: "Envoy's statistics and their numbers: a row each",
  },
];

/** Files, functions, lines and folders stay small enough to read. */
export const size: Rule = {
  name: "size",
  exceptions: TABLES,
  find: (project) => [
    ...[...project.sources.values()].flatMap((source) => findInFile(source)),
    ...findFolders(project),
  ],
};

function findInFile({ path, lines, functions }: Source): Finding[] {
  const findings: Finding[] = [];
  const lineCount = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  if (lineCount > FILE_LINES_MAX) {
    const advice = `${lineCount} lines, at most ${FILE_LINES_MAX}; split it by reason to change`;
    findings.push({ path, line: FILE_LINES_MAX + 1, kind: "file", advice });
  }
  for (const { name, line, lineCount, isSuite } of functions) {
    if (isSuite || lineCount <= FUNCTION_LINES_MAX) continue;
    const advice =
      `${name} has ${lineCount} lines, at most ${FUNCTION_LINES_MAX}; ` +
      "name its phases and make each a function that returns a value";
    findings.push({ path, line, kind: "function", advice });
  }
  for (const [index, line] of lines.entries()) {
    const columns = [...line].length;
    if (columns <= LINE_COLUMNS_MAX || IMPORT_END.test(line)) continue;
    const advice = `${columns} columns, at most ${LINE_COLUMNS_MAX}; break the line`;
    findings.push({ path, line: index + 1, kind: "line", advice });
  }
  return findings;
}

function findFolders({ listing }: Project): Finding[] {
  const counts = new Map<string, number>();
  for (const path of listing) {
    const folder = posix.dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([folder, count]) => folder !== "." && count > FOLDER_FILES_MAX)
    .map(([path, count]) => {
      const advice =
        `${count} files, at most ${FOLDER_FILES_MAX}; ` +
        "group those that change together in folders named by what they are about";
      return { path, line: 1, kind: "folder", advice };
    });
}
