import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { validateConfig } from "../../proxy/main.ts";
import type { Part } from "../support/proxy-sketch.ts";
import { makeCertificate } from "../support/tls/certificate.ts";
import { inlineCertificate } from "../support/tls/sketch.ts";

const SAMPLE = new URL("../support/sample/istiod-waypoint.yaml", import.meta.url);

/** What is refused because nobody has built it yet, by the end of its path. */
const REFUSED: readonly string[] = [
  "cluster.lb_policy: LEAST_REQUEST",
  "cluster.lb_policy: RING_HASH",
  "cluster.outlier_detection",
  "cluster.ring_hash_lb_config",
  "http_filters.config_discovery",
  "http_filters.typed_config: Cors",
  "http_filters.typed_config: HTTPFault",
  "http_filters.typed_config: JwtAuthentication",
  "http_filters.typed_config: RBAC",
  "route.hash_policy",
  "route.retry_policy",
  "typed_config.request_id_extension",
  "typed_config.tracing",
  "typed_per_filter_config: CorsPolicy",
  "typed_per_filter_config: HTTPFault",
];

const CERTIFICATE = makeCertificate({
  subject: [["O", "Mesh"]],
  uris: ["spiffe://cluster.local/ns/shop/sa/waypoint"],
});

function isPart(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy in which `change` has replaced objects, from the innermost out. */
function rewrite(value: unknown, change: (part: Record<string, unknown>) => void): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, change));
  if (!isPart(value)) return value;
  const copy = Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, rewrite(item, change)]),
  );
  change(copy);
  return copy;
}

/** What comes by xDS, as it would stand in a file. */
function makeStatic(part: Record<string, unknown>): void {
  if (part.type === "EDS") {
    const { name, edsClusterConfig: _, ...rest } = part;
    for (const key of Object.keys(part)) delete part[key];
    const metadata = { "envoy.filters.listener.original_dst": { local: "10.9.0.21:9080" } };
    const internal = { serverListenerName: "connect_originate", endpointId: "10.9.0.21:9080" };
    const endpoint = { address: { envoyInternalAddress: internal } };
    const lbEndpoints = [{ endpoint, metadata: { filterMetadata: metadata } }];
    Object.assign(part, rest, { name, type: "STATIC" });
    part.loadAssignment = { clusterName: name, endpoints: [{ lbEndpoints }] };
  }
  if ("tlsCertificateSdsSecretConfigs" in part) {
    delete part.tlsCertificateSdsSecretConfigs;
    delete part.combinedValidationContext;
    part.tlsCertificates = [inlineCertificate(CERTIFICATE)];
    part.validationContext = { trustedCa: { inlineString: CERTIFICATE.pem } };
  }
}

const INTERNAL = "envoy.extensions.bootstrap.internal_listener.v3.InternalListener";

function readSample(): Part {
  const resources: unknown = parse(readFileSync(SAMPLE, "utf8"));
  return {
    bootstrapExtensions: [
      {
        name: "envoy.bootstrap.internal_listener",
        typedConfig: { "@type": `type.googleapis.com/${INTERNAL}` },
      },
    ],
    staticResources: rewrite(resources, makeStatic),
  };
}

async function problemsOf(config: unknown): Promise<readonly string[]> {
  try {
    await validateConfig(JSON.stringify(config), "sample");
    return [];
  } catch (error) {
    assert.ok(error instanceof Error);
    const lines = error.message.split("\n").filter((line) => line.includes("static_resources"));
    return [...new Set(lines.map(shorten))].sort();
  }
}

/** The last two names of a path, and of which kind it is where that is what is refused. */
function shorten(line: string): string {
  const found = /(static_resources[^ ]*): (.*)$/.exec(line);
  assert.ok(found !== null, line);
  const [, path, reason] = found;
  const names = path
    .replaceAll(/\["[^"]*\.(\w+)"\]/g, ".$1")
    .replaceAll(/\[\d+\]/g, "")
    .split(".");
  const [owner, name] = names.slice(-2);
  const kind = /"type\.googleapis\.com\/[^"]*\.(\w+)"|^([A-Z_]+) is not/.exec(reason);
  const end = kind === null ? "" : `: ${kind[1] ?? kind[2]}`;
  if (owner === "clusters") return `cluster.${name}${end}`;
  return names.includes("typed_per_filter_config")
    ? `typed_per_filter_config${end}`
    : `${owner}.${name}${end}`;
}

/** Takes out what is refused. */
function removeRefused(part: Record<string, unknown>): void {
  const fields = ["retryPolicy", "hashPolicy", "tracing"];
  fields.push("requestIdExtension", "outlierDetection", "lbPolicy", "ringHashLbConfig");
  fields.push("typedPerFilterConfig");
  for (const field of fields) {
    if (field !== "lbPolicy" || part.lbPolicy !== "CLUSTER_PROVIDED") delete part[field];
  }
  if (!Array.isArray(part.httpFilters)) return;
  part.httpFilters = part.httpFilters.filter((filter: unknown) => {
    const text = JSON.stringify(filter);
    return !/configDiscovery|\.(jwt_authn|rbac|fault|cors)\.v3/.test(text);
  });
}

describe("golden, istiod's waypoint", () => {
  it("problems: only what is known to be missing is refused", async () => {
    assert.deepEqual(await problemsOf(readSample()), REFUSED);
  });

  it("rest: without that it is a configuration", async () => {
    assert.deepEqual(await problemsOf(rewrite(readSample(), removeRefused)), []);
  });
});
