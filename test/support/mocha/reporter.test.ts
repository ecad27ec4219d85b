import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { toClosingLine } from "./reporter.ts";

const MOCHA = fileURLToPath(import.meta.resolve("mocha/bin/mocha.js"));
const REPORTER = fileURLToPath(new URL("reporter.ts", import.meta.url));

describe("reporter", () => {
  it("toClosingLine: skipped tests are named only when there are any", () => {
    assert.equal(toClosingLine({ passed: 7, failed: 0, skipped: 0 }), "7 passed, 0 failed");
    assert.equal(
      toClosingLine({ passed: 7, failed: 2, skipped: 1 }),
      "7 passed, 2 failed, 1 skipped",
    );
  });

  it("CausewayReporter: a failure is shown and the last line counts", () => {
    const run = runSample("sample/three-outcomes.ts", "");
    assert.equal(run.status, 1);
    assert.match(run.stdout, /on purpose/);
    assert.match(run.stdout, /\n1 passed, 1 failed, 1 skipped\n$/);
  });

  it("CausewayReporter: a skipped test tells what it needs", () => {
    const run = runSample("sample/three-outcomes.ts", "");
    assert.match(
      run.stdout,
      /skipped: three outcomes sample: is skipped \(needs a moon: wait for the night\)/,
    );
  });

  it("CausewayReporter: a suite that its before hook skips tells what it needs", () => {
    const run = runSample("sample/skipped-suite.ts", "");
    assert.equal(run.status, 0);
    assert.match(run.stdout, /sample: never runs \(needs a sun: wait for the day\)/);
  });

  it("CausewayReporter: CI fails when a test is skipped", () => {
    const run = runSample("sample/skipped-suite.ts", "true");
    assert.equal(run.status, 1);
    assert.match(run.stdout, /CI may skip nothing/);
    assert.match(run.stdout, /\n0 passed, 0 failed, 1 skipped\n$/);
  });
});

/** Runs mocha over one file of `sample/` with our reporter. */
function runSample(name: string, ci: string) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const args = [MOCHA, "--no-config", "--exit", "--reporter", REPORTER, file];
  return spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, CI: ci, FORCE_COLOR: "0" },
  });
}
