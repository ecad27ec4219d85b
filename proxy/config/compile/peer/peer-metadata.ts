import * as image from "../../../../api/engine/peer/peer-image.ts";
import type { Node } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import type {
  Config,
  Config_DiscoveryMethod as DiscoveryMethod,
  Config_PropagationMethod as PropagationMethod,
} from "../../../../api/gen/io/istio/http/peer_metadata/config_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { refuse } from "../route/route-setting.ts";
import { ownWorkload, toBaggage, toMetadataHeader } from "./own-workload.ts";

/** Whether the filter can find anybody, or says anything: no workloads are known by address. */
export function findsPeers(config: Config): boolean {
  const { downstreamPropagation, upstreamPropagation } = config;
  const methods = [...config.downstreamDiscovery, ...config.upstreamDiscovery];
  return (
    methods.some(({ methodSpecifier }) => methodSpecifier.case !== "workloadDiscovery") ||
    downstreamPropagation.length + upstreamPropagation.length > 0
  );
}

/**
 * Writes the settings of `io.istio.http.peer_metadata`, and returns their offset.
 *
 * @param node Who this proxy is.
 * @throws MeshError `CONFIG_INVALID` for more labels than are kept.
 */
export function compilePeerMetadata(
  writer: ImageWriter,
  config: Config,
  node: Node | undefined,
  path: FieldPath,
): number {
  const { additionalLabels, upstreamPropagation, downstreamPropagation } = config;
  const names = [...new Set(additionalLabels)];
  if (names.length > image.PEER_LABELS_MAX) {
    refuse(path.field("additional_labels"), `more than ${image.PEER_LABELS_MAX} labels`);
  }
  const record = writer.reserve(image.PEER_METADATA_BYTES);
  const own = ownWorkload(node, names);
  writer.setUint32(record + image.PEER_FLAGS, flagsOf(config));
  writer.setUint32(record + image.PEER_DOWNSTREAM_WAYS, waysOf(config.downstreamDiscovery));
  writer.setUint32(record + image.PEER_UPSTREAM_WAYS, waysOf(config.upstreamDiscovery));
  const told = [...upstreamPropagation, ...downstreamPropagation];
  if (tells(told, "istioHeaders")) {
    writer.setText(record + image.PEER_OWN_ID, node?.id ?? "");
    writer.setText(record + image.PEER_OWN_METADATA, toMetadataHeader(own));
  }
  if (tells(told, "baggage")) writer.setText(record + image.PEER_OWN_BAGGAGE, toBaggage(own));
  const list = writer.reserve(names.length * image.PEER_LABEL_BYTES);
  for (const [index, name] of names.entries()) {
    writer.setText(list + index * image.PEER_LABEL_BYTES, name);
  }
  writer.setList(record + image.PEER_LABELS, list, names.length);
  return record;
}

const WAYS: ReadonlyMap<string | undefined, number> = new Map([
  ["baggage", image.PEER_BY_BAGGAGE],
  ["istioHeaders", image.PEER_BY_HEADERS],
]);

/** Four bits for each way, the first one lowest. Trying one again finds no more. */
function waysOf(methods: readonly DiscoveryMethod[]): number {
  const ways = methods.flatMap((each) => WAYS.get(each.methodSpecifier.case) ?? []);
  return [...new Set(ways)].reduceRight((all, way) => (all << 4) | way, 0);
}

function flagsOf(config: Config): number {
  const { downstreamDiscovery: from, upstreamDiscovery: by } = config;
  const { upstreamPropagation: up, downstreamPropagation: down } = config;
  const flags = [
    [config.sharedWithUpstream, image.PEER_FLAG_SHARED],
    [readsHeaders(from), image.PEER_FLAG_STRIPS_REQUEST],
    [readsHeaders(by), image.PEER_FLAG_STRIPS_RESPONSE],
    [tells(up, "istioHeaders"), image.PEER_FLAG_HEADERS_UPSTREAM],
    [tells(down, "istioHeaders"), image.PEER_FLAG_HEADERS_DOWNSTREAM],
    [skipsExternal(up), image.PEER_FLAG_SKIPS_UPSTREAM],
    [skipsExternal(down), image.PEER_FLAG_SKIPS_DOWNSTREAM],
    [tells(up, "baggage"), image.PEER_FLAG_BAGGAGE_UPSTREAM],
    [tells(down, "baggage"), image.PEER_FLAG_BAGGAGE_DOWNSTREAM],
  ] as const;
  return flags.reduce((all, [isSet, flag]) => (isSet ? all | flag : all), 0);
}

function readsHeaders(methods: readonly DiscoveryMethod[]): boolean {
  return methods.some(({ methodSpecifier }) => methodSpecifier.case === "istioHeaders");
}

function tells(methods: readonly PropagationMethod[], kind: "istioHeaders" | "baggage"): boolean {
  return methods.some(({ methodSpecifier }) => methodSpecifier.case === kind);
}

/** One that does not skip is enough to tell. */
function skipsExternal(methods: readonly PropagationMethod[]): boolean {
  const skips = methods.flatMap(({ methodSpecifier: { case: kind, value } }) =>
    kind === "istioHeaders" ? [value.skipExternalClusters] : [],
  );
  return skips.length > 0 && !skips.includes(false);
}
