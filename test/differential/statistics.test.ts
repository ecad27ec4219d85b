import assert from "node:assert/strict";
import { FullBacklog } from "../support/full-backlog.ts";
import { requirePeer } from "../support/mocha/skip.ts";
import { assertDocumented } from "./pair/compare.ts";
import { DOWNSTREAM_SCENARIOS } from "./statistics/downstream-scenarios.ts";
import { INTERNAL_SCENARIOS } from "./statistics/internal-scenarios.ts";
import { LIMIT_SCENARIOS } from "./statistics/limit-scenarios.ts";
import { playWithEnvoy, playWithOurs } from "./statistics/play.ts";
import type { Report } from "./statistics/report.ts";
import { UPSTREAM_SCENARIOS } from "./statistics/upstream-scenarios.ts";

/** Statistics that Envoy has and we do not, or that differ in every scenario. */
const ABSENT =
  /\.connections_accepted_per_socket_event$|\.default\.total_match_count$|rx_bytes_buffered$/;

/** Of the process, when all scenarios were played. */
const OF_THE_PROCESS = [
  "cluster_manager.active_clusters",
  "cluster_manager.cluster_added",
  "cluster_manager.warming_clusters",
  "listener_manager.listener_added",
  "listener_manager.listener_create_success",
  "listener_manager.total_listeners_active",
  "listener_manager.total_listeners_draining",
  "listener_manager.workers_started",
  "runtime.num_keys",
  "runtime.num_layers",
  "server.concurrency",
  "server.days_until_first_cert_expiring",
  "server.live",
  "server.state",
  "server.total_connections",
];

/** What differs in which scenario, and the heading that says why. */
const EXCEPTIONS: readonly (readonly [scenario: RegExp, statistic: RegExp, heading: string])[] = [
  [
    /^interim$/,
    /\.downstream_rq_(1xx|completed)$|\.downstream_cx_tx_bytes_total$/,
    "Interim responses are passed on",
  ],
  [/^replayed$/, /./, "A request that met a dead connection is sent again"],
  [
    /^refused-client-waits$|-in-(body|chunk|response)$|^malformed-chunk$|-after-a-request$/,
    /\.downstream_cx_(delayed_close_timeout|destroy_local|destroy_remote)$/,
    "A close is not delayed",
  ],
];

describe("differential, statistics", () => {
  const scenarios = [
    ...DOWNSTREAM_SCENARIOS,
    ...UPSTREAM_SCENARIOS,
    ...LIMIT_SCENARIOS,
    ...INTERNAL_SCENARIOS,
  ];
  const names = scenarios.map(({ name }) => name);
  let envoy: Report = new Map();
  let ours: Report = new Map();

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

  for (const scenario of names) {
    it(`${scenario}: both count the same`, () => {
      const differences = listDifferences(scenario, envoy, ours);
      assert.ok(envoy.get(`http.${scenario}.downstream_cx_total`));
      assert.deepEqual(
        differences.filter(({ statistic }) => !isExcepted(scenario, statistic)).map(tell),
        [],
      );
    });
  }

  for (const statistic of OF_THE_PROCESS) {
    it(`${statistic}: both have the same value`, () => {
      assert.ok(envoy.has(statistic));
      assert.equal(ours.get(statistic), envoy.get(statistic));
    });
  }

  it("statistics: each exception is documented and still needed", () => {
    for (const [scenario, statistic, heading] of EXCEPTIONS) {
      assertDocumented(heading);
      const found = names
        .filter((name) => scenario.test(name))
        .flatMap((name) => listDifferences(name, envoy, ours));
      assert.ok(
        found.some((each) => statistic.test(each.statistic)),
        `${scenario} and ${statistic} are the same now`,
      );
    }
    assertDocumented("Some statistics are not kept");
  });
});

interface Difference {
  readonly statistic: string;
  readonly envoy: number;
  readonly ours: number;
}

/** What is not there counts as 0: Envoy makes some names when they are first used. */
function listDifferences(scenario: string, envoy: Report, ours: Report): Difference[] {
  const own = (name: string): boolean => /^\w+\.([^.]+)\./.exec(name)?.[1] === scenario;
  const names = new Set([...envoy.keys(), ...ours.keys()].filter(own));
  const all = Array.from(names, (statistic): Difference => {
    return { statistic, envoy: envoy.get(statistic) ?? 0, ours: ours.get(statistic) ?? 0 };
  });
  return all.filter((each) => each.envoy !== each.ours && !ABSENT.test(each.statistic));
}

function isExcepted(scenario: string, statistic: string): boolean {
  return EXCEPTIONS.some(([names, statistics]) => {
    return names.test(scenario) && statistics.test(statistic);
  });
}

function tell({ statistic, envoy, ours }: Difference): string {
  return `${statistic}: Envoy ${envoy}, ours ${ours}`;
}
