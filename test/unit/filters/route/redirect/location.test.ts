import assert from "node:assert/strict";
import { openGuest } from "../../../../support/guest-module.ts";

const ENTRY = `
import {
  readUrl,
  urlHostEnd,
  urlHostStart,
  urlPathEnd,
  urlSchemeLength,
} from "./filters/route/redirect/location";

export { allocate } from "./filters/memory/slab";
export { readUrl };

export function place(number: i32): i32 {
  switch (number) {
    case 0: return urlSchemeLength;
    case 1: return urlHostStart;
    case 2: return urlHostEnd;
    default: return urlPathEnd;
  }
}
`;

interface LocationExports {
  readonly memory: WebAssembly.Memory;
  allocate(size: number): number;
  readUrl(text: number, length: number): number;
  place(number: number): number;
}

/** RFC 3986 §3, as far as Envoy's parser lets it: scheme, authority, path with query. */
const READ: readonly (readonly [url: string, scheme: string, authority: string, path: string])[] = [
  ["http://a.test/b", "http", "a.test", "/b"],
  ["http://a.test", "http", "a.test", ""],
  ["http://a.test/", "http", "a.test", "/"],
  ["HTTPS://A.Test:8443/B", "HTTPS", "A.Test:8443", "/B"],
  ["http://a.test?b=c", "http", "a.test", "?b=c"],
  ["http://a.test/b?c=/d?e", "http", "a.test", "/b?c=/d?e"],
  ["http://a.test/b#c?d#e", "http", "a.test", "/b"],
  ["http://a.test/#", "http", "a.test", "/"],
  ["http://user:pass%20;word@a.test:1/b", "http", "a.test:1", "/b"],
  ["http://@a.test/", "http", "a.test", "/"],
  ["http://a.test/b@c", "http", "a.test", "/b@c"],
  ["http://a.test?b@c", "http", "a.test", "?b@c"],
  ["http://[::1]/b", "http", "[::1]", "/b"],
  ["http://[2001:DB8::f]:80/b", "http", "[2001:DB8::f]:80", "/b"],
  ["http://10.0.0.1:0/", "http", "10.0.0.1:0", "/"],
  ["http://a-b.c-:65535/", "http", "a-b.c-:65535", "/"],
  ["http://a:00080/", "http", "a:00080", "/"],
  ["ftp://a/b", "ftp", "a", "/b"],
  ["h2+x-y.z://a/b", "h2+x-y.z", "a", "/b"],
  ["http://a/!\"$%&'()*+,-.:;<=>@[\\]^_`{|}~", "http", "a", "/!\"$%&'()*+,-.:;<=>@[\\]^_`{|}~"],
];

const REFUSED: readonly string[] = [
  "",
  "a",
  "/b",
  "//a/b",
  "http:",
  "http:/a",
  "http:a/b",
  "http://",
  "http:///b",
  "http://?b",
  "http://#b",
  "http://:80/",
  "://a/b",
  "2h://a/b",
  "h_t://a/b",
  "http ://a/b",
  " http://a/b",
  "http://a b/",
  "http://a_b/",
  "http://a%20b/",
  "http://a,b/",
  "http://a#b",
  "http://a:/b",
  "http://a:8o/b",
  "http://a:-1/b",
  "http://a:65536/b",
  "http://a:99999999999999999999/b",
  "http://a:1:2/b",
  "http://user@/b",
  "http://a@b@c/d",
  "http://a[@c/d",
  "http://a @c/d",
  "http://[]/b",
  "http://[::1/b",
  "http://[::1]b/c",
  "http://[::g]/b",
  "http://[1:2]/b",
  "http://[::1%25eth0]/b",
  "http://a]/b",
  "http://a/b c",
  "http://a/b\tc",
  "http://a/b\rc",
  "http://a/b\nc",
  "http://a/b\0c",
  "http://a/b\x7f",
  "http://a/\xe4",
  "http://a/b?c d",
  "http://a/b#c d",
  "http://\xe4/",
];

describe("location", () => {
  let guest: LocationExports;
  let view: Buffer;
  let region: number;
  before(async function () {
    this.timeout(60_000);
    guest = await openGuest<LocationExports>("location", ENTRY);
    view = Buffer.from(guest.memory.buffer);
    region = guest.allocate(4096);
  });

  /** Reads a URL with bytes behind it that would make another of it. */
  function isRead(url: string): boolean {
    view.write(`${url}9/:@`, region, "latin1");
    return guest.readUrl(region, url.length) !== 0;
  }

  for (const [url, scheme, authority, path] of READ) {
    it(`readUrl: ${url} has its parts`, () => {
      assert.ok(isRead(url));
      const [schemeEnd, from, to, end] = [0, 1, 2, 3].map((number) => guest.place(number));
      const parts = [url.slice(0, schemeEnd), url.slice(from, to), url.slice(to, end)];
      assert.deepEqual(parts, [scheme, authority, path]);
    });
  }

  for (const url of REFUSED) {
    it(`readUrl: ${JSON.stringify(url)} is refused`, () => {
      assert.equal(isRead(url), false);
    });
  }
});
