import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { ROUTE_CLUSTER, ROUTE_REPLY } from "../../../../api/engine/route-image.ts";
import { buildImage, RouteEngine, type TestRequest, testContext } from "./route-engine.ts";

const PLAIN: [string, string] = ["x-forwarded-proto", "http"];
const TLS: [string, string] = ["x-forwarded-proto", "https"];

function hostWith(match: JsonObject, action: JsonObject, settings: JsonObject = {}): JsonObject {
  const routes = [{ match, ...action }];
  return { name: "r", virtualHosts: [{ name: "all", domains: ["*"], routes, ...settings }] };
}

describe("selectRoute, replies", () => {
  let engine: RouteEngine;

  before(async function () {
    this.timeout(120_000);
    engine = await RouteEngine.open();
  });

  /** Status, `location`, and the path that the request has afterwards. */
  function reply(request: TestRequest): [number, string | undefined, string | undefined] {
    const stream = engine.open({ headers: [PLAIN], ...request });
    const { result, status, details } = engine.selectOpen(stream);
    const location = new Map(engine.headers(stream, true)).get("location");
    const path = new Map(engine.headers(stream, false)).get(":path");
    engine.close(stream);
    assert.deepEqual([result, details], [ROUTE_REPLY, "direct_response"]);
    return [status, location, path];
  }

  const redirectRows: [string, JsonObject, TestRequest, number, string][] = [
    ["without settings leads to itself", {}, { path: "/a?b" }, 301, "http://shop.example/a?b"],
    ["https", { httpsRedirect: true }, { path: "/a" }, 301, "https://shop.example/a"],
    ["scheme", { schemeRedirect: "ftp" }, { path: "/a" }, 301, "ftp://shop.example/a"],
    ["host", { hostRedirect: "new.example" }, { path: "/a" }, 301, "http://new.example/a"],
    ["port", { portRedirect: 8443 }, { path: "/a" }, 301, "http://shop.example:8443/a"],
    [
      "a given port takes the place of the request's",
      { portRedirect: 8443 },
      { authority: "shop.example:81" },
      301,
      "http://shop.example:8443/",
    ],
    [
      "host and port",
      { hostRedirect: "new.example", portRedirect: 1 },
      { authority: "shop.example:81" },
      301,
      "http://new.example:1/",
    ],
    [
      "the plain port goes with a new scheme",
      { httpsRedirect: true },
      { authority: "shop.example:80" },
      301,
      "https://shop.example/",
    ],
    [
      "another port stays with a new scheme",
      { httpsRedirect: true },
      { authority: "shop.example:81" },
      301,
      "https://shop.example:81/",
    ],
    [
      "the plain port stays with the same scheme",
      { hostRedirect: "" },
      { authority: "shop.example:80" },
      301,
      "http://shop.example:80/",
    ],
    [
      "the TLS port goes with a new scheme",
      { schemeRedirect: "http" },
      { authority: "[::1]:443", scheme: "https", headers: [TLS] },
      301,
      "http://[::1]/",
    ],
    ["path", { pathRedirect: "/new" }, { path: "/a" }, 301, "http://shop.example/new"],
    [
      "path keeps the query",
      { pathRedirect: "/new" },
      { path: "/a?b" },
      301,
      "http://shop.example/new?b",
    ],
    [
      "path with a query of its own",
      { pathRedirect: "/new?c" },
      { path: "/a?b" },
      301,
      "http://shop.example/new?c",
    ],
    [
      "path without a slash gets one",
      { pathRedirect: "new" },
      { path: "/a" },
      301,
      "http://shop.example/new",
    ],
    ["strip_query", { stripQuery: true }, { path: "/a?b" }, 301, "http://shop.example/a"],
    [
      "strip_query of a new path",
      { pathRedirect: "/n", stripQuery: true },
      { path: "/a?b" },
      301,
      "http://shop.example/n",
    ],
    [
      "strip_query leaves a query that is configured",
      { pathRedirect: "/n?c", stripQuery: true },
      { path: "/a?b" },
      301,
      "http://shop.example/n?c",
    ],
    ["prefix", { prefixRewrite: "/new" }, { path: "/a/b?c" }, 301, "http://shop.example/new/b?c"],
    [
      "regex",
      { regexRewrite: { pattern: { regex: "^/a/(.*)$" }, substitution: "/x/\\1/y" } },
      { path: "/a/b?c" },
      301,
      "http://shop.example/x/b/y?c",
    ],
    [
      "a regex that leaves nothing changes nothing",
      { regexRewrite: { pattern: { regex: "^.*$" }, substitution: "" } },
      { path: "/a?c" },
      301,
      "http://shop.example/a?c",
    ],
    ["FOUND is 302", { responseCode: "FOUND" }, {}, 302, "http://shop.example/"],
    ["SEE_OTHER is 303", { responseCode: "SEE_OTHER" }, {}, 303, "http://shop.example/"],
    [
      "TEMPORARY_REDIRECT is 307",
      { responseCode: "TEMPORARY_REDIRECT" },
      {},
      307,
      "http://shop.example/",
    ],
    [
      "PERMANENT_REDIRECT is 308",
      { responseCode: "PERMANENT_REDIRECT" },
      {},
      308,
      "http://shop.example/",
    ],
  ];
  for (const [name, redirect, request, status, location] of redirectRows) {
    it(`redirect: ${name}`, () => {
      const prefix = redirect.prefixRewrite === undefined ? "/" : "/a";
      engine.load(buildImage(hostWith({ prefix }, { redirect })));
      assert.deepEqual(reply(request).slice(0, 2), [status, location]);
    });
  }

  it("redirect: a rewritten prefix is the request's path from then on", () => {
    engine.load(buildImage(hostWith({ prefix: "/a" }, { redirect: { prefixRewrite: "/new" } })));
    assert.equal(reply({ path: "/a/b" })[2], "/new/b");
  });

  it("direct_response: has its status and body and no location", () => {
    const directResponse = { status: 418, body: { inlineString: "short and stout" } };
    engine.load(buildImage(hostWith({ prefix: "/" }, { directResponse })));
    assert.deepEqual(reply({}).slice(0, 2), [418, undefined]);
    assert.equal(engine.select({}).body, "short and stout");
  });

  it("direct_response: bytes, files and variables are bodies too", () => {
    const context = testContext({
      fileContent: (filename) => Buffer.from(`file ${filename}`),
      environmentContent: (name) => Buffer.from(`variable ${name}`),
    });
    const bodies: [JsonObject, string][] = [
      [{ inlineBytes: "aGk=" }, "hi"],
      [{ filename: "/f" }, "file /f"],
      [{ environmentVariable: "V" }, "variable V"],
    ];
    for (const [body, want] of bodies) {
      const directResponse = { status: 200, body };
      engine.load(buildImage(hostWith({ prefix: "/" }, { directResponse }), context));
      assert.equal(engine.select({}).body, want);
    }
  });

  it("direct_response: with 201 or a redirect's status it leads to itself, as in Envoy", () => {
    for (const status of [201, 302, 304]) {
      engine.load(buildImage(hostWith({ prefix: "/" }, { directResponse: { status } })));
      assert.deepEqual(reply({ path: "/a?b" }).slice(0, 2), [status, "http://shop.example/a?b"]);
    }
  });

  const route = { route: { cluster: "alpha" } };

  it("require_tls: a plain request is led to https, whatever its port", () => {
    engine.load(buildImage(hostWith({ prefix: "/" }, route, { requireTls: "ALL" })));
    const found = reply({ path: "/a?b", authority: "shop.example:80" });
    assert.deepEqual(found.slice(0, 2), [301, "https://shop.example:80/a?b"]);
  });

  it("require_tls: a request in TLS is routed", () => {
    engine.load(buildImage(hostWith({ prefix: "/" }, route, { requireTls: "ALL" })));
    assert.equal(engine.select({ headers: [TLS] }).result, ROUTE_CLUSTER);
  });

  it("require_tls: EXTERNAL_ONLY lets internal requests through", () => {
    engine.load(buildImage(hostWith({ prefix: "/" }, route, { requireTls: "EXTERNAL_ONLY" })));
    const internal: [string, string] = ["x-envoy-internal", "true"];
    assert.equal(engine.select({ headers: [PLAIN, internal] }).result, ROUTE_CLUSTER);
    assert.equal(engine.select({ headers: [PLAIN] }).result, ROUTE_REPLY);
  });
});
