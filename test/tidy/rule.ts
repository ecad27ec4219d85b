import type { Project } from "./project.ts";

/** One place that breaks a rule. */
export interface Finding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Which of the rule's demands is broken. An exception names it. */
  readonly kind: string;
  /** What is wrong, and what to do instead. */
  readonly advice: string;
}

/** A file that may break a demand, and why. */
export interface Exception {
  readonly kind: string;
  readonly path: string;
  readonly reason: string;
}

/** A part of the style that a program can check. */
export interface Rule {
  readonly name: string;
  readonly exceptions: readonly Exception[];
  find(project: Project): Finding[];
}

/**
 * Finds what breaks `rule`, exceptions taken out. An exception that nothing needs any more is a
 * finding of its own, so that the lists only hold what is true.
 */
export function checkRule(rule: Rule, project: Project): Finding[] {
  const found = rule.find(project);
  const findings = found.filter(
    (finding) => !rule.exceptions.some((exception) => excuses(exception, finding)),
  );
  const stale = rule.exceptions.filter(
    (exception) => !found.some((finding) => excuses(exception, finding)),
  );
  return [
    ...findings,
    ...stale.map(({ kind, path }) => ({
      path,
      line: 1,
      kind: "exception",
      advice: `no longer breaks "${kind}": take it off the list in test/tidy/rule/${rule.name}.ts`,
    })),
  ];
}

/** Writes findings for a person, one a line, sorted by place. */
export function toReport(rule: Rule, findings: readonly Finding[]): string {
  const sorted = findings.toSorted(
    (left, right) => left.path.localeCompare(right.path) || left.line - right.line,
  );
  return sorted
    .map(({ path, line, kind, advice }) => `${path}:${line}: ${rule.name}/${kind}: ${advice}`)
    .join("\n");
}

function excuses(exception: Exception, finding: Finding): boolean {
  return exception.path === finding.path && exception.kind === finding.kind;
}
