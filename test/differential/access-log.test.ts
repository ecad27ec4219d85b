import assert from "node:assert/strict";
import { COMMANDS } from "./access-log/commands.ts";
import { assertDocumented } from "./pair/compare.ts";
import { type Both, type Pair, startPair } from "./pair/pair.ts";
import { routeTo, staticCluster } from "./pair/configuration.ts";
import { get, post, raw } from "./pair/request.ts";

const chunked = raw("HTTP/1.1 200 OK", "transfer-encoding: chunked", "trailer: x-end");

const scripts = {
  plain: { send: `${raw("HTTP/1.1 200 OK", "x-a: b", "content-length: 5")}hello`, ending: "keep" },
  trailers: { send: `${chunked}5\r\nhello\r\n0\r\nx-end: of it\r\n\r\n`, ending: "keep" },
  grpc: {
    send: `${chunked}0\r\ngrpc-status: 5\r\ngrpc-message: no\r\n\r\n`,
    ending: "keep",
  },
  teapot: { send: raw("HTTP/1.1 418 Short", "content-length: 0"), ending: "keep" },
  closes: { send: "", ending: "close" },
  garbage: { send: "garbage\r\n\r\n", ending: "keep" },
  silence: { send: "", ending: "keep" },
  unread: { isEarly: true, send: "", ending: "keep" },
} as const;

const action = { timeout: "0.2s", prefix_rewrite: "/in/" };
const named = [
  { ...routeTo("refused"), name: "to-nobody", match: { prefix: "/refused" } },
  { ...routeTo("empty"), match: { prefix: "/empty" } },
  { name: "direct", match: { path: "/direct" }, direct_response: { status: 403 } },
  { match: { path: "/redirect" }, redirect: { path_redirect: "/" } },
  { ...routeTo("backend", action), name: "rewritten", match: { prefix: "/out/" } },
  { ...routeTo("backend"), name: "plain", match: { prefix: "/x" } },
];

const metadata = { filter_metadata: { a: { b: "text", c: [1, { d: "e" }, true] } } };
const trailers = { http_protocol_options: { enable_trailers: true } };
// How long the upstream took would be a header of one or two digits, which are counted.
const router = { suppress_envoy_headers: true };
const variants = {
  plain: { routes: named, manager: trailers, router },
  edge: { routes: named, manager: { use_remote_address: true }, virtualHost: { metadata } },
  trusted: { routes: named, manager: { xff_num_trusted_hops: 1 }, router },
};

interface LoggedCase {
  readonly on: keyof typeof variants;
  readonly name: string;
  readonly send: string;
  /** What is sent when the backend has the head. */
  readonly rest?: string;
  /** Methods of what is answered. Default: one GET. */
  readonly methods?: readonly string[];
  readonly isHalfClosed?: boolean;
}

const grpc = ["content-type: application/grpc", "te: trailers", "x-script: grpc"];
const put = raw("PUT /x HTTP/1.1", "host: a.test", "transfer-encoding: chunked");
const cases: readonly LoggedCase[] = [
  { on: "plain", name: "GET", send: get("/x?a=b&c=%20d", "x-script: plain", "x-b: c, d") },
  { on: "plain", name: "escapes", send: get("/x?a=%2%41&%zz=%7b%5f%20%25%") },
  { on: "plain", name: "two lines of a header", send: get("/x", "x-b: c", "x-b: d", "x-c:") },
  { on: "plain", name: "POST", send: post("/x", "hello", "x-script: plain") },
  {
    on: "plain",
    name: "chunks",
    send: `${put}2\r\nhi\r\n0\r\n\r\n`,
  },
  { on: "plain", name: "HEAD", send: raw("HEAD /x HTTP/1.1", "host: a.test"), methods: ["HEAD"] },
  { on: "plain", name: "trailers", send: get("/x", "x-script: trailers") },
  { on: "plain", name: "gRPC", send: post("/x", "", ...grpc) },
  { on: "plain", name: "an answer of the upstream", send: get("/x", "x-script: teapot") },
  { on: "plain", name: "rewritten", send: get("/out/of?a", "x-script: plain") },
  { on: "plain", name: "no route", send: get("/nowhere") },
  { on: "plain", name: "direct response", send: get("/direct") },
  { on: "plain", name: "redirect", send: get("/redirect") },
  { on: "plain", name: "refused", send: get("/refused") },
  { on: "plain", name: "no endpoint", send: get("/empty") },
  { on: "plain", name: "upstream closes", send: post("/x", "hi", "x-script: closes") },
  { on: "plain", name: "upstream speaks no HTTP", send: post("/x", "hi", "x-script: garbage") },
  { on: "plain", name: "timeout", send: get("/out/", "x-script: silence") },
  { on: "plain", name: "malformed", send: raw("GET", "host: a.test") },
  { on: "plain", name: "a host of the wrong form", send: get("/x#a") },
  {
    on: "plain",
    name: "client closes in body",
    send: `${raw("POST /x HTTP/1.1", "host: a.test", "content-length: 10", "x-script: unread")}hi`,
    rest: "",
    methods: [],
    isHalfClosed: true,
  },
  {
    on: "plain",
    name: "client closes in head",
    send: "GET /x HTTP/1.1\r\nhost",
    methods: [],
    isHalfClosed: true,
  },
  { on: "plain", name: "HTTP/1.0", send: raw("GET /x HTTP/1.0", "host: a.test") },
  { on: "edge", name: "GET", send: get("/x", "x-script: plain") },
  { on: "edge", name: "forwarded for", send: get("/x", "x-forwarded-for: 8.8.8.8") },
  { on: "edge", name: "refused", send: get("/refused") },
  { on: "edge", name: "no route", send: get("/nowhere") },
  { on: "edge", name: "direct response", send: get("/direct") },
  { on: "trusted", name: "forwarded for", send: get("/x", "x-forwarded-for: 8.8.8.8, 10.0.0.1") },
  { on: "trusted", name: "an id", send: get("/x", "x-request-id: 1234-5") },
];

/** Cases that are logged otherwise: "Refused requests are logged with what was read". */
const DIFFERENT: ReadonlySet<string> = new Set(["HTTP/1.0"]);

const SEPARATOR = " | ";
const entries = Object.entries(COMMANDS);
const text = entries.map(([, { command }]) => command).join(SEPARATOR);
const json = Object.fromEntries(entries.map(([name, { command }]) => [name, command]));

describe("differential, access log", () => {
  const lines = new Map<string, Both<readonly Readonly<Record<string, unknown>>[]>>();
  let pair: Pair | undefined;

  before(async function () {
    this.timeout(60_000);
    assertDocumented("Refused requests are logged with what was read");
    const clusters = [staticCluster("refused", [1], { metadata }), staticCluster("empty", [])];
    const logFormats = { ".json": { json_format: json } };
    pair = await startPair(this, { variants, scripts, clusters, logFormat: text, logFormats });
    for (const { on, send, rest, methods = ["GET"], isHalfClosed = false } of cases) {
      const pieces = rest === undefined ? [send] : [send, rest];
      await pair.run(on, { pieces, isPaced: true, methods, isHalfClosed, isProbed: false });
    }
    for (const on of Object.keys(variants)) {
      const { envoy, ours } = await pair.readLogs(on);
      lines.set(`${on} text`, { envoy: envoy.map(splitLine), ours: ours.map(splitLine) });
      const { envoy: known, ours: own } = await pair.readLogs(on, ".json");
      lines.set(`${on} json`, { envoy: known.map(parseLine), ours: own.map(parseLine) });
    }
  });
  after(() => pair?.stop());

  for (const kind of ["text", "json"]) {
    for (const each of cases) {
      it(`${each.on}: ${each.name}, in ${kind}`, () => {
        const place = cases.filter(({ on }) => on === each.on).indexOf(each);
        const { envoy, ours } = lines.get(`${each.on} ${kind}`) ?? { envoy: [], ours: [] };
        assert.equal(ours.length, envoy.length);
        const isCounted = each.on !== "edge";
        const differences = entries.flatMap(([name, { mask }]) => {
          const known = mask(envoy[place][name], isCounted);
          const own = mask(ours[place][name], isCounted);
          return known === own ? [] : [`${name}: Envoy ${known}, ours ${own}`];
        });
        if (!DIFFERENT.has(each.name)) assert.deepEqual(differences, []);
        else assert.notDeepEqual(differences, []);
      });
    }
  }
});

function splitLine(line: string): Readonly<Record<string, unknown>> {
  const values = line.split(SEPARATOR);
  return Object.fromEntries(entries.map(([name], index) => [name, values[index]]));
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  return JSON.parse(line);
}
