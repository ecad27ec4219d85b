import { type Case, compareAll } from "./pair/compare.ts";
import { type Json, routeTo, staticCluster } from "./pair/configuration.ts";
import { get, post, raw } from "./pair/request.ts";

const http2xx = raw("HTTP/1.1 200 OK", "content-length: 10");

/** A response head of so many bytes. */
function headOf(bytes: number): string {
  const start = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-a: ";
  return `${start}${"b".repeat(bytes - start.length - 4)}\r\n\r\n`;
}

const scripts = {
  "closes at once": { send: "", ending: "close" },
  "resets at once": { send: "", ending: "reset" },
  "half a head": { send: "HTTP/1.1 200 OK\r\nx-a", ending: "close" },
  "half a head, reset": { send: "HTTP/1.1 200 OK\r\nx-a", ending: "reset" },
  "half a body": { send: `${http2xx}hi`, ending: "close" },
  "half a body, reset": { send: `${http2xx}hi`, ending: "reset" },
  "half a chunk": {
    send: `${raw("HTTP/1.1 200 OK", "transfer-encoding: chunked")}5\r\nhe`,
    ending: "close",
  },
  "a byte": { send: "H", ending: "close" },
  "half a head behind 100": {
    send: `${raw("HTTP/1.1 100 Continue")}HTTP/1.1 200`,
    ending: "close",
  },
  "no body": { send: http2xx, ending: "close" },
  "until close, reset": { send: `${raw("HTTP/1.1 200 OK")}hi`, ending: "reset" },
  garbage: { send: "garbage\r\n\r\n", ending: "keep" },
  "SSH greeting": { send: "SSH-2.0-x\r\n", ending: "keep" },
  "bad status": { send: raw("HTTP/1.1 abc OK"), ending: "keep" },
  "status 99": { send: raw("HTTP/1.1 99 X", "content-length: 0"), ending: "keep" },
  "bad header": { send: raw("HTTP/1.1 200 OK", "x a: 1", "content-length: 0"), ending: "keep" },
  "two lengths": {
    send: raw("HTTP/1.1 200 OK", "content-length: 1", "content-length: 2"),
    ending: "keep",
  },
  "both lengths": {
    send: `${raw("HTTP/1.1 200 OK", "content-length: 5", "transfer-encoding: chunked")}0\r\n\r\n`,
    ending: "keep",
  },
  "bad length": { send: raw("HTTP/1.1 200 OK", "content-length: x"), ending: "keep" },
  "bad chunk": {
    send: `${raw("HTTP/1.1 200 OK", "transfer-encoding: chunked")}zz\r\n`,
    ending: "keep",
  },
  "chunk, then a bad one": {
    send: `${raw("HTTP/1.1 200 OK", "transfer-encoding: chunked")}2\r\nhi\r\nzz\r\n`,
    ending: "keep",
  },
  "bad coding": { send: raw("HTTP/1.1 200 OK", "transfer-encoding: gzip"), ending: "close" },
  switching: {
    send: raw("HTTP/1.1 101 Switching Protocols", "upgrade: x", "connection: upgrade"),
    ending: "keep",
  },
  "big head": { send: headOf(80 * 1024), ending: "keep" },
  "too big head": { send: headOf(80 * 1024 + 1), ending: "keep" },
  "many headers": {
    send: raw(
      "HTTP/1.1 200 OK",
      ...Array.from({ length: 101 }, (_, n) => `x-${n}: v`),
      "content-length: 0",
    ),
    ending: "keep",
  },
  silence: { send: "", ending: "keep" },
  "silence in the body": { send: `${http2xx}hi`, ending: "keep" },
  "early silence": { send: "", ending: "keep", isEarly: true },
} as const;

/** What is known of a request when it is over, but for times and addresses. */
const LOG_FORMAT =
  "%REQ(:METHOD)% %REQ(:PATH)% %REQ(X-SCRIPT)%: %PROTOCOL% %RESPONSE_CODE% %RESPONSE_FLAGS% " +
  "%RESPONSE_CODE_DETAILS% received %BYTES_RECEIVED% sent %BYTES_SENT% %RESP(X-ECHO)% " +
  "to %UPSTREAM_CLUSTER% attempts %UPSTREAM_REQUEST_ATTEMPT_COUNT% " +
  "%UPSTREAM_TRANSPORT_FAILURE_REASON%";

const variants = {
  plain: {},
  "short timeout": { routes: [routeTo("backend", { timeout: "0.2s" })] },
  "no timeout": { routes: [routeTo("backend", { timeout: "0s" })] },
  "short idle": { routes: [routeTo("backend", { timeout: "0s", idle_timeout: "0.2s" })] },
  "short stream idle": { manager: { stream_idle_timeout: "0.2s" } },
  "short duration": {
    routes: [routeTo("backend", { max_stream_duration: { max_stream_duration: "0.2s" } })],
  },
  "short request": { manager: { request_timeout: "0.2s" } },
  "short request headers": { manager: { request_headers_timeout: "0.2s" } },
  "short connection": { manager: { common_http_protocol_options: { idle_timeout: "0.2s" } } },
  "two requests": { manager: { common_http_protocol_options: { max_requests_per_connection: 2 } } },
  refused: { routes: [routeTo("refused")] },
  empty: { routes: [routeTo("empty")] },
  full: { routes: [routeTo("full")] },
  "no waiting": { routes: [routeTo("no-waiting")] },
  suppressed: { routes: [routeTo("full")], router: { suppress_envoy_headers: true } },
  counted: { virtualHost: { include_request_attempt_count: true } },
};

/** Circuit breakers of the default priority. */
const breaker = (limits: Json) => ({ circuit_breakers: { thresholds: [limits] } });

const upstreamCases = Object.keys(scripts)
  .filter((script) => !script.includes("silence"))
  .flatMap((script): Case[] => [
    // The first request leaves an idle connection for the second.
    {
      name: `upstream: ${script}`,
      send: [get("/first"), get("/", `x-script: ${script}`)],
      methods: ["GET", "GET"],
    },
    {
      name: `upstream: ${script}, to a POST`,
      send: [get("/first"), post("/", "hello", `x-script: ${script}`)],
      methods: ["GET", "POST"],
    },
    {
      name: `upstream: ${script}, to HEAD`,
      send: [get("/first"), raw("HEAD / HTTP/1.1", "host: a.test", `x-script: ${script}`)],
      methods: ["GET", "HEAD"],
    },
  ]);

const grpc = (script: string) =>
  raw(
    "POST /s/m HTTP/1.1",
    "host: a.test",
    "content-length: 0",
    "content-type: application/grpc",
    `x-script: ${script}`,
  );

const half = raw("POST / HTTP/1.1", "host: a.test", "content-length: 10");

const cases: Case[] = [
  ...upstreamCases,
  { on: "counted", name: "attempts are counted", send: get("/") },
  {
    on: "counted",
    name: "attempts are counted in failures",
    send: post("/", "hi", "x-script: closes at once"),
  },
  ...["refused", "empty", "full", "no waiting", "suppressed"].flatMap((on): Case[] => [
    { on, name: "GET", send: get("/") },
    { on, name: "POST", send: post("/", "hello") },
    { on, name: "HEAD", send: raw("HEAD / HTTP/1.1", "host: a.test"), methods: ["HEAD"] },
    { on, name: "gRPC", send: grpc("") },
    {
      on,
      name: "gRPC-web",
      send: raw(
        "POST / HTTP/1.1",
        "host: a.test",
        "content-length: 0",
        "content-type: application/grpc-web",
      ),
    },
    {
      on,
      name: "gRPC with a subtype",
      send: raw(
        "POST / HTTP/1.1",
        "host: a.test",
        "content-length: 0",
        "content-type: application/grpc+proto",
      ),
    },
    {
      on,
      name: "gRPC with HTTP/1.0",
      send: raw(
        "POST / HTTP/1.0",
        "host: a.test",
        "content-length: 0",
        "content-type: application/grpc",
      ),
    },
  ]),
  {
    name: "gRPC, malformed host",
    send: raw(
      "POST / HTTP/1.1",
      "host: a b",
      "content-length: 0",
      "content-type: application/grpc",
    ),
  },
  {
    name: "gRPC, fragment",
    send: raw(
      "POST /#a HTTP/1.1",
      "host: ab",
      "content-length: 0",
      "content-type: application/grpc",
    ),
  },
  { on: "short timeout", name: "no answer", send: get("/", "x-script: silence") },
  { on: "short timeout", name: "no answer to gRPC", send: grpc("silence") },
  { on: "short timeout", name: "half an answer", send: get("/", "x-script: silence in the body") },
  {
    on: "short timeout",
    name: "no answer to an upload",
    send: `${half}half`,
    isProbed: false,
    methods: [],
  },
  { on: "short idle", name: "no answer", send: get("/", "x-script: silence") },
  { on: "short idle", name: "half an answer", send: get("/", "x-script: silence in the body") },
  { on: "short idle", name: "half a request", send: `${half}half` },
  { on: "short stream idle", name: "no answer", send: get("/", "x-script: silence") },
  { on: "short stream idle", name: "half a request", send: `${half}half` },
  {
    on: "short stream idle",
    name: "half an answer",
    send: get("/", "x-script: silence in the body"),
  },
  { on: "short stream idle", name: "half a head", send: "GET / HTTP/1.1\r\nhost", isProbed: false },
  { on: "short duration", name: "no answer", send: get("/", "x-script: silence") },
  { on: "short duration", name: "half an answer", send: get("/", "x-script: silence in the body") },
  { on: "short duration", name: "half a request", send: `${half}half` },
  { on: "short request", name: "half a request", send: `${half}half` },
  { on: "short request", name: "half a head", send: "GET / HTTP/1.1\r\nhost" },
  { on: "short request headers", name: "half a head", send: "GET / HTTP/1.1\r\nhost" },
  { on: "short request headers", name: "half a request line", send: "GET" },
  { on: "short connection", name: "nothing is sent", send: "", methods: [], isProbed: false },
  { on: "short connection", name: "nothing after a request", send: get("/"), isProbed: false },
  {
    on: "two requests",
    name: "three requests",
    send: get("/1") + get("/2") + get("/3"),
    methods: ["GET", "GET"],
  },
  { on: "no timeout", name: "plain", send: get("/") },
];

describe("differential, failures and timeouts", () => {
  const refusedPort = 1;
  const clusters = [
    staticCluster("refused", [refusedPort]),
    staticCluster("empty", []),
    staticCluster("full", [refusedPort], breaker({ max_connections: 1, max_pending_requests: 0 })),
    staticCluster("no-waiting", [refusedPort], breaker({ max_pending_requests: 0 })),
  ];
  compareAll({
    variants,
    scripts,
    clusters,
    logFormat: LOG_FORMAT,
    cases,
    marks: [
      [
        /upstream: (closes|resets) at once(, to HEAD)?$/,
        "A request that met a dead connection is sent again",
      ],
      [/upstream: status 99/, "Status codes are 100 to 599"],
      [
        /upstream: (bad chunk|chunk, then a bad one)(, to a POST)?$/,
        "A response that is malformed from the start is answered with 502",
      ],
      [
        /upstream: until close, reset(, to a POST)?$/,
        "A body that goes on to the end does not end with a reset",
      ],
      [/upstream: switching/, "An unasked 101 is a protocol error"],
    ],
    logMarks: [
      [
        /^(GET|HEAD|POST) \S* (closes|resets) at once:/,
        "A request that met a dead connection is sent again",
      ],
      [/ (status 99): /, "Status codes are 100 to 599"],
      [/ switching: /, "An unasked 101 is a protocol error"],
      [
        / (bad chunk|chunk, then a bad one): /,
        "A response that is malformed from the start is answered with 502",
      ],
      [/ until close, reset: /, "A body that goes on to the end does not end with a reset"],
      [/ half a head behind 100: /, "Details tell whether the answer itself began"],
      [/ DPE /, "Refused requests are logged with what was read"],
    ],
  });
});
