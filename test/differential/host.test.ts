import { type Case, compareAll } from "./pair/compare.ts";
import { raw } from "./pair/request.ts";

const variants = {
  "as it is": {},
  "strips matching port": { manager: { strip_matching_host_port: true }, isOnFixedPort: true },
  "strips any port": { manager: { strip_any_host_port: true } },
  "strips dot": { manager: { strip_trailing_host_dot: true } },
  "strips dot and any port": {
    manager: { strip_trailing_host_dot: true, strip_any_host_port: true },
  },
  "HTTP/1.0": { manager: { http_protocol_options: { accept_http_10: true } } },
  "HTTP/1.0 with default host": {
    manager: {
      http_protocol_options: { accept_http_10: true, default_host_for_http_10: "default.test" },
    },
  },
  "refuses absolute": { manager: { http_protocol_options: { allow_absolute_url: false } } },
};

const HOSTS = [
  "a.test",
  "A.Test",
  "a.test:80",
  "a.test:443",
  "a.test:{port}",
  "a.test.",
  "a.test.:{port}",
  "a.test..",
  ".",
  "",
  ":80",
  "[::1]",
  "[::1]:{port}",
  "[::1]:80",
  "::1",
  "127.0.0.1:{port}",
  "a.test:",
  "a.test:abc",
  "a.test:99999",
  "a.test:080",
  "user@a.test",
  "a b",
  "a/b",
  "a?b",
  "a#b",
  "a\\b",
  "a,b",
  "a_b",
  "a%41",
  "a<b>",
  'a"b',
  "a|b",
  "\u00e9.test",
  "a.test, b.test",
];

const versions = [
  { name: "HTTP/1.0", send: raw("GET / HTTP/1.0") },
  { name: "HTTP/1.0 with Host", send: raw("GET / HTTP/1.0", "host: a.test") },
  {
    name: "HTTP/1.0 with keep-alive",
    send: raw("GET / HTTP/1.0", "host: a.test", "connection: keep-alive"),
  },
  {
    name: "HTTP/1.0 with Keep-Alive and default host",
    send: raw("GET / HTTP/1.0", "Connection: Keep-Alive"),
  },
  { name: "HTTP/1.0 HEAD", send: raw("HEAD / HTTP/1.0", "host: a.test"), methods: ["HEAD"] },
  {
    name: "HTTP/1.0 POST",
    send: `${raw("POST / HTTP/1.0", "host: a.test", "content-length: 2")}hi`,
  },
  {
    name: "HTTP/1.0 answered in chunks",
    send: raw("GET / HTTP/1.0", "host: a.test", "x-script: chunked"),
  },
  {
    name: "HTTP/1.0 answered in chunks, keep-alive",
    send: raw("GET / HTTP/1.0", "host: a.test", "connection: keep-alive", "x-script: chunked"),
  },
  { name: "HTTP/1.1 without Host", send: raw("GET / HTTP/1.1") },
  { name: "HTTP/1.1 with two Hosts", send: raw("GET / HTTP/1.1", "host: a.test", "host: a.test") },
  { name: "HTTP/0.9", send: "GET /\r\n\r\n" },
  { name: "HTTP/1.2", send: raw("GET / HTTP/1.2", "host: a.test") },
  { name: "HTTP/2.0", send: raw("GET / HTTP/2.0", "host: a.test") },
  { name: "HTTP/3.7", send: raw("GET / HTTP/3.7", "host: a.test") },
  { name: "http/1.1", send: raw("GET / http/1.1", "host: a.test") },
  { name: "HTTP/1.1x", send: raw("GET / HTTP/1.1x", "host: a.test") },
];

const absolute = [
  {
    name: "absolute form with the same Host",
    send: raw("GET http://b.test/x HTTP/1.1", "host: b.test"),
  },
  { name: "absolute form without Host", send: raw("GET http://b.test/x HTTP/1.1") },
  { name: "absolute form in HTTP/1.0", send: raw("GET http://b.test/x HTTP/1.0") },
];

const cases: Case[] = [
  ...Object.keys(variants)
    .filter((on) => !/HTTP|refuses/.test(on))
    .flatMap((on) =>
      HOSTS.map((host) => {
        return {
          on,
          name: `host ${JSON.stringify(host)}`,
          send: raw("GET / HTTP/1.1", `host: ${host}`),
        };
      }),
    ),
  ...["as it is", "HTTP/1.0", "HTTP/1.0 with default host"].flatMap((on) =>
    versions.map((each) => ({ on, ...each })),
  ),
  ...["as it is", "refuses absolute", "strips any port", "HTTP/1.0 with default host"].flatMap(
    (on) => absolute.map((each) => ({ on, ...each })),
  ),
];

describe("differential, hosts and versions", () => {
  const scripts = {
    chunked: {
      send: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
      ending: "keep",
    },
  } as const;
  compareAll({
    variants,
    scripts,
    cases,
    marks: [
      [/with two Hosts$/, "Ambiguous messages are refused"],
      [/: (HTTP\/0.9|HTTP\/1.2|HTTP\/2.0|HTTP\/3.7)$/, "Only HTTP/1.0 and HTTP/1.1 are known"],
      [
        /^(?!refuses absolute).*absolute form without Host$/,
        "Host is required whatever the target",
      ],
    ],
  });
});
