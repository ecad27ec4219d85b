import { type Case, compareAll } from "./pair/compare.ts";
import { get, post, raw } from "./pair/request.ts";

const underscores = (action: string) => {
  return { manager: { common_http_protocol_options: { headers_with_underscores_action: action } } };
};
const http1 = (options: object) => ({ manager: { http_protocol_options: options } });

const variants = {
  plain: {},
  "underscores rejected": underscores("REJECT_REQUEST"),
  "underscores dropped": underscores("DROP_HEADER"),
  "proper case": http1({ header_key_format: { proper_case_words: {} } }),
  "server kept if there": { manager: { server_header_transformation: "APPEND_IF_ABSENT" } },
  "server passed": { manager: { server_header_transformation: "PASS_THROUGH" } },
  "server named": { manager: { server_name: "causeway" } },
  suppressed: { router: { suppress_envoy_headers: true } },
  "few headers": { manager: { common_http_protocol_options: { max_headers_count: 5 } } },
  "small heads": { manager: { max_request_headers_kb: 1 } },
  "proxied 100": { manager: { proxy_100_continue: true } },
  via: { manager: { via: "hop" } },
};

const ok = (...lines: string[]) => {
  return {
    send: `${raw("HTTP/1.1 200 OK", ...lines, "content-length: 2")}hi`,
    ending: "keep",
  } as const;
};

const scripts = {
  server: ok("server: nginx"),
  servers: ok("server: a", "server: b"),
  date: ok("date: Tue, 01 Jan 2030 00:00:00 GMT"),
  hops: ok(
    "connection: close, x-hop",
    "x-hop: 1",
    "keep-alive: timeout=5",
    "proxy-connection: keep-alive",
  ),
  "keep-alive": ok("connection: keep-alive", "keep-alive: timeout=5"),
  upgrade: ok("upgrade: h2c"),
  via: ok("via: 1.1 other"),
  envoys: ok(
    "x-envoy-upstream-service-time: 99",
    "x-envoy-attempt-count: 3",
    "x-envoy-overloaded: true",
    "x-envoy-ratelimited: true",
    "x-envoy-upstream-canary: true",
    "x-envoy-degraded: 1",
    "x-envoy-immediate-health-check-fail: no",
    "x-envoy-upstream-healthchecked-cluster: c",
    "x-envoy-decorator-operation: op",
    "x-envoy-expected-rq-timeout-ms: 3",
    "x-request-id: other",
    "x-forwarded-for: 1.2.3.4",
  ),
  cookies: ok("set-cookie: a=1", "set-cookie: b=2"),
  repeated: ok("x-a: 1", "x-a: 2", "vary: a", "vary: b", "cache-control: a", "cache-control: b"),
  cases: ok("X-Upper-CASE: V", 'ETag: "x"'),
  empty: ok("x-empty:", "x-blank:   "),
  unknown: { send: raw("HTTP/1.1 299 Fancy", "content-length: 0"), ending: "keep" },
  reason: { send: raw("HTTP/1.1 200 Very Well", "content-length: 0"), ending: "keep" },
  bare: { send: raw("HTTP/1.1 200", "content-length: 0"), ending: "keep" },
  big: {
    send: raw("HTTP/1.1 200 OK", `x-big: ${"b".repeat(30_000)}`, "content-length: 0"),
    ending: "keep",
  },
  "six hundred": { send: raw("HTTP/1.1 600 Odd", "content-length: 0"), ending: "keep" },
  "nine hundred": { send: raw("HTTP/1.1 999 Odd", "content-length: 0"), ending: "keep" },
} as const;

const LINES: readonly (readonly string[])[] = [
  [],
  ["x-plain: 1", "X-Upper: 2", "x-MiXed: 3"],
  ["x-empty:", "x-blank:    ", "x-tab:\tv\t"],
  ["x-a: 1", "x-a: 2"],
  ["cookie: a=1", "cookie: b=2"],
  ["accept: a", "accept: b"],
  ["connection: x-hop", "x-hop: 1"],
  ["connection: x-hop, X-Other", "x-hop: 1", "x-other: 2", "x-kept: 3"],
  ["connection: x-hop", "connection: x-two", "x-hop: 1", "x-two: 2"],
  ["connection: keep-alive", "keep-alive: timeout=5"],
  ["connection: Keep-Alive", "proxy-connection: keep-alive"],
  ["connection: close"],
  ["connection: Close"],
  ["connection: close, x-hop", "x-hop: 1"],
  ["connection: keep-alive, close"],
  ["connection:"],
  ["connection: ,"],
  ["connection: host"],
  ["connection: te", "te: trailers"],
  ["connection: content-length"],
  ["connection: x-forwarded-for", "x-forwarded-for: 1.2.3.4"],
  ["connection: x-forwarded-proto", "x-forwarded-proto: https"],
  ["connection: x-request-id", "x-request-id: a"],
  ["connection: :path"],
  ["connection: cookie", "cookie: a=1"],
  ["proxy-connection: close"],
  ["te: trailers"],
  ["te: gzip"],
  ["te: trailers, gzip"],
  ["te: Trailers"],
  ["te: trailers;q=0.5"],
  ["te: gzip", "te: trailers"],
  ["te:"],
  ["te: trailers", "connection: te"],
  ["te: gzip", "connection: te"],
  ["upgrade: websocket"],
  ["upgrade: websocket", "connection: upgrade"],
  ["upgrade: h2c", "connection: upgrade, http2-settings", "http2-settings: AAMAAABkAAQAAP__"],
  ["upgrade: h2c", "connection: upgrade"],
  ["upgrade: h2c, websocket", "connection: Upgrade"],
  ["upgrade: TLS/1.0", "connection: upgrade"],
  ["connection: upgrade"],
  ["http2-settings: AAMA"],
  ["trailer: x-t"],
  ["proxy-authorization: Basic x"],
  ["x_under: 1"],
  ["x-a: 1", "under_score: 2"],
  ["_: 1"],
  ["expect: 100-continue"],
  ["expect: something"],
  ["content-length: 0"],
  ["transfer-encoding: identity"],
  ["date: x", "server: y"],
  ["x-envoy-upstream-rq-timeout-ms: 5000"],
  ["x-envoy-expected-rq-timeout-ms: 5000"],
  ["x-envoy-attempt-count: 4"],
  ["x-envoy-original-path: /x"],
  [`x-long: ${"v".repeat(5000)}`],
  ["x-a: 1", "x-b: 2", "x-c: 3"],
  ["x-a: 1", "x-b: 2", "x-c: 3", "x-d: 4"],
  ["x-a: 1", "x-b: 2", "x-c: 3", "x-d: 4", "x-e: 5"],
  ["x-a: 1, 2 ,3", 'x-quoted: "a, b"'],
  ["x-high: \u00e9\u00ff"],
  ["user-agent: curl/8"],
  ["user-agent: a", "user-agent: b"],
  ["content-type: a", "content-type: b"],
];

const cases: Case[] = [
  ...[
    "plain",
    "underscores rejected",
    "underscores dropped",
    "proper case",
    "few headers",
    "small heads",
  ].flatMap((on) =>
    LINES.map((lines) => ({
      on,
      name: lines.join(" | ").slice(0, 80) || "no more",
      send: get("/", ...lines),
    })),
  ),
  ...Object.keys(variants).flatMap((on) =>
    Object.keys(scripts).map((script) => {
      return { on, name: `response ${script}`, send: get("/", `x-script: ${script}`) };
    }),
  ),
  ...["plain", "suppressed"].flatMap((on) => [
    { on, name: "POST", send: post("/", "hello") },
    {
      on,
      name: "GET with its own timeout",
      send: get("/", "x-envoy-upstream-rq-timeout-ms: 2500"),
    },
    {
      on,
      name: "GET with an expected timeout",
      send: get("/", "x-envoy-expected-rq-timeout-ms: 2500"),
    },
  ]),
];

describe("differential, headers", () => {
  compareAll({
    variants,
    scripts,
    cases,
    marks: [
      [/connection: (host|content-length)$/, "Ambiguous messages are refused"],
      [/response (six|nine) hundred$/, "Status codes are 100 to 599"],
    ],
  });
});
