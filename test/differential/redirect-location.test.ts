import { type Case, compareAll } from "./pair/compare.ts";
import { compareStatistics } from "./pair/compare-statistics.ts";
import { routeTo } from "./pair/configuration.ts";
import { found, get } from "./pair/request.ts";

/** What the upstream's redirect has for a Location, by what is special about it. */
const LOCATIONS = {
  plain: "http://a.test/target",
  query: "http://a.test/target?x=1&y=2",
  "no path": "http://a.test",
  "slash alone": "http://a.test/",
  "query without path": "http://a.test?x=1",
  fragment: "http://a.test/target#part",
  "query and fragment": "http://a.test/target?x=1#part?y#z",
  "fragment behind the host": "http://a.test#part",
  port: "http://a.test:8080/target",
  "plain port": "http://a.test:80/target",
  "port 0": "http://a.test:0/target",
  "greatest port": "http://a.test:65535/target",
  "port too great": "http://a.test:65536/target",
  "odd port": "http://a.test:8o/target",
  "empty port": "http://a.test:/target",
  "two ports": "http://a.test:1:2/target",
  user: "http://user@a.test/target",
  "user and password": "http://user:secret@a.test/target",
  "empty user": "http://@a.test/target",
  "two users": "http://a@b@a.test/target",
  "odd user": "http://a[b@a.test/target",
  "user without host": "http://user@/target",
  https: "https://a.test/target",
  "upper case": "HTTP://A.TEST/target",
  ftp: "ftp://a.test/target",
  mailto: "mailto:a@a.test",
  "one slash": "http:/a.test/target",
  "no slashes": "http:a.test/target",
  "digit in the scheme": "h2://a.test/target",
  "digit before the scheme": "2h://a.test/target",
  "marks in the scheme": "a+b-c.d://a.test/target",
  "odd scheme": "a_b://a.test/target",
  "no scheme": "://a.test/target",
  "scheme alone": "http://",
  relative: "/target",
  "relative without slash": "target",
  "relative to the scheme": "//a.test/target",
  "no host": "http:///target",
  v6: "http://[::1]/target",
  "v6 with port": "http://[::1]:80/target",
  "v6 with odd end": "http://[::1]x/target",
  "v6 without end": "http://[::1/target",
  "odd v6": "http://[zz]/target",
  "short v6": "http://[1:2]/target",
  "empty v6": "http://[]/target",
  v4: "http://127.0.0.1/target",
  underscore: "http://a_b.test/target",
  "host with a space": "http://a b.test/target",
  "host with a bracket": "http://a<b.test/target",
  "host with an escape": "http://a%20b.test/target",
  "trailing dot": "http://a.test./target",
  space: "http://a.test/target here",
  "space in the query": "http://a.test/target?a b",
  "space in the fragment": "http://a.test/target#a b",
  tab: "http://a.test/target\there",
  "high byte": "http://a.test/target\xe4",
  delete: "http://a.test/target\x7f",
  quotes: 'http://a.test/target"<>{}|\\^`',
  dots: "http://a.test/x/../target",
  "escaped dots": "http://a.test/x/%2e%2e/target",
  "too many dots": "http://a.test/../../target",
  slashes: "http://a.test//target",
  "escaped slash": "http://a.test/target%2Fx",
  star: "http://a.test/*",
  "no route": "http://b.test/target",
  empty: "",
} as const;

const target = {
  ...routeTo("backend", {}, { match: { prefix: "/target" } }),
  request_headers_to_remove: ["x-script"],
};
const follow = (policy: object) => routeTo("backend", { internal_redirect_policy: policy });

const hosts = (...routes: readonly object[]) => ({
  virtual_hosts: [
    { name: "b", domains: ["b.test"], routes: [{ ...target, match: { path: "/never" } }] },
    { name: "all", domains: ["*"], routes },
  ],
});

const escaped = (action: string) => ({
  manager: { path_with_escaped_slashes_action: action },
  routeConfiguration: hosts(target, follow({})),
});

const variants = {
  plain: { routeConfiguration: hosts(target, follow({})) },
  cross: { routeConfiguration: hosts(target, follow({ allow_cross_scheme_redirect: true })) },
  tidy: {
    manager: { normalize_path: true, merge_slashes: true, strip_any_host_port: true },
    routeConfiguration: hosts(target, follow({})),
  },
  "tidy host": {
    manager: { strip_matching_host_port: true, strip_trailing_host_dot: true },
    routeConfiguration: hosts(target, follow({})),
    isOnFixedPort: true,
  },
  reject: escaped("REJECT_REQUEST"),
  unescape: escaped("UNESCAPE_AND_FORWARD"),
  send: escaped("UNESCAPE_AND_REDIRECT"),
};

const cases: Case[] = [
  ...["plain", "cross", "tidy"].flatMap((on) =>
    Object.keys(LOCATIONS).map((name) => ({ on, name, send: get("/", `x-script: ${name}`) })),
  ),
  ...["plain", "trailing dot", "port"].map((name) => {
    return { on: "tidy host", name, send: get("/", `x-script: ${name}`) };
  }),
  ...["reject", "unescape", "send"].flatMap((on) =>
    ["escaped slash", "plain"].map((name) => ({ on, name, send: get("/", `x-script: ${name}`) })),
  ),
  // What the client says of the scheme decides neither what is safe nor what the URL was.
  ...["plain", "cross"].flatMap((on) =>
    ["plain", "https"].flatMap((name) =>
      ["http", "https"].map((scheme) => {
        const send = get("/", `x-script: ${name}`, `x-forwarded-proto: ${scheme}`);
        return { on, name: `${name}, as ${scheme}`, send };
      }),
    ),
  ),
  { on: "plain", name: "none", send: get("/", "x-script: none") },
  { on: "plain", name: "two", send: get("/", "x-script: two") },
];

const scripts = {
  ...Object.fromEntries(Object.entries(LOCATIONS).map(([name, url]) => [name, found(url)])),
  none: found(undefined),
  two: found(LOCATIONS.plain, `location: ${LOCATIONS.query}`),
};

const marks = [
  [/^cross: (ftp|(digit|marks) in the scheme)/, "Redirects are followed to http and https alone"],
  [/: two$/, "Of two locations none is followed"],
] as const;

describe("differential, locations of internal redirects", () => {
  compareAll({ variants, scripts, cases, marks });
});

describe("differential, statistics of locations", () => {
  // Envoy takes another connection for the request while it reads the end of the redirect.
  const ignored = /\.upstream_(cx_|rq_pending_total)/;
  compareStatistics({ variants, scripts, cases, marks, ignored, leastCount: 60 });
});
