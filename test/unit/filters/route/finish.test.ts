import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { AskedFacts } from "../../../../proxy/config/format/asked-facts.ts";
import { compileFormat } from "../../../../proxy/config/format/compile.ts";
import { buildImage, RouteEngine, type TestRequest, testContext } from "./route-engine.ts";

type Headers = [string, string][];

const USE = { omitsEmpty: true };
const FORMAT = {
  hostname: "",
  listenerName: "",
  filterChainName: "",
  askedFacts: new AskedFacts(),
  environment: () => undefined,
  fileContent: () => new Uint8Array(),
};

function add(key: string, value: string, appendAction = "APPEND_IF_EXISTS_OR_ADD"): JsonObject {
  return { header: { key, value }, appendAction };
}

/** A configuration with one route; `levels` are settings of the three levels. */
function configWith(
  route: JsonObject,
  levels: { route?: JsonObject; host?: JsonObject; config?: JsonObject } = {},
): JsonObject {
  const routes = [
    { match: { prefix: "/" }, route: { cluster: "alpha", ...route }, ...levels.route },
  ];
  const host = { name: "all", domains: ["*"], routes, ...levels.host };
  return { name: "r", virtualHosts: [host], ...levels.config };
}

describe("finishRequestHeaders and finishResponseHeaders", () => {
  let engine: RouteEngine;

  before(async function () {
    this.timeout(120_000);
    engine = await RouteEngine.open();
  });

  /** The request as it goes upstream, without the pseudo-headers that no test changes. */
  function finishRequest(request: TestRequest): Headers {
    const stream = engine.open(request);
    engine.selectOpen(stream);
    return engine
      .finishRequest(stream)
      .filter(([name]) => name !== ":method" && name !== ":scheme");
  }

  function finishResponse(headers: Headers, request: TestRequest = {}): Headers {
    const stream = engine.open(request);
    engine.selectOpen(stream);
    return engine.finishResponse(stream, headers);
  }

  const HOST = "shop.example";
  const untouched: Headers = [
    [":path", "/a?b"],
    [":authority", HOST],
  ];

  it("finishRequestHeaders: a route that says nothing changes nothing", () => {
    engine.load(buildImage(configWith({})));
    assert.deepEqual(finishRequest({ path: "/a?b" }), untouched);
  });

  const pathRows: [string, JsonObject, JsonObject, string, string][] = [
    [
      "prefix_rewrite replaces the prefix",
      { prefix: "/a" },
      { prefixRewrite: "/b" },
      "/a/x?q",
      "/b/x?q",
    ],
    [
      "prefix_rewrite replaces what matched, no more",
      { prefix: "/a/" },
      { prefixRewrite: "/" },
      "/a/x",
      "/x",
    ],
    [
      "prefix_rewrite may double a slash, as in Envoy",
      { prefix: "/a" },
      { prefixRewrite: "/" },
      "/a/x",
      "//x",
    ],
    [
      "prefix_rewrite of a path replaces all of it",
      { path: "/a" },
      { prefixRewrite: "/b" },
      "/a?q",
      "/b?q",
    ],
    [
      "prefix_rewrite of a regex replaces the whole path",
      { safeRegex: { regex: "/a.*" } },
      { prefixRewrite: "/b" },
      "/a/x?q",
      "/b?q",
    ],
    [
      "prefix_rewrite counts bytes, whatever the case",
      { prefix: "/AB", caseSensitive: false },
      { prefixRewrite: "/c" },
      "/aB/x",
      "/c/x",
    ],
    [
      "regex_rewrite replaces each match and keeps the query",
      { prefix: "/" },
      { regexRewrite: { pattern: { regex: "a(.)" }, substitution: "<\\1>" } },
      "/abxac?ab",
      "/<b>x<c>?ab",
    ],
    [
      "regex_rewrite without a match leaves the path",
      { prefix: "/" },
      { regexRewrite: { pattern: { regex: "zzz" }, substitution: "y" } },
      "/a?b",
      "/a?b",
    ],
    [
      "path_rewrite_policy puts variables in their places",
      template("match", "Match", { pathTemplate: "/t/{a}/x/{b=**}" }),
      template("rewrite", "Rewrite", { pathTemplateRewrite: "/n/{b}/y{a}" }),
      "/t/1/x/2/3?q",
      "/n/2/3/y1?q",
    ],
  ];
  for (const [name, match, route, path, want] of pathRows) {
    it(`finishRequestHeaders: ${name}`, () => {
      engine.load(buildImage(configWith(route, { route: { match } })));
      assert.deepEqual(finishRequest({ path }), [
        [":path", want],
        [":authority", HOST],
        ["x-envoy-original-path", path],
      ]);
    });
  }

  const hostRows: [string, JsonObject, TestRequest, string][] = [
    ["host_rewrite_literal", { hostRewriteLiteral: "new.example" }, {}, "new.example"],
    ["host_rewrite_header", { hostRewriteHeader: "X-New" }, { headers: [["x-new", "h"]] }, "h"],
    [
      "host_rewrite_path_regex takes the path without its query",
      {
        hostRewritePathRegex: { pattern: { regex: "^/(.+)/.+$" }, substitution: "\\1.example" },
      },
      { path: "/eu/x?q" },
      "eu.example",
    ],
  ];
  for (const [name, route, request, want] of hostRows) {
    it(`finishRequestHeaders: ${name}`, () => {
      engine.load(buildImage(configWith(route)));
      const headers = new Map(finishRequest(request));
      assert.deepEqual(
        [headers.get(":authority"), headers.get("x-envoy-original-host")],
        [want, HOST],
      );
      assert.equal(headers.get("x-forwarded-host"), undefined);
    });
  }

  it("finishRequestHeaders: host_rewrite_header without the header changes nothing", () => {
    engine.load(buildImage(configWith({ hostRewriteHeader: "x-new" })));
    assert.deepEqual(finishRequest({ path: "/a?b" }), untouched);
  });

  const forwardedRows: [string, Headers, string][] = [
    ["adds the old host", [], HOST],
    ["appends the old host", [["x-forwarded-host", "a"]], `a,${HOST}`],
    ["leaves the old host that is last", [["x-forwarded-host", `a,${HOST}`]], `a,${HOST}`],
    ["appends to a host that ends alike", [["x-forwarded-host", `x${HOST}`]], `x${HOST},${HOST}`],
  ];
  for (const [name, headers, want] of forwardedRows) {
    it(`append_x_forwarded_host: ${name}`, () => {
      const route = { hostRewriteLiteral: "new.example", appendXForwardedHost: true };
      engine.load(buildImage(configWith(route)));
      assert.equal(new Map(finishRequest({ headers })).get("x-forwarded-host"), want);
    });
  }

  const actionRows: [string, JsonObject[], Headers, Headers][] = [
    ["append adds", [add("N", "v")], [], [["n", "v"]]],
    [
      "append keeps what is there",
      [add("n", "v")],
      [["n", "a"]],
      [
        ["n", "a"],
        ["n", "v"],
      ],
    ],
    ["append joins some headers", [add("vary", "v")], [["vary", "a"]], [["vary", "a,v"]]],
    ["add if absent adds", [add("n", "v", "ADD_IF_ABSENT")], [], [["n", "v"]]],
    [
      "add if absent leaves what is there",
      [add("n", "v", "ADD_IF_ABSENT")],
      [["n", "a"]],
      [["n", "a"]],
    ],
    [
      "overwrite replaces all values",
      [add("n", "v", "OVERWRITE_IF_EXISTS_OR_ADD")],
      [
        ["n", "a"],
        ["n", "b"],
      ],
      [["n", "v"]],
    ],
    ["overwrite adds", [add("n", "v", "OVERWRITE_IF_EXISTS_OR_ADD")], [], [["n", "v"]]],
    ["overwrite if it exists", [add("n", "v", "OVERWRITE_IF_EXISTS")], [["n", "a"]], [["n", "v"]]],
    ["overwrite if it exists does not add", [add("n", "v", "OVERWRITE_IF_EXISTS")], [], []],
    [
      "the old append: false overwrites",
      [{ header: { key: "n", value: "v" }, append: false }],
      [["n", "a"]],
      [["n", "v"]],
    ],
    [
      "the old append: true appends",
      [{ header: { key: "n", value: "v" }, append: true }],
      [["n", "a"]],
      [
        ["n", "a"],
        ["n", "v"],
      ],
    ],
    ["an empty value is not added", [add("n", "")], [], []],
    [
      "an empty value is added if it is kept",
      [{ ...add("n", ""), keepEmptyValue: true }],
      [],
      [["n", ""]],
    ],
    ["two percent signs are one", [add("n", "100%%")], [], [["n", "100%"]]],
    [
      "overwrites are done before additions",
      [add("n", "added"), add("n", "set", "OVERWRITE_IF_EXISTS_OR_ADD")],
      [["n", "a"]],
      [
        ["n", "set"],
        ["n", "added"],
      ],
    ],
    [
      "absence is seen before anything is added",
      [add("n", "1", "ADD_IF_ABSENT"), add("n", "2", "ADD_IF_ABSENT")],
      [],
      [
        ["n", "1"],
        ["n", "2"],
      ],
    ],
  ];
  for (const [name, responseHeadersToAdd, headers, want] of actionRows) {
    it(`header mutations: ${name}`, () => {
      engine.load(buildImage(configWith({}, { route: { responseHeadersToAdd } })));
      assert.deepEqual(finishResponse(headers), want);
    });
  }

  it("header mutations: removals come before additions", () => {
    const route = {
      responseHeadersToRemove: ["N", "Server"],
      responseHeadersToAdd: [add("n", "new")],
    };
    engine.load(buildImage(configWith({}, { route })));
    const headers: Headers = [
      ["n", "a"],
      ["server", "s"],
      ["n", "b"],
      ["m", "c"],
    ];
    assert.deepEqual(finishResponse(headers), [
      ["m", "c"],
      ["n", "new"],
    ]);
  });

  const set = (value: string) => [add("n", value, "OVERWRITE_IF_EXISTS_OR_ADD")];
  const levels = {
    route: { requestHeadersToAdd: set("route"), responseHeadersToAdd: set("route") },
    host: { requestHeadersToAdd: set("host"), responseHeadersToAdd: set("host") },
    config: { requestHeadersToAdd: set("config"), responseHeadersToAdd: set("config") },
  };

  it("header mutations: the configuration has the last word", () => {
    engine.load(buildImage(configWith({}, levels)));
    assert.equal(new Map(finishRequest({})).get("n"), "config");
    assert.deepEqual(finishResponse([]), [["n", "config"]]);
  });

  it("header mutations: most_specific_header_mutations_wins gives it to the route", () => {
    const config = { ...levels.config, mostSpecificHeaderMutationsWins: true };
    engine.load(buildImage(configWith({}, { ...levels, config })));
    assert.equal(new Map(finishRequest({})).get("n"), "route");
    assert.deepEqual(finishResponse([]), [["n", "route"]]);
  });

  it("header mutations: levels append in order, the weighted cluster first", () => {
    const each = (value: string) => ({
      requestHeadersToAdd: [add("n", value)],
      responseHeadersToAdd: [add("n", value)],
    });
    const clusters = [{ name: "beta", weight: 1, ...each("weighted") }];
    const weighted = { weightedClusters: { clusters } };
    const config = configWith(
      {},
      {
        route: { route: weighted, ...each("route") },
        host: each("host"),
        config: each("config"),
      },
    );
    engine.load(buildImage(config));
    const order = ["weighted", "route", "host", "config"];
    const of = (headers: Headers) => headers.filter(([name]) => name === "n").map(([, v]) => v);
    assert.deepEqual(of(finishRequest({})), order);
    assert.deepEqual(of(finishResponse([])), order);
  });

  it("weighted_clusters: an entry rewrites the host, and then the route does", () => {
    const clusters = [{ name: "beta", weight: 1, hostRewriteLiteral: "beta.example" }];
    engine.load(
      buildImage(configWith({}, { route: { route: { weightedClusters: { clusters } } } })),
    );
    assert.equal(new Map(finishRequest({})).get(":authority"), "beta.example");
  });

  it("include_request_attempt_count: the request says which attempt it is", () => {
    const host = { includeRequestAttemptCount: true, includeAttemptCountInResponse: true };
    engine.load(buildImage(configWith({}, { host })));
    assert.equal(new Map(finishRequest({})).get("x-envoy-attempt-count"), "1");
    assert.deepEqual(finishResponse([]), [["x-envoy-attempt-count", "1"]]);
  });

  it("header mutations: a value may be a format", () => {
    const context = testContext({
      compileFormat: (writer, text, path) => compileFormat(writer, text, FORMAT, path, USE),
    });
    const requestHeadersToAdd = [add("n", "<%REQ(:PATH)%>"), add("m", "%REQ(X-NONE)%")];
    engine.load(buildImage(configWith({}, { route: { requestHeadersToAdd } }), context));
    assert.deepEqual(finishRequest({ path: "/a?b" }), [...untouched, ["n", "</a?b>"]]);
  });

  it("header mutations: metadata of the route cannot end its line", () => {
    const context = testContext({
      compileFormat: (writer, text, path) => compileFormat(writer, text, FORMAT, path, USE),
    });
    const requestHeadersToAdd = [
      add("n", "%METADATA(ROUTE:a:b)%"),
      add("m", "%METADATA(ROUTE:c)%"),
    ];
    const metadata = { filterMetadata: { a: { b: "x\r\ny: z\u0000" } } };
    engine.load(buildImage(configWith({}, { route: { requestHeadersToAdd, metadata } }), context));
    assert.deepEqual(finishRequest({ path: "/a?b" }), [...untouched, ["n", "x  y: z "]]);
  });

  it("finishRequestHeaders: a million bytes of work take no memory", () => {
    const route = { regexRewrite: { pattern: { regex: "a" }, substitution: "bb" } };
    engine.load(buildImage(configWith(route)));
    const path = `/${"a".repeat(20_000)}`;
    assert.equal(finishRequest({ path })[0][1].length, 40_001);
    const before = engine.bytesInUse;
    for (let round = 0; round < 50; round += 1) finishRequest({ path });
    assert.equal(engine.bytesInUse, before);
  });
});

/** A URI template extension of a match or a rewrite. */
function template(kind: string, name: string, config: JsonObject): JsonObject {
  const type = `type.googleapis.com/envoy.extensions.path.${kind}.uri_template.v3`;
  const typedConfig = { "@type": `${type}.UriTemplate${name}Config`, ...config };
  const extension = { name: "template", typedConfig };
  return kind === "match" ? { pathMatchPolicy: extension } : { pathRewritePolicy: extension };
}
