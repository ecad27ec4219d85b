import type {
  RouteAction,
  RouteAction_RequestMirrorPolicy,
  RouteMatch,
  WeightedCluster,
} from "../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";
import { checkHeaderEdits, isFixed } from "./check-header-edits.ts";

/** The greatest sum of the weights of one route's clusters. */
const WEIGHT_SUM_MAX = 2 ** 32 - 1;

/**
 * Checks what the rules of single fields cannot say of a route that leads to a cluster.
 *
 * @param clusterNames The clusters that it may name; `null` if it may name any.
 */
export function checkRouteAction(
  action: RouteAction,
  match: RouteMatch | undefined,
  clusterNames: ReadonlySet<string> | null,
  path: FieldPath,
  problems: Problems,
): void {
  const { case: kind, value } = action.clusterSpecifier;
  if (kind === "cluster" && isUnknown(value, clusterNames)) {
    problems.add(path.field("cluster"), `route: unknown cluster '${value}'`);
  } else if (kind === "weightedClusters") {
    checkWeights(value, clusterNames, path.field("weighted_clusters"), problems);
  }
  const mirrors = path.field("request_mirror_policies");
  checkMirrorPolicies(action.requestMirrorPolicies, clusterNames, mirrors, problems);
  const copied = path.field("internal_redirect_policy").field("response_headers_to_copy");
  for (const [index, name] of action.internalRedirectPolicy?.responseHeadersToCopy.entries() ??
    []) {
    if (!isFixed(name)) continue;
    problems.add(copied.item(index), ":-prefixed headers or Hosts may not be specified here.");
  }
  checkRewrites(action, match, path, problems);
}

function isUnknown(name: string, clusterNames: ReadonlySet<string> | null): boolean {
  return name !== "" && clusterNames !== null && !clusterNames.has(name);
}

function checkWeights(
  weighted: WeightedCluster,
  clusterNames: ReadonlySet<string> | null,
  path: FieldPath,
  problems: Problems,
): void {
  let sum = 0;
  for (const [index, cluster] of weighted.clusters.entries()) {
    const at = path.field("clusters").item(index);
    checkHeaderEdits(cluster, at, problems);
    checkNaming(cluster.name, cluster.clusterHeader, at, problems);
    if (isUnknown(cluster.name, clusterNames)) {
      problems.add(at.field("name"), `route: unknown weighted cluster '${cluster.name}'`);
    }
    if (cluster.weight === undefined) problems.add(at, "Field 'weight' is missing");
    sum += cluster.weight ?? 0;
  }
  const isComplete = weighted.clusters.every(({ weight }) => weight !== undefined);
  if (isComplete && weighted.clusters.length > 0 && sum === 0) {
    problems.add(path, "Sum of weights in the weighted_cluster must be greater than 0.");
  } else if (sum > WEIGHT_SUM_MAX) {
    problems.add(path, `The sum of weights of all weighted clusters exceeds ${WEIGHT_SUM_MAX}`);
  }
}

/** A cluster is named outright or by a header of the request. */
function checkNaming(name: string, header: string, path: FieldPath, problems: Problems): void {
  if (name !== "" && header !== "") {
    problems.add(path, "Only one of name or cluster_header can be specified");
  } else if (name === "" && header === "") {
    problems.add(path, "At least one of name or cluster_header need to be specified");
  }
}

/** Checks the clusters that get a copy of each request. */
export function checkMirrorPolicies(
  policies: readonly RouteAction_RequestMirrorPolicy[],
  clusterNames: ReadonlySet<string> | null,
  path: FieldPath,
  problems: Problems,
): void {
  for (const [index, { cluster, clusterHeader }] of policies.entries()) {
    const at = path.item(index);
    if ((cluster === "") === (clusterHeader === "")) {
      const rule = "Exactly one of cluster or cluster_header in request mirror policy";
      problems.add(at, `${rule} need to be specified`);
    } else if (isUnknown(cluster, clusterNames)) {
      problems.add(at.field("cluster"), `route: unknown shadow cluster '${cluster}'`);
    }
  }
}

function checkRewrites(
  action: RouteAction,
  match: RouteMatch | undefined,
  path: FieldPath,
  problems: Problems,
): void {
  const { prefixRewrite, regexRewrite, pathRewritePolicy } = action;
  const count = [prefixRewrite !== "", regexRewrite !== undefined, pathRewritePolicy !== undefined];
  if (count.filter(Boolean).length > 1) {
    const choices = "prefix_rewrite, regex_rewrite or path_rewrite_policy";
    problems.add(path, `Specify only one of ${choices}`);
  }
  if (pathRewritePolicy !== undefined && match?.pathSpecifier.case !== "pathMatchPolicy") {
    const rewriter = "envoy.path.rewrite.uri_template.uri_template_rewriter";
    const matcher = "envoy.path.match.uri_template.uri_template_matcher";
    const reason = `unable to use ${rewriter} extension without ${matcher} extension`;
    problems.add(path.field("path_rewrite_policy"), reason);
  }
}
