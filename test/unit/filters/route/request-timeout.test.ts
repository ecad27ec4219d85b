import assert from "node:assert/strict";
import {
  HCM_FLAGS,
  HCM_RESPECT_EXPECTED_TIMEOUT,
  HCM_SUPPRESS_ENVOY_HEADERS,
} from "../../../../api/engine/image.ts";
import { STATE_TIMEOUT_NO_CONTENT } from "../../../../api/engine/layout.ts";
import { buildImage, RouteEngine } from "./route-engine.ts";

const T = "x-envoy-upstream-rq-timeout-ms";
const P = "x-envoy-upstream-rq-per-try-timeout-ms";
const E = "x-envoy-expected-rq-timeout-ms";
const D = "x-envoy-upstream-stream-duration-ms";
const H = "x-envoy-hedge-on-per-try-timeout";
const ALT_RESPONSE = "x-envoy-upstream-rq-timeout-alt-response";
const ALT_STAT = "x-envoy-upstream-alt-stat-name";

const RESPECT = HCM_RESPECT_EXPECTED_TIMEOUT;

type Headers = readonly (readonly [string, string])[];

/** What comes of the headers of a request. The route says 15 s where nothing else is said. */
interface Row {
  readonly headers: Headers;
  readonly flags?: number;
  /** Timeout of the route. */
  readonly route?: string;
  readonly timeoutMs: number;
  readonly tryMs?: number;
  /** What goes upstream of these headers. */
  readonly upstream: Headers;
}

const told = (ms: string): Headers => [[E, ms]];

/** Seen of Envoy 1.40. */
const rows: readonly Row[] = [
  { headers: [], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [], route: "0s", timeoutMs: 0, upstream: [] },
  { headers: [], flags: HCM_SUPPRESS_ENVOY_HEADERS, timeoutMs: 15_000, upstream: [] },
  { headers: [[T, "4321"]], timeoutMs: 4321, upstream: told("4321") },
  { headers: [[T, "1"]], timeoutMs: 1, upstream: told("1") },
  { headers: [[T, "60000"]], timeoutMs: 60_000, upstream: told("60000") },
  { headers: [[T, "0"]], timeoutMs: 0, upstream: [] },
  { headers: [[T, "+5"]], timeoutMs: 5, upstream: told("5") },
  { headers: [[T, "007"]], timeoutMs: 7, upstream: told("7") },
  { headers: [[T, "77"]], flags: HCM_SUPPRESS_ENVOY_HEADERS, timeoutMs: 77, upstream: [] },
  // What is no number leaves the route's time, and goes all the same.
  { headers: [[T, ""]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[T, "-1"]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[T, "1.5"]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[T, "0x10"]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[T, "1 2"]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[T, "9223372036854775808"]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[T, "18446744073709551616"]], timeoutMs: 15_000, upstream: told("15000") },
  {
    headers: [
      [T, "5000"],
      [T, "6000"],
    ],
    timeoutMs: 15_000,
    upstream: told("15000"),
  },
  // The field ends at 24 days; what is told does not.
  { headers: [[T, "2147483647"]], timeoutMs: 0x7fff_ffff, upstream: told("2147483647") },
  { headers: [[T, "2147483648"]], timeoutMs: 0x7fff_ffff, upstream: told("2147483648") },
  {
    headers: [[T, "9223372036854775807"]],
    timeoutMs: 0x7fff_ffff,
    upstream: told("9223372036854775807"),
  },
  // One attempt.
  { headers: [[P, "1000"]], timeoutMs: 15_000, tryMs: 1000, upstream: told("1000") },
  { headers: [[P, "14999"]], timeoutMs: 15_000, tryMs: 14_999, upstream: told("14999") },
  { headers: [[P, "15000"]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[P, "20000"]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[P, "0"]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[P, "abc"]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[P, ""]], timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[P, "20000"]], route: "0s", timeoutMs: 0, tryMs: 20_000, upstream: told("20000") },
  { headers: [[P, "9223372036854775808"]], route: "0s", timeoutMs: 0, upstream: [] },
  {
    headers: [
      [T, "500"],
      [P, "499"],
    ],
    timeoutMs: 500,
    tryMs: 499,
    upstream: told("499"),
  },
  {
    headers: [
      [T, "500"],
      [P, "500"],
    ],
    timeoutMs: 500,
    upstream: told("500"),
  },
  {
    headers: [
      [T, "0"],
      [P, "20000"],
    ],
    timeoutMs: 0,
    tryMs: 20_000,
    upstream: told("20000"),
  },
  {
    headers: [
      [P, "1000"],
      [H, "true"],
    ],
    timeoutMs: 15_000,
    upstream: told("15000"),
  },
  {
    headers: [
      [P, "1000"],
      [H, "TRUE"],
    ],
    timeoutMs: 15_000,
    tryMs: 1000,
    upstream: told("1000"),
  },
  // What another proxy expects.
  { headers: [[E, "77"]], timeoutMs: 15_000, upstream: told("15000") },
  {
    headers: [[E, "77"]],
    flags: HCM_SUPPRESS_ENVOY_HEADERS,
    timeoutMs: 15_000,
    upstream: told("77"),
  },
  { headers: [[E, "77"]], flags: RESPECT, timeoutMs: 77, upstream: told("77") },
  { headers: [[E, "abc"]], flags: RESPECT, timeoutMs: 15_000, upstream: told("15000") },
  { headers: [[E, "0"]], flags: RESPECT, timeoutMs: 0, upstream: told("0") },
  { headers: [[T, "500"]], flags: RESPECT, timeoutMs: 500, upstream: told("500") },
  {
    headers: [
      [E, "77"],
      [T, "500"],
    ],
    flags: RESPECT,
    timeoutMs: 77,
    upstream: [
      [E, "77"],
      [T, "500"],
    ],
  },
  {
    headers: [
      [E, "77"],
      [P, "60"],
    ],
    flags: RESPECT,
    timeoutMs: 77,
    tryMs: 60,
    upstream: told("60"),
  },
  { headers: [[ALT_STAT, "other"]], timeoutMs: 15_000, upstream: told("15000") },
];

describe("request timeouts", () => {
  let engine: RouteEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RouteEngine.open();
  });

  function settle(headers: Headers, { route, flags }: Pick<Row, "route" | "flags"> = {}) {
    const action = { cluster: "alpha", ...(route === undefined ? {} : { timeout: route }) };
    const routes = [{ match: { prefix: "/" }, route: action }];
    engine.load(buildImage({ virtualHosts: [{ name: "all", domains: ["*"], routes }] }));
    engine.setManager(HCM_FLAGS, flags ?? 0);
    const stream = engine.open({ headers });
    engine.selectOpen(stream);
    return engine.settle(stream);
  }

  for (const row of rows) {
    const { headers, flags, route, timeoutMs, tryMs = 0, upstream } = row;
    const asked = headers.map(([name, value]) => `${name}: ${value}`).join(" and ") || "nothing";
    const where = `${route ?? "15s"}, flags ${flags ?? 0}`;
    it(`settleTimeouts: ${asked} (${where}) is ${timeoutMs} ms, ${tryMs} ms a try`, () => {
      const times = settle(headers, row);
      assert.deepEqual([times.timeoutMs, times.tryTimeoutMs], [timeoutMs, tryMs]);
      assert.deepEqual(times.headers, upstream);
    });
  }

  const durations: readonly [string, number][] = [
    ["5000", 5000],
    ["0", 0],
    ["abc", 0],
    ["2147483648", 0x7fff_ffff],
  ];
  for (const [value, want] of durations) {
    it(`settleTimeouts: ${D}: ${value} is ${want} ms of an attempt, and goes`, () => {
      const { tryDurationMaxMs, headers } = settle([[D, value]]);
      assert.equal(tryDurationMaxMs, want);
      assert.deepEqual(headers, told("15000"));
    });
  }

  it("settleTimeouts: any value of the alternative response asks for 204, and goes", () => {
    for (const value of ["1", "false", ""]) {
      const { state, headers } = settle([[ALT_RESPONSE, value]]);
      assert.notEqual(state & STATE_TIMEOUT_NO_CONTENT, 0);
      assert.deepEqual(headers, told("15000"));
    }
    assert.equal(settle([]).state & STATE_TIMEOUT_NO_CONTENT, 0);
  });

  const dropped = [
    "x-envoy-retry-on",
    "x-envoy-retry-grpc-on",
    "x-envoy-max-retries",
    "x-envoy-retriable-header-names",
    "x-envoy-retriable-status-codes",
    H,
    P,
    D,
    ALT_RESPONSE,
  ];
  for (const name of dropped) {
    it(`dropRetryHeaders: ${name} goes`, () => {
      assert.deepEqual(engine.dropRetry(engine.open({ headers: [[name, "1"]] })), []);
    });
  }
  for (const name of [T, E, ALT_STAT, "x-envoy-attempt-count"]) {
    it(`dropRetryHeaders: ${name} stays`, () => {
      assert.deepEqual(engine.dropRetry(engine.open({ headers: [[name, "1"]] })), [[name, "1"]]);
    });
  }
});
