import type {
  DirectResponseAction,
  VirtualHost,
} from "../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { RouteConfiguration } from "../../../api/gen/envoy/config/route/v3/route_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";
import { checkHeaderEdits } from "./check-header-edits.ts";
import { checkMirrorPolicies, checkRouteAction } from "./check-route-action.ts";

/** The size of a direct response's body where `max_direct_response_body_size_bytes` is not set. */
const DIRECT_RESPONSE_BYTES_MAX = 4096;

/** Checks what the rules of single fields cannot say of a route configuration. */
export function checkRouteConfiguration(
  config: RouteConfiguration,
  clusterNames: ReadonlySet<string>,
  path: FieldPath,
  problems: Problems,
): void {
  // Envoy takes an inline route configuration to know all clusters, unless it says otherwise.
  const known = config.validateClusters === false ? null : clusterNames;
  const bodyBytesMax = config.maxDirectResponseBodySizeBytes ?? DIRECT_RESPONSE_BYTES_MAX;
  const scope: RouteScope = { clusterNames: known, bodyBytesMax, problems };
  checkHeaderEdits(config, path, problems);
  const mirrors = path.field("request_mirror_policies");
  checkMirrorPolicies(config.requestMirrorPolicies, known, mirrors, problems);
  checkDomains(config, path.field("virtual_hosts"), problems);
  for (const [index, host] of config.virtualHosts.entries()) {
    checkVirtualHost(host, scope, path.field("virtual_hosts").item(index));
  }
}

interface RouteScope {
  /** The clusters that routes may name; `null` if they may name any. */
  readonly clusterNames: ReadonlySet<string> | null;
  readonly bodyBytesMax: number;
  readonly problems: Problems;
}

/** A domain may stand in one virtual host only. Domains are compared without regard to case. */
function checkDomains(config: RouteConfiguration, path: FieldPath, problems: Problems): void {
  const seen = new Set<string>();
  for (const [index, host] of config.virtualHosts.entries()) {
    for (const [position, domain] of host.domains.entries()) {
      const key = domain.toLowerCase();
      if (seen.has(key)) {
        const entry = `Duplicate entry of domain ${key} in route ${config.name}`;
        const reason =
          key === "*"
            ? `Only a single wildcard domain is permitted in route ${config.name}`
            : `Only unique values for domains are permitted. ${entry}`;
        problems.add(path.item(index).field("domains").item(position), reason);
      }
      seen.add(key);
    }
  }
}

function checkVirtualHost(host: VirtualHost, scope: RouteScope, path: FieldPath): void {
  const { problems, clusterNames } = scope;
  checkHeaderEdits(host, path, problems);
  const mirrors = path.field("request_mirror_policies");
  checkMirrorPolicies(host.requestMirrorPolicies, clusterNames, mirrors, problems);
  for (const [index, route] of host.routes.entries()) {
    const at = path.field("routes").item(index);
    checkHeaderEdits(route, at, problems);
    const { case: kind, value } = route.action;
    if (kind === "route") {
      checkRouteAction(value, route.match, clusterNames, at.field("route"), problems);
    } else if (kind === "directResponse") {
      checkDirectResponse(value, scope, at.field("direct_response").field("body"));
    }
  }
}

/** Bodies that stand in a file are measured when the file is read. */
function checkDirectResponse(
  { body }: DirectResponseAction,
  { bodyBytesMax, problems }: RouteScope,
  path: FieldPath,
): void {
  const specifier = body?.specifier;
  if (specifier?.case !== "inlineString" && specifier?.case !== "inlineBytes") return;
  const bytes = Buffer.byteLength(specifier.value);
  if (bytes <= bodyBytesMax) return;
  problems.add(path, `response body size is ${bytes} bytes; maximum is ${bodyBytesMax}`);
}
