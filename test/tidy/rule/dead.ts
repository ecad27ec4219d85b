import { posix } from "node:path";
import { isEntry, type Project, resolveImport } from "../project.ts";
import type { Exception, Finding, Rule } from "../rule.ts";
import type { Source } from "../source.ts";

/** Folders that only check or measure: that they use a file does not mean the product does. */
const OBSERVER_FOLDER = /^(bench|test)\//;

/** Layouts and lists of numbers, which are written whole, whether or not each row is read yet. */
const LAYOUT_FOLDER = "api/engine/";

/** What mocha loads by its name, and declarations that are there for all files. */
const FREE_FILE = /\.(test|d)\.ts$/;

/** What is used of each file, by path. */
interface Usage {
  /** Exported names that some file imports; `*` when it may be any. */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
  /** Files that something beside tests and benches imports or starts. */
  readonly inProduct: ReadonlySet<string>;
}

/** What is there for tests or for whoever comes next, and why it stays. */
const USED_BY_TESTS: readonly Exception[] = [
  {
    kind: "file",
    path: "filters/regex/partial-match.ts",
    reason: "one of the three ways to match; header and body filters search with it",
  },
  ...["ask.ts", "pods.ts"].map((name) => ({
    kind: "file",
    path: `examples/waypoint/${name}`,
    reason: "the README of the example starts it, and so does its test",
  })),
];

/** Every file is used by the product, and every export by another file. */
export const dead: Rule = {
  name: "dead",
  exceptions: USED_BY_TESTS,
  find(project) {
    const usage = collectUsage(project);
    return [...project.sources.values()].flatMap((source) => {
      if (FREE_FILE.test(source.path) || isEntry(source.path, project)) return [];
      return [...findFile(source, usage), ...findExports(source, usage)];
    });
  },
};

function findFile({ path }: Source, { names, inProduct }: Usage): Finding[] {
  const isUsed = OBSERVER_FOLDER.test(path) ? names.has(path) : inProduct.has(path);
  if (isUsed) return [];
  const advice = names.has(path)
    ? "only tests import it; let the product use it, or delete both"
    : "nobody imports or starts it; delete it";
  return [{ path, line: 1, kind: "file", advice }];
}

function findExports({ path, exports }: Source, { names }: Usage): Finding[] {
  const used = names.get(path);
  if (used === undefined || used.has("*") || path.startsWith(LAYOUT_FOLDER)) return [];
  return exports
    .filter(({ name, isType, isUsedHere }) => !used.has(name) && !(isType && isUsedHere))
    .map(({ name, line, isUsedHere }) => {
      const what = isUsedHere ? "drop the word export" : "delete it";
      return { path, line, kind: "export", advice: `nobody imports "${name}"; ${what}` };
    });
}

function collectUsage(project: Project): Usage {
  const names = new Map<string, Set<string>>();
  const inProduct = new Set<string>();
  const use = (source: Source, target: string, used: readonly string[]) => {
    names.set(target, new Set([...(names.get(target) ?? []), ...used]));
    if (!OBSERVER_FOLDER.test(source.path)) inProduct.add(target);
  };
  for (const source of project.sources.values()) {
    for (const { specifier, names: used } of source.imports) {
      const target = resolveImport(source.path, specifier);
      const isOther = target !== source.path;
      if (target !== null && isOther && project.sources.has(target)) use(source, target, used);
    }
    for (const target of startedFiles(source, project)) use(source, target, ["*"]);
  }
  return { names, inProduct };
}

/** Files that `source` names in a string, seen from its own folder or from the root. */
function startedFiles(source: Source, { sources }: Project): string[] {
  const folder = posix.dirname(source.path);
  return source.pathStrings
    .flatMap((text) => [posix.join(folder, text), posix.normalize(text)])
    .filter((path) => path !== source.path && sources.has(path));
}
