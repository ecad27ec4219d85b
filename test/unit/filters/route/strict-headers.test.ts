import assert from "node:assert/strict";
import {
  HCM_STRICT_HEADERS,
  STRICT_MAX_RETRIES,
  STRICT_PER_TRY_TIMEOUT,
  STRICT_RETRY_GRPC_ON,
  STRICT_RETRY_ON,
  STRICT_RQ_TIMEOUT,
} from "../../../../api/engine/image.ts";
import { RESPONSE_FLAG_IH } from "../../../../api/engine/response-flags.ts";
import { buildImage, RouteEngine } from "./route-engine.ts";

const ALL =
  STRICT_RQ_TIMEOUT |
  STRICT_PER_TRY_TIMEOUT |
  STRICT_MAX_RETRIES |
  STRICT_RETRY_ON |
  STRICT_RETRY_GRPC_ON;

const T = "x-envoy-upstream-rq-timeout-ms";
const P = "x-envoy-upstream-rq-per-try-timeout-ms";
const M = "x-envoy-max-retries";
const R = "x-envoy-retry-on";
const G = "x-envoy-retry-grpc-on";

/** Values and whether they are valid, as seen of Envoy 1.40. */
const rows: readonly { header: string; value: string; want: boolean }[] = [
  ...[T, P, M].flatMap((header) => [
    { header, value: "0", want: true },
    { header, value: "100", want: true },
    { header, value: "+5", want: true },
    { header, value: "007", want: true },
    { header, value: "4294967296", want: true },
    { header, value: "18446744073709551615", want: true },
    { header, value: "18446744073709551616", want: false },
    { header, value: "", want: false },
    { header, value: "-0", want: false },
    { header, value: "1.5", want: false },
    { header, value: "abc", want: false },
  ]),
  { header: R, value: "5xx", want: true },
  { header: R, value: "gateway-error", want: true },
  { header: R, value: "connect-failure", want: true },
  { header: R, value: "envoy-ratelimited", want: true },
  { header: R, value: "retriable-4xx", want: true },
  { header: R, value: "refused-stream", want: true },
  { header: R, value: "retriable-status-codes", want: true },
  { header: R, value: "retriable-headers", want: true },
  { header: R, value: "reset", want: true },
  { header: R, value: "reset-before-request", want: true },
  { header: R, value: "http3-post-connect-failure", want: true },
  { header: R, value: "", want: true },
  { header: R, value: ",", want: true },
  { header: R, value: "5xx,,reset", want: true },
  { header: R, value: "5xx ,\treset", want: true },
  { header: R, value: "5XX", want: false },
  { header: R, value: "5xx;reset", want: false },
  { header: R, value: "5xx\treset", want: false },
  { header: R, value: "5xx,foo", want: false },
  { header: R, value: "cancelled", want: false },
  { header: G, value: "cancelled", want: true },
  { header: G, value: "deadline-exceeded", want: true },
  { header: G, value: "resource-exhausted", want: true },
  { header: G, value: "unavailable", want: true },
  { header: G, value: "internal , cancelled", want: true },
  { header: G, value: "unknown", want: false },
  { header: G, value: "CANCELLED", want: false },
  { header: G, value: "5xx", want: false },
];

/** Which of two headers is told, and which bits ask for it. */
const bits: readonly { header: string; bit: number }[] = [
  { header: T, bit: STRICT_RQ_TIMEOUT },
  { header: P, bit: STRICT_PER_TRY_TIMEOUT },
  { header: M, bit: STRICT_MAX_RETRIES },
  { header: R, bit: STRICT_RETRY_ON },
  { header: G, bit: STRICT_RETRY_GRPC_ON },
];

describe("strict headers", () => {
  let engine: RouteEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RouteEngine.open();
    const routes = [{ match: { prefix: "/" }, route: { cluster: "alpha" } }];
    engine.load(buildImage({ virtualHosts: [{ name: "all", domains: ["*"], routes }] }));
  });

  const check = (asked: number, headers: readonly (readonly [string, string])[]) => {
    engine.setManager(HCM_STRICT_HEADERS, asked);
    return engine.check(engine.open({ headers }));
  };

  for (const { header, value, want } of rows) {
    const said = JSON.stringify(value);
    it(`checkStrictHeaders: ${header}: ${said} is ${want ? "fine" : "not"}`, () => {
      assert.equal(check(ALL, [[header, value]]) === null, want);
    });
  }

  it("checkStrictHeaders: the reply says which header, and what is wrong", () => {
    assert.deepEqual(check(ALL, [[M, "many"]]), {
      status: 400,
      flags: 1 << RESPONSE_FLAG_IH,
      details: "request_headers_failed_strict_check{x-envoy-max-retries}",
      body: "invalid header 'x-envoy-max-retries' with value 'many'",
    });
  });

  it("checkStrictHeaders: lines of one name are one value", () => {
    const reply = check(ALL, [
      [R, "5xx"],
      [R, "foo"],
      [R, "reset"],
    ]);
    assert.equal(reply?.body, `invalid header '${R}' with value '5xx,foo,reset'`);
    assert.equal(
      check(ALL, [
        [T, "1"],
        [T, "2"],
      ])?.body,
      `invalid header '${T}' with value '1,2'`,
    );
  });

  for (const [place, { header, bit }] of bits.entries()) {
    it(`checkStrictHeaders: ${header} is checked where that is asked, before what follows`, () => {
      const bad = bits.map((each) => [each.header, "bad"] as const);
      const rest = bits.slice(place).reduce((sum, each) => sum | each.bit, 0);
      assert.equal(check(rest, bad)?.body, `invalid header '${header}' with value 'bad'`);
      assert.equal(check(ALL & ~bit, [[header, "bad"]]), null);
    });
  }

  it("checkStrictHeaders: without headers, or without being asked, nothing is wrong", () => {
    assert.equal(check(ALL, []), null);
    assert.equal(check(0, [[T, "bad"]]), null);
  });
});
