import assert from "node:assert/strict";
import { assertDocumented, type Case, compareAll } from "./pair/compare.ts";
import { compareStatistics } from "./pair/compare-statistics.ts";
import { routeTo, staticCluster, withTrailers } from "./pair/configuration.ts";
import { startPair } from "./pair/pair.ts";
import { chunked, found, get, post, raw, trailed } from "./pair/request.ts";

type Json = Readonly<Record<string, unknown>>;

const EXTENSION = "type.googleapis.com/envoy.extensions.internal_redirect";
const TARGET = "http://a.test/target";
const ALL = { redirect_response_codes: [301, 302, 303, 307, 308] };

const add = (key: string, value: string) => ({ header: { key, value } });
const predicate = (name: string, more: object = {}) => ({
  name,
  typed_config: { "@type": `${EXTENSION}.${name}`, ...more },
});
const PREVIOUS = { predicates: [predicate("previous_routes.v3.PreviousRoutesConfig")] };
const SAFE = {
  allow_cross_scheme_redirect: true,
  predicates: [predicate("safe_cross_scheme.v3.SafeCrossSchemeConfig")],
};
const allow = (...names: string[]) => ({
  predicates: [
    predicate("allow_listed_routes.v3.AllowListedRoutesConfig", { allowed_route_names: names }),
  ],
});

/** The route at the end of a redirect: it does not ask the backend for another. */
const target = {
  ...routeTo("backend", {}, { name: "target", match: { prefix: "/target" } }),
  request_headers_to_remove: ["x-script"],
};
/** A route from which redirects are followed, whatever the path. */
const follow = (policy: Json, more: Json = {}) =>
  routeTo("backend", { internal_redirect_policy: policy }, more);
/** The same at `/name`; each redirect says what the backend is to do at the next place. */
const step = (name: string, policy: Json = {}, more: Json = {}) => {
  const steps = { max_internal_redirects: 9, response_headers_to_copy: ["x-script"] };
  return follow({ ...steps, ...policy }, { name, match: { prefix: `/${name}` }, ...more });
};

/** Ways through routes of one letter: what the backend does for `a-b-c` at `/a`. */
const WAYS = [
  "a-a-a",
  "a-b",
  "a-c",
  "b-a",
  "c-a",
  "a-b-a-c",
  "a-b-a-b",
  "a-b-c-b-c",
  "a-d",
  "d-d-d",
];

const variants = {
  all: { routes: [target, follow(ALL)] },
  default: { routes: [target, follow({})] },
  trailers: {
    manager: { http_protocol_options: { enable_trailers: true } },
    routes: [target, follow(ALL)],
  },
  limit: {
    virtualHost: { per_request_buffer_limit_bytes: 4 },
    routes: [
      target,
      follow(ALL, { match: { prefix: "/more" }, per_request_buffer_limit_bytes: 100 }),
      follow(ALL),
    ],
  },
  limits: { routes: [step("a"), step("b", {}, { per_request_buffer_limit_bytes: 3 }), step("c")] },
  "max 0": { routes: [target, follow({ max_internal_redirects: 0 })] },
  "max 3": { routes: [follow({ max_internal_redirects: 3 })] },
  previous: {
    routes: [
      step("a", PREVIOUS),
      step("b", PREVIOUS),
      step("c"),
      { ...step("d", PREVIOUS), name: "" },
    ],
  },
  allowed: {
    routes: [target, step("a", allow("target", "b")), step("b", allow("no")), step("c", allow())],
  },
  safe: { routes: [target, follow(SAFE)] },
  copy: {
    routes: [
      {
        ...target,
        match: { prefix: "/target", headers: [{ name: "x-copied", present_match: true }] },
      },
      follow({ response_headers_to_copy: ["X-Copied", "set-cookie", "x-script"] }),
    ],
  },
  kinds: {
    routes: [
      {
        match: { path: "/direct" },
        direct_response: { status: 200, body: { inline_string: "hi" } },
      },
      { match: { path: "/moved" }, redirect: { path_redirect: "/new" } },
      { match: { path: "/empty" }, route: { cluster: "empty" } },
      { match: { path: "/refused" }, route: { cluster: "refused" } },
      { match: { path: "/unknown" }, route: { cluster_header: "x-cluster" } },
      follow({}),
    ],
  },
  tls: {
    routeConfiguration: {
      virtual_hosts: [
        { name: "tls", domains: ["tls.test"], require_tls: "ALL", routes: [target] },
        { name: "all", domains: ["*"], routes: [step("a"), step("b", allow("target"))] },
      ],
    },
  },
  mutations: {
    virtualHost: {
      include_request_attempt_count: true,
      request_headers_to_add: [add("x-level", "host")],
    },
    routes: [
      { ...target, request_headers_to_add: [add("x-hop", "target"), add("x-to", "%REQ(:PATH)%")] },
      {
        match: { prefix: "/a" },
        route: {
          cluster: "backend",
          prefix_rewrite: "/rewritten",
          host_rewrite_literal: "h.test",
          internal_redirect_policy: {},
        },
        request_headers_to_add: [add("x-hop", "a")],
        response_headers_to_add: [add("x-never", "1")],
      },
    ],
  },
  "two requests": {
    manager: { common_http_protocol_options: { max_requests_per_connection: 2 } },
    routes: [target, follow({})],
  },
  "three requests": {
    manager: { common_http_protocol_options: { max_requests_per_connection: 3 } },
    routes: [target, follow({})],
  },
  continue: { manager: { proxy_100_continue: true }, routes: [target, follow({})] },
  suppressed: { router: { suppress_envoy_headers: true }, routes: [target, follow({})] },
  old: {
    manager: { http_protocol_options: { accept_http_10: true } },
    routes: [target, follow({})],
  },
  edge: {
    manager: { use_remote_address: true, via: "hop" },
    routes: [target, follow({})],
  },
};

const HELLO = "hello";
const methods = (status: string): Pick<Case, "name" | "send" | "methods">[] => {
  const script = `x-script: ${status}`;
  const bare = (method: string) => raw(`${method} / HTTP/1.1`, "host: a.test", script);
  return [
    { name: `${status} to GET`, send: get("/", script) },
    { name: `${status} to HEAD`, send: bare("HEAD"), methods: ["HEAD"] },
    { name: `${status} to POST`, send: post("/", HELLO, script) },
    { name: `${status} to POST without a byte`, send: post("/", "", script) },
    { name: `${status} to POST without a length`, send: bare("POST") },
    { name: `${status} to chunks`, send: chunked("/", ["he", "llo"], script) },
    { name: `${status} to no chunks`, send: chunked("/", [], script) },
    { name: `${status} to DELETE`, send: bare("DELETE") },
    { name: `${status} to PUT`, send: post("/", HELLO, script).replace("POST", "PUT") },
  ];
};

const cases: Case[] = [
  ...["all", "default"].flatMap((on) =>
    ["301", "302", "303", "307", "308"].flatMap(methods).map((each) => ({ on, ...each })),
  ),
  ...["300", "304", "body", "chunks", "until close", "close", "cut off", "interim"].flatMap(
    (name) => methods(name).map((each) => ({ on: "default", ...each })),
  ),
  ...["302", "303"].flatMap((status): Case[] => [
    { on: "trailers", name: `${status} with`, send: trailed("/", [HELLO], `x-script: ${status}`) },
    { on: "trailers", name: `${status} alone`, send: trailed("/", [], `x-script: ${status}`) },
  ]),
  ...["/", "/more"].flatMap((path) =>
    ["302", "303"].flatMap((status): Case[] => {
      const script = `x-script: ${status}`;
      return [
        { on: "limit", name: `${status} at ${path}`, send: post(path, "1234", script) },
        { on: "limit", name: `${status} above ${path}`, send: post(path, "12345", script) },
        {
          on: "limit",
          name: `${status} in two ${path}`,
          send: chunked(path, ["123", "45"], script),
        },
        { on: "limit", name: `${status} of nothing ${path}`, send: get(path, script) },
      ];
    }),
  ),
  { on: "limits", name: "smaller later", send: post("/a", HELLO, "x-script: a-b-c") },
  { on: "limits", name: "within", send: post("/a", "123", "x-script: a-b-c") },
  ...["max 0", "max 3"].flatMap((on) => [
    { on, name: "a loop", send: get("/target", "x-script: 302") },
    { on, name: "a loop with a body", send: post("/a", HELLO, "x-script: 302") },
  ]),
  ...["previous", "allowed"].flatMap((on) =>
    WAYS.map((name) => ({ on, name, send: get(`/${name[0]}`, `x-script: ${name}`) })),
  ),
  { on: "allowed", name: "to a route that is listed", send: get("/a", "x-script: target") },
  { on: "allowed", name: "to a route that is not", send: get("/b", "x-script: target") },
  { on: "safe", name: "to https", send: get("/", "x-script: https") },
  { on: "safe", name: "to http", send: get("/", "x-script: 302") },
  ...["copied", "302"].map((name) => {
    return { on: "copy", name, send: get("/", `x-script: ${name}`, "x-copied: old", "cookie: c") };
  }),
  ...["direct", "moved", "empty", "refused", "unknown"].flatMap((name): Case[] => [
    { on: "kinds", name, send: get("/", `x-script: ${name}`) },
    { on: "kinds", name: `${name} with a body`, send: post("/", HELLO, `x-script: ${name}`) },
  ]),
  ...["a", "b"].flatMap((path) =>
    ["http", "https"].map((scheme) => {
      const send = get(`/${path}`, "x-script: tls", `x-forwarded-proto: ${scheme}`);
      return { on: "tls", name: `${path} as ${scheme}`, send };
    }),
  ),
  { on: "mutations", name: "of both routes", send: get("/a/b?c", "x-script: 302") },
  ...["two requests", "three requests", "suppressed", "edge"].map((on) => {
    return { on, name: "GET", send: get("/", "x-script: 302") };
  }),
  {
    on: "edge",
    name: "from somewhere",
    send: get("/", "x-script: 302", "x-forwarded-for: 1.2.3.4"),
  },
  ...["continue", "default"].map((on) => {
    return {
      on,
      name: "expected",
      send: post("/", HELLO, "x-script: 302", "expect: 100-continue"),
    };
  }),
  {
    on: "default",
    name: "a body that waits",
    send: [
      `${post("/", "", "x-script: 302", "expect: 100-continue").replace(": 0", ": 5")}`,
      HELLO,
    ],
  },
  { on: "default", name: "close", send: get("/", "x-script: 302", "connection: close") },
  { on: "default", name: "teapot", send: get("/", "x-script: teapot") },
  { on: "old", name: "HTTP/1.0", send: raw("GET / HTTP/1.0", "host: a.test", "x-script: 302") },
  {
    on: "old",
    name: "HTTP/1.0 that stays",
    send: raw("GET / HTTP/1.0", "host: a.test", "x-script: 302", "connection: keep-alive"),
  },
  {
    on: "default",
    name: "before the request is whole",
    send: raw("POST / HTTP/1.1", "host: a.test", "content-length: 10", "x-script: early") + HELLO,
  },
  {
    on: "default",
    name: "in a pipeline",
    send: [get("/"), post("/", HELLO), get("/"), chunked("/", [HELLO])]
      .map((each) => each.replace("host: a.test", "host: a.test\r\nx-script: 302"))
      .concat(get("/target"))
      .join(""),
    methods: ["GET", "POST", "GET", "POST", "GET"],
  },
];

/** What the backend does on each step of a way: `a-b-c` leads to b and says `b-c`. */
const steps = (way: string): [string, ReturnType<typeof found>][] => {
  const [, next, ...rest] = way.split("-");
  if (next === undefined) return [];
  const after = rest.length === 0 ? "x-script: end" : `x-script: ${[next, ...rest].join("-")}`;
  return [[way, found(`http://a.test/${next}`, after)], ...steps([next, ...rest].join("-"))];
};

const moved = (status: number, ...lines: string[]) =>
  raw(`HTTP/1.1 ${status} Moved`, `location: ${TARGET}`, ...lines);

const scripts = {
  ...Object.fromEntries(WAYS.flatMap(steps)),
  ...Object.fromEntries(
    [300, 301, 302, 303, 307, 308].map((status) => {
      return [`${status}`, { send: moved(status, "content-length: 0"), ending: "keep" }] as const;
    }),
  ),
  ...Object.fromEntries(
    ["direct", "moved", "empty", "refused", "unknown", "target"].map((name) => {
      return [name, found(`http://a.test/${name}`)];
    }),
  ),
  "304": { send: moved(304), ending: "keep" },
  tls: found("http://tls.test/target"),
  https: found("https://a.test/target"),
  copied: found(TARGET, "x-copied: one", "x-copied: two", "set-cookie: a=1", "set-cookie: b=2"),
  body: { send: `${moved(302, "content-length: 2")}hi`, ending: "keep" },
  chunks: {
    send: `${moved(302, "transfer-encoding: chunked")}2\r\nhi\r\n0\r\nx-t: 1\r\n\r\n`,
    ending: "keep",
  },
  "until close": { send: `${moved(302)}hi`, ending: "close" },
  close: { send: moved(302, "content-length: 0", "connection: close"), ending: "close" },
  "cut off": { send: `${moved(302, "content-length: 20")}hi`, ending: "close" },
  interim: {
    send: raw("HTTP/1.1 103 Early Hints", "link: </a>") + moved(302, "content-length: 0"),
    ending: "keep",
  },
  early: { isEarly: true, send: moved(302, "content-length: 0"), ending: "keep" },
  teapot: { send: raw("HTTP/1.1 418 Teapot", "location: /", "content-length: 0"), ending: "keep" },
} as const;

const setup = {
  variants,
  scripts,
  cases,
  clusters: [staticCluster("refused", [1]), staticCluster("empty", [])],
  backend: withTrailers,
  marks: [
    [/^trailers: 302/, "Trailers go where a redirect leads"],
    [/^default: interim/, "Interim responses are passed on"],
    [/^default: expected/, "100 Continue is not sent to who does not wait"],
    [/^old: HTTP\/1.0 that stays/, "HTTP/1.0 stays open behind a redirect"],
  ],
} as const;

describe("differential, internal redirects", () => {
  const logFormat =
    "%REQ(:METHOD)% %REQ(:AUTHORITY)% %REQ(:PATH)% %REQ(X-ENVOY-ORIGINAL-URL)% %RESPONSE_CODE% " +
    "%RESPONSE_CODE_DETAILS% %RESPONSE_FLAGS% %RESP(LOCATION)% %PROTOCOL%";
  compareAll({ ...setup, logFormat });
});

describe("differential, statistics of internal redirects", () => {
  // Envoy takes another connection for the request while it reads the end of the redirect.
  const ignored = /\.upstream_(cx_|rq_pending_total)/;
  // Envoy counts its own 100 Continue as a response, and a response that came early as a reset.
  const counted = cases.filter(({ name }) => !/that waits|before/.test(name));
  compareStatistics({ ...setup, cases: counted, ignored, leastCount: 150 });
});

describe("differential, log lines of internal redirects", () => {
  it("default: they tell of one request in different ways", async function () {
    const logFormat = "%RESPONSE_CODE_DETAILS% %ROUTE_NAME% %BYTES_RECEIVED%";
    const pair = await startPair(this, { ...setup, logFormat });
    const pieces = [post("/", HELLO, "x-script: 302")];
    await pair.run("default", { pieces, isProbed: false });
    const { envoy, ours } = await pair.readLogs("default");
    await pair.stop();
    assert.deepEqual(envoy, ["internal_redirect target 5", "via_upstream target 10"]);
    assert.deepEqual(ours, ["internal_redirect - 5", "via_upstream target 5"]);
    assertDocumented("A redirect is logged under the route that asked for it");
    assertDocumented("A body that is sent again was received once");
  });
});
