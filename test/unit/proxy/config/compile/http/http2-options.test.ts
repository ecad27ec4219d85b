import assert from "node:assert/strict";
import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { Http2ProtocolOptionsSchema } from "../../../../../../api/gen/envoy/config/core/v3/protocol_pb.js";
import { keepaliveOf } from "../../../../../../proxy/config/compile/http/http2-options.ts";
import { parseBootstrap } from "../../../../../../proxy/config/bootstrap.ts";
import { toBootstrap } from "../../../../../support/proxy-sketch.ts";

describe("HTTP/2 options", () => {
  const rows: readonly { json: JsonObject; want: ReturnType<typeof keepaliveOf> }[] = [
    { json: {}, want: null },
    {
      json: { connection_keepalive: { timeout: "2s" } },
      want: { intervalMs: 0, timeoutMs: 2000, jitterRatio: 0.15, idleIntervalMs: 0 },
    },
    {
      json: {
        connection_keepalive: {
          interval: "30s",
          timeout: "5.5s",
          interval_jitter: { value: 50 },
          connection_idle_interval: "1s",
        },
      },
      want: { intervalMs: 30_000, timeoutMs: 5500, jitterRatio: 0.5, idleIntervalMs: 1000 },
    },
  ];
  for (const { json, want } of rows) {
    it(`keepaliveOf: ${JSON.stringify(json)}`, () => {
      assert.deepEqual(keepaliveOf(fromJson(Http2ProtocolOptionsSchema, json)), want);
    });
  }

  for (const [keepalive, problem] of [
    [{ interval: "1s" }, /connection_keepalive\.timeout/],
    [{ timeout: "0s" }, /connection_keepalive\.timeout/],
    [{ timeout: "1s", interval: "0s" }, /connection_keepalive\.interval/],
    [{ timeout: "1s", interval_jitter: { value: 101 } }, /interval_jitter\.value/],
  ] as const) {
    it(`connection_keepalive: ${JSON.stringify(keepalive)} is refused`, () => {
      const manager = { http2_protocol_options: { connection_keepalive: keepalive } };
      const text = toBootstrap({ endpoints: [1], manager });
      assert.throws(() => parseBootstrap(text, { name: "test.json" }), problem);
    });
  }
});
