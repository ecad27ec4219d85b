import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Exchange } from "./exchange.ts";
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

/**
 * Makes one test of each case: both must do the same, unless it is marked with a difference that
 * docs/envoy-differences.md has as a heading.
 */
export function compareAll(setup: PairSetup, cases: readonly Case[], marks: Marks = []): void {
  let pair: Pair | undefined;
  const [first] = Object.keys(setup.variants);
  before(async function () {
    this.timeout(30_000);
    pair = await startPair(this, setup);
  });
  after(() => pair?.stop());
  for (const each of cases) {
    const { name, on = first, send, ...exchange } = each;
    const differs = marks.find(([pattern]) => pattern.test(`${on}: ${name}`))?.[1];
    const pieces = typeof send === "string" ? [send] : send;
    it(`${on}: ${name}`, async () => {
      assert.ok(pair !== undefined);
      const { envoy, ours } = await pair.run(on, { ...exchange, pieces });
      if (differs === undefined) assertSame(ours, envoy);
      else assertDiffers(ours, envoy, differs);
    });
  }
}

function assertSame(ours: readonly string[], envoy: readonly string[]): void {
  const lines = [
    ...linesOnlyIn(envoy, ours).map((line) => `  Envoy: ${line}`),
    ...linesOnlyIn(ours, envoy).map((line) => `  ours:  ${line}`),
  ];
  assert.deepEqual(ours, envoy, `they differ\n${lines.join("\n")}`);
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
  const headings = readFileSync(DIFFERENCES, "utf8").matchAll(/^### (.+)$/gm);
  const documented = Array.from(headings, ([, text]) => text);
  assert.ok(documented.includes(heading), `"${heading}" is not in docs/envoy-differences.md`);
  assert.notDeepEqual(ours, envoy);
}
