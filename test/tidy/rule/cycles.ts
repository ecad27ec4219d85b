import { resolveImport, type Project } from "../project.ts";
import type { Finding, Rule } from "../rule.ts";

/** No file imports itself by way of others, not even for types. */
export const cycles: Rule = {
  name: "cycles",
  exceptions: [],
  find(project) {
    const findings: Finding[] = [];
    const told = new Set<string>();
    for (const path of project.sources.keys()) {
      const cycle = shortestCycle(path, project);
      const key = cycle?.toSorted().join(" ");
      if (cycle === null || key === undefined || told.has(key)) continue;
      told.add(key);
      findings.push({
        path,
        line: lineOfImport(project, path, cycle[1] ?? path),
        ...toAdvice(cycle),
      });
    }
    return findings;
  },
};

function toAdvice(cycle: readonly string[]): { kind: string; advice: string } {
  const loop = [...cycle, cycle[0]].join(" → ");
  return { kind: "cycle", advice: `${loop}; move what both ends need into a file of its own` };
}

/** The shortest way from `start` back to it along imports, or `null` when there is none. */
function shortestCycle(start: string, project: Project): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const target of targetsOf(path, project)) {
      if (target === start) return toWay(path, start, cameFrom);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      queue.push(target);
    }
  }
  return null;
}

function toWay(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [end];
  for (let path = end; path !== start; ) {
    path = cameFrom.get(path) ?? start;
    way.unshift(path);
  }
  return way;
}

function targetsOf(path: string, project: Project): string[] {
  const imports = project.sources.get(path)?.imports ?? [];
  return imports
    .map(({ specifier }) => resolveImport(path, specifier))
    .filter((target) => target !== null)
    .filter((target) => project.sources.has(target));
}

function lineOfImport(project: Project, path: string, target: string): number {
  const imports = project.sources.get(path)?.imports ?? [];
  return imports.find(({ specifier }) => resolveImport(path, specifier) === target)?.line ?? 1;
}
