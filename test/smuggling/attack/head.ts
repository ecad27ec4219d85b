import { type Attack, CHARACTERS, CODEC, EMPTY_CHUNKED, SMUGGLED, toHead } from "./attack.ts";

const URL = "http1.invalid_url";
const HOST = "http1.invalid_host";
const AUTHORITY = "http.invalid_authority";
const CONNECTION = "http1.connection_header_rejected";
const GET = "GET / HTTP/1.1";
const LENGTH = `Content-Length: ${SMUGGLED.length}`;

/** Heads of which not all read the same lines, and headers that decide about others. */
export const HEAD_ATTACKS: readonly Attack[] = [
  { name: "two Hosts", bytes: toHead(["Host: c"], GET), details: HOST },
  { name: "two equal Hosts", bytes: toHead(["Host: b"], GET), details: HOST },
  { name: "no Host", bytes: `${GET}\r\n\r\n`, details: "missing_host_header" },
  {
    name: "a Host with a path",
    bytes: `${GET}\r\nHost: b/c\r\n\r\n`,
    details: AUTHORITY,
  },
  {
    name: "a Host list",
    bytes: `${GET}\r\nHost: b c\r\n\r\n`,
    details: AUTHORITY,
  },
  { name: "a Host that is folded", bytes: `${GET}\r\nHost: b\r\n c\r\n\r\n`, details: CODEC },
  {
    name: "a space before Host's colon",
    bytes: `${GET}\r\nHost : b\r\n\r\n`,
    details: CHARACTERS,
  },
  { name: "a header without a name", bytes: toHead([": b"], GET), details: CHARACTERS },
  { name: "a line without a colon", bytes: toHead(["b"], GET), details: CHARACTERS },
  {
    name: "a request in a header with bare LFs",
    bytes: toHead([`A: b\n\n${SMUGGLED}`], GET),
    details: CODEC,
  },
  {
    name: "a request in a header with bare CRs",
    bytes: toHead([`A: b\r\r${SMUGGLED}`], GET),
    details: CODEC,
  },
  {
    name: "a head that ends in bare LFs",
    bytes: `${GET}\nHost: b\n\n${SMUGGLED}`,
    details: CODEC,
  },
  {
    name: "a head that ends in CR LF LF",
    bytes: `${GET}\r\nHost: b\r\n\n${SMUGGLED}`,
    details: CODEC,
  },
  {
    name: "a head that ends in CR CR LF",
    bytes: `${GET}\r\nHost: b\r\n\r\r\n${SMUGGLED}`,
    details: CODEC,
  },
  { name: "NUL in a header", bytes: toHead(["A: b\0c"], GET), details: CHARACTERS },
  { name: "NUL in the target", bytes: toHead([], "GET /\0 HTTP/1.1"), details: CHARACTERS },
  {
    name: "a request in the target",
    bytes: toHead([], `GET /\r\nHost: b\r\n\r\n${SMUGGLED} HTTP/1.1`),
    details: CODEC,
  },
  { name: "a second version", bytes: toHead([], "GET / HTTP/1.1 HTTP/1.1"), details: CODEC },
  { name: "a tab in the request line", bytes: toHead([], "GET\t/\tHTTP/1.1"), details: CODEC },
  { name: "two spaces in the request line", bytes: toHead([], "GET  / HTTP/1.1"), details: URL },
  { name: "HTTP/0.9", bytes: `GET /\r\n\r\n${SMUGGLED}`, details: CODEC },
  {
    name: "an unknown method",
    bytes: toHead([], "SMUGGLE / HTTP/1.1"),
    details: "http1.invalid_method",
  },
  {
    name: "a body that begins the connection",
    bytes: `hello${SMUGGLED}`,
    details: "http1.invalid_method",
  },
  {
    name: "a length that Connection names",
    bytes: `${toHead([LENGTH, "Connection: Content-Length"])}${SMUGGLED}`,
    details: CONNECTION,
  },
  {
    name: "a length that Connection names with a blank in it",
    bytes: `${toHead([LENGTH, "Connection: content -length"])}${SMUGGLED}`,
    details: CONNECTION,
  },
  {
    name: "a coding that Connection names",
    bytes:
      toHead(["Transfer-Encoding: chunked", "Connection: x, transfer-encoding"]) + EMPTY_CHUNKED,
    details: CONNECTION,
  },
  {
    name: "a Host that Connection names",
    bytes: toHead(["Connection: host"], GET),
    details: CONNECTION,
  },
];
