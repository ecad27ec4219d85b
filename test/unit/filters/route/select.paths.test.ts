import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { ROUTE_CLUSTER, ROUTE_NONE } from "../../../../api/engine/route-image.ts";
import { buildImage, HCM_IDLE_TIMEOUT_MS, RouteEngine } from "./route-engine.ts";

/** A configuration whose routes are named by their place. */
function routesOf(matches: readonly JsonObject[], settings: JsonObject = {}): JsonObject {
  const routes = matches.map((match, index) => ({
    name: `${index}`,
    match,
    route: { cluster: "alpha" },
  }));
  return { name: "r", virtualHosts: [{ name: "all", domains: ["*"], routes }], ...settings };
}

function template(pathTemplate: string): JsonObject {
  const type = "type.googleapis.com/envoy.extensions.path.match.uri_template.v3";
  const typedConfig = { "@type": `${type}.UriTemplateMatchConfig`, pathTemplate };
  return { pathMatchPolicy: { name: "template", typedConfig } };
}

/** Routes that never match, so that the table is used. */
const FILLER = Array.from({ length: 10 }, (_, index) => ({ path: `/filler/${index}` }));

describe("selectRoute, paths", () => {
  let engine: RouteEngine;

  before(async function () {
    this.timeout(120_000);
    engine = await RouteEngine.open();
  });

  const rows: [string, JsonObject, string, boolean][] = [
    ["a prefix matches what begins with it", { prefix: "/a" }, "/abc", true],
    ["a prefix matches itself", { prefix: "/a" }, "/a", true],
    ["a prefix does not match what is shorter", { prefix: "/ab" }, "/a", false],
    ["a prefix never matches the query", { prefix: "/a?b" }, "/a?b", false],
    ["a path matches itself", { path: "/a" }, "/a", true],
    ["a path matches whatever the query", { path: "/a" }, "/a?x=/b", true],
    ["a path matches whatever the fragment", { path: "/a" }, "/a#b", true],
    ["a path does not match what is longer", { path: "/a" }, "/ab", false],
    ["a path does not match another case", { path: "/a" }, "/A", false],
    ["case may not count", { path: "/Ab", caseSensitive: false }, "/aB", true],
    ["case may not count in a prefix", { prefix: "/Ab", caseSensitive: false }, "/aBc", true],
    ["a separated prefix matches itself", { pathSeparatedPrefix: "/a" }, "/a", true],
    ["a separated prefix matches a segment more", { pathSeparatedPrefix: "/a" }, "/a/b", true],
    ["a separated prefix matches no half segment", { pathSeparatedPrefix: "/a" }, "/ab", false],
    ["a separated prefix matches before a query", { pathSeparatedPrefix: "/a" }, "/a?b", true],
    ["a regex matches the whole path", { safeRegex: { regex: "/a.c" } }, "/abc", true],
    ["a regex does not match a part", { safeRegex: { regex: "/a.c" } }, "/abcd", false],
    ["a regex does not see the query", { safeRegex: { regex: "/a" } }, "/a?b", true],
    ["a regex may be anchored", { safeRegex: { regex: "^/a(b|c)$" } }, "/ac", true],
    ["a regex has alternatives", { safeRegex: { regex: "/a|/b" } }, "/b", true],
    ["a regex may make what it begins with optional", { safeRegex: { regex: "/ab?" } }, "/a", true],
    ["a template's star is one segment", template("/a/*/c"), "/a/b/c", true],
    ["a template's star is not empty", template("/a/*"), "/a/", false],
    ["a template's star is not two segments", template("/a/*"), "/a/b/c", false],
    ["a template's two stars are many segments", template("/a/**"), "/a/b/c", true],
    ["a template's two stars may be empty", template("/a/**"), "/a/", true],
    ["a template's variable is one segment", template("/a/{x}/c"), "/a/b/c", true],
    ["a template's variable may have a pattern", template("/a/{x=b/*}"), "/a/b/c", true],
    ["a template's variable keeps to its pattern", template("/a/{x=b/*}"), "/a/c/c", false],
    ["a template may end in text", template("/a/*.m3u8"), "/a/b.m3u8", true],
    ["a template does not see the query", template("/a/*"), "/a/b?c/d", true],
  ];
  for (const [name, match, path, want] of rows) {
    it(`selectRoute: ${name}`, () => {
      for (const filler of [[], FILLER]) {
        engine.load(buildImage(routesOf([...filler, match])));
        const { result } = engine.select({ path });
        assert.equal(result, want ? ROUTE_CLUSTER : ROUTE_NONE, `after ${filler.length} others`);
      }
    });
  }

  it("selectRoute: the first route that matches wins, not the longest", () => {
    const matches = [{ prefix: "/a/b/c" }, { prefix: "/a" }, { prefix: "/a/b" }, { path: "/a/b" }];
    for (const filler of [[], FILLER]) {
      engine.load(buildImage(routesOf([...matches, ...filler])));
      const found = ["/a/b", "/a/b/c/d", "/a/x"].map((path) => engine.select({ path }).route);
      assert.deepEqual(found, ["1", "0", "1"]);
    }
  });

  const parameterRows: [string, JsonObject, string, boolean][] = [
    ["a path ends at its parameters", { path: "/a" }, "/a;v=1", true],
    ["a prefix cannot have parameters", { prefix: "/a;v" }, "/a;v=1", false],
    ["a separated prefix ends at parameters", { pathSeparatedPrefix: "/a" }, "/a;v=1/b", true],
    ["a regex does not see parameters", { safeRegex: { regex: "/a" } }, "/a;v=1?q", true],
    ["a template sees parameters", template("/a;v=1"), "/a;v=1", true],
  ];
  for (const [name, match, path, want] of parameterRows) {
    it(`selectRoute with ignore_path_parameters_in_path_matching: ${name}`, () => {
      const settings = { ignorePathParametersInPathMatching: true };
      for (const filler of [[], FILLER]) {
        engine.load(buildImage(routesOf([...filler, match], settings)));
        const { result } = engine.select({ path });
        assert.equal(result, want ? ROUTE_CLUSTER : ROUTE_NONE, `after ${filler.length} others`);
      }
    });
  }

  it("selectRoute: a route that says nothing has Envoy's times", () => {
    engine.load(buildImage(routesOf([{ prefix: "/" }])));
    const { timeoutMs, idleTimeoutMs, durationMaxMs } = engine.select({});
    assert.deepEqual([timeoutMs, idleTimeoutMs, durationMaxMs], [15_000, HCM_IDLE_TIMEOUT_MS, 0]);
  });

  it("selectRoute: limits on the whole stream take the place of the timeout, even none", () => {
    const route = { cluster: "alpha", timeout: "3s", maxStreamDuration: {} };
    const routes = [{ match: { prefix: "/" }, route }];
    engine.load(buildImage({ virtualHosts: [{ name: "all", domains: ["*"], routes }] }));
    const { timeoutMs, durationMaxMs } = engine.select({});
    assert.deepEqual([timeoutMs, durationMaxMs], [0, 0]);
  });

  it("selectRoute: a route has its own times, and 0 is none", () => {
    const route = {
      cluster: "alpha",
      timeout: "0s",
      idleTimeout: "1.5s",
      maxStreamDuration: { maxStreamDuration: "0.0001s" },
    };
    const routes = [{ match: { prefix: "/" }, route }];
    engine.load(buildImage({ virtualHosts: [{ name: "all", domains: ["*"], routes }] }));
    const { timeoutMs, idleTimeoutMs, durationMaxMs } = engine.select({});
    assert.deepEqual([timeoutMs, idleTimeoutMs, durationMaxMs], [0, 1500, 1]);
  });
});
