import {
  FORWARD_TOTAL_WEIGHT,
  FORWARD_WEIGHTED,
  WEIGHTED_BYTES,
  WEIGHTED_CLUSTER,
  WEIGHTED_HEADER,
  WEIGHTED_HEADER_ID,
  WEIGHTED_HOST,
  WEIGHTED_METADATA_MATCH,
  WEIGHTED_NAME,
  WEIGHTED_PER_FILTER,
  WEIGHTED_REQUEST_MUTATIONS,
  WEIGHTED_RESPONSE_MUTATIONS,
  WEIGHTED_WEIGHT,
} from "../../../../../api/engine/route-image.ts";
import type {
  WeightedCluster,
  WeightedCluster_ClusterWeight as ClusterWeight,
} from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import { writeMutations } from "../header-mutation.ts";
import { writeHeaderName } from "../header-name.ts";
import { writeMetadata } from "../metadata.ts";
import { writeFilterConfigs } from "../per-filter.ts";
import { type RouteScope, refuse } from "../route-setting.ts";

const WEIGHT_MAX = 0xffff_ffff;
const UNSET = -1;

/**
 * Writes the clusters of a weighted choice and their total weight into the record of the action.
 *
 * @param path Where the `weighted_clusters` stand.
 */
export function writeWeightedClusters(
  writer: ImageWriter,
  record: number,
  weighted: WeightedCluster,
  context: RouteScope,
  path: FieldPath,
): void {
  const { clusters } = weighted;
  const list = writer.reserve(clusters.length * WEIGHTED_BYTES);
  let total = 0;
  clusters.forEach((cluster, index) => {
    const at = path.field("clusters").item(index);
    if (cluster.weight === undefined) refuse(at.field("weight"), "is required");
    total += cluster.weight;
    writeCluster(writer, list + index * WEIGHTED_BYTES, cluster, context, at);
  });
  if (total > WEIGHT_MAX) {
    refuse(path, `The sum of weights of all weighted clusters exceeds ${WEIGHT_MAX}`);
  }
  if (total === 0) refuse(path, "Sum of weights in the weighted_cluster must be greater than 0.");
  if (weighted.totalWeight !== undefined && weighted.totalWeight !== total) {
    refuse(path.field("total_weight"), `is not the sum of the weights, which is ${total}`);
  }
  writer.setList(record + FORWARD_WEIGHTED, list, clusters.length);
  writer.setUint32(record + FORWARD_TOTAL_WEIGHT, total);
}

function writeCluster(
  writer: ImageWriter,
  record: number,
  cluster: ClusterWeight,
  context: RouteScope,
  path: FieldPath,
): void {
  const { name, clusterHeader } = cluster;
  if (name === "" && clusterHeader === "") {
    refuse(path, "At least one of name or cluster_header need to be specified");
  }
  if (name !== "" && clusterHeader !== "") {
    refuse(path, "Only one of name or cluster_header can be specified");
  }
  const index = name === "" ? undefined : context.clusterIndex(name);
  if (name !== "" && index === undefined && context.validatesClusters) {
    refuse(path.field("name"), `route: unknown weighted cluster '${name}'`);
  }
  writer.setInt32(record + WEIGHTED_CLUSTER, index ?? UNSET);
  writer.setUint32(record + WEIGHTED_WEIGHT, cluster.weight ?? 0);
  writer.setText(record + WEIGHTED_NAME, name);
  if (clusterHeader !== "") {
    writeHeaderName(writer, record + WEIGHTED_HEADER, record + WEIGHTED_HEADER_ID, clusterHeader);
  }
  writer.setText(record + WEIGHTED_HOST, cluster.hostRewriteSpecifier.value ?? "");
  writeMetadata(writer, record + WEIGHTED_METADATA_MATCH, cluster.metadataMatch);
  const { typedPerFilterConfig } = cluster;
  writeFilterConfigs(writer, record + WEIGHTED_PER_FILTER, typedPerFilterConfig, context, path);
  writeMutations(
    writer,
    {
      request: record + WEIGHTED_REQUEST_MUTATIONS,
      response: record + WEIGHTED_RESPONSE_MUTATIONS,
    },
    cluster,
    context,
    path,
  );
}
