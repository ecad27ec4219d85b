import assert from "node:assert/strict";
import {
  parseUriRewrite,
  parseUriTemplate,
  UriTemplateError,
} from "../../../../../../../proxy/config/compile/route/match/uri-template.ts";

describe("URI templates", () => {
  const refused: [string, string][] = [
    ["a", 'Invalid pattern: "a"'],
    ["/a b", 'Invalid pattern: "/a b"'],
    ["/é", 'Invalid pattern: "/é"'],
    ["/{a", 'Unmatched variable bracket in "{a"'],
    ["/{1a}", 'Invalid variable name: "1a"'],
    ["/{}", 'Invalid variable name: ""'],
    ["/{a=}", "Empty variable match"],
    ["/a*", 'Invalid literal: "a*"'],
    ["/a^b", 'Invalid literal: "a^b"'],
    ["//", "Double slashes (/) detected in uri_template, this is not allowed."],
    ["/{a=/b}", "Double slashes (/) detected in uri_template, this is not allowed."],
    ["/**/*", "Glob after text glob."],
    ["/**/{a}", "Implicit variable path glob after text glob."],
    ["/{a}/{a}", 'Repeated variable name: "a"'],
    ["/{a}/{b}/{c}/{d}/{e}/{f}", "Exceeded variable count limit (5)"],
    [
      `/{${"a".repeat(17)}}`,
      `Invalid variable name length (length of "${"a".repeat(17)}" should be at least 1 and ` +
        "no more than 16)",
    ],
    [
      "/{a=**b}",
      "Invalid variable match, path cannot directly be prepended by operator, is a slash missing?",
    ],
  ];
  for (const [template, message] of refused) {
    it(`parseUriTemplate: ${template} is refused`, () => {
      const isExpected = (error: unknown) =>
        error instanceof UriTemplateError && error.message === message;
      assert.throws(() => parseUriTemplate(template), isExpected);
    });
  }

  it("parseUriTemplate: knows its variables in order and what it begins with", () => {
    const { variables, prefix } = parseUriTemplate("/v1/{project}/x/{name=a/*}");
    assert.deepEqual(variables, ["project", "name"]);
    assert.equal(prefix, "/v1/");
  });

  it("parseUriTemplate: what means something in an expression is escaped", () => {
    assert.equal(parseUriTemplate("/a.b+c(d)$").pattern, "/a\\.b\\+c\\(d\\)\\$");
  });

  it("parseUriRewrite: variables become groups", () => {
    assert.equal(parseUriRewrite("/x/{b}/{a}.vtt", ["a", "b"]), "/x/\\2/\\1.vtt");
  });

  const badRewrites: [string, string][] = [
    ["{a}", "Invalid rewrite variable placement"],
    ["/a//b", "Invalid rewrite literal"],
    ["/a*", "Invalid rewrite literal pattern"],
    ["/{a", "Unmatched variable bracket"],
    ["/{-}", "Invalid variable name"],
    ["/{c}", "Nonexisting variable name"],
  ];
  for (const [rewrite, message] of badRewrites) {
    it(`parseUriRewrite: ${rewrite} is refused`, () => {
      const isExpected = (error: unknown) =>
        error instanceof UriTemplateError && error.message === message;
      assert.throws(() => parseUriRewrite(rewrite, ["a"]), isExpected);
    });
  }
});
