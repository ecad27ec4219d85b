import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { MeshError } from "../../../../../../../api/errors.ts";
import {
  REMOVAL_BYTES,
  REMOVAL_ID,
  REMOVAL_NAME,
} from "../../../../../../../api/engine/match-image.ts";
import * as image from "../../../../../../../api/engine/route-image.ts";
import { ImageReader } from "../../../../../../../proxy/config/compile/route/describe/image-reader.ts";
import { compileSample, SAMPLE_CONTEXT } from "../sample-context.ts";

const TYPE = "type.googleapis.com/envoy.extensions.internal_redirect";
/** `x-request-id` in the engine's table of names. */
const REQUEST_ID = 23;
const UNSET = 0xffff_ffff;

function predicate(name: string, fields: JsonObject = {}): JsonObject {
  return { name, typedConfig: { "@type": `${TYPE}.${name}`, ...fields } };
}

const PREVIOUS = predicate("previous_routes.v3.PreviousRoutesConfig");
const SAFE = predicate("safe_cross_scheme.v3.SafeCrossSchemeConfig");

function allow(...allowedRouteNames: string[]): JsonObject {
  return predicate("allow_listed_routes.v3.AllowListedRoutesConfig", { allowedRouteNames });
}

/** One route, with settings at three levels. */
interface Levels {
  readonly action?: JsonObject;
  readonly route?: JsonObject;
  readonly host?: JsonObject;
  readonly config?: JsonObject;
}

/** The record of the only route, of its virtual host and of its action. */
function compile(
  { action = {}, route = {}, host = {}, config = {} }: Levels,
  context = SAMPLE_CONTEXT,
) {
  const routes = [{ match: { prefix: "/" }, route: { cluster: "alpha", ...action }, ...route }];
  const virtualHosts = [{ name: "all", domains: ["*"], routes, ...host }];
  const { view, offset } = compileSample({ name: "r", virtualHosts, ...config }, context);
  const reader = new ImageReader(view);
  const hostRecord = reader.uint32(reader.list(offset + image.ROUTES_VIRTUAL_HOSTS).target);
  const routeRecord = reader.uint32(reader.list(hostRecord + image.VHOST_ROUTES).target);
  return {
    reader,
    host: hostRecord,
    route: routeRecord,
    action: reader.uint32(routeRecord + image.ROUTE_ACTION),
  };
}

/** The record of an internal redirect policy. */
function redirects(policy: JsonObject) {
  const { reader, action } = compile({ action: { internalRedirectPolicy: policy } });
  const record = reader.uint32(action + image.FORWARD_INTERNAL_REDIRECT);
  assert.notEqual(record, 0);
  return { reader, record };
}

/** What the image has of each mirror of the route. */
function mirrors(levels: Levels, context = SAMPLE_CONTEXT) {
  const { reader, action } = compile(levels, context);
  const { target, count } = reader.list(action + image.FORWARD_MIRRORS);
  return Array.from({ length: count }, (_, place) => {
    const record = target + place * image.MIRROR_BYTES;
    return {
      cluster: reader.int32(record + image.MIRROR_CLUSTER),
      header: reader.text(record + image.MIRROR_HEADER),
      headerId: reader.uint32(record + image.MIRROR_HEADER_ID),
      share: [
        reader.uint32(record + image.MIRROR_FRACTION),
        reader.uint32(record + image.MIRROR_FRACTION + 4),
      ],
      flags: reader.uint32(record + image.MIRROR_FLAGS),
    };
  });
}

const BETA = { cluster: 1, header: "", headerId: 0, share: [100, 100], flags: 0 };

describe("policies", () => {
  it("compileInternalRedirect: a route without a policy has none", () => {
    const { reader, action } = compile({});
    assert.equal(reader.uint32(action + image.FORWARD_INTERNAL_REDIRECT), 0);
  });

  it("compileInternalRedirect: an empty policy is one 302, within a scheme, to any route", () => {
    const { reader, record } = redirects({});
    assert.equal(reader.uint32(record + image.INTERNAL_REDIRECT_MAX), 1);
    assert.equal(reader.uint32(record + image.INTERNAL_REDIRECT_STATUSES), 0b00010);
    assert.equal(reader.uint32(record + image.INTERNAL_REDIRECT_CROSS_SCHEME), 0);
    assert.equal(reader.uint32(record + image.INTERNAL_REDIRECT_PREDICATES), 0);
    assert.equal(reader.list(record + image.INTERNAL_REDIRECT_COPY).count, 0);
  });

  it("compileInternalRedirect: the number and the schemes are as they stand", () => {
    const { reader, record } = redirects({
      maxInternalRedirects: 7,
      allowCrossSchemeRedirect: true,
    });
    assert.equal(reader.uint32(record + image.INTERNAL_REDIRECT_MAX), 7);
    assert.equal(reader.uint32(record + image.INTERNAL_REDIRECT_CROSS_SCHEME), 1);
    const none = redirects({ maxInternalRedirects: 0 });
    assert.equal(none.reader.uint32(none.record + image.INTERNAL_REDIRECT_MAX), 0);
  });

  const statuses: [codes: number[], bits: number][] = [
    [[301], 0b00001],
    [[303], 0b00100],
    [[307], 0b01000],
    [[308], 0b10000],
    [[301, 302, 303, 307, 308], 0b11111],
    [[302, 302], 0b00010],
    [[300, 200, 304], 0],
  ];
  for (const [codes, bits] of statuses) {
    it(`compileInternalRedirect: codes ${codes} are bits ${bits.toString(2)}`, () => {
      const { reader, record } = redirects({ redirectResponseCodes: codes });
      assert.equal(reader.uint32(record + image.INTERNAL_REDIRECT_STATUSES), bits);
    });
  }

  const predicates: [name: string, list: JsonObject[], bits: number, allowed: string[]][] = [
    ["safe schemes", [SAFE], 1, []],
    ["previous routes", [PREVIOUS], 2, []],
    ["a list", [allow("b", "a")], 4, ["b", "a"]],
    ["an empty list", [allow()], 4, []],
    [
      "two lists, which are what both have",
      [allow("a", "b", "c"), allow("c", "d", "a")],
      4,
      ["a", "c"],
    ],
    ["all of them", [PREVIOUS, allow("a"), SAFE], 7, ["a"]],
  ];
  for (const [name, list, bits, allowed] of predicates) {
    it(`compileInternalRedirect: predicates: ${name}`, () => {
      const { reader, record } = redirects({ predicates: list });
      assert.equal(reader.uint32(record + image.INTERNAL_REDIRECT_PREDICATES), bits);
      const { target, count } = reader.list(record + image.INTERNAL_REDIRECT_ALLOWED_ROUTES);
      const names = Array.from({ length: count }, (_, place) => reader.text(target + place * 8));
      assert.deepEqual(names, allowed);
    });
  }

  it("compileInternalRedirect: a predicate that is not known is refused with its place", () => {
    const unknown = {
      name: "x",
      typedConfig: { "@type": "type.googleapis.com/google.protobuf.Empty" },
    };
    const policy = { predicates: [SAFE, unknown] };
    assert.throws(
      () => redirects(policy),
      (error) =>
        error instanceof MeshError &&
        error.message ===
          "routes.virtual_hosts[0].routes[0].route.internal_redirect_policy.predicates[1]: " +
            "this predicate is not implemented",
    );
  });

  it("compileInternalRedirect: headers to copy are names in lower case, with their numbers", () => {
    const { reader, record } = redirects({ responseHeadersToCopy: ["X-Custom", "x-request-id"] });
    const { target, count } = reader.list(record + image.INTERNAL_REDIRECT_COPY);
    const copied = Array.from({ length: count }, (_, place) => {
      const at = target + place * REMOVAL_BYTES;
      return [reader.text(at + REMOVAL_NAME), reader.uint32(at + REMOVAL_ID)];
    });
    assert.deepEqual(copied, [
      ["x-custom", 0],
      ["x-request-id", REQUEST_ID],
    ]);
  });

  it("writeMirrors: a policy that says no more than its cluster mirrors all requests", () => {
    assert.deepEqual(mirrors({ action: { requestMirrorPolicies: [{ cluster: "beta" }] } }), [BETA]);
  });

  it("writeMirrors: policies keep their order", () => {
    const policies = ["beta", "alpha", "beta"].map((cluster) => ({ cluster }));
    const found = mirrors({ action: { requestMirrorPolicies: policies } });
    assert.deepEqual(
      found.map(({ cluster }) => cluster),
      [1, 0, 1],
    );
  });

  const settings: [name: string, policy: JsonObject, want: Partial<typeof BETA>][] = [
    ["a host that stays", { cluster: "beta", disableShadowHostSuffixAppend: true }, { flags: 1 }],
    ["tracing", { cluster: "beta", traceSampled: true }, { flags: 2 }],
    ["no tracing", { cluster: "beta", traceSampled: false }, { flags: 4 }],
    [
      "a header that names the cluster",
      { clusterHeader: "X-Mirror" },
      { cluster: -1, header: "x-mirror" },
    ],
    [
      "a header that the engine knows",
      { clusterHeader: "x-request-id" },
      { cluster: -1, header: "x-request-id", headerId: REQUEST_ID },
    ],
    [
      "a share",
      {
        cluster: "beta",
        runtimeFraction: { defaultValue: { numerator: 5, denominator: "MILLION" } },
      },
      { share: [5, 1_000_000] },
    ],
    [
      "a share of none",
      { cluster: "beta", runtimeFraction: { defaultValue: {} } },
      { share: [0, 100] },
    ],
  ];
  for (const [name, policy, want] of settings) {
    it(`writeMirrors: ${name}`, () => {
      const found = mirrors({ action: { requestMirrorPolicies: [policy] } });
      assert.deepEqual(found, [{ ...BETA, ...want }]);
    });
  }

  it("writeMirrors: a share that the runtime sets is the runtime's", () => {
    const context = {
      ...SAMPLE_CONTEXT,
      runtimeFraction: (key: string) => {
        return key === "mirror.share" ? { numerator: 3, denominator: 100 } : undefined;
      },
    };
    const runtimeFraction = { defaultValue: { numerator: 50 }, runtimeKey: "mirror.share" };
    const policy = { cluster: "beta", runtimeFraction };
    const [{ share }] = mirrors({ action: { requestMirrorPolicies: [policy] } }, context);
    assert.deepEqual(share, [3, 100]);
  });

  const of = (...clusters: string[]): JsonObject => ({
    requestMirrorPolicies: clusters.map((cluster) => ({ cluster })),
  });
  const inherited: [name: string, levels: Levels, clusters: number[]][] = [
    ["nowhere", {}, []],
    ["the configuration", { config: of("beta") }, [1]],
    ["the virtual host", { host: of("alpha", "beta"), config: of("beta") }, [0, 1]],
    ["the route", { action: of("alpha"), host: of("beta"), config: of("beta", "beta") }, [0]],
  ];
  for (const [name, levels, clusters] of inherited) {
    it(`writeMirrors: mirrors of ${name}, and of no other level`, () => {
      assert.deepEqual(
        mirrors(levels).map(({ cluster }) => cluster),
        clusters,
      );
    });
  }

  const wrong: [name: string, levels: Levels, message: string][] = [
    [
      "an unknown cluster of the route",
      { action: of("alpha", "none") },
      "routes.virtual_hosts[0].routes[0].route.request_mirror_policies[1].cluster: " +
        "route: unknown shadow cluster 'none'",
    ],
    [
      "an unknown cluster of the virtual host",
      { host: of("none") },
      "routes.virtual_hosts[0].request_mirror_policies[0].cluster: " +
        "route: unknown shadow cluster 'none'",
    ],
    [
      "an unknown cluster of the configuration",
      { config: of("none") },
      "routes.request_mirror_policies[0].cluster: route: unknown shadow cluster 'none'",
    ],
    [
      "a cluster and a header",
      { action: { requestMirrorPolicies: [{ cluster: "beta", clusterHeader: "x" }] } },
      "routes.virtual_hosts[0].routes[0].route.request_mirror_policies[0]: Exactly one of " +
        "cluster or cluster_header in request mirror policy need to be specified",
    ],
  ];
  for (const [name, levels, message] of wrong) {
    it(`writeMirrors: ${name} is refused`, () => {
      assert.throws(
        () => mirrors(levels),
        (error) => error instanceof MeshError && error.message === message,
      );
    });
  }

  it("writeMirrors: an unknown cluster that nobody checks is mirrored to by nobody", () => {
    const levels = { action: of("none"), config: { validateClusters: false } };
    assert.deepEqual(mirrors(levels), [{ ...BETA, cluster: -1 }]);
  });

  const limits: [name: string, levels: Levels, host: number, route: number][] = [
    ["neither", {}, UNSET, UNSET],
    ["the virtual host", { host: { perRequestBufferLimitBytes: 5 } }, 5, UNSET],
    ["the route", { route: { perRequestBufferLimitBytes: 0 } }, UNSET, 0],
    [
      "both",
      { host: { perRequestBufferLimitBytes: 5 }, route: { perRequestBufferLimitBytes: 6 } },
      5,
      6,
    ],
  ];
  for (const [name, levels, host, route] of limits) {
    it(`compileRoute: per_request_buffer_limit_bytes of ${name}`, () => {
      const compiled = compile(levels);
      const { reader } = compiled;
      assert.equal(reader.uint32(compiled.host + image.VHOST_BUFFER_BYTES_MAX), host);
      assert.equal(reader.uint32(compiled.route + image.ROUTE_BUFFER_BYTES_MAX), route);
    });
  }
});
