import { type Case, compareAll } from "../pair/compare.ts";
import { type Json, routeTo, staticCluster } from "../pair/configuration.ts";
import { raw } from "../pair/request.ts";

const STATUSES = [200, 201, 204, 301, 302, 400, 401, 403, 404, 405, 408, 409, 412, 413, 426, 429];
const FAILURES = [431, 499, 500, 501, 502, 503, 504, 505, 511, 599];

/** Bodies that become `grpc-message`: the percent-encoding of gRPC. */
const BODIES = {
  plain: "no such thing",
  percent: "100% sure",
  encoded: "a%20b",
  tilde: "~!\"#$&'()*+,-./:;<=>?@[]^_`{|}",
  umlaut: "näh — ☃ 😀",
  lines: "one\ntwo\r\nthree\t",
  controls: "\u0001\u001f\u007f\u0080",
  "line end": "ends\n",
  "two line ends": "ends\n\n",
  long: "x".repeat(3000),
};

const direct = (status: number, body: string): Json => ({
  status,
  ...(body === "" ? {} : { body: { inline_string: body } }),
});

const routes: Json[] = [
  ...[...STATUSES, ...FAILURES].flatMap((status) => [
    { match: { path: `/status/${status}` }, direct_response: direct(status, "") },
    { match: { path: `/body/${status}` }, direct_response: direct(status, `is ${status}`) },
  ]),
  ...Object.values(BODIES).map((body, index) => ({
    match: { path: `/text/${index}` },
    direct_response: direct(403, body),
  })),
  { match: { path: "/redirect" }, redirect: { host_redirect: "b.test" } },
  ...["empty", "refused", "full"].map((cluster) => ({
    match: { prefix: `/${cluster}` },
    route: { cluster },
  })),
  { match: { path: "/unknown" }, route: { cluster_header: "x-cluster" } },
  {
    match: { path: "/unknown-404" },
    route: { cluster_header: "x-cluster", cluster_not_found_response_code: "NOT_FOUND" },
  },
  {
    match: { path: "/unknown-500" },
    route: {
      cluster_header: "x-cluster",
      cluster_not_found_response_code: "INTERNAL_SERVER_ERROR",
    },
  },
  { match: { path: "/idle" }, route: { cluster: "backend", idle_timeout: "0.2s" } },
  { match: { path: "/late" }, route: { cluster: "backend", timeout: "0.2s" } },
  {
    match: { path: "/duration" },
    route: { cluster: "backend", max_stream_duration: { max_stream_duration: "0.2s" } },
  },
  { match: { path: "/backend" }, route: { cluster: "backend" } },
];

const header = (key: string, value: string): Json => ({
  header: { key, value },
  append_action: "OVERWRITE_IF_EXISTS_OR_ADD",
});

const mapper = (status: number, fields: Json): Json => ({
  filter: {
    status_code_filter: {
      comparison: { op: "EQ", value: { default_value: status, runtime_key: "none" } },
    },
  },
  ...fields,
});

const mapped = {
  local_reply_config: {
    mappers: [
      mapper(400, { status_code: 401 }),
      mapper(404, { headers_to_add: [header("grpc-status", "5")] }),
      mapper(403, { body: { inline_string: "not you: 5% off\n" } }),
      mapper(503, { headers_to_add: [header("grpc-message", "mine"), header("x-more", "1")] }),
      mapper(500, { headers_to_add: [header("content-type", "text/other")] }),
    ],
    body_format: { json_format: { said: "%LOCAL_REPLY_BODY%", code: "%RESPONSE_CODE%" } },
  },
};

const variants = {
  plain: { routes },
  mapped: { routes, manager: mapped },
  tls: { routes: [routeTo("backend")], virtualHost: { require_tls: "ALL" } },
};

const scripts = {
  silence: { send: "", ending: "keep" },
  garbage: { send: "garbage\r\n\r\n", ending: "keep" },
  "resets at once": { send: "", ending: "reset" },
  "half a head": { send: "HTTP/1.1 200 OK\r\nx-a", ending: "close" },
} as const;

const LOG_FORMAT =
  "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% " +
  "%GRPC_STATUS% sent %BYTES_SENT% %RESP(GRPC-MESSAGE)%";

const call = (path: string, type: string, ...lines: string[]): string =>
  raw(
    `POST ${path} HTTP/1.1`,
    "host: a.test",
    "content-length: 0",
    `content-type: ${type}`,
    ...lines,
  );

const asked = (on: keyof typeof variants, path: string, ...lines: string[]): Case => {
  return { on, name: [path, ...lines].join(" "), send: call(path, "application/grpc", ...lines) };
};

const codes = [...STATUSES, ...FAILURES].flatMap((status) =>
  (["plain", "mapped"] as const).flatMap((on) => [
    asked(on, `/status/${status}`),
    asked(on, `/body/${status}`),
  ]),
);

const texts = Object.keys(BODIES).flatMap((name, index) => [
  { ...asked("plain", `/text/${index}`), name: `message, ${name}` },
]);

const TYPES = [
  ...["application/grpc+proto", "application/grpc+", "application/grpc;x", "application/grpc-web"],
  ...["application/grpcx", "Application/GRPC", "application/grpc-web+proto", "application/grp"],
];

const kinds = (["plain", "mapped"] as const).flatMap((on): Case[] => [
  asked(on, "/nowhere"),
  asked(on, "/redirect"),
  asked(on, "/empty"),
  asked(on, "/refused"),
  asked(on, "/full"),
  asked(on, "/unknown"),
  asked(on, "/unknown-404"),
  asked(on, "/unknown-500"),
  asked(on, "/idle", "x-script: silence"),
  asked(on, "/late", "x-script: silence"),
  asked(on, "/duration", "x-script: silence"),
  asked(on, "/backend", "x-script: garbage"),
  asked(on, "/backend", "x-script: half a head"),
  asked(on, "/backend", "connection: upgrade", "upgrade: websocket"),
  {
    on,
    name: "half a request, too idle",
    send: raw(
      "POST /idle HTTP/1.1",
      "host: a.test",
      "content-length: 9",
      "content-type: application/grpc",
    ),
  },
  {
    on,
    name: "HEAD",
    send: raw("HEAD /body/403 HTTP/1.1", "host: a.test", "content-type: application/grpc"),
    methods: ["HEAD"],
  },
  {
    on,
    name: "GET",
    send: raw("GET /body/403 HTTP/1.1", "host: a.test", "content-type: application/grpc"),
  },
]);

const cases: Case[] = [
  ...codes,
  ...texts,
  ...kinds,
  ...TYPES.map((type): Case => {
    return { name: `content type ${type}`, send: call("/body/403", type) };
  }),
  asked("tls", "/"),
];

describe("differential, local replies to gRPC", () => {
  const none = { circuit_breakers: { thresholds: [{ max_pending_requests: 0 }] } };
  compareAll({
    variants,
    scripts,
    clusters: [
      staticCluster("empty", []),
      staticCluster("refused", [1]),
      staticCluster("full", [1], none),
    ],
    logFormat: LOG_FORMAT,
    cases,
  });
});
