import { compareStatistics } from "./pair/compare-statistics.ts";
import { routeTo, staticCluster } from "./pair/configuration.ts";
import { get, post, raw } from "./pair/request.ts";

const variants = {
  all: {
    routes: [
      { match: { path: "/direct" }, direct_response: { status: 403 } },
      { match: { path: "/redirect" }, redirect: { path_redirect: "/" } },
      { ...routeTo("refused"), match: { path: "/refused" } },
      { ...routeTo("empty"), match: { path: "/empty" } },
      { ...routeTo("backend", { timeout: "0.1s" }), match: { path: "/slow" } },
      { ...routeTo("backend"), match: { path: "/" } },
    ],
  },
};

const scripts = {
  silence: { send: "", ending: "keep" },
  error: { send: raw("HTTP/1.1 500 Internal Server Error", "content-length: 0"), ending: "keep" },
  closes: { send: "", ending: "close" },
} as const;

/** What is sent before the statistics are read. */
const PIECES = [
  get("/"),
  get("/"),
  post("/", "hello"),
  get("/", "x-script: error"),
  get("/direct"),
  get("/redirect"),
  get("/nowhere"),
  get("/refused"),
  get("/empty"),
  get("/slow", "x-script: silence"),
  post("/", "hello", "x-script: closes"),
  get("/#malformed"),
];

describe("differential, statistics", () => {
  compareStatistics({
    variants,
    scripts,
    clusters: [staticCluster("refused", [1]), staticCluster("empty", [])],
    cases: [{ name: "all", send: PIECES, methods: PIECES.map(() => "GET"), isProbed: false }],
    leastCount: 31,
  });
});
