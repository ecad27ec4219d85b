import { createRegistry, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { RouteConfigurationSchema } from "../../../../../../api/gen/envoy/config/route/v3/route_pb.js";
import { AllowListedRoutesConfigSchema } from "../../../../../../api/gen/envoy/extensions/internal_redirect/allow_listed_routes/v3/allow_listed_routes_config_pb.js";
import { PreviousRoutesConfigSchema } from "../../../../../../api/gen/envoy/extensions/internal_redirect/previous_routes/v3/previous_routes_config_pb.js";
import { SafeCrossSchemeConfigSchema } from "../../../../../../api/gen/envoy/extensions/internal_redirect/safe_cross_scheme/v3/safe_cross_scheme_config_pb.js";
import { UriTemplateMatchConfigSchema } from "../../../../../../api/gen/envoy/extensions/path/match/uri_template/v3/uri_template_match_pb.js";
import { UriTemplateRewriteConfigSchema } from "../../../../../../api/gen/envoy/extensions/path/rewrite/uri_template/v3/uri_template_rewrite_pb.js";
import { compileRouteConfiguration } from "../../../../../../proxy/config/compile/route/route-configuration.ts";
import type { RouteSetting } from "../../../../../../proxy/config/compile/route/route-setting.ts";
import { FieldPath } from "../../../../../../proxy/config/field-path.ts";
import { ImageWriter } from "../../../../../../proxy/config/image/image-writer.ts";

const registry = createRegistry(
  EmptySchema,
  UriTemplateMatchConfigSchema,
  UriTemplateRewriteConfigSchema,
  AllowListedRoutesConfigSchema,
  PreviousRoutesConfigSchema,
  SafeCrossSchemeConfigSchema,
);
const CLUSTERS = ["alpha", "beta"];
const HEADER_BYTES = 64;

/** A context with the clusters `alpha` and `beta` that compiles no formats. */
export const SAMPLE_CONTEXT: RouteSetting = {
  clusterNames: CLUSTERS,
  clusterIndex: (name) => (CLUSTERS.includes(name) ? CLUSTERS.indexOf(name) : undefined),
  compileFormat: () => 0,
  runtimeFraction: () => undefined,
  fileContent: () => new Uint8Array(5000),
  environmentContent: () => new Uint8Array(),
  compileFilterConfig: () => null,
};

/** Compiles a route configuration given as JSON; its path is `routes`. */
export function compileSample(config: JsonObject, context: RouteSetting = SAMPLE_CONTEXT) {
  const writer = new ImageWriter();
  writer.reserve(HEADER_BYTES);
  const message = fromJson(RouteConfigurationSchema, config, { registry });
  const path = FieldPath.root.field("routes");
  const offset = compileRouteConfiguration(writer, message, context, path);
  const bytes = writer.finish();
  return { bytes, offset, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** One of each thing that a route configuration can hold. */
export const FULL_SAMPLE: JsonObject = {
  name: "full",
  internalOnlyHeaders: ["x-secret"],
  requestHeadersToAdd: [{ header: { key: "X-Config", value: "1" } }],
  responseHeadersToRemove: ["server"],
  virtualHosts: [
    {
      name: "shop",
      domains: ["shop.example", "*.shop.example", "shop.*"],
      requireTls: "EXTERNAL_ONLY",
      includeRequestAttemptCount: true,
      routes: [
        {
          name: "item",
          match: {
            path: "/item",
            headers: [{ name: "x-beta", rangeMatch: { start: "1", end: "5" } }],
            queryParameters: [{ name: "q", presentMatch: true }],
            runtimeFraction: { defaultValue: { numerator: 1, denominator: "TEN_THOUSAND" } },
          },
          route: { cluster: "beta", timeout: "1s", idleTimeout: "2s", prefixRewrite: "/i" },
          metadata: { filterMetadata: { a: { b: 1 } } },
        },
        {
          name: "split",
          match: { prefix: "/split" },
          route: {
            weightedClusters: {
              headerName: "x-dice",
              clusters: [
                { name: "alpha", weight: 1, requestHeadersToRemove: ["x-a"] },
                { name: "beta", weight: 3 },
              ],
            },
            hostRewriteLiteral: "new.example",
            requestMirrorPolicies: [{ cluster: "alpha" }],
            internalRedirectPolicy: { redirectResponseCodes: [301, 307] },
          },
        },
        {
          name: "old",
          match: { prefix: "/old/" },
          redirect: { hostRedirect: "new.example", portRedirect: 8443, pathRedirect: "/" },
        },
        {
          name: "answer",
          match: { pathSeparatedPrefix: "/health", caseSensitive: false },
          directResponse: { status: 200, body: { inlineString: "ok" } },
        },
        { name: "header", match: { prefix: "/" }, route: { clusterHeader: "x-cluster" } },
      ],
    },
    { name: "rest", domains: ["*"], routes: [{ match: { prefix: "/" }, nonForwardingAction: {} }] },
  ],
};
