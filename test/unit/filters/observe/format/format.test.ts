import { equal, match } from "node:assert/strict";
import { before, suite, test } from "mocha";
import { DEFAULT_ACCESS_LOG_FORMAT } from "../../../../../proxy/config/compile/log/access-log.ts";
import { compileFormat } from "../../../../../proxy/config/format/compile.ts";
import { FieldPath } from "../../../../../proxy/config/field-path.ts";
import { MACHINE } from "../../../proxy/config/format/machine.ts";
import { format, NOW_MS, STREAM, WALL_OFFSET_MS } from "./format-cases.ts";
import { FormatEngine, TestImage, type TestStream } from "./format-engine.ts";

/** What each command prints of `STREAM`. */
const COMMANDS: readonly (readonly [string, string])[] = [
  ["%REQ(:METHOD)%", "GET"],
  ["%REQUEST_HEADER(User-Agent)%", "test-agent"],
  ["%REQ(HOST)%", "shop.example"],
  ["%REQ(x-none?user-agent):4%", "test"],
  ["%REQ(?user-agent)%", "test-agent"],
  ["%REQ(x-two)%", "first"],
  ["%REQ(x-empty)%", ""],
  ["%REQ(x-empty?user-agent)%", ""],
  ["%REQ(user-agent):0%", ""],
  ["%REQ(x-none)%", "-"],
  ["%RESP(:status)%", "200"],
  ["%RESPONSE_HEADER(content-type)%", "text/html"],
  ["%RESP(x-none)%", "-"],
  ["%TRAILER(x-none)%", "-"],
  ["%PATH%", "/items/7?size=2&name=a%20b&flag"],
  ["%PATH(NQ)%", "/items/7"],
  ["%PATH(WQ:ORIG)%", "-"],
  ["%PATH:6%", "/items"],
  ["%QUERY_PARAM(size)%", "2"],
  ["%QUERY_PARAM(name)%", "a b"],
  ["%QUERY_PARAM(name):1%", "a"],
  ["%QUERY_PARAM(flag)%", ""],
  ["%QUERY_PARAM(siz)%", "-"],
  ["%QUERY_PARAMS%", "size=2&name=a%20b&flag"],
  ["%PROTOCOL%", "HTTP/1.1"],
  ["%UPSTREAM_PROTOCOL%", "HTTP/1.1"],
  ["%RESPONSE_CODE%", "200"],
  ["%RESPONSE_CODE_DETAILS%", "via_upstream"],
  ["%RESPONSE_FLAGS%", "-"],
  ["%RESPONSE_FLAGS_LONG%", "-"],
  ["%BYTES_RECEIVED%", "11"],
  ["%BYTES_SENT%", "22"],
  ["%DURATION%", "12"],
  ["%REQUEST_DURATION%", "1"],
  ["%REQUEST_TX_DURATION%", "2"],
  ["%RESPONSE_DURATION%", "9"],
  ["%RESPONSE_TX_DURATION%", "3"],
  ["%COMMON_DURATION(DS_RX_BEG:DS_TX_END)%", "12"],
  ["%COMMON_DURATION(DS_RX_BEG:DS_TX_END:us)%", "12750"],
  ["%COMMON_DURATION(US_TX_BEG:US_TX_END:ns)%", "250000"],
  ["%COMMON_DURATION(US_RX_BEG:US_RX_END)%", "2"],
  ["%COMMON_DURATION(DS_RX_END:DS_TX_BEG)%", "8"],
  ["%COMMON_DURATION(DS_TX_END:DS_RX_BEG)%", "-"],
  ["%COMMON_DURATION(DS_RX_BEG:a_filter_may_set_this)%", "-"],
  ["%ROUNDTRIP_DURATION%", "-"],
  // Names and values: 7+3, 5+31, 10+12, 7+4, 10+10, 12+36, 5+5, 5+6, 7+0.
  ["%REQUEST_HEADERS_BYTES%", "175"],
  // 7+3, 12+9, 29+1.
  ["%RESPONSE_HEADERS_BYTES%", "61"],
  ["%RESPONSE_TRAILERS_BYTES%", "0"],
  ["%DOWNSTREAM_WIRE_BYTES_RECEIVED%", "221"],
  ["%DOWNSTREAM_WIRE_BYTES_SENT%", "142"],
  ["%UPSTREAM_WIRE_BYTES_RECEIVED%", "112"],
  ["%UPSTREAM_WIRE_BYTES_SENT%", "321"],
  ["%DOWNSTREAM_HEADER_BYTES_RECEIVED%", "210"],
  ["%DOWNSTREAM_HEADER_BYTES_SENT%", "120"],
  ["%UPSTREAM_HEADER_BYTES_RECEIVED%", "90"],
  ["%UPSTREAM_HEADER_BYTES_SENT%", "310"],
  ["%UPSTREAM_HOST%", "10.1.2.3:8080"],
  ["%UPSTREAM_HOST_NAME%", "10.1.2.3:8080"],
  ["%UPSTREAM_HOST_NAME_WITHOUT_PORT%", "10.1.2.3"],
  ["%UPSTREAM_CLUSTER%", "shop-alt"],
  ["%UPSTREAM_CLUSTER_RAW%", "shop"],
  ["%UPSTREAM_LOCAL_ADDRESS%", "10.1.2.1:40000"],
  ["%UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%", "10.1.2.1"],
  ["%UPSTREAM_LOCAL_PORT%", "40000"],
  ["%UPSTREAM_REMOTE_ADDRESS%", "10.1.2.3:8080"],
  ["%UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", "10.1.2.3"],
  ["%UPSTREAM_REMOTE_PORT%", "8080"],
  ["%UPSTREAM_CONNECTION_ID%", "17"],
  ["%UPSTREAM_CONNECTION_IDS_ATTEMPTED%", "17"],
  ["%UPSTREAM_HOSTS_ATTEMPTED%", "10.1.2.3:8080"],
  ["%UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT%", "10.1.2.3"],
  ["%UPSTREAM_HOST_NAMES_ATTEMPTED%", "10.1.2.3:8080"],
  ["%UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT%", "10.1.2.3"],
  ["%UPSTREAM_TRANSPORT_FAILURE_REASON%", "-"],
  ["%UPSTREAM_REQUEST_ATTEMPT_COUNT%", "1"],
  ["%DOWNSTREAM_REMOTE_ADDRESS%", "192.0.2.7:51000"],
  ["%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", "192.0.2.7"],
  ["%DOWNSTREAM_REMOTE_PORT%", "51000"],
  ["%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%", "192.0.2.7:51000"],
  ["%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%", "192.0.2.7"],
  ["%DOWNSTREAM_DIRECT_REMOTE_PORT%", "51000"],
  ["%DOWNSTREAM_LOCAL_ADDRESS%", "192.0.2.1:80"],
  ["%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%", "192.0.2.1"],
  ["%DOWNSTREAM_LOCAL_PORT%", "80"],
  ["%DOWNSTREAM_DIRECT_LOCAL_ADDRESS%", "192.0.2.1:80"],
  ["%CONNECTION_ID%", "42"],
  ["%ROUTE_NAME%", "shop-route"],
  ["%VIRTUAL_CLUSTER_NAME%", "-"],
  ["%LISTENER_NAME%", "ingress"],
  ["%FILTER_CHAIN_NAME%", "-"],
  ["%HOSTNAME%", "gateway-1"],
  ["%ENVIRONMENT(REGION)%", "north"],
  ["%ENVIRONMENT(REGION):2%", "no"],
  ["%ENVIRONMENT(NONE)%", "-"],
  ["%STREAM_ID%", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
  ["%LOCAL_REPLY_BODY%", ""],
  ["%ACCESS_LOG_TYPE%", "DownstreamEnd"],
  ["%CUSTOM_FLAGS%", ""],
  ["%TRACE_ID%", "-"],
  ["%GRPC_STATUS%", "-"],
  ["%DYNAMIC_METADATA(a:b)%", "-"],
  ["%FILTER_STATE(a)%", "-"],
  ["%REQUESTED_SERVER_NAME%", "-"],
  ["%DOWNSTREAM_TLS_VERSION%", "-"],
  ["%CONNECTION_TERMINATION_DETAILS%", "-"],
  ["%START_TIME%", "2009-02-13T23:31:30.123Z"],
  ["%EMIT_TIME%", "2009-02-13T23:31:30.143Z"],
];

/** What commands print of streams that went another way. */
const OTHERS: readonly (readonly [string, TestStream, string, string])[] = [
  ["flags are in Envoy's order", { flags: ["UF", "URX", "DI"] }, "%RESPONSE_FLAGS%", "DI,URX,UF"],
  [
    "long flags have their long names",
    { flags: ["UC", "NR"] },
    "%RESPONSE_FLAGS_LONG%",
    "NoRouteFound,UpstreamConnectionTermination",
  ],
  ["white space in details is joined", { details: "a b\tc" }, "%RESPONSE_CODE_DETAILS%", "a_b_c"],
  [
    "white space in details may stay",
    { details: "a b" },
    "%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%",
    "a b",
  ],
  [
    "white space in a failure is joined",
    { failureReason: "connection refused" },
    "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
    "connection_refused",
  ],
  ["HTTP/1.0 says so", { version: 10 }, "%PROTOCOL%", "HTTP/1.0"],
  [
    "a client known from X-Forwarded-For has port 0",
    { client: "203.0.113.9", remote: "192.0.2.7:51000" },
    "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_PORT% %DOWNSTREAM_DIRECT_REMOTE_PORT%",
    "203.0.113.9:0 0 51000",
  ],
  [
    "a client of IPv6 known from X-Forwarded-For is in brackets",
    { client: "2001:db8::1" },
    "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "[2001:db8::1]:0 2001:db8::1",
  ],
  [
    "an address of IPv6 loses its brackets with its port",
    { local: "[2001:db8::2]:8443" },
    "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_PORT%",
    "2001:db8::2 8443",
  ],
  [
    "the port of a pipe is empty",
    { local: "/run/proxy.sock" },
    "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_PORT%.",
    "/run/proxy.sock .",
  ],
  [
    "a pipe has no local address at the upstream",
    { upstreamHost: "/run/shop.sock", upstreamStartMs: 1_000 },
    "%UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_LOCAL_ADDRESS% %UPSTREAM_PROTOCOL%",
    "/run/shop.sock - HTTP/1.1",
  ],
  [
    "an endpoint with a name shows it",
    { hostName: "reviews.svc:9080", upstreamHost: "10.0.0.1:9080" },
    "%UPSTREAM_HOST_NAME% %UPSTREAM_HOST_NAME_WITHOUT_PORT% %UPSTREAM_HOST%",
    "reviews.svc:9080 reviews.svc 10.0.0.1:9080",
  ],
  [
    "an endpoint that was not reached is no remote address",
    { upstreamHost: "10.0.0.1:9080" },
    "%UPSTREAM_HOST% %UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_LOCAL_ADDRESS% %UPSTREAM_PROTOCOL%",
    "10.0.0.1:9080 - - -",
  ],
  [
    "a malformed request has no headers",
    {
      request: [
        [":method", "GET"],
        ["x-a", "b"],
      ],
      status: 400,
    },
    "%REQ(:METHOD)% %REQ(X-A)% %PATH% %QUERY_PARAMS% %REQUEST_HEADERS_BYTES% %RESPONSE_CODE%",
    "- - - - 0 400",
  ],
  [
    "points that were not reached have no durations",
    { startMs: 5, responseEndMs: 8 },
    "%DURATION% %REQUEST_DURATION% %RESPONSE_DURATION% %RESPONSE_TX_DURATION%",
    "3 - - -",
  ],
  ["a stream that is not over lasts until now", { startMs: 1_000 }, "%DURATION%", "20"],
  [
    "three milliseconds are three, whatever the clock's fraction",
    { startMs: 1_000.1, responseEndMs: 1_003.1 },
    "%DURATION%",
    "3",
  ],
  [
    "the path before a rewrite comes first",
    {
      requestHeadBytes: 1,
      request: [
        [":path", "/new?a=1"],
        ["x-envoy-original-path", "/old?a=2"],
      ],
    },
    "%PATH% %PATH(NQ:ORIG)% %PATH(WQ:PATH)% %QUERY_PARAM(a)%",
    "/old?a=2 /old /new?a=1 1",
  ],
  [
    "percent signs without digits stay",
    { requestHeadBytes: 1, request: [[":path", "/?a=%zz%4&b=%41+%2B"]] },
    "%QUERY_PARAM(a)% %QUERY_PARAM(b)%",
    "%zz%4 A++",
  ],
  [
    "a decoded query shows what is visible, and loses percent signs without digits",
    {
      requestHeadBytes: 1,
      request: [[":path", "/?%zz=%41%26%%41&%20%22%3C%5c%5E%7b%7F%e2%00=%4g+%25%41%4"]],
    },
    "%QUERY_PARAMS(DECODED)% %QUERY_PARAMS(DECODED):4%",
    "zz=A&A&%20%22%3C%5c%5E%7b%7F%e2%00=4g+%A%4 zz=A",
  ],
  [
    "an attempt without a connection has no id, and is not told of",
    { upstreamHost: "10.1.2.3:1", hostName: "a.test", attemptCount: 2 },
    "%UPSTREAM_CONNECTION_ID% %UPSTREAM_CONNECTION_IDS_ATTEMPTED% %UPSTREAM_HOSTS_ATTEMPTED% " +
      "%UPSTREAM_HOST_NAMES_ATTEMPTED% %UPSTREAM_HOST%",
    "0 - - - 10.1.2.3:1",
  ],
  [
    "names of parameters are decoded and the first counts",
    { requestHeadBytes: 1, request: [[":path", "/?c%2Bd=5&c+d=6&=7"]] },
    "%QUERY_PARAM(c+d)% %QUERY_PARAM(d)%",
    "5 -",
  ],
  [
    "trailers are read",
    {
      trailers: [
        ["grpc-message", "late"],
        ["x-b", "c"],
      ],
    },
    "%TRAILER(x-b)% %RESPONSE_TRAILER(grpc-message)% %RESPONSE_TRAILERS_BYTES%",
    "c late 20",
  ],
];

const GRPC = [["content-type", "application/grpc+proto"]] as const;
const GRPC_FORMAT = "%GRPC_STATUS% %GRPC_STATUS(SNAKE_STRING)% %GRPC_STATUS_NUMBER%";
const GRPC_CASES: readonly (readonly [string, TestStream, string])[] = [
  ["of the trailers", { trailers: [["grpc-status", "4"]] }, "DeadlineExceeded DEADLINE_EXCEEDED 4"],
  ["of the head", { response: [["grpc-status", "0"]] }, "OK OK 0"],
  ["of HTTP 503", { status: 503 }, "Unavailable UNAVAILABLE 14"],
  ["of HTTP 418", { status: 418 }, "Unknown UNKNOWN 2"],
  ["of the user's own", { trailers: [["grpc-status", "77"]] }, "77 77 77"],
];

suite("format", () => {
  let engine: FormatEngine;

  before(async () => {
    engine = await FormatEngine.open();
    engine.exports.clock(NOW_MS, WALL_OFFSET_MS);
  });

  for (const [text, want] of COMMANDS) {
    test(`runFormat: ${text} prints ${JSON.stringify(want)}`, () => {
      equal(format(engine, text), want);
    });
  }

  for (const [fact, stream, text, want] of OTHERS) {
    test(`runFormat: ${fact}`, () => {
      equal(format(engine, text, stream), want);
    });
  }

  for (const [fact, stream, want] of GRPC_CASES) {
    test(`runFormat: the gRPC status ${fact} is written in three ways`, () => {
      equal(format(engine, GRPC_FORMAT, { status: 200, request: GRPC, ...stream }), want);
    });
  }

  test("runFormat: Envoy's default line is written", () => {
    equal(
      format(engine, DEFAULT_ACCESS_LOG_FORMAT),
      '[2009-02-13T23:31:30.123Z] "GET /items/7?size=2&name=a%20b&flag HTTP/1.1" 200 - 11 22 12 ' +
        '7 "-" "test-agent" "6ba7b810-9dad-11d1-80b4-00c04fd430c8" "shop.example" ' +
        '"10.1.2.3:8080"\n',
    );
  });

  test("runFormat: in a header, what is not there is nothing", () => {
    const image = new TestImage();
    const text = "a%REQ(x-none)%b%ROUTE_NAME%";
    const program = compileFormat(image.writer, text, MACHINE, FieldPath.root, {
      omitsEmpty: true,
    });
    equal(engine.run(image, program, STREAM), "abshop-route");
  });

  test("runFormat: bytes of a header are written as they are", () => {
    const request = [["x-a", 'q"\\\t\xe9']] as const;
    equal(format(engine, "%REQ(x-a)%", { requestHeadBytes: 1, request }), 'q"\\\t\xe9');
  });

  test("runFormat: UNIQUE_ID is another random UUID each time", () => {
    const [first, second] = format(engine, "%UNIQUE_ID% %UNIQUE_ID%").split(" ");
    match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    match(second, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    equal(first === second, false);
  });

  test("runFormat: the output grows with what is written", () => {
    const value = "v".repeat(10_000);
    const stream = { requestHeadBytes: 1, request: [["x-a", value]] } as const;
    equal(format(engine, "%REQ(x-a)%".repeat(5), stream), value.repeat(5));
  });

  test("runFormat: nothing is allocated once the output has its size", () => {
    format(engine, "%REQ(user-agent)%%START_TIME%");
    const before = engine.exports.bytesInUse();
    for (let i = 0; i < 100; i++) format(engine, "%REQ(user-agent)%%START_TIME%");
    equal(engine.exports.bytesInUse(), before);
  });
});
