import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { type Case, type Marks, isMarked } from "./compare.ts";
import { type Both, type Pair, type PairSetup, startPair } from "./pair.ts";

/** Names as they stand in both; values of the first are not 0. */
const NAMES = new RegExp(
  "^(http\\..+\\.(downstream_(cx|rq)|no_route|no_cluster|rq_|passthrough_)|" +
    "cluster\\.\\w+\\.(upstream_|retry_))",
);

/** Of Envoy's own: its admin interface, and what it sends by itself. */
const OWN = /^http\.(admin|async-client)\./;

/** What differs for now: docs/envoy-differences.md, "Some statistics count otherwise". */
const OPEN = /_cx_destroy|_cx_delayed_close_timeout|upstream_rq_tx_reset$/;

/** Counted in bytes of heads that differ in the ports they name, or of a time. */
const INEXACT = /_bytes_|_ms$|_time$/;

/** What both are put through before their statistics are read. */
export interface CountedSuite extends PairSetup {
  readonly cases: readonly Case[];
  /** Cases that are left out, since the two differ in them. */
  readonly marks?: Marks;
  /** Statistics that are left out. */
  readonly ignored?: RegExp;
  /** How many statistics must not be 0. */
  readonly leastCount: number;
}

/** Makes two tests: when all cases were run, both have counted the same. */
export function compareStatistics(suite: CountedSuite): void {
  const { cases, marks = [], ignored, leastCount, ...setup } = suite;
  const isCompared = ([name, value]: [string, number]): boolean => {
    return isComparable(name) && value !== 0 && ignored?.test(name) !== true;
  };
  let pair: Pair | undefined;
  let stats: Both<ReadonlyMap<string, number>> | undefined;

  before(async function () {
    this.timeout(30_000);
    pair = await startPair(this, setup);
    const [first] = Object.keys(setup.variants);
    for (const { on = first, send, name, ...exchange } of cases) {
      if (isMarked(marks, on, name)) continue;
      await pair.run(on, { ...exchange, pieces: typeof send === "string" ? [send] : send });
    }
    stats = await settle(pair);
  });
  after(() => pair?.stop());

  it("statistics: what Envoy counts has the same value here", () => {
    assert.ok(stats !== undefined);
    const { envoy, ours } = stats;
    const names = [...envoy].filter(isCompared);
    assert.ok(names.length >= leastCount, `${names.length} statistics`);
    const differences = names.filter(([name, value]) => ours.get(name) !== value);
    const lines = differences.map(([name, value]) => `${name}: ${value}, here ${ours.get(name)}`);
    assert.deepEqual(lines, []);
  });

  it("statistics: what Envoy does not count is 0 here", () => {
    assert.ok(stats !== undefined);
    const { envoy, ours } = stats;
    const more = [...ours].filter((each) => isCompared(each) && !envoy.get(each[0]));
    assert.deepEqual(more, []);
  });
}

function isComparable(name: string): boolean {
  return NAMES.test(name) && ![OWN, INEXACT, OPEN].some((pattern) => pattern.test(name));
}

/** Requests in progress, and connections of clients. */
const ACTIVE = /rq_active$|^http\..+\.downstream_cx_active$/;

/** The statistics when neither has any of those: clients were gone before. */
async function settle(pair: Pair): Promise<Both<ReadonlyMap<string, number>>> {
  for (;;) {
    const stats = await pair.readStats();
    const isIdle = [stats.envoy, stats.ours].every((each) => {
      return ![...each].some(([name, value]) => ACTIVE.test(name) && !OWN.test(name) && value > 0);
    });
    if (isIdle) return stats;
    await setImmediate();
  }
}
