import assert from "node:assert/strict";
import { type Both, type Pair, startPair } from "../pair/pair.ts";
import { type Json, routeTo, withTrailers } from "../pair/configuration.ts";
import type { Script } from "../pair/backend.ts";
import { raw } from "../pair/request.ts";

const TYPES = "type.googleapis.com/envoy.extensions.filters.http";

const frame = (length: number): string => {
  const bytes = [0, 0, 0, length >> 8, length & 255];
  return String.fromCharCode(...bytes) + "m".repeat(length);
};

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

const GRPC = "content-type: application/grpc";

/** A response in chunks, and its trailers. */
const response = (chunks: readonly string[], trailers: readonly string[], ...lines: string[]) => {
  const head = raw("HTTP/1.1 200 OK", "transfer-encoding: chunked", ...lines);
  const end = trailers.map((line) => `${line}\r\n`).join("");
  return `${head}${chunks.map(chunk).join("")}0\r\n${end}\r\n`;
};

const keep = (send: string): Script => ({ send, ending: "keep" });

const whole = frame(300) + frame(0) + frame(5);

const scripts: Record<string, Script> = {
  ok: keep(response([frame(3)], ["grpc-status: 0"], GRPC)),
  "many messages": keep(response([whole, whole], ["grpc-status: 0"], GRPC)),
  "single bytes": keep(response([...whole], ["grpc-status: 0"], GRPC)),
  "half a message": keep(response([frame(9).slice(0, 7)], ["grpc-status: 0"], GRPC)),
  "not found": keep(response([], ["grpc-status: 5", "grpc-message: x"], GRPC)),
  "head alone": keep(raw("HTTP/1.1 200 OK", GRPC, "grpc-status: 12", "content-length: 0")),
  "head alone, no type": keep(raw("HTTP/1.1 200 OK", "grpc-status: 3", "content-length: 0")),
  "both ends": keep(response([frame(1)], ["grpc-status: 0"], GRPC, "grpc-status: 2")),
  "other status": keep(response([frame(1)], ["grpc-status: 16"], GRPC)),
  "no status": keep(response([frame(1)], [], GRPC)),
  "no gRPC": keep(response([frame(1)], [], "content-type: text/plain")),
  "status 500": keep(raw("HTTP/1.1 500 X", GRPC, "content-length: 5") + frame(0)),
  closes: { send: "", ending: "close" },
};

const allowlist = {
  services: [
    { name: "a.b.Listed", method_names: ["One", "Two"] },
    { name: "Plain", method_names: ["One"] },
  ],
};

const CONFIGS: Readonly<Record<string, Json>> = {
  plain: {},
  unnamed: { emit_filter_state: true, stats_for_all_methods: false },
  all: { stats_for_all_methods: true },
  dots: { stats_for_all_methods: true, replace_dots_in_grpc_service_name: true },
  listed: { individual_method_stats_allowlist: allowlist },
  "listed-dots": {
    individual_method_stats_allowlist: allowlist,
    replace_dots_in_grpc_service_name: true,
  },
  timed: { stats_for_all_methods: true, enable_upstream_stats: true },
};

const MESSAGES = "%FILTER_STATE(envoy.filters.http.grpc_stats)%";

const direct = (path: string, status: number): Json => {
  return { match: { path }, direct_response: { status } };
};

function variant(name: string, config: Json) {
  const stats = {
    name: "stats",
    typed_config: { "@type": `${TYPES}.grpc_stats.v3.FilterConfig`, ...config },
  };
  const router = { name: "router", typed_config: { "@type": `${TYPES}.router.v3.Router` } };
  const off = { "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", disabled: true };
  return {
    manager: {
      http_filters: [stats, router],
      http_protocol_options: { enable_trailers: true },
    },
    routes: [
      direct("/a.Direct/Reply", 403),
      {
        ...routeTo(name),
        match: { path: "/a.Off/Call" },
        typed_per_filter_config: { stats: off },
      },
      { ...routeTo(name, { timeout: "0.1s" }), match: { path: "/a.Late/Call" } },
      { match: { path: "/a.Gone/Call" }, route: { cluster: "empty" } },
      routeTo(name),
    ],
  };
}

const call = (path: string, script: string, body: string, type = GRPC): string =>
  raw(
    `POST ${path} HTTP/1.1`,
    "host: a.test",
    `content-length: ${body.length}`,
    type,
    `x-script: ${script}`,
  ) + body;

const PATHS = [
  ...["/a.b.Listed/One", "/a.b.Listed/Three", "/Plain/One", "/a.b.Listed/One?x=/y", "//a.B/C"],
  ...["/a.B/C/", "/a.B//C", "/a.B", "/a.B/", "/a.B/C/D", "/", "/a:b/C%20d"],
];

const requests = [
  ...Object.keys(scripts).map((script) => call("/s.Script/Call", script, frame(4))),
  ...PATHS.map((path) => call(path, "ok", frame(4))),
  call("/s.Body/Many", "ok", whole + whole),
  call("/s.Body/None", "ok", ""),
  call("/s.Body/Half", "ok", frame(9).slice(0, 3)),
  call("/s.Type/Proto", "ok", frame(4), "content-type: application/grpc+proto"),
  call("/s.Type/Web", "ok", frame(4), "content-type: application/grpc-web"),
  call("/s.Type/Text", "ok", frame(4), "content-type: text/plain"),
  call("/a.Direct/Reply", "ok", frame(4)),
  call("/a.Off/Call", "ok", frame(4)),
  call("/a.Late/Call", "silence", frame(4)),
  call("/a.Gone/Call", "ok", ""),
];

const entries = Object.entries(CONFIGS);

describe("differential, grpc_stats", () => {
  let pair: Pair | undefined;
  let numbers: Both<ReadonlyMap<string, number>> | undefined;
  let prometheus: Both<string[]> | undefined;

  before(async function () {
    this.timeout(60_000);
    pair = await startPair(this, {
      variants: Object.fromEntries(entries.map(([name, config]) => [name, variant(name, config)])),
      siblings: {
        ...Object.fromEntries(entries.map(([name]) => [name, withTrailers])),
        empty: { load_assignment: { cluster_name: "empty" } },
      },
      scripts: { ...scripts, silence: { send: "", ending: "keep" } },
      logFormat: `%PATH% ${MESSAGES} %FILTER_STATE(envoy.filters.http.grpc_stats:PLAIN)%`,
      logFormats: { ".json": { json_format: { alone: MESSAGES, part: `=${MESSAGES}` } } },
    });
    for (const [name] of entries) {
      for (const send of requests) await pair.run(name, { pieces: [send], isProbed: false });
    }
    numbers = await pair.readStats();
    const { envoy, ours } = await pair.askAdmin("/stats/prometheus");
    const lines = (text: string) => text.split("\n").filter((line) => /^envoy_\w*grpc/.test(line));
    prometheus = { envoy: lines(envoy.body), ours: lines(ours.body) };
  });
  after(() => pair?.stop());

  for (const [name] of entries) {
    it(`${name}: the same is counted`, () => {
      assert.ok(numbers !== undefined);
      const { envoy, ours } = numbers;
      const pick = (stats: ReadonlyMap<string, number>): [string, number][] =>
        [...stats].filter(([each]) => each.startsWith(`cluster.${name}.grpc`)).sort();
      assert.ok(pick(envoy).length > 5);
      assert.deepEqual(pick(ours), pick(envoy));
    });
  }

  it("emit_filter_state: the same messages in logs", async () => {
    assert.ok(pair !== undefined);
    for (const [variant] of entries) {
      for (const end of [".log", ".json"]) {
        const { envoy, ours } = await pair.readLogs(variant, end);
        assert.ok(envoy.length > 20);
        assert.deepEqual(ours, envoy, `${variant}${end}`);
      }
    }
  });

  it("Prometheus: the same names and labels", () => {
    assert.ok(prometheus !== undefined);
    const names = (lines: readonly string[]) =>
      lines.filter((line) => !/_(sum|bucket)\b/.test(line)).sort();
    assert.ok(names(prometheus.envoy).length > 50);
    assert.deepEqual(names(prometheus.ours), names(prometheus.envoy));
  });
});
