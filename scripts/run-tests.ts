/* `npm test`: the tests in groups, several at a time, since most of them wait. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Tally, toClosingLine } from "../test/support/mocha/reporter.ts";

/** Longest first. Within a group one file runs after the other. */
const GROUPS = [
  ["test/e2e/[a-k]*.test.ts", "test/e2e/[a-k]*/**/*.test.ts"],
  ["test/e2e/[l-z]*.test.ts", "test/e2e/[l-z]*/**/*.test.ts"],
  ["test/differential"],
  ["test/unit", "test/bench", "test/fuzz", "test/golden", "test/tidy"],
];
/** Groups that run at a time. */
const GROUPS_AT_ONCE = 2;
const MOCHA = "node_modules/mocha/bin/mocha.js";

/** Runs mocha on some paths and passes its lines on. Returns its exit code, and what it counted. */
async function run(paths: readonly string[], tallyFile: string): Promise<[number, Tally]> {
  const env = { ...process.env, TALLY_FILE: tallyFile };
  const child = spawn(process.execPath, [MOCHA, ...paths], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = new Promise<number>((resolve) => {
    child.on("close", (code) => resolve(code ?? 1));
  });
  for await (const line of createInterface({ input: child.stdout })) console.log(line);
  return [await closed, JSON.parse(readFileSync(tallyFile, "utf8"))];
}

const args = process.argv.slice(2);
const waiting = args.length > 0 ? [args] : [...GROUPS];
const folder = mkdtempSync(join(tmpdir(), "causeway-tests-"));
const total: Tally = { passed: 0, failed: 0, skipped: 0 };
let exitCode = 0;

async function runInTurn(): Promise<void> {
  for (let paths = waiting.shift(); paths !== undefined; paths = waiting.shift()) {
    const [code, tally] = await run(paths, join(folder, `${waiting.length}.json`));
    if (code !== 0) exitCode = 1;
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += tally[key];
  }
}

try {
  await Promise.all(Array.from({ length: GROUPS_AT_ONCE }, runInTurn));
  console.log(`\n${toClosingLine(total)}`);
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = exitCode;
