import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { CONNECTION_TLS } from "../../../../../api/engine/layout.ts";
import { StreamEngine } from "../../stream/stream-engine.ts";
import type { TestRequest } from "../route-engine.ts";

const TYPE = "type.googleapis.com/envoy.extensions.internal_redirect";
const PREVIOUS = predicate("previous_routes.v3.PreviousRoutesConfig");
const SAFE = predicate("safe_cross_scheme.v3.SafeCrossSchemeConfig");

function predicate(name: string, fields: JsonObject = {}): JsonObject {
  return { name, typedConfig: { "@type": `${TYPE}.${name}`, ...fields } };
}

function allow(...allowedRouteNames: string[]): JsonObject {
  return predicate("allow_listed_routes.v3.AllowListedRoutesConfig", { allowedRouteNames });
}

/** Routes of one letter and their prefixes; only `b.test` has no route for most of them. */
function config(policy: JsonObject, ...more: JsonObject[]): JsonObject {
  const step = (name: string) => ({
    name,
    match: { prefix: `/${name}` },
    route: { cluster: "alpha", internalRedirectPolicy: policy },
  });
  const copied = { name: "x-c", presentMatch: true };
  const header = { ...step("header"), match: { prefix: "/header", headers: [copied] } };
  return {
    name: "r",
    virtualHosts: [
      { name: "b", domains: ["b.test"], routes: [step("b")] },
      { name: "tls", domains: ["tls.test"], requireTls: "ALL", routes: [step("a")] },
      { name: "all", domains: ["*"], routes: [...more, header, step("a"), step("b"), step("c")] },
    ],
  };
}

const REASON = "passthrough_internal_redirect_";

describe("target", () => {
  let engine: StreamEngine;
  before(async function () {
    this.timeout(60_000);
    engine = await StreamEngine.open();
  });

  /** Opens a request that was answered with these headers. */
  function open(request: TestRequest, location: string, flags = 0): number {
    const stream = engine.open(request, undefined, flags);
    engine.put(stream, 1, "location", location);
    return stream;
  }

  /** Head of the request where a redirect leads, or the name of the statistic that says why not. */
  function outcome(stream: number): string[] {
    const before = engine.lines(stream);
    const isFollowed = engine.exports.redirect(stream) !== 0;
    const lines = engine.lines(stream);
    const reasons = Object.entries(engine.counted()).map(([name]) => name.replace(REASON, ""));
    engine.exports.close(stream);
    if (isFollowed) {
      assert.deepEqual(reasons, []);
      return lines;
    }
    assert.deepEqual(lines, before);
    return reasons;
  }

  it("retarget: the request is for the place, and says where it was for", () => {
    engine.load(config({}));
    const headers: [string, string][] = [
      ["x-a", "1"],
      ["x-envoy-original-url", "http://before/"],
    ];
    const stream = open({ method: "POST", path: "/a?b", headers }, "http://b.test:81/b?c#d");
    assert.deepEqual(outcome(stream), [
      ":method POST",
      ":path /b?c",
      ":authority b.test:81",
      ":scheme http",
      "x-a 1",
      "x-envoy-original-url http://a.test/a?b",
    ]);
  });

  it("retarget: a place without a path is asked for /", () => {
    engine.load(config({}, { match: { path: "/" }, route: { cluster: "beta" } }));
    const [, path] = outcome(open({ path: "/a" }, "http://c.test"));
    assert.equal(path, ":path /");
  });

  const reasons: [name: string, policy: JsonObject, location: string, reason: string][] = [
    ["an empty location", {}, "", "bad_location"],
    ["a relative location", {}, "/b", "bad_location"],
    ["a location with a space", {}, "http://a.test/b c", "bad_location"],
    ["a location in https", {}, "https://a.test/b", "unsafe_scheme"],
    ["another scheme", {}, "ftp://a.test/b", "unsafe_scheme"],
    [
      "another scheme that may differ",
      { allowCrossSchemeRedirect: true },
      "ftp://a.test/b",
      "unsafe_scheme",
    ],
    ["no redirect at all", { maxInternalRedirects: 0 }, "http://a.test/b", "too_many_redirects"],
    ["a path that no route takes", {}, "http://a.test/none", "no_route"],
    ["a host without the route", {}, "http://b.test/a", "no_route"],
    ["a query in the place of a path", {}, "http://a.test?b", "no_route"],
    [
      "a route that is not listed",
      { predicates: [allow("a", "c")] },
      "http://a.test/b",
      "predicate",
    ],
    ["an empty list", { predicates: [allow()] }, "http://a.test/b", "predicate"],
    [
      "one of two lists that lacks the route",
      { predicates: [allow("a", "b"), allow("a", "c")] },
      "http://a.test/b",
      "predicate",
    ],
    [
      "https where only safe schemes may be changed to",
      { allowCrossSchemeRedirect: true, predicates: [SAFE] },
      "https://a.test/b",
      "predicate",
    ],
    [
      "a host that wants TLS, which has no route to list",
      { predicates: [allow("a")] },
      "http://tls.test/a",
      "predicate",
    ],
  ];
  for (const [name, policy, location, reason] of reasons) {
    it(`retarget: ${name} is not followed, and nothing is changed`, () => {
      engine.load(config(policy));
      const headers: [string, string][] = [["x-forwarded-proto", "http"]];
      assert.deepEqual(outcome(open({ path: "/a", headers }, location)), [reason]);
    });
  }

  const followed: [name: string, policy: JsonObject, location: string][] = [
    ["a route that is listed", { predicates: [allow("a", "b")] }, "http://a.test/b"],
    [
      "a route in both lists",
      { predicates: [allow("a", "b"), allow("b", "c")] },
      "http://a.test/b",
    ],
    ["https that is allowed", { allowCrossSchemeRedirect: true }, "https://a.test/b"],
    ["http where only safe schemes are allowed", { predicates: [SAFE] }, "http://a.test/b"],
    ["a host that wants TLS", {}, "http://tls.test/none"],
  ];
  for (const [name, policy, location] of followed) {
    it(`retarget: ${name} is followed`, () => {
      engine.load(config(policy));
      const headers: [string, string][] = [["x-forwarded-proto", "http"]];
      const lines = outcome(open({ path: "/a", headers }, location));
      assert.equal(lines.at(-1), "x-envoy-original-url http://a.test/a");
    });
  }

  const schemes: [flags: number, scheme: string, location: string, want: string][] = [
    [0, "http", "http:", "http://a.test/a"],
    [0, "https", "http:", "http://a.test/a"],
    [0, "https", "https:", "unsafe_scheme"],
    [CONNECTION_TLS, "https", "https:", "https://a.test/a"],
    [CONNECTION_TLS, "https", "http:", "unsafe_scheme"],
    [CONNECTION_TLS, "http", "http:", "http://a.test/a"],
    [CONNECTION_TLS, "http", "https:", "unsafe_scheme"],
  ];
  for (const [flags, scheme, location, want] of schemes) {
    const over = flags === 0 ? "a plain connection" : "TLS";
    it(`retarget: ${scheme} over ${over}, sent to ${location}, is ${want}`, () => {
      engine.load(config({}));
      const lines = outcome(open({ path: "/a", scheme }, `${location}//a.test/b`, flags));
      assert.equal(lines.at(-1)?.replace("x-envoy-original-url ", ""), want);
    });
  }

  it("retarget: of two locations none is followed", () => {
    engine.load(config({}));
    const stream = open({ path: "/a" }, "http://a.test/b");
    engine.put(stream, 1, "location", "http://a.test/b");
    assert.deepEqual(outcome(stream), ["bad_location"]);
  });

  it("retarget: headers that are to be copied replace those of the request, or remove them", () => {
    engine.load(config({ responseHeadersToCopy: ["X-C", "accept", "x-none"] }));
    const headers: [string, string][] = [
      ["x-c", "old"],
      ["accept", "old"],
      ["x-none", "old"],
      ["x-kept", "1"],
    ];
    const stream = open({ path: "/a", headers }, "http://a.test/header");
    for (const value of ["one", "two"]) engine.put(stream, 1, "x-c", value);
    engine.put(stream, 1, "accept", "new");
    assert.deepEqual(outcome(stream).slice(4), [
      "x-kept 1",
      "x-c one",
      "x-c two",
      "accept new",
      "x-envoy-original-url http://a.test/a",
    ]);
  });

  it("retarget: headers that were copied for nothing are as they were", () => {
    engine.load(config({ responseHeadersToCopy: ["x-c", "accept"] }));
    const headers: [string, string][] = [
      ["x-c", "old"],
      ["accept", "old"],
    ];
    const stream = open({ path: "/a", headers }, "http://a.test/header");
    // Without `x-c` in the redirect, the route that wants it does not take the request.
    assert.deepEqual(outcome(stream), ["no_route"]);
    const many = open({ path: "/a", headers }, "http://a.test/none");
    for (let i = 0; i < 100; i++) engine.put(many, 1, "x-c", `${i}`);
    engine.exports.redirect(many);
    assert.deepEqual(engine.lines(many).slice(4), ["x-c old", "accept old"]);
    engine.exports.close(many);
  });

  for (const [max, followedCount] of [
    [1, 1],
    [3, 3],
  ]) {
    it(`retarget: ${max} redirects are followed, and no more`, () => {
      engine.load(config({ maxInternalRedirects: max }));
      const stream = open({ path: "/a" }, "http://a.test/a");
      let count = 0;
      while (count < 10 && engine.exports.redirect(stream) !== 0) {
        count++;
        engine.exports.follow(stream);
      }
      assert.equal(count, followedCount);
      engine.exports.close(stream);
    });
  }

  const ways: [way: string, followedCount: number][] = [
    ["abc", 2],
    ["aa", 1],
    ["aaa", 1],
    ["abab", 2],
    ["abcbc", 3],
    ["acaba", 4],
  ];
  for (const [way, followedCount] of ways) {
    it(`retarget: of ${[...way].join(" to ")}, no step is taken twice`, () => {
      engine.load(config({ maxInternalRedirects: 9, predicates: [PREVIOUS] }));
      const stream = engine.open({ path: `/${way[0]}` });
      const [, ...places] = way;
      const steps = places.map((place) => {
        engine.exports.forgetResponse(stream);
        engine.put(stream, 1, "location", `http://a.test/${place}`);
        const isFollowed = engine.exports.redirect(stream) !== 0;
        engine.exports.follow(stream);
        return isFollowed;
      });
      const first = steps.indexOf(false);
      assert.equal(first < 0 ? steps.length : first, followedCount);
      engine.exports.close(stream);
    });
  }

  it("retarget: routes of one name are one route to the predicate", () => {
    const same = (name: string, path: string): JsonObject => ({
      name,
      match: { path },
      route: {
        cluster: "alpha",
        internalRedirectPolicy: { maxInternalRedirects: 9, predicates: [PREVIOUS] },
      },
    });
    engine.load(config({}, same("same", "/x"), same("same", "/y"), same("", "/z")));
    const stream = open({ path: "/x" }, "http://a.test/y");
    assert.equal(engine.exports.redirect(stream), 1);
    engine.exports.follow(stream);
    assert.equal(engine.exports.redirect(stream), 0);
    engine.exports.close(stream);
  });
});
