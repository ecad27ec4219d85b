import assert from "node:assert/strict";
import {
  HCM_ACCEPT_HTTP_10,
  HCM_DENY_ABSOLUTE_URL,
  HCM_STRIP_ANY_PORT,
  HCM_STRIP_MATCHING_PORT,
  HCM_STRIP_TRAILING_DOT,
} from "../../../../api/engine/image.ts";
import { HcmModule, type HcmSketch } from "./hcm-module.ts";

const ANY = { flags: HCM_STRIP_ANY_PORT };
const MATCHING = { flags: HCM_STRIP_MATCHING_PORT, listenerPort: 8080 };
const DOT = { flags: HCM_STRIP_TRAILING_DOT };
const OLD = { flags: HCM_ACCEPT_HTTP_10, defaultHost: "default.test" };

/** Hosts before and after. */
const hosts: readonly { name: string; sketch: HcmSketch; host: string; want: string }[] = [
  { name: "any port is stripped", sketch: ANY, host: "a.test:99", want: "a.test" },
  {
    name: "the port behind an IPv6 address is stripped",
    sketch: ANY,
    host: "[::1]:80",
    want: "[::1]",
  },
  { name: "an IPv6 address has no port", sketch: ANY, host: "[::1]", want: "[::1]" },
  { name: "an empty port stays", sketch: ANY, host: "a.test:", want: "a.test:" },
  { name: "a port of letters stays", sketch: ANY, host: "a.test:http", want: "a.test:http" },
  {
    name: "the listener's port is stripped",
    sketch: MATCHING,
    host: "a.test:8080",
    want: "a.test",
  },
  { name: "another port stays", sketch: MATCHING, host: "a.test:8081", want: "a.test:8081" },
  { name: "the dot at the end goes", sketch: DOT, host: "a.test.", want: "a.test" },
  { name: "the dot before a port goes", sketch: DOT, host: "a.test.:80", want: "a.test:80" },
];

/** Targets in the forms of RFC 9112 §3.2. */
const targets: readonly { line: string; authority: string; path?: string; scheme?: string }[] = [
  { line: "GET http://b.test/x?y", authority: "b.test", path: "/x?y", scheme: "http" },
  { line: "GET HTTPS://b.test", authority: "b.test", path: "/", scheme: "https" },
  { line: "GET http://user:secret@b.test:80/", authority: "b.test:80", path: "/", scheme: "http" },
  { line: "CONNECT b.test:443", authority: "b.test:443" },
];

const refused: readonly (readonly [head: string, status: number, details: string])[] = [
  ["GET ftp://b.test/ HTTP/1.1\r\nhost: a", 400, "http1.invalid_url"],
  ["GET http:///x HTTP/1.1\r\nhost: a", 400, "http1.invalid_url"],
  ["GET http://b.test?q HTTP/1.1\r\nhost: a", 404, "absolute_path_rejected"],
  ["GET /\u00e9 HTTP/1.1\r\nhost: a", 400, "http1.codec_error"],
  ["OPTIONS * HTTP/1.1\r\nhost: a", 404, "absolute_path_rejected"],
  ["GET * HTTP/1.1\r\nhost: a", 400, "http1.invalid_url"],
  ["CONNECT b.test HTTP/1.1\r\nhost: a", 400, "http1.invalid_url"],
  ["GET / HTTP/1.1\r\nhost: a/b", 400, "http.invalid_authority"],
  ["GET / HTTP/1.0\r\nhost: a", 426, "low_version"],
  ["QUERY / HTTP/1.1\r\nhost: a", 400, "query_missing_content_type"],
  ["QUERY / HTTP/1.1\r\nhost: a\r\ncontent-type:", 400, "query_missing_content_type"],
  ["QUERY / HTTP/1.1\r\nhost: a b", 400, "http.invalid_authority"],
];

describe("targets and hosts", () => {
  let hcm: HcmModule;
  before(async function () {
    this.timeout(60_000);
    hcm = await HcmModule.open();
  });

  for (const { name, sketch, host, want } of hosts) {
    it(`host: ${name}`, () => {
      const prepared = hcm.prepare(`GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`, sketch);
      assert.equal(prepared?.get(":authority"), want);
    });
  }

  for (const { line, authority, path = "", scheme } of targets) {
    it(`target: ${line} is understood`, () => {
      const prepared = hcm.prepare(`${line} HTTP/1.1\r\nhost: a.test\r\n\r\n`);
      assert.equal(prepared?.status, 0);
      assert.equal(prepared.get(":authority"), authority);
      assert.equal(prepared.get(":path") ?? "", path);
      if (scheme !== undefined) assert.equal(prepared.get(":scheme"), scheme);
    });
  }

  for (const [head, status, details] of refused) {
    it(`target: ${JSON.stringify(head)} is refused with ${status}`, () => {
      const prepared = hcm.prepare(`${head}\r\n\r\n`);
      assert.equal(prepared?.status, status);
      assert.equal(prepared.details, details);
    });
  }

  it("target: QUERY passes with a content type", () => {
    const head = "QUERY /q HTTP/1.1\r\nhost: a\r\ncontent-type: a/b\r\n\r\n";
    assert.equal(hcm.prepare(head)?.status, 0);
  });

  it("target: an absolute one is a path like others when it is not allowed", () => {
    const sketch = { flags: HCM_DENY_ABSOLUTE_URL };
    const prepared = hcm.prepare("GET http://b.test/ HTTP/1.1\r\nhost: a\r\n\r\n", sketch);
    assert.equal(prepared?.status, 404);
  });

  it("host: the default one serves HTTP/1.0 without Host", () => {
    const prepared = hcm.prepare("GET / HTTP/1.0\r\n\r\n", OLD);
    assert.equal(prepared?.status, 0);
    assert.equal(prepared.get(":authority"), "default.test");
  });
});
