import {
  ROUTES_BYTES,
  ROUTES_FLAG_EXACT_HOSTS,
  ROUTES_FLAG_IGNORE_PARAMETERS,
  ROUTES_FLAG_IGNORE_PORT,
  ROUTES_FLAG_MOST_SPECIFIC_WINS,
  ROUTES_FLAGS,
  ROUTES_NAME,
  ROUTES_VIRTUAL_HOSTS,
} from "../../../../api/engine/route-image.ts";
import type { RouteConfiguration } from "../../../../api/gen/envoy/config/route/v3/route_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { HostTable } from "./host-table.ts";
import type { RouteContext } from "./route-context.ts";
import { compileVirtualHost } from "./virtual-host.ts";

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
  context: RouteContext,
  path: FieldPath,
): number {
  const record = writer.reserve(ROUTES_BYTES);
  writer.setText(record + ROUTES_NAME, config.name);
  const hosts = new HostTable(config.name);
  const list = writer.reserve(config.virtualHosts.length * 4);
  writer.setList(record + ROUTES_VIRTUAL_HOSTS, list, config.virtualHosts.length);
  config.virtualHosts.forEach((virtualHost, index) => {
    const at = path.field("virtual_hosts").item(index);
    const offset = compileVirtualHost(writer, virtualHost, record, context, at);
    writer.setUint32(list + index * 4, offset);
    virtualHost.domains.forEach((domain, place) => {
      hosts.add(domain, offset, at.field("domains").item(place));
    });
  });
  hosts.write(writer, record);
  writer.setUint32(record + ROUTES_FLAGS, flagsOf(config, hosts));
  return record;
}

function flagsOf(config: RouteConfiguration, hosts: HostTable): number {
  let flags = hosts.hasExact ? ROUTES_FLAG_EXACT_HOSTS : 0;
  if (config.mostSpecificHeaderMutationsWins) flags |= ROUTES_FLAG_MOST_SPECIFIC_WINS;
  if (config.ignorePortInHostMatching) flags |= ROUTES_FLAG_IGNORE_PORT;
  if (config.ignorePathParametersInPathMatching) flags |= ROUTES_FLAG_IGNORE_PARAMETERS;
  return flags;
}
