import { type Case, compareAll } from "./pair/compare.ts";
import { routeTo, staticCluster } from "./pair/configuration.ts";
import { get, post, raw } from "./pair/request.ts";

const add = (key: string, value: string, action = "APPEND_IF_EXISTS_OR_ADD") => {
  return { header: { key, value }, append_action: action };
};
const reply = (status: number, text?: string) => {
  return { status, ...(text === undefined ? {} : { body: { inline_string: text } }) };
};
const at = (match: object, name: string) => ({ match, direct_response: reply(200, name) });

const matches = [
  at({ path: "/exact" }, "path"),
  at({ path: "/CASE", case_sensitive: false }, "path without case"),
  at({ path_separated_prefix: "/dir" }, "separated prefix"),
  at({ safe_regex: { regex: "/re/[a-z]+/\\d{2,3}" } }, "regex"),
  at({ prefix: "/h", headers: [{ name: "x-a", string_match: { exact: "1" } }] }, "header exact"),
  at(
    { prefix: "/h", headers: [{ name: "x-a", string_match: { prefix: "pre" } }] },
    "header prefix",
  ),
  at(
    { prefix: "/h", headers: [{ name: "x-a", range_match: { start: "10", end: "20" } }] },
    "range",
  ),
  at({ prefix: "/h", headers: [{ name: "x-b", present_match: true }] }, "header present"),
  at(
    { prefix: "/h", headers: [{ name: "x-c", string_match: { exact: "1" }, invert_match: true }] },
    "header inverted",
  ),
  at({ prefix: "/q", query_parameters: [{ name: "a", string_match: { exact: "1" } }] }, "query"),
  at({ prefix: "/q", query_parameters: [{ name: "b", present_match: true }] }, "query present"),
  at({ prefix: "/long" }, "prefix"),
  at({ prefix: "/longer" }, "never"),
];

const host = (name: string, domains: readonly string[]) => {
  return { name, domains, routes: [{ match: { prefix: "/" }, direct_response: reply(200, name) }] };
};

const mutations = {
  request_headers_to_add: [
    add("x-added", "one"),
    add("x-there", "two"),
    add("x-over", "three", "OVERWRITE_IF_EXISTS_OR_ADD"),
    add("x-absent", "four", "ADD_IF_ABSENT"),
    add("x-only", "five", "OVERWRITE_IF_EXISTS"),
    add("x-path", "%REQ(:PATH)% %PROTOCOL% %REQ(x-none)%"),
  ],
  request_headers_to_remove: ["x-gone", "content-length"],
  response_headers_to_add: [
    add("x-status", "%RESPONSE_CODE%"),
    add("x-why", "%RESPONSE_CODE_DETAILS% %RESPONSE_FLAGS%"),
    add("server", "mine", "OVERWRITE_IF_EXISTS_OR_ADD"),
  ],
  response_headers_to_remove: ["x-upstream", "date"],
};

const rewrites = [
  { match: { prefix: "/p/" }, route: { cluster: "backend", prefix_rewrite: "/" } },
  { match: { prefix: "/s" }, route: { cluster: "backend", prefix_rewrite: "/t" } },
  {
    match: { prefix: "/r" },
    route: {
      cluster: "backend",
      regex_rewrite: {
        pattern: { regex: "^/r/([^/]+)/(.*)$" },
        substitution: "/\\2/of/\\1",
      },
    },
  },
  { match: { prefix: "/lit" }, route: { cluster: "backend", host_rewrite_literal: "other.test" } },
  { match: { prefix: "/hh" }, route: { cluster: "backend", host_rewrite_header: "x-host" } },
  {
    match: { prefix: "/append" },
    route: { cluster: "backend", host_rewrite_literal: "o.test", append_x_forwarded_host: true },
  },
];

const redirects = [
  { match: { path: "/https" }, redirect: { https_redirect: true } },
  { match: { path: "/host" }, redirect: { host_redirect: "b.test" } },
  { match: { path: "/port" }, redirect: { port_redirect: 8443 } },
  { match: { path: "/path" }, redirect: { path_redirect: "/new?x=1" } },
  { match: { path: "/plain" }, redirect: { path_redirect: "/new" } },
  { match: { prefix: "/pre/" }, redirect: { prefix_rewrite: "/post/" } },
  { match: { path: "/strip" }, redirect: { strip_query: true, host_redirect: "b.test" } },
  {
    match: { path: "/308" },
    redirect: { response_code: "PERMANENT_REDIRECT", host_redirect: "b" },
  },
  { match: { path: "/303" }, redirect: { response_code: "SEE_OTHER", scheme_redirect: "https" } },
];

const direct = [200, 201, 204, 301, 302, 304, 400, 401, 403, 404, 413, 429, 500, 503].map(
  (status) => ({ match: { path: `/${status}` }, direct_response: reply(status, `body ${status}`) }),
);

const variants = {
  matches: { routes: matches },
  hosts: {
    routeConfiguration: {
      virtual_hosts: [
        host("exact", ["exact.test"]),
        host("with port", ["port.test:80"]),
        host("suffix", ["*.test"]),
        host("longer suffix", ["*.sub.test"]),
        host("prefix", ["pre.*"]),
        host("rest", ["*"]),
      ],
    },
  },
  "hosts without ports": {
    routeConfiguration: {
      ignore_port_in_host_matching: true,
      virtual_hosts: [
        host("exact", ["exact.test"]),
        host("with port", ["port.test:80"]),
        host("suffix", ["*.test"]),
        host("IPv6", ["[::1]"]),
        host("prefix", ["pre.*"]),
      ],
    },
  },
  "paths without parameters": {
    routeConfiguration: {
      ignore_path_parameters_in_path_matching: true,
      virtual_hosts: [{ name: "all", domains: ["*"], routes: matches }],
    },
  },
  "attempts told downstream": {
    routes: [
      { ...routeTo("backend"), match: { prefix: "/up" } },
      { ...routeTo("empty"), match: { prefix: "/none" } },
      at({ prefix: "/here" }, "direct"),
    ],
    virtualHost: { include_request_attempt_count: true, include_attempt_count_in_response: true },
  },
  "hosts by header": {
    routeConfiguration: {
      vhost_header: "x-tenant",
      virtual_hosts: [
        host("exact", ["exact.test"]),
        host("suffix", ["*.test"]),
        host("rest", ["*"]),
      ],
    },
  },
  mutations: {
    routes: [{ ...routeTo("backend"), ...mutations }],
    virtualHost: { request_headers_to_add: [add("x-level", "host")] },
    routeConfiguration: {},
  },
  "mutations of failures": { routes: [{ ...routeTo("empty", { timeout: "0.2s" }), ...mutations }] },
  "mutations of timeouts": {
    manager: { stream_idle_timeout: "0.3s" },
    routes: [
      { ...routeTo("backend", { timeout: "0.2s" }), ...mutations, match: { prefix: "/timeout" } },
      { ...routeTo("backend", { timeout: "0s" }), ...mutations },
    ],
  },
  "mutations of replies": {
    routes: [{ match: { prefix: "/" }, direct_response: reply(200, "hi"), ...mutations }],
  },
  rewrites: { routes: rewrites },
  redirects: { routes: redirects },
  direct: { routes: direct },
  "empty replies": {
    routes: [200, 204, 400, 503].map((status) => {
      return { match: { path: `/${status}` }, direct_response: reply(status) };
    }),
  },
  "no cluster": {
    routes: [
      {
        match: { prefix: "/404" },
        route: { cluster_header: "x-c", cluster_not_found_response_code: "NOT_FOUND" },
      },
      { match: { prefix: "/" }, route: { cluster_header: "x-c" } },
    ],
  },
  weighted: {
    routes: [
      {
        match: { prefix: "/" },
        route: {
          weighted_clusters: {
            clusters: [
              { name: "backend", weight: 1, request_headers_to_add: [add("x-w", "one")] },
              { name: "empty", weight: 0 },
            ],
          },
        },
      },
    ],
  },
};

const paths = {
  matches: [
    "/exact",
    "/exact/",
    "/exact?a",
    "/case",
    "/Case",
    "/dir",
    "/dir/",
    "/dir/a",
    "/directory",
    "/dir?a",
    "/re/ab/12",
    "/re/ab/1",
    "/re/ab/12?x",
    "/re/ab/123/",
    "/h",
    "/q?a=1",
    "/q?a=2",
    "/q?a=2&a=1",
    "/q?b",
    "/q?b=",
    "/q?c",
    "/q?a=1%20",
    "/long",
    "/longer",
    "/none",
    "/q?A=1",
    "/q?a=%31",
    "/q?x=1&a=1",
  ],
  rewrites: [
    "/p/",
    "/p/a",
    "/p/a?b=c",
    "/s",
    "/sa",
    "/s/a",
    "/s?x",
    "/r/a/b/c",
    "/r/a",
    "/r/a/b?q=1",
    "/lit",
    "/hh",
    "/append",
  ],
  redirects: [
    "/https",
    "/https?a=1",
    "/host",
    "/host?a",
    "/port",
    "/path",
    "/path?y=2",
    "/plain?y=2",
    "/pre/a/b",
    "/pre/a?b",
    "/strip?a=1",
    "/308",
    "/303",
  ],
};

const cases: Case[] = [
  ...Object.entries(paths).flatMap(([on, list]) =>
    list.map((path) => ({ on, name: path, send: get(path) })),
  ),
  ...["x-a: 1", "x-a: prefixed", "x-a: 15", "x-a: 20", "x-b: ", "x-b: y", "x-c: 1", "x-a: 1,2"].map(
    (line) => ({ on: "matches", name: `/h with ${line}`, send: get("/h", "x-c: 1", line) }),
  ),
  ...[
    "exact.test",
    "EXACT.test",
    "exact.test:80",
    "port.test:80",
    "port.test",
    "a.test",
    "a.b.test",
    "a.sub.test",
    ".test",
    "test",
    "pre.a",
    "pre.",
    "pre.test",
    "other",
    "a.test.",
  ].map((name) => ({ on: "hosts", name, send: raw("GET / HTTP/1.1", `host: ${name}`) })),
  ...["/https", "/host", "/port", "/303"].flatMap((path) =>
    ["a.test:80", "a.test:8080", "a.test:443", "[::1]:80"].map((name) => {
      const send = raw(`GET ${path} HTTP/1.1`, `host: ${name}`);
      return { on: "redirects", name: `${path} from ${name}`, send };
    }),
  ),
  ...["http", "https"].flatMap((scheme) =>
    [[], ["x-forwarded-proto: http"], ["x-forwarded-proto: https"]].map((lines) => {
      const send = raw(`GET ${scheme}://b.test/host HTTP/1.1`, "host: b.test", ...lines);
      return { on: "redirects", name: `absolute ${scheme} with ${lines}`, send };
    }),
  ),
  { on: "rewrites", name: "/hh with a host", send: get("/hh", "x-host: h.test") },
  {
    on: "mutations",
    name: "of a request",
    send: get("/a", "x-there: 1", "x-over: 1", "x-absent: 1", "x-only: 1", "x-gone: 1"),
  },
  { on: "mutations", name: "of a request with a body", send: post("/a", "hello") },
  { on: "mutations", name: "of a response", send: get("/a", "x-script: upstream") },
  { on: "mutations of failures", name: "no endpoint", send: get("/") },
  { on: "mutations of timeouts", name: "of the route", send: get("/timeout", "x-script: silence") },
  { on: "mutations of timeouts", name: "of the stream", send: get("/idle", "x-script: silence") },
  { on: "mutations of timeouts", name: "broken", send: get("/", "x-script: closes") },
  { on: "mutations of replies", name: "direct", send: get("/") },
  ...["direct", "empty replies"].flatMap((on) =>
    variants[on === "direct" ? "direct" : "empty replies"].routes.flatMap(
      ({ match: { path } }): Case[] => [
        { on, name: path, send: get(path) },
        {
          on,
          name: `${path} to HEAD`,
          send: raw(`HEAD ${path} HTTP/1.1`, "host: a"),
          methods: ["HEAD"],
        },
        { on, name: `${path} to a POST`, send: post(path, "hello") },
        {
          on,
          name: `${path} to gRPC`,
          send: post(path, "", "content-type: application/grpc"),
        },
      ],
    ),
  ),
  ...[
    "exact.test:80",
    "exact.test:x",
    "port.test:80",
    "a.test:1",
    "[::1]:80",
    "[::1]",
    "pre.a:2",
  ].map((name) => ({
    on: "hosts without ports",
    name,
    send: raw("GET / HTTP/1.1", `host: ${name}`),
  })),
  ...[
    "/exact;a=1",
    "/exact;a=1?b",
    "/exact",
    "/dir;a/b",
    "/re/ab/12;x",
    "/long;er",
    "/q;z?a=1",
  ].map((path) => ({ on: "paths without parameters", name: path, send: get(path) })),
  ...["/up", "/none", "/here"].map((path) => {
    return { on: "attempts told downstream", name: path, send: get(path) };
  }),
  ...["exact.test", "EXACT.test", "a.test", "other", "exact.test:80", ""].map((value) => {
    return { on: "hosts by header", name: `"${value}"`, send: get("/", `x-tenant: ${value}`) };
  }),
  { on: "hosts by header", name: "without it", send: get("/") },
  {
    on: "hosts by header",
    name: "with two",
    send: get("/", "x-tenant: exact.test", "x-tenant: other"),
  },
  { on: "no cluster", name: "no header", send: get("/") },
  { on: "no cluster", name: "unknown cluster", send: get("/", "x-c: none") },
  { on: "no cluster", name: "known cluster", send: get("/", "x-c: backend") },
  { on: "no cluster", name: "404", send: get("/404", "x-c: none") },
  { on: "weighted", name: "the only one with weight", send: get("/") },
];

const scripts = {
  silence: { send: "", ending: "keep" },
  closes: { send: "", ending: "close" },
  upstream: {
    send: `${raw("HTTP/1.1 200 OK", "x-upstream: 1", "server: s", "content-length: 2")}hi`,
    ending: "keep",
  },
} as const;

describe("differential, routes", () => {
  const clusters = [staticCluster("empty", [])];
  const marks = [
    [/^mutations: of a request with a body/, "A removed Content-Length comes back"],
    [/^mutations of (failures|timeouts|replies)/, "RESPONSE_CODE is known in local replies"],
    [/^direct: \/[23]04(?!.*gRPC)/, "204 and 304 have no length of their own"],
  ] as const;
  compareAll({ variants, scripts, clusters, cases, marks });
});
