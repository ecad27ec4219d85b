import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { buildImage, RouteEngine } from "./route-engine.ts";

const ROUTES = 10_000;

function configOf(matches: readonly JsonObject[]): JsonObject {
  const routes = matches.map((match, index) => ({
    name: `${index}`,
    match,
    route: { cluster: "alpha" },
  }));
  return { name: "r", virtualHosts: [{ name: "all", domains: ["*"], routes }] };
}

function numbered(make: (index: number) => JsonObject): JsonObject[] {
  return Array.from({ length: ROUTES }, (_, index) => make(index));
}

describe("selectRoute among many routes", () => {
  let engine: RouteEngine;

  before(async function () {
    this.timeout(120_000);
    engine = await RouteEngine.open();
  });

  const rows: [string, (index: number) => JsonObject, string][] = [
    ["paths", (index) => ({ path: `/shop/item/${index}` }), "/shop/item/9999"],
    ["prefixes", (index) => ({ prefix: `/shop/${index}/` }), "/shop/9999/x"],
    [
      "prefixes whatever the case",
      (index) => ({ prefix: `/Shop/${index}/`, caseSensitive: false }),
      "/shop/9999/x",
    ],
    ["separated prefixes", (index) => ({ pathSeparatedPrefix: `/shop/${index}` }), "/shop/9999/x"],
  ];
  for (const [name, make, path] of rows) {
    it(`selectRoute: of ${ROUTES} ${name} hardly any are looked at`, function () {
      this.timeout(60_000);
      engine.load(buildImage(configOf([...numbered(make), { prefix: "/" }])));
      const { route, visited } = engine.select({ path });
      assert.equal(route, "9999");
      assert.ok(visited <= 12, `${visited} looked at`);
      const other = engine.select({ path: "/nothing/like/it" });
      assert.equal(other.route, `${ROUTES}`);
      assert.ok(other.visited <= 12, `${other.visited} looked at`);
    });
  }

  it("selectRoute: regular expressions are found by what they begin with", function () {
    this.timeout(60_000);
    const many = Array.from({ length: 500 }, (_, index) => ({
      safeRegex: { regex: `^/shop/${index}/(a|b)/.*` },
    }));
    engine.load(buildImage(configOf(many)));
    const { route, visited } = engine.select({ path: "/shop/499/b/x" });
    assert.equal(route, "499");
    assert.ok(visited <= 12, `${visited} looked at`);
  });

  it("selectRoute: a thousand prefixes of one another keep their order", function () {
    this.timeout(60_000);
    const depth = 1000;
    // The shortest prefix is the last route, so the longest that fits goes first.
    const matches = Array.from({ length: depth }, (_, index) => ({
      prefix: `/${"a".repeat(depth - index)}`,
    }));
    engine.load(buildImage(configOf(matches)));
    for (const length of [1, 2, 31, 32, 33, 64, 500, 999, 1000, 1500]) {
      const want = depth - Math.min(length, depth);
      assert.equal(engine.select({ path: `/${"a".repeat(length)}` }).route, `${want}`);
    }
  });

  it("selectRoute: a thousand prefixes of one another, shortest first, fall through", function () {
    this.timeout(60_000);
    const depth = 1000;
    const matches = Array.from({ length: depth }, (_, index) => ({
      prefix: `/${"a".repeat(index + 1)}`,
      headers: [{ name: "n", stringMatch: { exact: `${index}` } }],
    }));
    engine.load(buildImage(configOf(matches)));
    const path = `/${"a".repeat(depth)}`;
    for (const index of [0, 1, 31, 32, 500, 999]) {
      assert.equal(engine.select({ path, headers: [["n", `${index}`]] }).route, `${index}`);
    }
    assert.equal(engine.select({ path, headers: [["n", "none"]] }).route, null);
  });
});
