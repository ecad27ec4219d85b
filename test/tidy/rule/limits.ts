import type { Project } from "../project.ts";
import type { Exception, Finding, Rule } from "../rule.ts";

/** The document with a table of all limits. */
const DOCUMENT = "docs/architecture.md";

/** Folders whose limits people may meet. */
const LIMITED_FOLDER = /^(filters|proxy)\//;

/** A constant that ends in MAX: its name and its value as it is written. */
const LIMIT = /^(?:export )?const ([A-Z0-9_]+_MAX)(?:: \w+)? = (.+);$/;

/** Any constant, for rows about limits that end otherwise. */
const CONSTANT = /^(?:export )?const ([A-Z0-9_]+)(?:: \w+)? = (.+);$/;

/** A row: name, value, file, and then words. */
const ROW = /^\| `([A-Z0-9_]+)` \| `([^`]+)` \| `([^`]+)` \|/;

/** What ends in MAX and limits nothing that anybody can send or configure. */
const FACTS: readonly Exception[] = [
  fact("filters/hcm/host.ts", "the largest port that Envoy's parser takes"),
  fact("filters/memory/slab.ts", "sizes of blocks"),
  fact("proxy/config/document/plain-scalar.ts", "ranges of types"),
  fact("proxy/config/format/parse.ts", "the range of a type"),
  fact("proxy/config/format/time-pattern.ts", "nanoseconds have nine digits"),
  fact("proxy/config/message/read-scalar.ts", "the range of a type"),
  fact("proxy/config/regex/syntax/syntax-tree.ts", "the range of Unicode"),
  fact("proxy/observe/log.ts", "frames of our own in a stack trace"),
];

/** Each limit in the code has a row in the document with its value, and each row a limit. */
export const limits: Rule = {
  name: "limits",
  exceptions: FACTS,
  find: (project) => [...findUnlisted(project), ...findStale(project)],
};

function findUnlisted(project: Project): Finding[] {
  const rows = new Set(rowsOf(project).map(({ name, path }) => `${path} ${name}`));
  const findings: Finding[] = [];
  for (const { path, lines } of project.sources.values()) {
    if (!LIMITED_FOLDER.test(path)) continue;
    for (const [index, text] of lines.entries()) {
      const name = LIMIT.exec(text)?.[1];
      if (name === undefined || rows.has(`${path} ${name}`)) continue;
      const advice = `${name} is not in the table of limits in ${DOCUMENT}; add a row`;
      findings.push({ path, line: index + 1, kind: "unlisted", advice });
    }
  }
  return findings;
}

function findStale(project: Project): Finding[] {
  return rowsOf(project).flatMap(({ name, value, path, line }): Finding[] => {
    const matches = (project.sources.get(path)?.lines ?? []).map((text) => CONSTANT.exec(text));
    const found = matches.find((match) => match?.[1] === name)?.[2];
    if (found === value) return [];
    const advice =
      found === undefined
        ? `${path} has no constant ${name}; take the row away or name its new place`
        : `${name} is ${found} in ${path}`;
    return [{ path: DOCUMENT, line, kind: "stale", advice }];
  });
}

interface Row {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly line: number;
}

function rowsOf({ documents }: Project): Row[] {
  return (documents.get(DOCUMENT) ?? "").split("\n").flatMap((text, index): Row[] => {
    const match = ROW.exec(text);
    if (match === null) return [];
    const [, name, value, path] = match;
    return [{ name, value, path, line: index + 1 }];
  });
}

function fact(path: string, reason: string): Exception {
  return { kind: "unlisted", path, reason };
}
