import { type Case, compareAll } from "./pair/compare.ts";
import { type Json, routeTo } from "./pair/configuration.ts";
import { get, post, raw } from "./pair/request.ts";

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const PRESERVE =
  "envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig";

/** What is known of a request when it is over. */
const LOG_FORMAT =
  "%REQ(:METHOD):40% %REQ(:PATH):40% %REQ(X-SCRIPT)%: %RESPONSE_CODE% %RESPONSE_FLAGS% " +
  "%RESPONSE_CODE_DETAILS% %REQ(UPGRADE)%";

/** A cluster's options of HTTP/1, and those of all protocols. */
function upstream(http1: Json, common: Json = {}): Json {
  const options = {
    "@type": `type.googleapis.com/${OPTIONS}`,
    common_http_protocol_options: common,
    explicit_http_config: { http_protocol_options: http1 },
  };
  return { typed_extension_protocol_options: { [OPTIONS]: options } };
}

function preserve(config: Json = {}, more: Json = {}): Json {
  const typed = { "@type": `type.googleapis.com/${PRESERVE}`, ...config };
  const formatter = { name: "preserve_case", typed_config: typed };
  return { header_key_format: { stateful_formatter: formatter }, ...more };
}

const keep = (send: string) => ({ send, ending: "keep" }) as const;
const PROPER = { header_key_format: { proper_case_words: {} } };
const TRAILERS = { enable_trailers: true };

describe("differential, case of header names", () => {
  const scripts = {
    cased: keep(
      "HTTP/1.1 200 Fine Thing\r\nX-Custom-A: 1\r\nx-LOWer: 2\r\nX-lower: 3\r\n" +
        "Content-Length: 2\r\nServer: up\r\nDATE: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\nhi",
    ),
    chunked: keep(
      "HTTP/1.1 200 Fine\r\nTransfer-ENCODING: chunked\r\nX-A: 1\r\n\r\n" +
        "2\r\nhi\r\n0\r\nX-Trailer: 1\r\n\r\n",
    ),
    "no reason": keep("HTTP/1.1 200\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nhi"),
    "odd reason": keep("HTTP/1.1 204  Two  words\t\xe9 \r\nX-A: 1\r\n\r\n"),
    "unknown status": keep("HTTP/1.1 299 Mine\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n"),
    continue: keep(
      "HTTP/1.1 100 Go On\r\nX-Cont: a\r\n\r\n" +
        "HTTP/1.1 200 Good\r\nX-A: 1\r\nContent-LENGTH: 0\r\n\r\n",
    ),
    closing: keep("HTTP/1.1 200 Bye\r\nCONNECTION: close\r\nContent-LENGTH: 0\r\n\r\n"),
    "until close": { send: "HTTP/1.1 200 Bye\r\nX-A: 1\r\n\r\nabc", ending: "close" },
    malformed: keep("HTTP/1.1 200 Bye\r\nX-A: 1\r\nX B: 1\r\n\r\n"),
  } as const;
  const edits = {
    request_headers_to_add: [
      { header: { key: "X-Added-Here", value: "1" } },
      { header: { key: "x-over", value: "2" }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" },
    ],
    response_headers_to_add: [
      { header: { key: "X-Response-Added", value: "1" } },
      { header: { key: "x-custom-a", value: "o" }, append_action: "OVERWRITE_IF_EXISTS_OR_ADD" },
    ],
  };
  const through = (cluster: string, http1: Json, manager: Json = {}) => ({
    manager: { http_protocol_options: http1, ...manager },
    routes: [routeTo(cluster)],
    virtualHost: edits,
  });
  const addedToo = preserve({ formatter_type_on_envoy_headers: "PROPER_CASE" });
  const variants = {
    both: through("keeps", preserve({}, TRAILERS)),
    downstream: through("backend", preserve({}, TRAILERS)),
    upstream: through("keeps", TRAILERS),
    "proper downstream": through("keeps", PROPER),
    "proper upstream": through("proper", preserve({}, TRAILERS)),
    "proper beside, downstream": through("backend", addedToo),
    "proper beside, upstream": through("keeps-beside", {}),
    reasons: through("reasons", TRAILERS, { proxy_100_continue: true }),
    "reasons downstream": through("backend", preserve({ forward_reason_phrase: true })),
  };
  const siblings = {
    keeps: upstream(preserve({}, TRAILERS)),
    proper: upstream({ ...PROPER, ...TRAILERS }),
    "keeps-beside": upstream(addedToo),
    reasons: upstream(preserve({ forward_reason_phrase: true }, TRAILERS)),
  };
  const head =
    "POST /p HTTP/1.1\r\nHOST: a.test\r\nX-Over: 1\r\nX-FOO: a\r\nx-Foo: b\r\n" +
    "Connection: keep-alive, X-Gone\r\nX-Gone: 1\r\nX-Request-ID: abc\r\n";
  const cases = Object.keys(variants).flatMap((on): Case[] => [
    { on, name: "request with a length", send: `${head}Content-LENGTH: 2\r\n\r\nhi` },
    {
      on,
      name: "request with chunks and trailers",
      send: `${head}Transfer-ENCODING: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Trail: 1\r\n\r\n`,
    },
    { on, name: "local reply", send: "GET /p HTTP/1.1\r\nHost: a b\r\n\r\n" },
    ...Object.keys(scripts).map((script) => ({
      on,
      name: `answered with ${script}`,
      send: post("/", "hi", `X-Script: ${script}`),
    })),
    {
      on,
      name: "answered with closing, asked to close",
      send: get("/", "X-Script: cased", "Connection: CLOSE"),
    },
  ]);
  compareAll({ variants, scripts, siblings, cases });
});

describe("differential, limits of heads", () => {
  const kilobyte = 1024;
  const sizes = [1, 60, 100, 1000, 8192];
  const counts = [1, 5, 1000];
  const padded = (start: string, bytes: number, lineCount: number) => {
    let head = start;
    const each = Math.floor((bytes - start.length - 2) / lineCount);
    for (let line = 1; line <= lineCount; line++) {
      const name = `x-${line}: `;
      const length = line === lineCount ? bytes - head.length - 2 : each;
      head += `${name}${"v".repeat(length - name.length - 2)}\r\n`;
    }
    return `${head}\r\n`;
  };
  const request = (bytes: number, lineCount: number) =>
    padded("GET / HTTP/1.1\r\nhost: a.test\r\nx-script: empty\r\n", bytes, lineCount);
  const target = (bytes: number) => {
    const rest = " HTTP/1.1\r\nhost: a.test\r\nx-script: empty\r\n\r\n";
    return `GET /${"p".repeat(bytes - "GET /".length - rest.length)}${rest}`;
  };
  const lines = (count: number) => Array.from({ length: count }, (_, n) => `x-${n}: v`);
  const variants = Object.fromEntries([
    ...sizes.map((size) => [
      `${size} kB`,
      { manager: { max_request_headers_kb: size }, routes: [routeTo(`${size} kB`)] },
    ]),
    ...counts.map((count) => {
      const common_http_protocol_options = { max_headers_count: count };
      const manager = { common_http_protocol_options, http_protocol_options: TRAILERS };
      return [`${count} headers`, { manager, routes: [routeTo(`${count} headers`)] }];
    }),
    ["trailers dropped", { manager: { common_http_protocol_options: { max_headers_count: 3 } } }],
  ]);
  const siblings = Object.fromEntries([
    ...sizes.map((size) => [`${size} kB`, upstream({}, { max_response_headers_kb: size })]),
    ...counts.map((count) => [
      `${count} headers`,
      upstream(TRAILERS, { max_headers_count: count }),
    ]),
  ]);
  const empty = raw("HTTP/1.1 200 OK", "content-length: 0");
  const answers = new Map<string, string>([["empty", empty]]);
  const beyond = [-1, 0, 1, 2];
  const ofSize = sizes.flatMap((size) =>
    beyond.flatMap((more): Case[] => {
      const bytes = size * kilobyte + more;
      const on = `${size} kB`;
      for (const lineCount of [1, 10]) {
        const start = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n";
        answers.set(`${bytes} in ${lineCount}`, padded(start, bytes, lineCount));
      }
      const cases: Case[] = [
        ...[1, 10].flatMap((lineCount): Case[] => [
          { on, name: `request of ${bytes} in ${lineCount}`, send: request(bytes, lineCount) },
          {
            on,
            name: `response of ${bytes} in ${lineCount}`,
            send: get("/", `x-script: ${bytes} in ${lineCount}`),
          },
        ]),
        { on, name: `target of ${bytes}`, send: target(bytes) },
      ];
      // Eight megabytes of head take a busy machine a while.
      return cases.map((each) => ({ ...each, patienceMs: 9000 }));
    }),
  );
  const ofCount = counts.flatMap((count) =>
    beyond
      .filter((more) => count + more > 0)
      .flatMap((more): Case[] => {
        const on = `${count} headers`;
        const all = count + more;
        const chunked = raw("HTTP/1.1 200 OK", "transfer-encoding: chunked");
        answers.set(
          `${all} headers`,
          raw("HTTP/1.1 200 OK", "content-length: 0", ...lines(all - 1)),
        );
        answers.set(`${all} trailers`, `${chunked}2\r\nhi\r\n0\r\n${raw(...lines(all))}`);
        const isAsked = count > 3;
        return [
          { on, name: `${all} headers`, send: raw("GET / HTTP/1.1", "host: a", ...lines(all - 1)) },
          ...(isAsked ? ["headers", "trailers"] : []).map((what) => ({
            on,
            name: `response with ${all} ${what}`,
            send: get("/", `x-script: ${all} ${what}`),
          })),
        ];
      }),
  );
  const ofTrailers = ["5 headers", "trailers dropped"].flatMap((on) =>
    [3, 4, 5, 6].map((count): Case => {
      const head = raw("POST / HTTP/1.1", "host: a.test", "transfer-encoding: chunked");
      const send = `${head}2\r\nhi\r\n0\r\n${raw(...lines(count))}`;
      return { on, name: `${count} trailers`, send };
    }),
  );
  const scripts = Object.fromEntries([...answers].map(([name, text]) => [name, keep(text)]));
  compareAll({
    variants,
    siblings,
    scripts,
    logFormat: LOG_FORMAT,
    cases: [...ofSize, ...ofCount, ...ofTrailers],
    marks: [
      [
        /response with (6|7|1001|1002) trailers/,
        "A response that is malformed from the start is answered with 502",
      ],
    ],
    logMarks: [
      [
        / (6|7|1001|1002) trailers: /,
        "A response that is malformed from the start is answered with 502",
      ],
      [/ DPE /, "Refused requests are logged with what was read"],
    ],
  });
});

describe("differential, upgrades and methods", () => {
  const http1 = (options: Json) => ({ manager: { http_protocol_options: options } });
  const ignored = [{ exact: "foo" }, { prefix: "tls/" }, { exact: "BAR", ignore_case: true }];
  const variants = {
    plain: {},
    ignoring: http1({ ignore_http_11_upgrade: ignored }),
    custom: http1({ allow_custom_methods: true }),
  };
  const wants = (upgrade: string, connection = "upgrade") =>
    raw("GET / HTTP/1.1", "host: a.test", `upgrade: ${upgrade}`, `connection: ${connection}`);
  const upgrades = [
    ...["foo", "Foo", "bar", "tls/1.2", "TLS/1.2", "websocket", "foo, websocket"].map((each) =>
      wants(each),
    ),
    ...["websocket,foo,other", "foo,tls/1.0", "h2c", "H2C", "foo, h2c", "websocket, h2c", ""].map(
      (each) => wants(each),
    ),
    ...["keep-alive, Upgrade", "keep-alive", "close, upgrade"].map((each) => wants("foo", each)),
    raw("GET / HTTP/1.1", "host: a", "upgrade: foo", "upgrade: tls/1.1", "connection: upgrade"),
    raw("GET / HTTP/1.1", "host: a", "upgrade: foo", "upgrade: b", "connection: upgrade"),
    post("/", "hi", "upgrade: foo", "connection: upgrade"),
  ];
  const methods = ["BREW", "get", "G@T", "A", "X".repeat(65), "X".repeat(1000), "PRI"];
  // Those that Envoy knows, and some that others know.
  const known =
    "ACL BIND CHECKOUT CONNECT COPY DELETE LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE " +
    "MKREDIRECTREF MSEARCH M-SEARCH NOTIFY OPTIONS ORDERPATCH PATCH POST PROPFIND PROPPATCH " +
    "PURGE PUT QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE";
  const queries = [
    post("/q", "hi", "content-type: a/b").replace("POST", "QUERY"),
    raw("QUERY /q HTTP/1.1", "host: a.test", "content-type: a/b"),
    raw("QUERY /q HTTP/1.1", "host: a.test", "content-type:"),
    raw("QUERY /q HTTP/1.1", "host: a b"),
    raw("QUERY /q#b HTTP/1.1", "host: a"),
    raw("QUERY * HTTP/1.1", "host: a"),
    raw("QUERY http://b.test/q HTTP/1.1", "host: a"),
    raw("QUERY /q HTTP/1.1", "host: a", "upgrade: x", "connection: upgrade"),
    post("/q", "hi").replace("POST", "QUERY"),
  ];
  const cases = [
    ...["plain", "ignoring"].flatMap((on) =>
      upgrades.map((send): Case => ({ on, name: JSON.stringify(send.slice(16, 100)), send })),
    ),
    ...["plain", "custom"].flatMap((on) =>
      [...methods, ...known.split(" "), "!#$%&'*+-.^_`|~"].map((method): Case => {
        const send = raw(`${method} / HTTP/1.1`, "host: a.test");
        return { on, name: `method ${method.slice(0, 70)}`, send };
      }),
    ),
  ];
  for (const [place, send] of queries.entries()) cases.push({ name: `query ${place}`, send });
  const logMarks = [[/ DPE /, "Refused requests are logged with what was read"]] as const;
  compareAll({ variants, cases, logFormat: LOG_FORMAT, logMarks });
});

describe("differential, whole URLs", () => {
  const variants = {
    plain: {},
    rewritten: {
      routes: [routeTo("backend", { host_rewrite_literal: "o.test:81", prefix_rewrite: "/x/" })],
    },
    "without port": { manager: { strip_any_host_port: true } },
  };
  const requests: Readonly<Record<string, string>> = {
    path: get("/p?q=1"),
    https: get("/", "x-forwarded-proto: https"),
    "another scheme": get("/", "x-forwarded-proto: ftp"),
    "absolute target": raw("GET https://b.test/abs HTTP/1.1", "host: a.test"),
    port: raw("GET /a HTTP/1.1", "host: a.test:8080"),
    "IPv6 host": raw("GET /a HTTP/1.1", "host: [::1]:80"),
    "empty host": raw("GET /a HTTP/1.1", "host:"),
    body: post("/p", "hello"),
  };
  const cases = Object.keys(variants).flatMap((on) =>
    Object.entries(requests).map(([name, send]): Case => ({ on, name, send })),
  );
  compareAll({ variants, cases, backend: upstream({ send_fully_qualified_url: true }) });
});

describe("differential, empty lines", () => {
  const options = { common_http_protocol_options: { idle_timeout: "0.3s" } };
  const variants = { "short head": { manager: { ...options, request_headers_timeout: "0.2s" } } };
  const waits = { methods: ["GET", "GET"], isProbed: false };
  const cases: Case[] = [
    { name: "an empty line behind a request", send: [get("/"), "\r\n"], ...waits },
    { name: "half an empty line behind a request", send: `${get("/")}\r`, ...waits },
    { name: "an empty line and half a request", send: [get("/"), "\r\nGET"], ...waits },
    {
      name: "two requests with an empty line between them",
      send: `${get("/1")}\r\n${get("/2")}`,
      methods: ["GET", "GET"],
    },
  ];
  const marks = [[/line behind a request/, "An empty line begins no request"]] as const;
  compareAll({ variants, cases, marks });
});
