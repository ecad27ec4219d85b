import { type Case, compareAll } from "./pair/compare.ts";
import { compareStatistics } from "./pair/compare-statistics.ts";
import { routeTo, staticCluster, withTrailers } from "./pair/configuration.ts";
import { chunked, found, get, post, raw, trailed } from "./pair/request.ts";

type Json = Readonly<Record<string, unknown>>;

const add = (key: string, value: string) => ({ header: { key, value } });
const SHADOW = { cluster: "backend" };
const PLAIN = { ...SHADOW, disable_shadow_host_suffix_append: true };

const mirrorTo = (...policies: readonly Json[]) => [
  routeTo("backend", { request_mirror_policies: policies }),
];
const sample = (numerator: number) => {
  const default_value = { numerator, denominator: "HUNDRED" };
  return mirrorTo({ ...SHADOW, runtime_fraction: { default_value } });
};

const variants = {
  one: { routes: mirrorTo(SHADOW) },
  several: { routes: mirrorTo(SHADOW, PLAIN, SHADOW) },
  never: { routes: sample(0) },
  always: { routes: sample(100) },
  named: { routes: mirrorTo({ cluster_header: "x-mirror" }) },
  refused: { routes: mirrorTo({ cluster: "refused" }) },
  empty: { routes: mirrorTo({ cluster: "empty" }) },
  "to no endpoint": { routes: [routeTo("empty", { request_mirror_policies: [SHADOW] })] },
  "to who refuses": { routes: [routeTo("refused", { request_mirror_policies: [SHADOW] })] },
  trailers: {
    manager: { http_protocol_options: { enable_trailers: true } },
    routes: mirrorTo(SHADOW),
  },
  suppressed: { router: { suppress_envoy_headers: true }, routes: mirrorTo(SHADOW) },
  "no timeout": {
    routes: [routeTo("backend", { timeout: "0s", request_mirror_policies: [SHADOW] })],
  },
  host: { virtualHost: { request_mirror_policies: [SHADOW] } },
  configuration: {
    routeConfiguration: {
      request_mirror_policies: [SHADOW],
      virtual_hosts: [{ name: "all", domains: ["*"], routes: [routeTo("backend")] }],
    },
  },
  "route above host": {
    virtualHost: { request_mirror_policies: [PLAIN, PLAIN] },
    routes: mirrorTo(SHADOW),
  },
  edge: { manager: { use_remote_address: true, via: "hop" }, routes: mirrorTo(SHADOW) },
  cased: {
    manager: { http_protocol_options: { header_key_format: { proper_case_words: {} } } },
    routes: mirrorTo(SHADOW),
  },
  mutations: {
    virtualHost: { include_request_attempt_count: true },
    routes: [
      {
        ...routeTo("backend", {
          request_mirror_policies: [SHADOW],
          prefix_rewrite: "/new/",
          host_rewrite_literal: "h.test",
          append_x_forwarded_host: true,
        }),
        request_headers_to_add: [
          add("x-path", "%REQ(:PATH)%"),
          add("x-who", "%UPSTREAM_CLUSTER% %UPSTREAM_HOST%"),
        ],
        request_headers_to_remove: ["x-gone"],
        response_headers_to_add: [add("x-status", "%RESPONSE_CODE%")],
      },
    ],
  },
  redirected: {
    routes: [
      {
        ...routeTo("backend", { request_mirror_policies: [PLAIN] }),
        match: { prefix: "/target" },
        request_headers_to_remove: ["x-script"],
      },
      routeTo("backend", { internal_redirect_policy: {}, request_mirror_policies: [SHADOW] }),
    ],
  },
};

/** Requests that the backend sees twice. */
const twice: Omit<Case, "on">[] = [
  { name: "GET", send: get("/a?b=c", "x-gone: 1", "x-a: 1", "x-a: 2") },
  { name: "HEAD", send: raw("HEAD / HTTP/1.1", "host: a.test"), methods: ["HEAD"] },
  { name: "POST", send: post("/", "hello") },
  { name: "POST without a byte", send: post("/", "") },
  { name: "POST without a length", send: raw("POST / HTTP/1.1", "host: a.test") },
  { name: "chunks", send: chunked("/", ["he", "llo"]) },
  { name: "no chunks", send: chunked("/", []) },
  { name: "from inside", send: get("/", "x-forwarded-for: 10.0.0.1") },
  { name: "with a timeout", send: get("/", "x-envoy-upstream-rq-timeout-ms: 4321") },
];

const HOSTS = [
  "a.test:8080",
  "127.0.0.1",
  "127.0.0.1:80",
  "[::1]",
  "[::1]:80",
  "A.Test",
  "a.test.",
];

const cases: Case[] = [
  ...[
    "one",
    "always",
    "suppressed",
    "no timeout",
    "host",
    "configuration",
    "route above host",
    "edge",
    "cased",
    "mutations",
  ].flatMap((on) => twice.map((each) => ({ on, ...each, seenCount: 2 }))),
  ...HOSTS.map((host) => {
    const send = raw("GET / HTTP/1.1", `host: ${host}`);
    return { on: "one", name: `to ${host}`, send, seenCount: 2 };
  }),
  ...twice.map((each) => ({ on: "several", ...each, seenCount: 4 })),
  { on: "never", name: "GET", send: get("/"), seenCount: 1 },
  { on: "never", name: "POST", send: post("/", "hello"), seenCount: 1 },
  { on: "named", name: "by no header", send: get("/"), seenCount: 1 },
  { on: "named", name: "by a header", send: get("/", "x-mirror: backend"), seenCount: 2 },
  { on: "named", name: "by an empty header", send: get("/", "x-mirror:"), seenCount: 1 },
  { on: "named", name: "unknown", send: get("/", "x-mirror: nobody"), seenCount: 1 },
  ...["refused", "empty"].flatMap((on) => [
    { on, name: "GET", send: get("/"), seenCount: 1 },
    { on, name: "POST", send: post("/", "hello"), seenCount: 1 },
  ]),
  { on: "to no endpoint", name: "GET", send: get("/"), seenCount: 0 },
  { on: "to no endpoint", name: "POST", send: post("/", "hello"), seenCount: 0 },
  { on: "to who refuses", name: "GET", send: get("/"), seenCount: 1 },
  { on: "trailers", name: "are mirrored", send: trailed("/", ["hello"]), seenCount: 2 },
  { on: "trailers", name: "alone are mirrored", send: trailed("/", []), seenCount: 2 },
  ...[
    { name: "GET", send: get("/", "x-script: found") },
    { name: "POST", send: post("/", "hello", "x-script: found") },
    { name: "chunks", send: chunked("/", ["he", "llo"], "x-script: found") },
  ].map((each) => ({ on: "redirected", ...each, seenCount: 4 })),
  ...["malformed", "moved", "failed"].map((name) => {
    return { on: "one", name, send: get("/", `x-script: ${name}`), seenCount: 2 };
  }),
];

const scripts = {
  malformed: { send: "nonsense\r\n\r\n", ending: "close" },
  found: found("http://a.test/target"),
  moved: found("http://a.test/moved"),
  failed: { send: raw("HTTP/1.1 500 Failed", "content-length: 0"), ending: "keep" },
} as const;

const setup = {
  variants,
  scripts,
  cases,
  clusters: [staticCluster("refused", [1]), staticCluster("empty", [])],
  backend: withTrailers,
};

describe("differential, mirrors", () => {
  compareAll(setup);
});

describe("differential, statistics of mirrors", () => {
  // How many connections there are is a matter of who is answered first.
  const ignored = /\.upstream_(cx_|rq_pending_total)/;
  // Envoy counts a reset when its reply comes before it has read the body.
  const counted = cases.filter(({ on, name }) => on !== "to no endpoint" || name !== "POST");
  compareStatistics({ ...setup, cases: counted, ignored, leastCount: 100 });
});
