import assert from "node:assert/strict";
import { toProject } from "../project.ts";
import type { Rule } from "../rule.ts";

/** A few files, and where a rule must fire in them. */
export interface Sample {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** `path:line kind` of each finding, in any order. Empty when all is well. */
  readonly want: readonly string[];
}

/** Defines one test for each sample: the rule fires where it must, and nowhere else. */
export function defineSampleTests(rule: Rule, samples: readonly Sample[]): void {
  describe(`tidy rule ${rule.name}`, () => {
    for (const { name, files, want } of samples) {
      it(`${rule.name}: ${name}`, () => {
        const findings = rule.find(toProject(files));
        const places = findings.map(({ path, line, kind }) => `${path}:${line} ${kind}`);
        assert.deepEqual(places.toSorted(), want.toSorted());
      });
    }
  });
}
