import { type Case, compareAll } from "./pair/compare.ts";
import { routeTo, staticCluster } from "./pair/configuration.ts";
import { get, raw } from "./pair/request.ts";

const T = "x-envoy-upstream-rq-timeout-ms";
const P = "x-envoy-upstream-rq-per-try-timeout-ms";
const E = "x-envoy-expected-rq-timeout-ms";
const D = "x-envoy-upstream-stream-duration-ms";
const H = "x-envoy-hedge-on-per-try-timeout";
const ALT = "x-envoy-upstream-rq-timeout-alt-response";
const M = "x-envoy-max-retries";
const R = "x-envoy-retry-on";
const G = "x-envoy-retry-grpc-on";

/** Who may steer is told by X-Forwarded-For. */
const FROM_INSIDE = "x-forwarded-for: 10.0.0.1";
const SILENCE = "x-script: silence";

const scripts = {
  error: { send: raw("HTTP/1.1 500 Internal Server Error", "content-length: 0"), ending: "keep" },
  silence: { send: "", ending: "keep" },
  "early silence": { send: "", ending: "keep", isEarly: true },
  "silence in the body": {
    send: `${raw("HTTP/1.1 200 OK", "content-length: 10")}hi`,
    ending: "keep",
  },
} as const;

const LOG_FORMAT =
  "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% " +
  "attempts %UPSTREAM_REQUEST_ATTEMPT_COUNT% told %REQ(X-ENVOY-EXPECTED-RQ-TIMEOUT-MS)% " +
  "client %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%";

const NO_RETRIES = "Nothing is retried because of a request header";

const manager = {
  internal_address_config: { cidr_ranges: [{ address_prefix: "10.0.0.0", prefix_len: 8 }] },
};

const TYPES = "type.googleapis.com/envoy.extensions.filters.http";
const overwrite = (key: string, value: string) => {
  return { header: { key, value }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" };
};

/** A filter in front of the router says how long a request may take. */
const filters = [
  {
    name: "mutation",
    typed_config: {
      "@type": `${TYPES}.header_mutation.v3.HeaderMutation`,
      mutations: { request_mutations: [{ append: overwrite(T, "%REQ(X-MS)%") }] },
    },
  },
  { name: "router", typed_config: { "@type": `${TYPES}.router.v3.Router` } },
];

const STEERING = [T, P, E, D, H, ALT, M, R, G, "x-envoy-upstream-alt-stat-name"];

const variants = {
  plain: { manager },
  "short timeout": { manager, routes: [routeTo("backend", { timeout: "0.2s" })] },
  "no timeout": { manager, routes: [routeTo("backend", { timeout: "0s" })] },
  respecting: { manager, router: { respect_expected_rq_timeout: true } },
  suppressed: { manager, router: { suppress_envoy_headers: true } },
  "long stream": {
    manager,
    routes: [routeTo("backend", { max_stream_duration: { max_stream_duration: "2s" } })],
  },
  "empty limits": { manager, routes: [routeTo("backend", { max_stream_duration: {} })] },
  added: {
    manager,
    virtualHost: { request_headers_to_add: STEERING.map((name) => overwrite(name, "7000")) },
  },
  removed: { manager, virtualHost: { request_headers_to_remove: [E] } },
  filtered: { manager: { http_filters: filters } },
  strict: {
    manager,
    routes: [
      { match: { path: "/direct" }, direct_response: { status: 200 } },
      { ...routeTo("empty"), match: { path: "/empty" } },
      routeTo("backend"),
    ],
    router: { strict_check_headers: [G, R, M, P, T] },
  },
};

/** A request from inside with these headers. */
const steered = (on: string, ...lines: string[]): Case => {
  return { on, name: lines.join(" and "), send: get("/", FROM_INSIDE, ...lines) };
};

/** Long enough for a busy machine, where they are times at all. */
const TIMES = ["0", "4321", "60000", "-1", "+5000", "0070000", "abc", "", "1.5", "0x10", "1 2"];
const LARGE = ["2147483647", "2147483648", "9223372036854775807", "9223372036854775808"];

const times: Case[] = [
  ...["plain", "no timeout", "respecting", "suppressed", "long stream", "empty limits"].flatMap(
    (on) => [
      { on, name: "nothing", send: get("/", FROM_INSIDE) },
      steered(on, `${T}: 7700`),
      steered(on, `${T}: 7700`, `${T}: 7800`),
      steered(on, `${P}: 6000`),
      steered(on, `${P}: 15000`),
      steered(on, `${P}: 14999`),
      steered(on, `${T}: 5000`, `${P}: 5000`),
      steered(on, `${T}: 5000`, `${P}: 4999`),
      steered(on, `${T}: 0`, `${P}: 20000`),
      steered(on, `${P}: 9000`, `${H}: true`),
      steered(on, `${P}: 9000`, `${H}: TRUE`),
      steered(on, `${E}: 7700`),
      steered(on, `${E}: 7700`, `${T}: 5000`),
      steered(on, `${E}: abc`),
      steered(on, `${E}: 0`),
      steered(on, `${E}: 7700`, `${P}: 6000`),
      steered(on, `${E}: 7700`, `${P}: 8000`),
      steered(on, `${D}: 5000`),
      steered(on, `${ALT}: 1`),
      steered(on, ...STEERING.map((name) => `${name}: 5000`)),
      {
        on,
        name: "all of them, from outside",
        send: get("/", ...STEERING.map((name) => `${name}: 5000`)),
      },
    ],
  ),
  ...[...TIMES, ...LARGE, "18446744073709551615", "18446744073709551616"].flatMap((value) => [
    steered("plain", `${T}: ${value}`),
    steered("no timeout", `${P}: ${value}`),
    steered("respecting", `${E}: ${value}`),
    steered("plain", `${D}: ${value}`),
  ]),
  { on: "added", name: "headers of the route", send: get("/", FROM_INSIDE) },
  { on: "removed", name: "headers of the route", send: get("/", FROM_INSIDE, `${T}: 7700`) },
];

const expiries: Case[] = [
  steered("plain", `${T}: 100`, SILENCE),
  steered("plain", `${T}: 100`, `${ALT}: 1`, SILENCE),
  steered("plain", `${T}: 100`, `${ALT}:`, SILENCE),
  steered("plain", `${P}: 100`, SILENCE),
  steered("plain", `${P}: 100`, `${ALT}: 1`, SILENCE),
  steered("plain", `${P}: 100`, `${T}: 300`, `${H}: true`, SILENCE),
  steered("plain", `${D}: 100`, SILENCE),
  steered("plain", `${D}: 100`, `${ALT}: 1`, SILENCE),
  steered("plain", `${T}: 600`, `${P}: 400`, "x-script: silence in the body"),
  steered("plain", `${D}: 400`, "x-script: silence in the body"),
  steered("no timeout", `${P}: 100`, SILENCE),
  steered("short timeout", `${T}: 1000`, `${P}: 400`, SILENCE),
  steered("respecting", `${E}: 100`, SILENCE),
  steered("long stream", `${T}: 100`, SILENCE),
  {
    on: "short timeout",
    name: "from outside the route's holds",
    send: get("/", `${T}: 10000`, SILENCE),
  },
  { on: "filtered", name: "a filter says 100 ms", send: get("/", "x-ms: 100", SILENCE) },
  {
    name: "a gRPC call, 204",
    send: raw(
      "POST /s/m HTTP/1.1",
      "host: a.test",
      "content-length: 0",
      "content-type: application/grpc",
      FROM_INSIDE,
      `${T}: 100`,
      `${ALT}: 1`,
      SILENCE,
    ),
  },
  {
    name: "a gRPC call, duration",
    send: raw(
      "POST /s/m HTTP/1.1",
      "host: a.test",
      "content-length: 0",
      "content-type: application/grpc",
      FROM_INSIDE,
      `${D}: 100`,
      SILENCE,
    ),
  },
  {
    name: "half a request, duration",
    send: raw(
      "POST / HTTP/1.1",
      "host: a.test",
      "content-length: 10",
      FROM_INSIDE,
      `${D}: 100`,
      "x-script: early silence",
    ),
  },
  {
    name: "HEAD, 204",
    send: raw("HEAD / HTTP/1.1", "host: a.test", FROM_INSIDE, `${T}: 100`, `${ALT}: 1`, SILENCE),
    methods: ["HEAD"],
  },
];

const LISTS = ["5xx", "5xx,,reset", "5xx , reset", "5XX", "5xx;reset", "", ",", "cancelled", "foo"];
const GRPC_LISTS = ["cancelled", "internal,unavailable", "unknown", "CANCELLED", "5xx", ""];

const checks: Case[] = [
  ...[T, P, M].flatMap((name) =>
    ["5000", "+5000", "-1", "-0", "", "x", "4294967296", "18446744073709551616"].map((value) =>
      steered("strict", `${name}: ${value}`),
    ),
  ),
  ...LISTS.map((value) => steered("strict", `${R}: ${value}`)),
  ...GRPC_LISTS.map((value) => steered("strict", `${G}: ${value}`)),
  steered("strict", `${R}: 5xx`, `${R}: foo`, `${R}: reset`),
  steered("strict", `${P}: 1`, `${P}: 2`),
  ...[T, P, M, R, G].map((_, from, all) =>
    steered("strict", ...all.slice(from).map((name) => `${name}: bad`)),
  ),
  { on: "strict", name: "from outside", send: get("/", `${T}: bad`) },
  { on: "strict", name: "a direct response", send: get("/direct", FROM_INSIDE, `${T}: bad`) },
  { on: "strict", name: "no endpoint", send: get("/empty", FROM_INSIDE, `${T}: bad`) },
  {
    on: "strict",
    name: "gRPC",
    send: raw(
      "POST /s/m HTTP/1.1",
      "host: a.test",
      "content-length: 0",
      "content-type: application/grpc",
      FROM_INSIDE,
      `${T}: bad`,
    ),
  },
  {
    on: "strict",
    name: "HEAD",
    send: raw("HEAD / HTTP/1.1", "host: a.test", FROM_INSIDE, `${T}: bad`),
    methods: ["HEAD"],
  },
];

/** What needs retries. */
const retries: Case[] = [
  steered("plain", `${R}: 5xx`, "x-script: error"),
  steered("plain", `${R}: 5xx`, `${M}: 2`, "x-script: error"),
  steered("plain", `${R}: 5xx`, `${M}: 0`, "x-script: error"),
  { name: "retries from outside", send: get("/", `${R}: 5xx`, "x-script: error") },
];

describe("differential, how long a request may take", () => {
  compareAll({
    variants,
    scripts,
    clusters: [staticCluster("empty", [])],
    logFormat: LOG_FORMAT,
    cases: [...times, ...expiries, ...checks, ...retries],
    marks: [
      [/^plain: x-envoy-retry-on: 5xx and( x-envoy-max-retries: 2 and)? x-script/, NO_RETRIES],
    ],
    logMarks: [[/ 500 /, NO_RETRIES]],
  });
});
