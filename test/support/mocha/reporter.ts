import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import Mocha from "mocha";
import { skipReason } from "./skip.ts";

/** What became of the tests so far. */
export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** The closing line of a run. CI reads it, so its form is fixed. */
export function toClosingLine({ passed, failed, skipped }: Tally): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}

/**
 * Prints one line per test file, then the failures in full, the skipped tests with what they lack,
 * and the closing line. Where `TALLY_FILE` is set, the numbers go into that file instead: `npm
 * test` adds up those of its groups. A run in CI (environment variable `CI` set) fails when a test
 * was skipped: CI installs every peer, so a skip there hides a test.
 */
export default class CausewayReporter extends Mocha.reporters.Base {
  private readonly skippedTests: Mocha.Test[] = [];
  private readonly total: Tally = { passed: 0, failed: 0, skipped: 0 };
  private file = "";
  private inFile: Tally = { passed: 0, failed: 0, skipped: 0 };

  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } =
      Mocha.Runner.constants;
    runner.on(EVENT_TEST_PASS, (test) => this.count(test, "passed"));
    runner.on(EVENT_TEST_FAIL, (test) => this.count(test, "failed"));
    runner.on(EVENT_TEST_PENDING, (test) => {
      this.count(test, "skipped");
      this.skippedTests.push(test);
    });
    runner.on(EVENT_RUN_END, () => this.closeFile());
  }

  /** Prints the end of the report and hands the number of reasons to fail to mocha. */
  override done(failures: number, finish?: (failures: number) => void): void {
    if (this.failures.length > 0) Mocha.reporters.Base.list(this.failures);
    for (const test of this.skippedTests) say(`skipped: ${test.fullTitle()}${reasonOf(test)}`);
    const isCi = (process.env.CI ?? "") !== "";
    const skippedInCi = isCi ? this.skippedTests.length : 0;
    if (skippedInCi > 0) say("CI may skip nothing: install what is missing in .ci/run");
    const tallyFile = process.env.TALLY_FILE;
    if (tallyFile === undefined) say(`\n${toClosingLine(this.total)}`);
    else writeFileSync(tallyFile, JSON.stringify(this.total));
    finish?.(failures + skippedInCi);
  }

  private count(test: Mocha.Test, outcome: keyof Tally): void {
    const file = relative(process.cwd(), test.file ?? "");
    if (file !== this.file) this.closeFile();
    this.file = file;
    this.inFile[outcome] += 1;
    this.total[outcome] += 1;
  }

  private closeFile(): void {
    const { passed, failed, skipped } = this.inFile;
    if (passed + failed + skipped > 0) {
      const mark = failed > 0 ? "✗" : skipped > 0 ? "-" : "✓";
      say(`${mark} ${this.file}: ${toClosingLine(this.inFile)}`);
    }
    this.inFile = { passed: 0, failed: 0, skipped: 0 };
  }
}

function reasonOf(test: Mocha.Test): string {
  const reason = skipReason(test);
  return reason === null ? "" : ` (${reason})`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
