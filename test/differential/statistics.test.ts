import assert from "node:assert/strict";
import { routeTo, staticCluster } from "./pair/configuration.ts";
import { type Both, type Pair, startPair } from "./pair/pair.ts";
import { get, post, raw } from "./pair/request.ts";

const variants = {
  all: {
    manager: {
      internal_address_config: { cidr_ranges: [{ address_prefix: "10.0.0.0", prefix_len: 8 }] },
    },
    router: { strict_check_headers: ["x-envoy-max-retries"] },
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

const INSIDE = "x-forwarded-for: 10.0.0.1";
const SILENCE = "x-script: silence";
const GRPC = ["content-type: application/grpc", "content-length: 0"];

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
  get("/", INSIDE),
  post("/", "hello", INSIDE),
  get("/", INSIDE, "x-script: error"),
  get("/", INSIDE, "x-envoy-upstream-rq-timeout-ms: 50", SILENCE),
  get("/slow", INSIDE, "x-envoy-upstream-rq-timeout-alt-response: 1", SILENCE),
  get("/", INSIDE, "x-envoy-upstream-rq-per-try-timeout-ms: 50", SILENCE),
  get("/", INSIDE, "x-envoy-upstream-stream-duration-ms: 50", SILENCE),
  raw("POST /slow HTTP/1.1", "host: a.test", INSIDE, ...GRPC, SILENCE),
  get("/#malformed"),
];

/** Names as they stand in both; values of the first are not 0. */
const HTTP = /^http\.all\.(downstream_(cx|rq)|no_route|no_cluster|rq_)/;
const CLUSTER = /^cluster\.\w+\.((in|ex)ternal\.)?upstream_/;

/** What differs for now: docs/envoy-differences.md, "Some statistics count otherwise". */
const OPEN = /_cx_destroy|_cx_delayed_close_timeout|upstream_rq_tx_reset$|ternal\.upstream_rq_\d+$/;

/** Counted in bytes of heads that differ in the ports they name, or of a time. */
const INEXACT = /_bytes_|_ms$|_time$/;

describe("differential, statistics", () => {
  let pair: Pair | undefined;
  let stats: Both<ReadonlyMap<string, number>> | undefined;

  before(async function () {
    this.timeout(30_000);
    const clusters = [staticCluster("refused", [1]), staticCluster("empty", [])];
    pair = await startPair(this, { variants, scripts, clusters });
    await pair.run("all", { pieces: PIECES, methods: PIECES.map(() => "GET"), isProbed: false });
    const refused = get("/", INSIDE, "x-envoy-max-retries: many");
    await pair.run("all", { pieces: [refused], isProbed: false });
    stats = await pair.readStats();
  });
  after(() => pair?.stop());

  const isCompared = ([name, value]: [string, number]): boolean => {
    const isKnown = HTTP.test(name) || CLUSTER.test(name);
    return isKnown && !INEXACT.test(name) && !OPEN.test(name) && value !== 0;
  };

  it("statistics: what Envoy counts has the same value here", () => {
    assert.ok(stats !== undefined);
    const { envoy, ours } = stats;
    const names = [...envoy].filter(isCompared);
    assert.ok(names.length > 30, `${names.length} statistics`);
    const differences = names.filter(([name, value]) => ours.get(name) !== value);
    const lines = differences.map(([name, value]) => `${name}: ${value}, here ${ours.get(name)}`);
    assert.deepEqual(lines, []);
  });

  it("statistics: what Envoy does not count is 0 here", () => {
    assert.ok(stats !== undefined);
    const { envoy, ours } = stats;
    const more = [...ours].filter((each) => isCompared(each) && !envoy.get(each[0]));
    assert.deepEqual(more, []);
  });
});
