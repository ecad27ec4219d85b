import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import fc from "fast-check";
import { type PlainHost, type PlainRoute, selectPlainly } from "./plain-selection.ts";
import { buildImage, RouteEngine } from "./route-engine.ts";

/** Few and short pieces, so that paths, routes and hosts hit one another often. */
const segment = fc.constantFrom("a", "b", "A", "ab", "aB", "abc", "", "b.c", "x");
const path = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.constantFrom("", "/", "?q=/a", "#a"))
  .map(([segments, tail]) => `/${segments.join("/")}${tail}`);
const plainPath = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join("/")}`);
const separated = plainPath
  .map((text) => text.replace(/\/+$/, ""))
  .filter((text) => text.length > 1);
const regex = fc.constantFrom(
  ...["/a.*", "/a/b?", "/(a|b)/.*", "/a|/b", "/ab+c?", "^/a/.+$", ".*/b", "/[ab]/x{1,2}"],
  "/ab*",
);
const template = fc.constantFrom(
  "/*",
  "/**",
  "/a/*",
  "/a/**",
  "/*/b",
  "/ab/*/x",
  "/a/*.c",
  "/b/**",
);

function route(
  kind: PlainRoute["kind"],
  text: fc.Arbitrary<string>,
  hasCase: boolean,
): fc.Arbitrary<PlainRoute> {
  return fc.record({
    kind: fc.constant(kind),
    text,
    ignoresCase: hasCase ? fc.boolean() : fc.constant(false),
    header: fc.option(fc.constantFrom("1", "2"), { freq: 4 }),
  });
}

const anyRoute = fc.oneof(
  route("prefix", plainPath, true),
  route("path", plainPath, true),
  route("separated", separated, true),
  route("regex", regex, false),
  route("template", template, false),
);
/** Below and above the number of routes from which on a virtual host has a path table. */
const routes = fc.oneof(
  fc.array(anyRoute, { maxLength: 6 }),
  fc.array(anyRoute, { minLength: 9, maxLength: 60 }),
);
const label = fc.constantFrom("a", "b", "A", "a.b", "b.a", "aa");
const domain = fc.oneof(
  label,
  label.map((text) => `*.${text}`),
  label.map((text) => `*${text}`),
  label.map((text) => `${text}.*`),
  label.map((text) => `${text}*`),
  fc.constant("*"),
);
const hosts: fc.Arbitrary<PlainHost[]> = fc
  .tuple(
    fc.uniqueArray(domain, { minLength: 1, maxLength: 8, selector: (text) => text.toLowerCase() }),
    fc.array(routes, { minLength: 8, maxLength: 8 }),
  )
  .map(([domains, lists]) =>
    domains.map((text, index) => ({ domains: [text], routes: lists[index] })),
  );
const request = fc.record({
  authority: fc.tuple(label, label).map(([a, b]) => `${a}.${b}`),
  path,
  header: fc.option(fc.constantFrom("1", "2")),
});

function matchOf({ kind, text, ignoresCase, header }: PlainRoute): JsonObject {
  const type = "type.googleapis.com/envoy.extensions.path.match.uri_template.v3";
  const typedConfig = { "@type": `${type}.UriTemplateMatchConfig`, pathTemplate: text };
  const specifiers: Record<PlainRoute["kind"], JsonObject> = {
    prefix: { prefix: text },
    path: { path: text },
    separated: { pathSeparatedPrefix: text },
    regex: { safeRegex: { regex: text } },
    template: { pathMatchPolicy: { name: "template", typedConfig } },
  };
  const headers = header === null ? [] : [{ name: "n", stringMatch: { exact: header } }];
  return { ...specifiers[kind], caseSensitive: !ignoresCase, headers };
}

function configOf(hosts: readonly PlainHost[]): JsonObject {
  const virtualHosts = hosts.map(({ domains, routes }, host) => ({
    name: `${host}`,
    domains: [...domains],
    routes: routes.map((route, index) => ({
      name: `${index}`,
      match: matchOf(route),
      route: { cluster: "alpha" },
    })),
  }));
  return { name: "r", virtualHosts };
}

describe("selectRoute against a plain reference", () => {
  let engine: RouteEngine;

  before(async function () {
    this.timeout(120_000);
    engine = await RouteEngine.open();
  });

  it("selectRoute: agrees with looking at everything in turn", function () {
    this.timeout(120_000);
    let matchCount = 0;
    fc.assert(
      fc.property(hosts, fc.array(request, { minLength: 30, maxLength: 30 }), (hosts, requests) => {
        engine.load(buildImage(configOf(hosts)));
        for (const { authority, path, header } of requests) {
          const headers: [string, string][] = header === null ? [] : [["n", header]];
          const found = engine.select({ authority, path, headers });
          const want = selectPlainly(hosts, { authority, path, header });
          assert.deepEqual(
            [found.virtualHost, found.route],
            [want.host < 0 ? null : `${want.host}`, want.route < 0 ? null : `${want.route}`],
            `${authority} ${path} ${header}`,
          );
          if (want.route >= 0) matchCount += 1;
        }
      }),
      { numRuns: 1000 },
    );
    assert.ok(matchCount > 5000, `only ${matchCount} requests matched`);
  });
});
