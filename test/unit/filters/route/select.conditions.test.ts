import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { ROUTE_CLUSTER } from "../../../../api/engine/route-image.ts";
import { buildImage, RouteEngine, type TestRequest, testContext } from "./route-engine.ts";

type Headers = [string, string][];

/** A configuration with one route that has a condition. */
function routeWith(match: JsonObject): JsonObject {
  const routes = [{ match: { prefix: "/", ...match }, route: { cluster: "alpha" } }];
  return { name: "r", virtualHosts: [{ name: "all", domains: ["*"], routes }] };
}

describe("selectRoute, conditions", () => {
  let engine: RouteEngine;

  before(async function () {
    this.timeout(120_000);
    engine = await RouteEngine.open();
  });

  function matches(match: JsonObject, request: TestRequest): boolean {
    engine.load(buildImage(routeWith(match)));
    return engine.select(request).result === ROUTE_CLUSTER;
  }

  const exactX = { stringMatch: { exact: "x" } };
  const NONE: Headers = [];
  const headerRows: [string, JsonObject, Headers, boolean][] = [
    ["without a kind asks for presence", {}, [["n", ""]], true],
    ["without a kind asks for presence, 2", {}, NONE, false],
    ["present_match true wants it", { presentMatch: true }, [["n", "v"]], true],
    ["present_match false wants its absence", { presentMatch: false }, NONE, true],
    ["present_match false does not want it", { presentMatch: false }, [["n", "v"]], false],
    [
      "present_match true inverted is absence",
      { presentMatch: true, invertMatch: true },
      NONE,
      true,
    ],
    [
      "present_match false inverted is presence",
      { presentMatch: false, invertMatch: true },
      [["n", "v"]],
      true,
    ],
    [
      "a missing header that counts as empty is present",
      { presentMatch: true, treatMissingHeaderAsEmpty: true },
      NONE,
      true,
    ],
    [
      "a missing header that counts as empty is not absent",
      { presentMatch: false, treatMissingHeaderAsEmpty: true },
      NONE,
      false,
    ],
    ["exact", exactX, [["n", "x"]], true],
    ["exact wants all of it", exactX, [["n", "xy"]], false],
    ["exact minds case", exactX, [["n", "X"]], false],
    [
      "exact may ignore case",
      { stringMatch: { exact: "aB", ignoreCase: true } },
      [["n", "Ab"]],
      true,
    ],
    ["exact of nothing", { stringMatch: { exact: "" } }, [["n", ""]], true],
    ["exact of nothing wants nothing", { stringMatch: { exact: "" } }, [["n", "x"]], false],
    ["prefix", { stringMatch: { prefix: "ab" } }, [["n", "abc"]], true],
    ["prefix is at the start", { stringMatch: { prefix: "ab" } }, [["n", "xab"]], false],
    [
      "prefix ignoring case",
      { stringMatch: { prefix: "ab", ignoreCase: true } },
      [["n", "ABc"]],
      true,
    ],
    ["suffix", { stringMatch: { suffix: "bc" } }, [["n", "abc"]], true],
    ["suffix is at the end", { stringMatch: { suffix: "bc" } }, [["n", "bcx"]], false],
    [
      "suffix ignoring case",
      { stringMatch: { suffix: "bc", ignoreCase: true } },
      [["n", "aBC"]],
      true,
    ],
    ["contains", { stringMatch: { contains: "b" } }, [["n", "abc"]], true],
    ["contains nothing else", { stringMatch: { contains: "cb" } }, [["n", "abc"]], false],
    [
      "contains ignoring case",
      { stringMatch: { contains: "BC", ignoreCase: true } },
      [["n", "abcd"]],
      true,
    ],
    ["regex", { stringMatch: { safeRegex: { regex: "a+b" } } }, [["n", "aab"]], true],
    [
      "regex wants all of it",
      { stringMatch: { safeRegex: { regex: "a+b" } } },
      [["n", "aabc"]],
      false,
    ],
    ["inverted exact", { ...exactX, invertMatch: true }, [["n", "y"]], true],
    ["inverted exact of a missing header fails", { ...exactX, invertMatch: true }, NONE, false],
    [
      "inverted exact of a missing header that counts as empty",
      { ...exactX, invertMatch: true, treatMissingHeaderAsEmpty: true },
      NONE,
      true,
    ],
    ["old exact_match", { exactMatch: "x" }, [["n", "x"]], true],
    ["old exact_match of nothing takes anything", { exactMatch: "" }, [["n", "x"]], true],
    ["old prefix_match", { prefixMatch: "x" }, [["n", "xy"]], true],
    ["old suffix_match", { suffixMatch: "y" }, [["n", "xy"]], true],
    ["old contains_match", { containsMatch: "y" }, [["n", "xyz"]], true],
    ["old safe_regex_match", { safeRegexMatch: { regex: "x." } }, [["n", "xy"]], true],
    ["range takes its start", { rangeMatch: { start: "-5", end: "10" } }, [["n", "-5"]], true],
    ["range leaves out its end", { rangeMatch: { start: "-5", end: "10" } }, [["n", "10"]], false],
    [
      "range leaves out what is below",
      { rangeMatch: { start: "-5", end: "10" } },
      [["n", "-6"]],
      false,
    ],
    [
      "range takes a plus and zeros",
      { rangeMatch: { start: "-5", end: "10" } },
      [["n", "+007"]],
      true,
    ],
    ["range takes no other text", { rangeMatch: { start: "-5", end: "10" } }, [["n", "5x"]], false],
    ["range takes no sign alone", { rangeMatch: { start: "-5", end: "10" } }, [["n", "-"]], false],
    [
      "range takes the least number",
      { rangeMatch: { start: "-9223372036854775808", end: "0" } },
      [["n", "-9223372036854775808"]],
      true,
    ],
    [
      "range takes no number over 64 bits",
      { rangeMatch: { start: "-9223372036854775808", end: "9223372036854775807" } },
      [["n", "-9223372036854775809"]],
      false,
    ],
    [
      "one of several values is enough",
      exactX,
      [
        ["n", "y"],
        ["n", "x"],
      ],
      true,
    ],
    [
      "several values are not joined",
      { stringMatch: { exact: "y,x" } },
      [
        ["n", "y"],
        ["n", "x"],
      ],
      false,
    ],
    [
      "inverted, none of several values may fit",
      { ...exactX, invertMatch: true },
      [
        ["n", "y"],
        ["n", "x"],
      ],
      false,
    ],
  ];
  for (const [name, matcher, headers, want] of headerRows) {
    it(`header matcher: ${name}`, () => {
      assert.equal(matches({ headers: [{ name: "N", ...matcher }] }, { headers }), want);
    });
  }

  it("header matcher: values of a header that Envoy keeps as one line are joined", () => {
    const matcher = { name: "x-forwarded-for", stringMatch: { exact: "a,b,c" } };
    const headers: Headers = ["a", "b", "c"].map((value) => ["x-forwarded-for", value]);
    assert.equal(matches({ headers: [matcher] }, { headers }), true);
  });

  it("header matcher: pseudo-headers and host can be asked for", () => {
    const asked = (name: string, exact: string) => ({
      headers: [{ name, stringMatch: { exact } }],
    });
    assert.equal(matches(asked(":method", "PUT"), { method: "PUT" }), true);
    assert.equal(matches(asked(":path", "/a?b"), { path: "/a?b" }), true);
    assert.equal(matches(asked("Host", "a.example"), { authority: "a.example" }), true);
    assert.equal(matches(asked(":authority", "a.example"), { authority: "b.example" }), false);
  });

  it("header matchers: all have to match", () => {
    const match = { headers: [{ name: "a" }, { name: "b" }] };
    assert.equal(matches(match, { headers: [["a", ""]] }), false);
    assert.equal(
      matches(match, {
        headers: [
          ["b", ""],
          ["a", ""],
        ],
      }),
      true,
    );
  });

  const queryRows: [string, JsonObject, string, boolean][] = [
    ["without a kind asks for presence", {}, "/?a", true],
    ["without a kind asks for presence, 2", {}, "/?b=a", false],
    ["present_match false asks for absence", { presentMatch: false }, "/?b", true],
    ["present_match false asks for absence, 2", { presentMatch: false }, "/?a=1", false],
    ["string_match", { stringMatch: { exact: "1" } }, "/?b=2&a=1", true],
    ["string_match of a missing parameter fails", { stringMatch: { exact: "" } }, "/", false],
    ["string_match of a parameter without value", { stringMatch: { exact: "" } }, "/?a", true],
    ["the first of several counts", { stringMatch: { exact: "1" } }, "/?a=1&a=2", true],
    ["the first of several counts, 2", { stringMatch: { exact: "2" } }, "/?a=1&a=2", false],
    ["a value may hold an equals sign", { stringMatch: { exact: "1=2" } }, "/?a=1=2", true],
    ["nothing is decoded", { stringMatch: { exact: "%31" } }, "/?a=%31", true],
    ["regex", { stringMatch: { safeRegex: { regex: "[0-9]+" } } }, "/?a=123", true],
    ["ignoring case", { stringMatch: { prefix: "AB", ignoreCase: true } }, "/?a=abc", true],
    ["names mind case", {}, "/?A", false],
  ];
  for (const [name, matcher, path, want] of queryRows) {
    it(`query parameter matcher: ${name}`, () => {
      assert.equal(matches({ queryParameters: [{ name: "a", ...matcher }] }, { path }), want);
    });
  }

  it("runtime_fraction: the random number modulo the denominator is below the numerator", () => {
    const share = { numerator: 30, denominator: "HUNDRED" };
    const match = { runtimeFraction: { defaultValue: share } };
    const found = [29n, 30n, 129n, 130n].map((random) => matches(match, { random }));
    assert.deepEqual(found, [true, false, true, false]);
  });

  it("runtime_fraction: the static runtime goes before the default", () => {
    const share = { numerator: 0, denominator: "MILLION" };
    const match = { runtimeFraction: { runtimeKey: "k", defaultValue: share } };
    const runtimeFraction = (key: string) =>
      key === "k" ? { numerator: 1, denominator: 10_000 } : undefined;
    engine.load(buildImage(routeWith(match), testContext({ runtimeFraction })));
    assert.equal(engine.select({ random: 10_000n }).result, ROUTE_CLUSTER);
    assert.notEqual(engine.select({ random: 10_001n }).result, ROUTE_CLUSTER);
  });

  const grpcRows: [string, boolean][] = [
    ["application/grpc", true],
    ["application/grpc+proto", true],
    ["application/grpc-web", false],
    ["application/grpc;x", false],
    ["application/json", false],
  ];
  for (const [type, want] of grpcRows) {
    it(`grpc: ${type} ${want ? "is" : "is not"} gRPC`, () => {
      assert.equal(matches({ grpc: {} }, { headers: [["content-type", type]] }), want);
    });
  }

  it("tls_context: without downstream certificates nothing is presented", () => {
    assert.equal(matches({ tlsContext: { presented: true } }, {}), false);
    assert.equal(matches({ tlsContext: { presented: false } }, {}), true);
  });
});
