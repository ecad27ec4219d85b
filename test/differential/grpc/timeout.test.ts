import { type Case, compareAll } from "../pair/compare.ts";
import { type Json, routeTo } from "../pair/configuration.ts";
import { raw } from "../pair/request.ts";

const FROM_INSIDE = "x-forwarded-for: 10.0.0.1";
const SILENCE = "x-script: silence";
const T = "x-envoy-upstream-rq-timeout-ms";
const P = "x-envoy-upstream-rq-per-try-timeout-ms";
const E = "x-envoy-expected-rq-timeout-ms";

const scripts = {
  silence: { send: "", ending: "keep" },
  "silence in the body": {
    send: `${raw("HTTP/1.1 200 OK", "content-length: 10")}hi`,
    ending: "keep",
  },
} as const;

const LOG_FORMAT =
  "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% " +
  "told %REQ(X-ENVOY-EXPECTED-RQ-TIMEOUT-MS)% %REQ(GRPC-TIMEOUT)% %GRPC_STATUS%";

const manager = {
  internal_address_config: { cidr_ranges: [{ address_prefix: "10.0.0.0", prefix_len: 8 }] },
};

/** One route with such an action. */
const on = (action: Json) => {
  return { manager, routes: [routeTo("backend", action)] };
};

const limits = (fields: Json) => on({ max_stream_duration: fields });

const variants = {
  plain: { manager },
  // What Istio sends.
  "old, no limit": on({ max_grpc_timeout: "0s" }),
  "old, 10 s": on({ max_grpc_timeout: "10s" }),
  "old, short": on({ max_grpc_timeout: "0.2s" }),
  "old, offset": on({ max_grpc_timeout: "10s", grpc_timeout_offset: "0.5s" }),
  "old, offset alone": on({ grpc_timeout_offset: "0.5s" }),
  "old, no timeout": on({ max_grpc_timeout: "0s", timeout: "0s" }),
  "old, with duration": on({
    max_grpc_timeout: "10s",
    grpc_timeout_offset: "0.5s",
    max_stream_duration: { max_stream_duration: "20s" },
  }),
  suppressed: { ...on({ max_grpc_timeout: "10s" }), router: { suppress_envoy_headers: true } },
  respecting: {
    ...on({ max_grpc_timeout: "10s" }),
    router: { respect_expected_rq_timeout: true },
  },
  "new, header": limits({ grpc_timeout_header_max: "0s" }),
  "new, 10 s": limits({ grpc_timeout_header_max: "10s" }),
  "new, short": limits({ grpc_timeout_header_max: "0.2s" }),
  "new, offset": limits({ grpc_timeout_header_max: "10s", grpc_timeout_header_offset: "0.5s" }),
  "new, offset alone": limits({ grpc_timeout_header_offset: "0.5s" }),
  "new, duration": limits({ max_stream_duration: "20s" }),
  "new, no duration": limits({ max_stream_duration: "0s" }),
  "new, both": limits({ max_stream_duration: "0.2s", grpc_timeout_header_max: "10s" }),
};

/** A request of a gRPC client with these headers. */
const call = (...lines: string[]): string =>
  raw(
    "POST /s/m HTTP/1.1",
    "host: a.test",
    "content-length: 0",
    "content-type: application/grpc",
    ...lines,
  );

const asked = (variant: string, ...lines: string[]): Case => {
  return { on: variant, name: lines.join(" and ") || "nothing", send: call(...lines) };
};

const VALUES = [
  ...["20H", "20M", "20S", "20000m", "20000000u", "20000001u", "15000m"],
  ...["99999999H", "99999999M", "99999999S", "99999999m", "100000000m", "100000S", "00000020S"],
  ...["000000020S", "+20S", "-20S", "+S", "-S", "- 0S", "20 S", " 20S", "20", "S", "", "x"],
  ...["20s", "20h", "2.5S", "20SS", "0x20S", "20S ", "20S, 30S", "99999999999999999999S"],
];

const values = (
  ["plain", "old, no limit", "old, 10 s", "old, offset", "new, 10 s", "new, duration"] as const
).flatMap((variant) => VALUES.map((value) => asked(variant, `grpc-timeout: ${value}`)));

const settings = Object.keys(variants).flatMap((variant) => [
  asked(variant),
  asked(variant, "grpc-timeout: 5S"),
  asked(variant, "grpc-timeout: 4000m"),
  asked(variant, "grpc-timeout: 5001m"),
  asked(variant, "grpc-timeout: 5S", "grpc-timeout: 6S"),
  asked(variant, "grpc-timeout: 5S", FROM_INSIDE, `${T}: 7000`),
  asked(variant, "grpc-timeout: 5S", FROM_INSIDE, `${P}: 3000`),
  asked(variant, "grpc-timeout: 5S", FROM_INSIDE, `${T}: 7000`, `${P}: 3000`),
  asked(variant, "grpc-timeout: 5S", FROM_INSIDE, `${T}: 0`),
  asked(variant, "grpc-timeout: 5S", FROM_INSIDE, `${E}: 7000`),
  {
    on: variant,
    name: "no gRPC",
    send: raw("GET / HTTP/1.1", "host: a.test", "grpc-timeout: 5000000u"),
  },
  {
    on: variant,
    name: "gRPC-Web",
    send: raw(
      "POST / HTTP/1.1",
      "host: a.test",
      "content-length: 0",
      "content-type: application/grpc-web",
      "grpc-timeout: 5S",
    ),
  },
]);

const expiries: Case[] = [
  asked("plain", "grpc-timeout: 100m", FROM_INSIDE, `${T}: 300`, SILENCE),
  asked("old, no limit", "grpc-timeout: 100m", SILENCE),
  asked("old, 10 s", "grpc-timeout: 100000u", SILENCE),
  asked("old, short", "grpc-timeout: 5S", SILENCE),
  asked("old, short", SILENCE),
  ...["0S", "-0S", "1n", "99999999n", "1001u", "1000u"].flatMap((value) => [
    asked("new, 10 s", `grpc-timeout: ${value}`, SILENCE),
    asked("new, offset", `grpc-timeout: ${value}`, SILENCE),
  ]),
  ...["99999999n", "1001u", "1000u"].map((value) =>
    asked("old, 10 s", `grpc-timeout: ${value}`, SILENCE),
  ),
  asked("old, offset", "grpc-timeout: 600m", SILENCE),
  asked("old, no limit", "grpc-timeout: 300m", "x-script: silence in the body"),
  asked("new, header", "grpc-timeout: 100m", SILENCE),
  asked("new, header", "grpc-timeout: 0S", SILENCE),
  asked("new, 10 s", "grpc-timeout: 100000000n", SILENCE),
  asked("new, short", "grpc-timeout: 5S", SILENCE),
  asked("new, offset", "grpc-timeout: 600m", SILENCE),
  asked("new, offset", "grpc-timeout: 500m", SILENCE),
  asked("new, both", SILENCE),
  asked("new, header", "grpc-timeout: 300m", "x-script: silence in the body"),
  {
    on: "new, header",
    name: "no gRPC, 100 ms",
    send: raw("GET / HTTP/1.1", "host: a.test", "grpc-timeout: 100m", SILENCE),
  },
  {
    on: "new, header",
    name: "half a request, 100 ms",
    send: raw(
      "POST /s/m HTTP/1.1",
      "host: a.test",
      "content-length: 5",
      "content-type: application/grpc",
      "grpc-timeout: 100m",
    ),
  },
];

describe("differential, grpc-timeout", () => {
  compareAll({
    variants,
    scripts,
    logFormat: LOG_FORMAT,
    cases: [...values, ...settings, ...expiries],
  });
});
