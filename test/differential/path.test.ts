import { type Case, compareAll } from "./pair/compare.ts";
import { get, raw } from "./pair/request.ts";

const ACTIONS = [
  "KEEP_UNCHANGED",
  "REJECT_REQUEST",
  "UNESCAPE_AND_REDIRECT",
  "UNESCAPE_AND_FORWARD",
];

const variants = {
  "as it is": {},
  normalized: { manager: { normalize_path: true } },
  merged: { manager: { merge_slashes: true } },
  "normalized and merged": { manager: { normalize_path: true, merge_slashes: true } },
  ...Object.fromEntries(
    ACTIONS.map((action) => {
      return [action, { manager: { path_with_escaped_slashes_action: action } }];
    }),
  ),
  ...Object.fromEntries(
    ACTIONS.map((action) => {
      const manager = {
        path_with_escaped_slashes_action: action,
        normalize_path: true,
        merge_slashes: true,
      };
      return [`${action}, normalized and merged`, { manager }];
    }),
  ),
};

const PATHS = [
  "/",
  "//",
  "/a/b",
  "/a//b",
  "//a///b//",
  "/a/./b",
  "/a/../b",
  "/a/b/..",
  "/a/b/.",
  "/..",
  "/../a",
  "/a/../../b",
  "/./",
  "/...",
  "/a/.b/..c",
  "/%2e%2e/a",
  "/a/%2E%2E/b",
  "/a/%2e/b",
  "/a/.%2e/b",
  "/a%2Fb",
  "/a%2fb%5Cc%5cd",
  "/a%2F..%2Fb",
  "/a\\b",
  "/a\\..\\b",
  "/a%00b",
  "/a%0ab",
  "/a%20b",
  "/a%7Eb",
  "/a%c3%a9",
  "/%41%42",
  "/a%",
  "/a%2",
  "/a%zz",
  "/%2",
  "/a?b=../c//d",
  "/a/../b?x=%2F%2e",
  "/a%2Fb?x=%2F",
  "/a?",
  "/?a?b",
  "/a;b=c/d",
  "/a//../b",
  "/a/b//..//c",
  "/a#b",
  "/#",
  "/a?b#c",
  "/a%23b",
  "/a|b",
  '/a"b<c>',
  "/a{b}",
  "/a^b`c",
  "/\u00e9",
  "/a?\u00e9",
  "/%252e%252e/a",
  "/a%252fb",
  "/a:b@c",
  "/a!$&'()*+,;=b",
  "/~a/-b/_c",
  "/a//b?c#d",
];

/** Request targets in the other forms of RFC 9112 §3.2. */
const TARGETS = [
  "http://b.test/x",
  "http://b.test",
  "http://b.test/",
  "http://b.test?q",
  "http://b.test:8080/x?y",
  "HTTP://b.test/x",
  "https://b.test/x",
  "ftp://b.test/x",
  "http:///x",
  "http://",
  "http://b.test/../x",
  "http://user@b.test/x",
  "http://[::1]:80/x",
  "http://b.test/x#f",
  "http://b.test\\x",
  "*",
  "x",
  "a/b",
  "?",
  "b.test:443",
  "ws://b.test/x",
];

const cases: Case[] = [
  ...Object.keys(variants).flatMap((on) =>
    PATHS.map((path) => ({ on, name: `path ${JSON.stringify(path)}`, send: get(path) })),
  ),
  ...TARGETS.map((target) => ({ name: `target ${target}`, send: get(target) })),
  { name: "OPTIONS *", send: raw("OPTIONS * HTTP/1.1", "host: a.test") },
  { name: "OPTIONS /", send: raw("OPTIONS / HTTP/1.1", "host: a.test") },
  { name: "CONNECT", send: raw("CONNECT b.test:443 HTTP/1.1", "host: b.test:443") },
  { name: "CONNECT without Host", send: raw("CONNECT b.test:443 HTTP/1.1") },
  { name: "CONNECT to a path", send: raw("CONNECT /x HTTP/1.1", "host: b.test:443") },
  { name: "TRACE", send: raw("TRACE /x HTTP/1.1", "host: b.test") },
  { name: "a target of 8,000 bytes", send: get(`/${"a".repeat(8000)}`) },
];

describe("differential, paths and targets", () => {
  compareAll({
    variants,
    cases,
    marks: [
      [/merged: path "\/\/"$/, "A path of slashes alone is merged, too"],
      [/CONNECT without Host$/, "Host is required whatever the target"],
    ],
  });
});
