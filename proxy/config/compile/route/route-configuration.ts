import {
  NAMED_CLUSTER_BYTES,
  NAMED_CLUSTER_HASH,
  NAMED_CLUSTER_INDEX,
  NAMED_CLUSTER_TEXT,
  ROUTES_BYTES,
  ROUTES_CLUSTERS,
  ROUTES_CLUSTERS_MASK,
  ROUTES_FLAG_EXACT_HOSTS,
  ROUTES_FLAG_IGNORE_PARAMETERS,
  ROUTES_FLAG_IGNORE_PORT,
  ROUTES_FLAG_MOST_SPECIFIC_WINS,
  ROUTES_FLAGS,
  ROUTES_INTERNAL_ONLY,
  ROUTES_METADATA,
  ROUTES_NAME,
  ROUTES_PER_FILTER,
  ROUTES_REQUEST_MUTATIONS,
  ROUTES_RESPONSE_MUTATIONS,
  ROUTES_VHOST_HEADER,
  ROUTES_VHOST_HEADER_ID,
  ROUTES_VIRTUAL_HOSTS,
} from "../../../../api/engine/route-image.ts";
import type {
  Route,
  RouteAction_RequestMirrorPolicy as MirrorPolicy,
} from "../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { RouteConfiguration } from "../../../../api/gen/envoy/config/route/v3/route_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { hashText, writeHashTable } from "./hash-table.ts";
import { writeMutations, writeRemovals } from "./header-mutation.ts";
import { writeHeaderName } from "./header-name.ts";
import { HostTable } from "./host-table.ts";
import { writeMetadata } from "./metadata.ts";
import { writeFilterConfigs } from "./per-filter.ts";
import type { RouteSetting, RouteScope } from "./route-setting.ts";
import { compileVirtualHost } from "./virtual-host.ts";

/** Envoy's default of `max_direct_response_body_size_bytes`. */
const DIRECT_BYTES_MAX = 4096;

/**
 * Compiles a route configuration into the image, and returns the offset of its record. Fields that
 * are not implemented were refused before. A pure function of its arguments.
 *
 * @param path Where the configuration stands, for messages.
 * @throws MeshError `CONFIG_INVALID` where something cannot be compiled.
 */
export function compileRouteConfiguration(
  writer: ImageWriter,
  config: RouteConfiguration,
  context: RouteSetting,
  path: FieldPath,
): number {
  const record = writer.reserve(ROUTES_BYTES);
  const validatesClusters = config.validateClusters ?? context.isDynamic !== true;
  const known = { ...context, validatesClusters };
  writer.setText(record + ROUTES_NAME, config.name);
  writeMetadata(writer, record + ROUTES_METADATA, config.metadata);
  writeFilterConfigs(writer, record + ROUTES_PER_FILTER, config.typedPerFilterConfig, known, path);
  writeMutations(
    writer,
    { request: record + ROUTES_REQUEST_MUTATIONS, response: record + ROUTES_RESPONSE_MUTATIONS },
    config,
    known,
    path,
  );
  const internalPath = path.field("internal_only_headers");
  writeRemovals(writer, record + ROUTES_INTERNAL_ONLY, config.internalOnlyHeaders, internalPath);
  if (config.vhostHeader !== "") {
    const { vhostHeader: name } = config;
    const header = record + ROUTES_VHOST_HEADER;
    writeHeaderName(writer, header, record + ROUTES_VHOST_HEADER_ID, name);
  }
  const hosts = writeVirtualHosts(writer, record, config, known, path);
  writer.setUint32(record + ROUTES_FLAGS, flagsOf(config, hosts));
  if (namesClusters(config)) writeClusterNames(writer, record, known);
  return record;
}

function writeVirtualHosts(
  writer: ImageWriter,
  record: number,
  config: RouteConfiguration,
  context: RouteScope,
  path: FieldPath,
): HostTable {
  const level = {
    context,
    directBytesMax: config.maxDirectResponseBodySizeBytes ?? DIRECT_BYTES_MAX,
    mirrors: config.requestMirrorPolicies,
    mirrorsPath: path.field("request_mirror_policies"),
  };
  const hosts = new HostTable(config.name);
  const list = writer.reserve(config.virtualHosts.length * 4);
  writer.setList(record + ROUTES_VIRTUAL_HOSTS, list, config.virtualHosts.length);
  config.virtualHosts.forEach((virtualHost, index) => {
    const at = path.field("virtual_hosts").item(index);
    const offset = compileVirtualHost(writer, virtualHost, record, level, at);
    writer.setUint32(list + index * 4, offset);
    virtualHost.domains.forEach((domain, place) => {
      hosts.add(domain, offset, at.field("domains").item(place));
    });
  });
  hosts.write(writer, record);
  return hosts;
}

function flagsOf(config: RouteConfiguration, hosts: HostTable): number {
  let flags = hosts.hasExact ? ROUTES_FLAG_EXACT_HOSTS : 0;
  if (config.mostSpecificHeaderMutationsWins) flags |= ROUTES_FLAG_MOST_SPECIFIC_WINS;
  if (config.ignorePortInHostMatching) flags |= ROUTES_FLAG_IGNORE_PORT;
  if (config.ignorePathParametersInPathMatching) flags |= ROUTES_FLAG_IGNORE_PARAMETERS;
  return flags;
}

/** Whether some request may name its cluster. */
function namesClusters(config: RouteConfiguration): boolean {
  return (
    namesMirror(config.requestMirrorPolicies) ||
    config.virtualHosts.some(({ routes, requestMirrorPolicies: mirrors }) => {
      return namesMirror(mirrors) || routes.some(hasClusterHeader);
    })
  );
}

function namesMirror(mirrors: readonly MirrorPolicy[]): boolean {
  return mirrors.some(({ clusterHeader }) => clusterHeader !== "");
}

function hasClusterHeader({ action }: Route): boolean {
  if (action.case !== "route") return false;
  const { clusterSpecifier: specifier, requestMirrorPolicies: mirrors } = action.value;
  if (specifier.case === "clusterHeader") return true;
  if (namesMirror(mirrors)) return true;
  if (specifier.case !== "weightedClusters") return false;
  return specifier.value.clusters.some(({ clusterHeader }) => clusterHeader !== "");
}

/** Writes the table that finds a cluster by its name. */
function writeClusterNames(writer: ImageWriter, record: number, context: RouteSetting): void {
  const { clusterNames } = context;
  const hashes = clusterNames.map((name) => hashText(name));
  const table = writeHashTable(writer, hashes, NAMED_CLUSTER_BYTES, (slot, index) => {
    writer.setUint32(slot + NAMED_CLUSTER_HASH, hashes[index]);
    writer.setText(slot + NAMED_CLUSTER_TEXT, clusterNames[index]);
    writer.setUint32(slot + NAMED_CLUSTER_INDEX, index);
  });
  writer.setUint32(record + ROUTES_CLUSTERS, table.offset);
  writer.setUint32(record + ROUTES_CLUSTERS_MASK, table.mask);
}
