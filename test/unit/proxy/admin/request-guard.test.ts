import assert from "node:assert/strict";
import { refuseMutation } from "../../../../proxy/admin/request-guard.ts";

type Headers = Readonly<Record<string, string>>;

const allowed: readonly (readonly [name: string, headers: Headers])[] = [
  ["no Host at all, as in HTTP/1.0", {}],
  ["an IPv4 address", { host: "10.0.0.7:9901" }],
  ["an IPv4 address without port", { host: "127.0.0.1" }],
  ["an IPv6 address", { host: "[::1]:9901" }],
  ["localhost", { host: "localhost:9901" }],
  ["localhost in capitals", { host: "LOCALHOST" }],
  ["a name under localhost", { host: "proxy.localhost:9901" }],
  ["the own origin", { host: "localhost:9901", origin: "http://localhost:9901" }],
  ["a page of the same origin", { host: "127.0.0.1", "sec-fetch-site": "same-origin" }],
  ["an address typed in", { host: "127.0.0.1", "sec-fetch-site": "none" }],
];

const refused: readonly (readonly [name: string, headers: Headers])[] = [
  ["a name", { host: "evil.example" }],
  ["a name that looks like an address", { host: "127.0.0.1.evil.example:9901" }],
  ["a name that ends like localhost", { host: "evillocalhost" }],
  ["brackets around a name", { host: "[evil.example]:9901" }],
  ["another origin", { host: "127.0.0.1:9901", origin: "http://evil.example" }],
  ["another port of the same address", { host: "127.0.0.1:9901", origin: "http://127.0.0.1:80" }],
  ["an opaque origin", { host: "127.0.0.1:9901", origin: "null" }],
  ["an origin without a Host to compare", { origin: "http://127.0.0.1" }],
  ["a page of another site", { host: "127.0.0.1", "sec-fetch-site": "cross-site" }],
];

describe("refuseMutation", () => {
  for (const [name, headers] of allowed) {
    it(`refuseMutation: lets through ${name}`, () => {
      assert.equal(refuseMutation(headers, false), null);
    });
  }

  for (const [name, headers] of refused) {
    it(`refuseMutation: refuses ${name}`, () => {
      assert.equal(typeof refuseMutation(headers, false), "string");
    });
  }

  it("refuseMutation: lets everything through on a pipe", () => {
    assert.equal(refuseMutation({ host: "evil.example" }, true), null);
  });
});
