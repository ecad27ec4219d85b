import type { Bootstrap } from "../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { BootstrapSchema } from "../../../api/gen/envoy/config/bootstrap/v3/bootstrap_pb.js";
import { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";
import { checkBindAddress } from "./check-address.ts";
import { checkClusters } from "./check-clusters.ts";
import { checkListeners } from "./check-listeners.ts";
import { checkMessage } from "./check-message.ts";

/** Adds everything that is wrong with a bootstrap, or not implemented, to `problems`. */
export function checkBootstrap(bootstrap: Bootstrap, problems: Problems): void {
  checkMessage(BootstrapSchema, bootstrap, FieldPath.root, problems);
  const resources = FieldPath.root.field("static_resources");
  const { listeners = [], clusters = [] } = bootstrap.staticResources ?? {};
  checkClusters(clusters, resources.field("clusters"), problems);
  const names = new Set(clusters.map((cluster) => cluster.name));
  checkListeners(listeners, names, resources.field("listeners"), problems);
  const admin = FieldPath.root.field("admin").field("address");
  checkBindAddress(bootstrap.admin?.address, admin, problems);
  checkRuntime(bootstrap, problems);
}

function checkRuntime(bootstrap: Bootstrap, problems: Problems): void {
  const path = FieldPath.root.field("layered_runtime").field("layers");
  const names = new Set<string>();
  let adminLayerCount = 0;
  for (const [index, layer] of (bootstrap.layeredRuntime?.layers ?? []).entries()) {
    const isKnown = names.has(layer.name);
    if (isKnown) problems.add(path.item(index), `Duplicate layer name: ${layer.name}`);
    names.add(layer.name);
    if (layer.layerSpecifier.case === "adminLayer") adminLayerCount++;
  }
  if (adminLayerCount > 1) {
    const reason =
      "Too many admin layers specified in LayeredRuntime, at most one may be specified";
    problems.add(path, reason);
  }
}
