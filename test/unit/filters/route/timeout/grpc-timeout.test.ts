import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { DURATION_OVER } from "../../../../../api/engine/layout.ts";
import { buildImage, RouteEngine } from "../route-engine.ts";

const E = "x-envoy-expected-rq-timeout-ms";
const HOUR_MS = 3_600_000;

/** What `grpc-timeout` says, and what the upstream reads after a limit of no length. */
const values: readonly (readonly [string, number | null, string])[] = [
  ["1H", HOUR_MS, "3600000m"],
  ["2M", 120_000, "120000m"],
  ["3S", 3000, "3000m"],
  ["4m", 4, "4m"],
  ["5000u", 5, "5m"],
  ["5001u", 6, "6m"],
  ["1u", 1, "1m"],
  ["7000000n", 7, "7m"],
  ["7000001n", 8, "8m"],
  ["99999999m", 99_999_999, "99999999m"],
  ["99999999S", 0x7fff_ffff, "99999999S"],
  ["99999999M", 0x7fff_ffff, "99999999M"],
  ["99999999H", 0x7fff_ffff, "99999999H"],
  ["100000S", 100_000_000, "100000S"],
  ["0S", DURATION_OVER, "0m"],
  ["-0S", DURATION_OVER, "0m"],
  ["000000003S", 3000, "3000m"],
  ["+3S", 3000, "3000m"],
  [" 3S", 3000, "3000m"],
  ["3 S", 3000, "3000m"],
  ["100000000m", null, "100000000m"],
  ["-1S", null, "-1S"],
  ["S", null, "S"],
  ["3", null, "3"],
  ["", null, ""],
  ["3s", null, "3s"],
  ["3.5S", null, "3.5S"],
  ["-S", null, "-S"],
  ["99999999999999999999S", null, "99999999999999999999S"],
];

/** Limits of the whole stream: the header, how long the stream may live, what goes upstream. */
const durations: readonly (readonly [JsonObject, string | null, number, string | null])[] = [
  [{}, "5S", 0, "5S"],
  [{ maxStreamDuration: "9s" }, "5S", 9000, "9000m"],
  [{ maxStreamDuration: "9s" }, null, 9000, "9000m"],
  [{ maxStreamDuration: "0s" }, "5S", 0, "5S"],
  [{ grpcTimeoutHeaderMax: "0s" }, null, 0, null],
  [{ grpcTimeoutHeaderMax: "3s" }, "5S", 3000, "3000m"],
  [{ grpcTimeoutHeaderMax: "5s" }, "5S", 5000, "5000m"],
  [{ grpcTimeoutHeaderMax: "9s", maxStreamDuration: "2s" }, "5S", 5000, "5000m"],
  [{ grpcTimeoutHeaderMax: "9s", maxStreamDuration: "2s" }, null, 2000, "2000m"],
  [{ grpcTimeoutHeaderMax: "9s", maxStreamDuration: "2s" }, "bad", 2000, "2000m"],
  [{ grpcTimeoutHeaderMax: "9s", grpcTimeoutHeaderOffset: "1s" }, "5S", 4000, "4000m"],
  [{ grpcTimeoutHeaderMax: "3s", grpcTimeoutHeaderOffset: "1s" }, "5S", 2000, "2000m"],
  [{ grpcTimeoutHeaderMax: "9s", grpcTimeoutHeaderOffset: "5s" }, "5S", DURATION_OVER, "0m"],
  [{ grpcTimeoutHeaderMax: "9s", grpcTimeoutHeaderOffset: "8s" }, "5S", DURATION_OVER, "0m"],
  [{ grpcTimeoutHeaderOffset: "1s" }, "5S", 0, "5S"],
];

/** The older fields: how long the response may take, and what goes upstream. */
const timeouts: readonly (readonly [JsonObject, string | null, number, string | null])[] = [
  [{}, "5S", 15_000, "5S"],
  [{ grpcTimeoutOffset: "1s" }, "5S", 15_000, "5S"],
  [{ maxGrpcTimeout: "0s" }, null, 0, null],
  [{ maxGrpcTimeout: "0s" }, "5S", 5000, "5000m"],
  [{ maxGrpcTimeout: "0s" }, "0S", 0, "0S"],
  [{ maxGrpcTimeout: "0s" }, "bad", 0, "bad"],
  [{ maxGrpcTimeout: "10s" }, null, 10_000, "10000m"],
  [{ maxGrpcTimeout: "10s" }, "5S", 5000, "5000m"],
  [{ maxGrpcTimeout: "10s" }, "20S", 10_000, "10000m"],
  [{ maxGrpcTimeout: "10s" }, "0S", 10_000, "10000m"],
  [{ maxGrpcTimeout: "10s", grpcTimeoutOffset: "1s" }, "5S", 4000, "4000m"],
  [{ maxGrpcTimeout: "10s", grpcTimeoutOffset: "1s" }, "20S", 10_000, "10000m"],
  [{ maxGrpcTimeout: "10s", grpcTimeoutOffset: "5s" }, "5S", 5000, "5000m"],
  [{ maxGrpcTimeout: "10s", maxStreamDuration: {} }, "5S", 0, "5S"],
];

describe("grpc-timeout", () => {
  let engine: RouteEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await RouteEngine.open();
  });

  function run(action: JsonObject, timeout: string | null, type = "application/grpc") {
    const routes = [{ match: { prefix: "/" }, route: { cluster: "alpha", ...action } }];
    engine.load(buildImage({ virtualHosts: [{ name: "all", domains: ["*"], routes }] }));
    const told: [string, string][] = timeout === null ? [] : [["grpc-timeout", timeout]];
    const stream = engine.open({ headers: [["content-type", type], ...told] });
    const { durationMaxMs } = engine.selectOpen(stream);
    const { timeoutMs, headers } = engine.settle(stream);
    const find = (wanted: string) => headers.find(([name]) => name === wanted)?.[1] ?? null;
    return { durationMaxMs, timeoutMs, header: find("grpc-timeout"), expected: find(E) };
  }

  for (const [value, want, upstream] of values) {
    it(`readGrpcTimeout: "${value}" is ${want === null ? "nothing" : `${want} ms`}`, () => {
      const limits = { maxStreamDuration: { grpcTimeoutHeaderMax: "0s" } };
      const { durationMaxMs, header } = run(limits, value);
      assert.deepEqual([durationMaxMs, header], [want ?? 0, upstream]);
    });
  }

  for (const [limits, value, want, upstream] of durations) {
    it(`grpcDuration: ${value} with ${JSON.stringify(limits)} is ${want}`, () => {
      const { durationMaxMs, header, timeoutMs } = run({ maxStreamDuration: limits }, value);
      assert.deepEqual([durationMaxMs, header, timeoutMs], [want, upstream, 0]);
    });
  }

  it("grpcDuration: the header counts without gRPC, but goes as it came", () => {
    const limits = { maxStreamDuration: { grpcTimeoutHeaderMax: "3s" } };
    const { durationMaxMs, header } = run(limits, "5S", "text/plain");
    assert.deepEqual([durationMaxMs, header], [3000, "5S"]);
  });

  for (const [action, value, want, upstream] of timeouts) {
    it(`grpcTimeout: ${value} with ${JSON.stringify(action)} is ${want}`, () => {
      const { timeoutMs, header, expected } = run(action, value);
      assert.deepEqual([timeoutMs, header], [want, upstream]);
      assert.equal(expected, want === 0 ? null : `${want}`);
    });
  }

  it("grpcTimeout: without gRPC the route's timeout holds", () => {
    const { timeoutMs, header } = run({ maxGrpcTimeout: "10s" }, "5S", "application/grpc-web");
    assert.deepEqual([timeoutMs, header], [15_000, "5S"]);
  });
});
