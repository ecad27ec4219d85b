import assert from "node:assert/strict";
import { FullBacklog } from "../../support/full-backlog.ts";
import { requirePeer } from "../../support/mocha/skip.ts";
import { assertDocumented } from "../pair/compare.ts";
import { ENDING_SCENARIOS } from "./ending-scenarios.ts";
import { FILTER_SCENARIOS } from "./filter-scenarios.ts";
import { LIMIT_TCP_SCENARIOS } from "./limit-scenarios.ts";
import { type Account, playWithEnvoy, playWithOurs } from "./play.ts";
import { PROTOCOL_SCENARIOS } from "./protocol-scenarios.ts";
import { TUNNEL_SCENARIOS } from "./tunnel-scenarios.ts";

/** Statistics that Envoy has and we do not. */
const ABSENT =
  /\.connections_accepted_per_socket_event$|\.default\.total_match_count$|rx_bytes_buffered$/;

/** What differs in which scenario, and the heading that says why. */
const EXCEPTIONS: readonly (readonly [scenario: RegExp, statistic: RegExp, heading: string])[] = [
  [/^large$/, /flow_control_|_cx_destroy_(local|remote)/, "Reading stops at other moments"],
  [/^(limit-off|rate-and-limit)$/, /active_connections/, "A connection that is not counted"],
  [/^tunnel-broken/, /_cx_destroy_(local|remote)/, "Who closed a tunnel that never was"],
];

describe("differential, TCP", () => {
  const scenarios = [
    ...ENDING_SCENARIOS,
    ...LIMIT_TCP_SCENARIOS,
    ...TUNNEL_SCENARIOS,
    ...FILTER_SCENARIOS,
    ...PROTOCOL_SCENARIOS,
  ];
  const nothing: Account = { report: new Map(), lines: new Map(), notes: new Map() };
  let envoy = nothing;
  let ours = nothing;

  before(async function () {
    this.timeout(60_000);
    const envoyPath = requirePeer(this, "envoy");
    const full = await FullBacklog.open();
    const program = { scenarios, fullPort: full.port };
    [envoy, ours] = await Promise.all([
      playWithEnvoy(program, envoyPath),
      playWithOurs(program),
    ]).finally(() => full.close());
  });

  for (const { name, isUncounted = false } of scenarios) {
    it(`${name}: both log the same`, () => {
      assert.ok((envoy.lines.get(name)?.length ?? 0) > 0);
      assert.deepEqual(ours.lines.get(name), envoy.lines.get(name));
      assert.deepEqual(ours.notes.get(name), envoy.notes.get(name));
    });

    if (isUncounted) continue;
    it(`${name}: both count the same`, () => {
      assert.ok(envoy.report.get(`tcp.${name}.downstream_cx_total`));
      const differences = listDifferences(name, envoy, ours);
      assert.deepEqual(
        differences.filter((each) => !isExcepted(name, each)),
        [],
      );
    });
  }

  it("statistics: each exception is documented", () => {
    for (const [, , heading] of EXCEPTIONS) assertDocumented(heading);
  });
});

function isExcepted(scenario: string, difference: string): boolean {
  return EXCEPTIONS.some(([names, statistics]) => {
    return names.test(scenario) && statistics.test(difference);
  });
}

/** What is not there counts as 0: Envoy makes some names when they are first used. */
function listDifferences(scenario: string, envoy: Account, ours: Account): string[] {
  const own = (name: string): boolean => /^\w+\.([^.]+)\./.exec(name)?.[1] === scenario;
  const names = new Set([...envoy.report.keys(), ...ours.report.keys()].filter(own));
  return [...names]
    .filter((name) => !ABSENT.test(name))
    .map((name) => [name, envoy.report.get(name) ?? 0, ours.report.get(name) ?? 0] as const)
    .filter(([, theirs, here]) => theirs !== here)
    .map(([name, theirs, here]) => `${name}: Envoy ${theirs}, ours ${here}`);
}
