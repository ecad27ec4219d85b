import assert from "node:assert/strict";
import { ROUTE_NONE } from "../../../../api/engine/route-image.ts";
import { buildImage, RouteEngine } from "./route-engine.ts";

/** A configuration whose virtual hosts have the names of their domains. */
function hostsOf(domains: readonly string[], settings: object = {}) {
  return {
    name: "hosts",
    ...settings,
    virtualHosts: domains.map((domain) => ({
      name: domain,
      domains: [domain],
      routes: [{ match: { prefix: "/" }, route: { cluster: "alpha" } }],
    })),
  };
}

const DOMAINS = [
  "*",
  "*.com",
  "*.shop.com",
  "*-eu.shop.com",
  "shop.com",
  "SHOP.net",
  "shop.*",
  "shop.eu.*",
  "shop.com:8080",
];

describe("selectRoute, virtual hosts", () => {
  let engine: RouteEngine;

  before(async function () {
    this.timeout(120_000);
    engine = await RouteEngine.open();
  });

  const rows: [string, string, string][] = [
    ["an exact domain goes first", "shop.com", "shop.com"],
    ["case of the host does not count", "Shop.COM", "shop.com"],
    ["case of the domain does not count", "shop.net", "SHOP.net"],
    ["the longest suffix wins", "x-eu.shop.com", "*-eu.shop.com"],
    ["a shorter suffix is tried next", "x.shop.com", "*.shop.com"],
    ["the shortest suffix is tried last", "x.com", "*.com"],
    ["a star stands for at least one byte", ".shop.com", "*.com"],
    ["a suffix goes before a prefix", "shop.eu.com", "*.com"],
    ["the longest prefix wins", "shop.eu.org", "shop.eu.*"],
    ["a shorter prefix is tried next", "shop.org", "shop.*"],
    ["a prefix needs a byte for its star", "shop.", "*"],
    ["nothing else fits, so the default is used", "example.org", "*"],
    ["a port belongs to the host", "shop.com:8080", "shop.com:8080"],
    ["another port is another host", "shop.com:81", "shop.*"],
  ];
  for (const [name, authority, want] of rows) {
    it(`selectRoute: ${name}`, () => {
      engine.load(buildImage(hostsOf(DOMAINS)));
      assert.equal(engine.select({ authority }).virtualHost, want);
    });
  }

  const portRows: [string, string, string | null][] = [
    ["a port is left out", "shop.com:81", "shop.com"],
    ["a port of an IPv6 address is left out", "[::1]:81", "[::1]"],
    ["a colon in an IPv6 address is no port", "[::1]", "[::1]"],
    ["what follows the last colon is left out", "shop.com:", "shop.com"],
    ["a domain with a port is never found", "other.com:8080", null],
  ];
  for (const [name, authority, want] of portRows) {
    it(`selectRoute with ignore_port_in_host_matching: ${name}`, () => {
      const domains = ["shop.com", "[::1]", "other.com:8080"];
      engine.load(buildImage(hostsOf(domains, { ignorePortInHostMatching: true })));
      assert.equal(engine.select({ authority }).virtualHost, want);
    });
  }

  const headerRows: [string, [string, string][], string | null][] = [
    ["its value is the host", [["x-tenant", "shop.com"]], "shop.com"],
    ["case does not count", [["x-tenant", "Shop.COM"]], "shop.com"],
    ["wildcards are tried", [["x-tenant", "a.shop.com"]], "*.shop.com"],
    [
      "the first of several counts",
      [
        ["x-tenant", "shop.com"],
        ["x-tenant", "x.com"],
      ],
      "shop.com",
    ],
    ["an unknown value gets the default", [["x-tenant", "other"]], "*"],
    ["an empty value gets the default", [["x-tenant", ""]], "*"],
    ["without the header there is no host", [], null],
  ];
  for (const [name, headers, want] of headerRows) {
    it(`selectRoute with vhost_header: ${name}`, () => {
      engine.load(buildImage(hostsOf(DOMAINS, { vhostHeader: "x-tenant" })));
      assert.equal(engine.select({ authority: "shop.net", headers }).virtualHost, want);
    });
  }

  it("selectRoute: a host that no virtual host has gets no route", () => {
    engine.load(buildImage(hostsOf(["shop.com"])));
    const { result, virtualHost } = engine.select({ authority: "other.com" });
    assert.deepEqual([result, virtualHost], [ROUTE_NONE, null]);
  });

  it("selectRoute: a request without host gets the default only if there is nothing else", () => {
    engine.load(buildImage(hostsOf(["*"])));
    assert.equal(engine.select({ authority: "" }).virtualHost, "*");
    engine.load(buildImage(hostsOf(["*", "shop.com"])));
    assert.equal(engine.select({ authority: "" }).virtualHost, null);
  });

  it("selectRoute: among 10,000 virtual hosts the cost is that of one", () => {
    const domains = Array.from({ length: 10_000 }, (_, index) => `host-${index}.example`);
    engine.load(buildImage(hostsOf(domains)));
    const { virtualHost, visited } = engine.select({ authority: "host-9999.example" });
    assert.equal(virtualHost, "host-9999.example");
    assert.ok(visited < 20, `${visited} looked at`);
  });
});
