import type { Project } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

const PACKAGE_PATH = "package.json";
const DOCUMENT_PATH = "docs/dependencies.md";

/** A version that names one release. */
const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** Code that is shipped: it may use what `dependencies` names, and nothing else. */
const SHIPPED_FOLDER = /^(api|cli|control|examples|proxy)\//;

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Each dependency is exact, explained, and declared where it is used. */
export const dependencies: Rule = {
  name: "dependencies",
  exceptions: [],
  find(project) {
    const text = project.documents.get(PACKAGE_PATH);
    if (text === undefined) return [];
    const manifest: Manifest = JSON.parse(text);
    const versions = { ...manifest.devDependencies, ...manifest.dependencies };
    return [
      ...findVersions(versions, text),
      ...findUnexplained(versions, text, project),
      ...findUndeclared(manifest, project),
    ];
  },
};

function findVersions(versions: Readonly<Record<string, string>>, text: string): Finding[] {
  return Object.entries(versions)
    .filter(([, version]) => !EXACT_VERSION.test(version))
    .map(([name, version]) => {
      const advice = `${name} "${version}" is a range; npm install --save-exact ${name}`;
      return {
        path: PACKAGE_PATH,
        line: lineOf(text, `"${name}": "${version}"`),
        kind: "exact",
        advice,
      };
    });
}

function findUnexplained(
  versions: Readonly<Record<string, string>>,
  text: string,
  project: Project,
): Finding[] {
  const document = project.documents.get(DOCUMENT_PATH) ?? "";
  const explained = new Map<string, string>();
  for (const [row, name] of document.matchAll(/^\|\s*`([^`]+)`\s*\|.*$/gm)) {
    if (name !== undefined) explained.set(name, row);
  }
  const missing = Object.entries(versions).filter(([name]) => !explained.has(name));
  const gone = [...explained].filter(([name]) => !(name in versions));
  const empty = [...explained].filter(([, row]) => /\|\s*\|/.test(row));
  const inDocument = (row: string) => ({ path: DOCUMENT_PATH, line: lineOf(document, row) });
  return [
    ...missing.map(([name, version]) => {
      const advice = `${name} has no row in ${DOCUMENT_PATH}; say why, and what else was weighed`;
      const line = lineOf(text, `"${name}": "${version}"`);
      return { path: PACKAGE_PATH, line, kind: "explained", advice };
    }),
    ...gone.map(([name, row]) => {
      const advice = `${name} is not in ${PACKAGE_PATH}; delete the row`;
      return { ...inDocument(row), kind: "gone", advice };
    }),
    ...empty.map(([name, row]) => {
      const advice = `${name} has an empty cell; say why, and what else was weighed`;
      return { ...inDocument(row), kind: "explained", advice };
    }),
  ];
}

function findUndeclared(manifest: Manifest, { sources }: Project): Finding[] {
  const findings: Finding[] = [];
  for (const { path, imports } of sources.values()) {
    const isShipped = SHIPPED_FOLDER.test(path);
    for (const { specifier, line } of imports) {
      const name = packageOf(specifier);
      if (name === null || name in (manifest.dependencies ?? {})) continue;
      if (!isShipped && name in (manifest.devDependencies ?? {})) continue;
      const list = isShipped ? "dependencies" : "dependencies or devDependencies";
      const advice = `${name} is not in ${list}; a package that another one brought may go away`;
      findings.push({ path, line, kind: "undeclared", advice });
    }
  }
  return findings;
}

/** The package that `specifier` names; `null` for a file, a built-in module or ourselves. */
function packageOf(specifier: string): string | null {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return null;
  const parts = specifier.split("/");
  const name = specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
  return name === undefined || name === "causeway" ? null : name;
}

function lineOf(text: string, part: string): number {
  return text.slice(0, Math.max(text.indexOf(part), 0)).split("\n").length;
}
