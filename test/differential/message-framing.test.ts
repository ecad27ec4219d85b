import { type Case, compareAll } from "./pair/compare.ts";
import { get, post, raw } from "./pair/request.ts";

const http1 = (options: object) => ({ manager: { http_protocol_options: options } });

const variants = {
  plain: {},
  "with trailers": http1({ enable_trailers: true }),
  "chunked with length": http1({ allow_chunked_length: true }),
  "proxied 100": { manager: { proxy_100_continue: true } },
  "proxied 100 with id": {
    manager: { proxy_100_continue: true, always_set_request_id_in_response: true },
  },
};

const keep = (send: string) => ({ send, ending: "keep" }) as const;
const close = (send: string) => ({ send, ending: "close" }) as const;
const chunked = (...lines: string[]) => {
  return raw("HTTP/1.1 200 OK", "transfer-encoding: chunked", ...lines);
};

const scripts = {
  "no content": keep(raw("HTTP/1.1 204 No Content")),
  "no content with length": keep(raw("HTTP/1.1 204 No Content", "content-length: 0")),
  "not modified": keep(raw("HTTP/1.1 304 Not Modified", 'etag: "x"')),
  "not modified with length": keep(raw("HTTP/1.1 304 Not Modified", "content-length: 10")),
  "reset content": keep(raw("HTTP/1.1 205 Reset Content", "content-length: 0")),
  "empty body": keep(raw("HTTP/1.1 200 OK", "content-length: 0")),
  "chunked body": keep(`${chunked()}5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n`),
  "empty chunked body": keep(`${chunked()}0\r\n\r\n`),
  "chunked with extension": keep(`${chunked()}5;a=b\r\nhello\r\n0;c\r\n\r\n`),
  "chunked with trailers": keep(
    `${chunked("trailer: x-t")}5\r\nhello\r\n0\r\nx-t: 1\r\nX-U: 2\r\n\r\n`,
  ),
  "until close": close(`${raw("HTTP/1.1 200 OK")}hello`),
  "until close, nothing": close(raw("HTTP/1.1 200 OK")),
  "HTTP/1.0 until close": close(`${raw("HTTP/1.0 200 OK")}hello`),
  "HTTP/1.0 with length": keep(`${raw("HTTP/1.0 200 OK", "content-length: 5")}hello`),
  "closes after": close(`${raw("HTTP/1.1 200 OK", "content-length: 5", "connection: close")}hello`),
  continue: keep(`${raw("HTTP/1.1 100 Continue")}${raw("HTTP/1.1 200 OK", "content-length: 2")}hi`),
  processing: keep(
    `${raw("HTTP/1.1 102 Processing")}${raw("HTTP/1.1 200 OK", "content-length: 2")}hi`,
  ),
  "early hints": keep(
    `${raw("HTTP/1.1 103 Early Hints", "link: </a>")}` +
      `${raw("HTTP/1.1 200 OK", "content-length: 2")}hi`,
  ),
  "length of HEAD": keep(raw("HTTP/1.1 200 OK", "content-length: 42")),
  "chunks of HEAD": keep(chunked()),
  "nothing of HEAD": keep(raw("HTTP/1.1 200 OK")),
  early: { isEarly: true, ...keep(`${raw("HTTP/1.1 403 Forbidden", "content-length: 2")}no`) },
  "both lengths": keep(`${chunked("content-length: 5")}5\r\nhello\r\n0\r\n\r\n`),
} as const;

const chunks = (...lines: string[]) =>
  raw("POST / HTTP/1.1", "host: a.test", "transfer-encoding: chunked", ...lines);

const malformed: readonly (readonly [string, string])[] = [
  ["both lengths", `${chunks("content-length: 5")}0\r\n\r\n`],
  [
    "two equal lengths",
    `${raw("POST / HTTP/1.1", "host: a", "content-length: 2", "content-length: 2")}hi`,
  ],
  [
    "two lengths",
    `${raw("POST / HTTP/1.1", "host: a", "content-length: 2", "content-length: 3")}hi`,
  ],
  ["lengths in a list", `${raw("POST / HTTP/1.1", "host: a", "content-length: 2, 2")}hi`],
  ["length with a sign", `${raw("POST / HTTP/1.1", "host: a", "content-length: +2")}hi`],
  ["negative length", raw("POST / HTTP/1.1", "host: a", "content-length: -2")],
  ["length with letters", `${raw("POST / HTTP/1.1", "host: a", "content-length: 0x2")}hi`],
  ["empty length", raw("POST / HTTP/1.1", "host: a", "content-length:")],
  ["huge length", raw("POST / HTTP/1.1", "host: a", "content-length: 99999999999999999999")],
  ["transfer-encoding: gzip", raw("POST / HTTP/1.1", "host: a", "transfer-encoding: gzip")],
  [
    "transfer-encoding: gzip, chunked",
    `${raw("POST / HTTP/1.1", "host: a", "transfer-encoding: gzip, chunked")}0\r\n\r\n`,
  ],
  ["transfer-encoding: xchunked", raw("POST / HTTP/1.1", "host: a", "transfer-encoding: xchunked")],
  [
    "transfer-encoding: Chunked",
    `${raw("POST / HTTP/1.1", "host: a", "transfer-encoding: Chunked")}0\r\n\r\n`,
  ],
  ["transfer-encoding twice", `${chunks("transfer-encoding: chunked")}0\r\n\r\n`],
  ["space before colon", raw("GET / HTTP/1.1", "host: a", "x-a : 1")],
  ["folded line", raw("GET / HTTP/1.1", "host: a", "x-a: 1", " more")],
  ["line that begins with space", raw("GET / HTTP/1.1", " host: a")],
  ["line without colon", raw("GET / HTTP/1.1", "host: a", "nothing")],
  ["empty name", raw("GET / HTTP/1.1", "host: a", ": x")],
  ["name with bad byte", raw("GET / HTTP/1.1", "host: a", "x(a): 1")],
  ["NUL in value", raw("GET / HTTP/1.1", "host: a", "x-a: a\0b")],
  ["control byte in value", raw("GET / HTTP/1.1", "host: a", "x-a: a\x01b")],
  ["DEL in value", raw("GET / HTTP/1.1", "host: a", "x-a: a\x7fb")],
  ["bare CR in value", raw("GET / HTTP/1.1", "host: a", "x-a: a\rb")],
  ["bare LF line ends", "GET / HTTP/1.1\nhost: a\n\n"],
  ["one bare LF", "GET / HTTP/1.1\r\nhost: a\nx-b: 1\r\n\r\n"],
  ["two spaces", raw("GET  / HTTP/1.1", "host: a")],
  ["tab for space", raw("GET\t/ HTTP/1.1", "host: a")],
  ["space at the end", raw("GET / HTTP/1.1 ", "host: a")],
  ["no target", raw("GET HTTP/1.1", "host: a")],
  ["lower-case method", raw("get / HTTP/1.1", "host: a")],
  ["unknown method", raw("BREW / HTTP/1.1", "host: a")],
  ["odd method", raw("G@T / HTTP/1.1", "host: a")],
  ["empty lines first", `\r\n\r\n${get("/")}`],
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"],
  ["garbage", "garbage\r\n\r\n"],
  ["bad chunk size", `${raw("POST / HTTP/1.1", "host: a", "transfer-encoding: chunked")}zz\r\n`],
  [
    "chunk without end",
    `${raw("POST / HTTP/1.1", "host: a", "transfer-encoding: chunked")}2\r\nhixx0\r\n\r\n`,
  ],
  [
    "chunk size with space",
    `${raw("POST / HTTP/1.1", "host: a", "transfer-encoding: chunked")}2 \r\nhi\r\n0\r\n\r\n`,
  ],
  [
    "chunk size with 0x",
    `${raw("POST / HTTP/1.1", "host: a", "transfer-encoding: chunked")}0x2\r\nhi\r\n0\r\n\r\n`,
  ],
  [
    "chunk with LF only",
    `${raw("POST / HTTP/1.1", "host: a", "transfer-encoding: chunked")}2\nhi\n0\n\n`,
  ],
  [
    "huge chunk",
    `${raw("POST / HTTP/1.1", "host: a", "transfer-encoding: chunked")}fffffffffffffffff\r\n`,
  ],
  [
    "a hundred headers",
    raw("GET / HTTP/1.1", "host: a", ...Array.from({ length: 99 }, (_, n) => `x-${n}: v`)),
  ],
  [
    "a hundred and one headers",
    raw("GET / HTTP/1.1", "host: a", ...Array.from({ length: 100 }, (_, n) => `x-${n}: v`)),
  ],
  ["head of 59 kB", raw("GET / HTTP/1.1", "host: a", `x-a: ${"v".repeat(59 * 1024)}`)],
  ["head of 61 kB", raw("GET / HTTP/1.1", "host: a", `x-a: ${"v".repeat(61 * 1024)}`)],
  ["target of 61 kB", raw(`GET /${"v".repeat(61 * 1024)} HTTP/1.1`, "host: a")],
];

const bodies: Case[] = [
  { name: "POST without body", send: raw("POST / HTTP/1.1", "host: a.test") },
  { name: "PUT without body", send: raw("PUT / HTTP/1.1", "host: a.test") },
  { name: "PATCH without body", send: raw("PATCH / HTTP/1.1", "host: a.test") },
  { name: "DELETE without body", send: raw("DELETE / HTTP/1.1", "host: a.test") },
  { name: "OPTIONS without body", send: raw("OPTIONS / HTTP/1.1", "host: a.test") },
  { name: "GET with content-length 0", send: get("/", "content-length: 0") },
  { name: "GET with body", send: `${get("/", "content-length: 2")}hi` },
  { name: "POST with content-length 0", send: post("/", "") },
  { name: "POST with body", send: post("/", "hello") },
  { name: "HEAD", send: raw("HEAD / HTTP/1.1", "host: a.test"), methods: ["HEAD"] },
  { name: "chunked", send: `${chunks()}5\r\nhello\r\n0\r\n\r\n` },
  { name: "empty chunked", send: `${chunks()}0\r\n\r\n` },
  { name: "GET chunked", send: `${get("/", "transfer-encoding: chunked")}2\r\nhi\r\n0\r\n\r\n` },
  { name: "chunk extension", send: `${chunks()}5;a=b;c="d"\r\nhello\r\n0\r\n\r\n` },
  {
    name: "chunked with trailers",
    send: `${chunks("trailer: x-t")}2\r\nhi\r\n0\r\nx-t: 1\r\nX-Two: 2\r\n\r\n`,
  },
  {
    name: "chunk sizes in capitals and zeros",
    send: `${chunks()}000A\r\n0123456789\r\n00\r\n\r\n`,
  },
  { name: "two in one piece", send: get("/1") + get("/2"), methods: ["GET", "GET"] },
  {
    name: "POST and GET in one piece",
    send: post("/1", "hello") + get("/2"),
    methods: ["POST", "GET"],
  },
  {
    name: "three, the second closes",
    send: get("/1") + get("/2", "connection: close") + get("/3"),
    methods: ["GET", "GET"],
  },
  {
    name: "Connection naming content-length, with a body",
    send: post("/", "hello", "connection: content-length"),
  },
  {
    name: "Connection naming transfer-encoding, with a body",
    send: `${chunks("connection: transfer-encoding")}2\r\nhi\r\n0\r\n\r\n`,
  },
  {
    name: "Connection naming ten headers",
    send: get("/", `connection: ${Array.from({ length: 10 }, (_, n) => `x-${n}`).join(",")}`),
  },
  {
    name: "Connection naming nine headers",
    send: get("/", `connection: ${Array.from({ length: 9 }, (_, n) => `x-${n}`).join(",")}`),
  },
];

const expectations = ["plain", "proxied 100"]
  .flatMap((on): Case[] => [
    {
      on,
      name: "expect 100, body after leave",
      send: [
        raw("POST / HTTP/1.1", "host: a.test", "content-length: 2", "expect: 100-continue"),
        "hi",
      ],
      methods: ["POST"],
    },
    {
      on,
      name: "expect 100 in capitals",
      send: [
        raw("POST / HTTP/1.1", "host: a.test", "content-length: 2", "expect: 100-Continue"),
        "hi",
      ],
      methods: ["POST"],
    },
    { on, name: "expect 100, body at once", send: post("/", "hi", "expect: 100-continue") },
    {
      on,
      name: "expect 100, no route",
      send: post("/", "hi", "expect: 100-continue", "x-none: 1"),
    },
  ])
  .filter(({ on, name }) => on === "plain" || name.includes("at once"));

const cases: Case[] = [
  {
    on: "proxied 100 with id",
    name: "POST answered with continue",
    send: post("/", "hi", "x-script: continue", "x-request-id: mine"),
  },
  ...bodies,
  ...bodies
    .filter(({ name }) => name.includes("chunked"))
    .map((each) => ({ ...each, on: "with trailers" })),
  ...malformed.map(([name, send]) => ({ name, send })),
  { on: "chunked with length", name: malformed[0][0], send: malformed[0][1] },
  ...Object.keys(scripts)
    .flatMap((script): Case[] => [
      { name: `GET answered with ${script}`, send: get("/", `x-script: ${script}`) },
      {
        name: `HEAD answered with ${script}`,
        send: raw("HEAD / HTTP/1.1", "host: a.test", `x-script: ${script}`),
        methods: ["HEAD"],
      },
      {
        on: "with trailers",
        name: `GET answered with ${script}`,
        send: get("/", `x-script: ${script}`),
      },
      {
        on: "proxied 100",
        name: `POST answered with ${script}`,
        send: post("/", "hi", `x-script: ${script}`),
      },
    ])
    // A body must follow only where one is due, or both sides wait for it.
    .filter(({ name }) => {
      return name.startsWith("HEAD")
        ? !/body|hello|until|both|ext|trail|early$|closes|1.0/.test(name)
        : !/of HEAD$/.test(name);
    }),
  ...expectations,
  {
    name: "early answer to half a body",
    send: `${raw("POST / HTTP/1.1", "host: a.test", "content-length: 100", "x-script: early")}half`,
  },
  { name: "half-close behind the request", send: get("/"), isHalfClosed: true },
];

describe("differential, framing", () => {
  compareAll({
    variants,
    scripts,
    cases,
    marks: [
      [/Connection naming (content-length|transfer-encoding)/, "Ambiguous messages are refused"],
      [
        /: (folded line|bare CR|bare LF|one bare LF|two spaces|tab for|space at)/,
        "Ambiguous messages are refused",
      ],
      [/chunk size with space/, "Ambiguous messages are refused"],
      [/transfer-encoding(: xchunked| twice)/, "An odd Transfer-Encoding is answered with 400"],
      [/chunked with length: both lengths/, "Both lengths end the connection"],
      [/answered with (processing|early hints)/, "Interim responses are passed on"],
      [
        /plain: expect 100, (body at once|no route)/,
        "100 Continue is not sent to who does not wait",
      ],
      [/half-close behind/, "Half-closed clients are answered"],
    ],
  });
});

describe("differential, trailers of both sides", () => {
  const options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  const backend = {
    typed_extension_protocol_options: {
      [options]: {
        "@type": `type.googleapis.com/${options}`,
        explicit_http_config: { http_protocol_options: { enable_trailers: true } },
      },
    },
  };
  const { plain, "with trailers": trailed } = variants;
  const each = ["plain", "with trailers"].flatMap((on): Case[] => [
    ...bodies.filter(({ name }) => name.includes("trailers")).map((one) => ({ ...one, on })),
    {
      on,
      name: "GET answered with chunked with trailers",
      send: get("/", "x-script: chunked with trailers"),
    },
    {
      on,
      name: "trailers that may not be",
      send: `${chunks()}2\r\nhi\r\n0\r\ncontent-length: 3\r\nx-t: 1\r\n\r\n`,
    },
  ]);
  const marks = [[/trailers that may not be/, "Ambiguous messages are refused"]] as const;
  const both = { plain, "with trailers": trailed };
  compareAll({ variants: both, scripts, backend, cases: each, marks });
});
