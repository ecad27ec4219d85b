import {
  CLUSTER_FLAG_EXTERNAL,
  CLUSTER_FLAG_NO_PEER_HEADERS,
} from "../../../../api/engine/image.ts";
import type { Cluster } from "../../../../api/gen/envoy/config/cluster/v3/cluster_pb.js";

/** Istio's cluster for what is addressed to nobody that it knows. */
const PASSTHROUGH = "PassthroughCluster";

/**
 * Flags of a cluster to which Istio's headers do not go: `disable_mx` of the metadata `istio` keeps
 * them away always, and `external` where the filter has `skip_external_clusters`.
 */
export function peerFlagsOf({ name, metadata }: Cluster): number {
  const { external, disable_mx: isDisabled } = metadata?.filterMetadata.istio ?? {};
  return (
    (external === true || name === PASSTHROUGH ? CLUSTER_FLAG_EXTERNAL : 0) |
    (isDisabled === true ? CLUSTER_FLAG_NO_PEER_HEADERS : 0)
  );
}
