import {
  type Cluster,
  Cluster_DiscoveryType as DiscoveryType,
  Cluster_LbPolicy as LbPolicy,
} from "../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";

/** Checks that a cluster chooses its endpoints in a way that goes with its type. */
export function checkOriginalDst(cluster: Cluster, path: FieldPath, problems: Problems): void {
  const isProvided = cluster.lbPolicy === LbPolicy.CLUSTER_PROVIDED;
  const { case: kind, value: type } = cluster.clusterDiscoveryType;
  if (kind === "type" && type === DiscoveryType.ORIGINAL_DST) {
    checkFields(cluster, path, problems);
  } else if (isProvided) {
    const reason = `but cluster '${cluster.name}' did not provide one`;
    const at = path.field("lb_policy");
    problems.add(at, `cluster manager: cluster provided LB specified ${reason}`);
  }
}

function checkFields(cluster: Cluster, path: FieldPath, problems: Problems): void {
  if (cluster.lbPolicy !== LbPolicy.CLUSTER_PROVIDED) {
    const name = LbPolicy[cluster.lbPolicy];
    const rule = "Only 'CLUSTER_PROVIDED' is allowed with cluster type 'ORIGINAL_DST'";
    const reason = `LB policy ${name} is not valid for Cluster type ORIGINAL_DST. ${rule}`;
    problems.add(path.field("lb_policy"), `cluster: ${reason}`);
  }
  if (cluster.loadAssignment !== undefined) {
    const reason = "ORIGINAL_DST clusters must have no load assignment configured";
    problems.add(path.field("load_assignment"), reason);
  }
  if (cluster.lbConfig.case !== "originalDstLbConfig") return;
  const { useHttpHeader, httpHeaderName } = cluster.lbConfig.value;
  if (useHttpHeader || httpHeaderName === "") return;
  const what = `invalid config http_header_name=${httpHeaderName} and use_http_header is false`;
  const advice = "Set use_http_header to true if http_header_name is desired";
  const at = path.field("original_dst_lb_config").field("http_header_name");
  problems.add(at, `ORIGINAL_DST cluster: ${what}. ${advice}`);
}
