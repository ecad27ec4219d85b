import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Project, readProject } from "./project.ts";
import { checkRule, type Rule, toReport } from "./rule.ts";
import { cycles } from "./rule/cycles.ts";
import { dead } from "./rule/dead.ts";
import { dependencies } from "./rule/dependencies.ts";
import { docs } from "./rule/docs.ts";
import { ERRORS_DOCUMENT, errors, renderErrors } from "./rule/errors.ts";
import { layers } from "./rule/layers.ts";
import { limits } from "./rule/limits.ts";
import { mirror } from "./rule/mirror.ts";
import { size } from "./rule/size.ts";
import { types } from "./rule/types.ts";
import { words } from "./rule/words.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const RULES: readonly Rule[] = [
  layers,
  cycles,
  size,
  words,
  types,
  docs,
  errors,
  limits,
  dependencies,
  mirror,
  dead,
];

describe("tidy", () => {
  let project: Project;

  before(function () {
    this.timeout(60_000);
    project = readProject(ROOT);
    if ((process.env.UPDATE_DOCS ?? "") === "") return;
    writeFileSync(join(ROOT, ERRORS_DOCUMENT), renderErrors(project) ?? "");
    project = readProject(ROOT);
  });

  for (const rule of RULES) {
    it(`tidy: the repository keeps rule ${rule.name}`, () => {
      const findings = checkRule(rule, project);
      // One long message, not a comparison: the report is what a person needs to see.
      if (findings.length > 0) assert.fail(`\n${toReport(rule, findings)}\n`);
    });
  }
});
