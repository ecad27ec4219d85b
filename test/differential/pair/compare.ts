import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Exchange, PROBE_TARGET } from "./exchange.ts";
import { type Pair, type PairSetup, startPair } from "./pair.ts";

/** One exchange that both proxies are put through. */
export interface Case extends Omit<Exchange, "pieces"> {
  readonly name: string;
  /** Listener; default: the first. */
  readonly on?: string;
  /** The bytes, or pieces of them. */
  readonly send: string | readonly string[];
}

/** Cases whose `on: name` matches, and the difference that they show. */
export type Marks = readonly (readonly [RegExp, string])[];

const DIFFERENCES = new URL("../../../docs/envoy-differences.md", import.meta.url);

/** What a suite is made of. */
export interface Suite extends PairSetup {
  readonly cases: readonly Case[];
  /** Cases that differ. */
  readonly marks?: Marks;
  /** Lines of access logs that differ. */
  readonly logMarks?: Marks;
}

/**
 * Makes one test of each case: both must do the same, unless it is marked with a difference that
 * docs/envoy-differences.md has as a heading.
 */
export function compareAll(suite: Suite): void {
  const { cases, marks = [], logMarks = [], ...setup } = suite;
  let pair: Pair | undefined;
  const [first] = Object.keys(setup.variants);
  before(async function () {
    this.timeout(30_000);
    pair = await startPair(this, setup);
  });
  after(() => pair?.stop());
  for (const each of cases) {
    const { name, on = first, send, ...exchange } = each;
    const differs = findMark(marks, on, name);
    const pieces = typeof send === "string" ? [send] : send;
    it(`${on}: ${name}`, async () => {
      assert.ok(pair !== undefined);
      const { envoy, ours } = await pair.run(on, { ...exchange, pieces });
      if (differs === undefined) assertSame(ours, envoy);
      else assertDiffers(ours, envoy, differs);
    });
  }
  if (setup.logFormat === undefined) return;
  for (const on of Object.keys(setup.variants)) {
    it(`${on}: the access logs say the same`, async () => {
      assert.ok(pair !== undefined);
      const { envoy, ours } = await pair.readLogs(on);
      assertSame(withoutMarked(ours, logMarks), withoutMarked(envoy, logMarks));
    });
  }
}

/** The documented difference that a case shows, if any. */
function findMark(marks: Marks, on: string, name: string): string | undefined {
  return marks.find(([pattern]) => pattern.test(`${on}: ${name}`))?.[1];
}

/** Whether the two differ in a case. */
export function isMarked(marks: Marks, on: string, name: string): boolean {
  return findMark(marks, on, name) !== undefined;
}

function assertSame(ours: readonly string[], envoy: readonly string[]): void {
  const lines = [
    ...linesOnlyIn(envoy, ours).map((line) => `  Envoy: ${line}`),
    ...linesOnlyIn(ours, envoy).map((line) => `  ours:  ${line}`),
  ];
  assert.deepEqual(ours, envoy, `they differ\n${lines.join("\n")}`);
}

function withoutMarked(lines: readonly string[], marks: Marks): string[] {
  for (const [, heading] of marks) assertDocumented(heading);
  // The backend echoes its own port and times, so the length of an echo differs.
  const told = lines.map((line) => line.replace(/sent \d+ 1 to/, "sent <echo> to"));
  const asked = told.filter((line) => !line.includes(PROBE_TARGET));
  return asked.filter((line) => !marks.some(([pattern]) => pattern.test(line))).sort();
}

function linesOnlyIn(these: readonly string[], those: readonly string[]): string[] {
  const left = [...those];
  return these.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** A documented difference that is gone must leave the document. */
function assertDiffers(ours: readonly string[], envoy: readonly string[], heading: string): void {
  assertDocumented(heading);
  assert.notDeepEqual(ours, envoy);
}

/** Fails when docs/envoy-differences.md has no such heading. */
export function assertDocumented(heading: string): void {
  const headings = readFileSync(DIFFERENCES, "utf8").matchAll(/^### (.+)$/gm);
  const documented = Array.from(headings, ([, text]) => text);
  assert.ok(documented.includes(heading), `"${heading}" is not in docs/envoy-differences.md`);
}
