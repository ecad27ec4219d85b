import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { JsonObject } from "@bufbuild/protobuf";
import { MeshError } from "../../../../../../api/errors.ts";
import { compileSample, FULL_SAMPLE, SAMPLE_CONTEXT } from "./sample-context.ts";

/** SHA-256 of the image of `FULL_SAMPLE`. */
const GOLDEN = "cf69a2ed18b4301909e6762a0e254073b59dfa4b2698b87e8f862fe51987c304";

function hostWith(route: JsonObject): JsonObject {
  return { virtualHosts: [{ name: "all", domains: ["*"], routes: [route] }] };
}

function forward(route: JsonObject, match: JsonObject = { prefix: "/" }): JsonObject {
  return hostWith({ match, route: { cluster: "alpha", ...route } });
}

describe("compileRouteConfiguration", () => {
  it("compileRouteConfiguration: the same configuration gives the same bytes", () => {
    assert.deepEqual(compileSample(FULL_SAMPLE), compileSample(FULL_SAMPLE));
  });

  it("compileRouteConfiguration: the format is the one this test was written for", () => {
    // A change here is a change of the format: IMAGE_VERSION_VALUE goes up with it.
    const digest = createHash("sha256").update(compileSample(FULL_SAMPLE).bytes).digest("hex");
    assert.equal(digest, GOLDEN);
  });

  const at = "routes.virtual_hosts[0]";
  const template = (text: string): JsonObject => {
    const type = "type.googleapis.com/envoy.extensions.path.match.uri_template.v3";
    const typedConfig = { "@type": `${type}.UriTemplateMatchConfig`, pathTemplate: text };
    return { pathMatchPolicy: { name: "template", typedConfig } };
  };
  const rows: [string, JsonObject, string][] = [
    [
      "an unknown cluster",
      forward({ cluster: "none" }),
      `${at}.routes[0].route.cluster: route: unknown cluster 'none'`,
    ],
    [
      "an unknown weighted cluster",
      hostWith({
        match: { prefix: "/" },
        route: { weightedClusters: { clusters: [{ name: "none", weight: 1 }] } },
      }),
      `${at}.routes[0].route.weighted_clusters.clusters[0].name: ` +
        "route: unknown weighted cluster 'none'",
    ],
    [
      "a regex that is wrong",
      hostWith({ match: { safeRegex: { regex: "a(" } }, route: { cluster: "alpha" } }),
      `${at}.routes[0].match.safe_regex.regex: missing ): a(`,
    ],
    [
      "a header regex that is wrong",
      hostWith({
        match: {
          prefix: "/",
          headers: [{ name: "a", stringMatch: { safeRegex: { regex: "[" } } }],
        },
        route: { cluster: "alpha" },
      }),
      `${at}.routes[0].match.headers[0].string_match.safe_regex.regex: missing ]: [`,
    ],
    [
      "a substitution that names a group that is not there",
      forward({ regexRewrite: { pattern: { regex: "a" }, substitution: "\\1" } }),
      `${at}.routes[0].route.regex_rewrite.substitution: Rewrite schema requests 1 matches, but ` +
        "the regexp only has 0 parenthesized subexpressions.",
    ],
    [
      "two rewrites of the path",
      forward({ prefixRewrite: "/a", regexRewrite: { pattern: { regex: "a" }, substitution: "" } }),
      `${at}.routes[0].route: ` +
        "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy",
    ],
    [
      "prefix_rewrite of a template",
      forward({ prefixRewrite: "/a" }, template("/*")),
      `${at}.routes[0].route.prefix_rewrite: Cannot use prefix_rewrite with matcher extension`,
    ],
    [
      "a malformed template",
      forward({}, template("/{a")),
      `${at}.routes[0].match.path_match_policy.typed_config.path_template: ` +
        'Unmatched variable bracket in "{a"',
    ],
    [
      "a domain that is there twice",
      {
        name: "r",
        virtualHosts: [
          { name: "a", domains: ["A.example"] },
          { name: "b", domains: ["a.example"] },
        ],
      },
      "routes.virtual_hosts[1].domains[0]: Only unique values for domains are permitted. " +
        "Duplicate entry of domain a.example in route r",
    ],
    [
      "two default virtual hosts",
      {
        name: "r",
        virtualHosts: [
          { name: "a", domains: ["*"] },
          { name: "b", domains: ["*"] },
        ],
      },
      "routes.virtual_hosts[1].domains[0]: Only a single wildcard domain is permitted in route r",
    ],
    [
      "a body that is too long",
      hostWith({
        match: { prefix: "/" },
        directResponse: { status: 200, body: { filename: "/f" } },
      }),
      `${at}.routes[0].direct_response.body: response body size is 5000 bytes; maximum is 4096`,
    ],
    [
      "weights that come to nothing",
      hostWith({
        match: { prefix: "/" },
        route: { weightedClusters: { clusters: [{ name: "alpha", weight: 0 }] } },
      }),
      `${at}.routes[0].route.weighted_clusters: ` +
        "Sum of weights in the weighted_cluster must be greater than 0.",
    ],
    [
      "a pseudo-header to add",
      { requestHeadersToAdd: [{ header: { key: ":path", value: "/" } }] },
      "routes.request_headers_to_add[0].header.key: :-prefixed or host headers may not be modified",
    ],
    [
      "the host to remove",
      { requestHeadersToRemove: ["Host"] },
      "routes.request_headers_to_remove[0]: :-prefixed or host headers may not be removed",
    ],
    [
      "two ways to append",
      {
        requestHeadersToAdd: [
          { header: { key: "a", value: "b" }, append: true, appendAction: "ADD_IF_ABSENT" },
        ],
      },
      "routes.request_headers_to_add[0]: " +
        "Both append and append_action are set and it's not allowed",
    ],
    [
      "a matcher that is not implemented",
      hostWith({ match: {}, route: { cluster: "alpha" } }),
      `${at}.routes[0].match: a match without a path is not implemented`,
    ],
  ];
  for (const [name, config, message] of rows) {
    it(`compileRouteConfiguration: refuses ${name}`, () => {
      const isExpected = (error: unknown) =>
        error instanceof MeshError && error.code === "CONFIG_INVALID" && error.message === message;
      assert.throws(() => compileSample(config), isExpected);
    });
  }

  it("compileRouteConfiguration: unknown clusters are let through for xDS", () => {
    const context = { ...SAMPLE_CONTEXT, isDynamic: true };
    assert.doesNotThrow(() => compileSample(forward({ cluster: "none" }), context));
    const strict = { ...forward({ cluster: "none" }), validateClusters: true };
    assert.throws(() => compileSample(strict, context), MeshError);
  });

  it("compileRouteConfiguration: a longer body is let through where it is allowed", () => {
    const config = hostWith({
      match: { prefix: "/" },
      directResponse: { status: 200, body: { filename: "/f" } },
    });
    assert.doesNotThrow(() => compileSample({ ...config, maxDirectResponseBodySizeBytes: 5000 }));
  });
});
