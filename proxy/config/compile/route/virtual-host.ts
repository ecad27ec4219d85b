import {
  VHOST_BUFFER_BYTES_MAX,
  VHOST_BYTES,
  VHOST_FLAG_ATTEMPT_COUNT,
  VHOST_FLAG_ATTEMPT_COUNT_IN_RESPONSE,
  VHOST_FLAG_TIMEOUT_RETRY,
  VHOST_FLAGS,
  VHOST_METADATA,
  VHOST_NAME,
  VHOST_PER_FILTER,
  VHOST_REQUEST_MUTATIONS,
  VHOST_REQUIRE_TLS,
  VHOST_RESPONSE_MUTATIONS,
  VHOST_ROUTES,
  VHOST_ROUTES_CONFIG,
} from "../../../../api/engine/route-image.ts";
import type { VirtualHost } from "../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { writeMetadataValues } from "../metadata-values.ts";
import { writeMutations } from "./header-mutation.ts";
import { writePathTable } from "./path-table.ts";
import { writeFilterConfigs } from "./per-filter.ts";
import { compileRoute, type RouteLevel } from "./route.ts";

/** What `per_request_buffer_limit_bytes` is when it is not set. */
const UNLIMITED = 0xffff_ffff;

/**
 * Writes the record of a virtual host, and returns its offset.
 *
 * @param configuration Offset of the record of the route configuration.
 * @param above What the virtual host inherits from the configuration.
 */
export function compileVirtualHost(
  writer: ImageWriter,
  virtualHost: VirtualHost,
  configuration: number,
  above: RouteLevel,
  path: FieldPath,
): number {
  const { context } = above;
  const record = writer.reserve(VHOST_BYTES);
  const bufferBytesMax = virtualHost.perRequestBufferLimitBytes ?? UNLIMITED;
  writer.setText(record + VHOST_NAME, virtualHost.name);
  writer.setUint32(record + VHOST_FLAGS, flagsOf(virtualHost));
  writer.setUint32(record + VHOST_ROUTES_CONFIG, configuration);
  writer.setUint32(record + VHOST_REQUIRE_TLS, virtualHost.requireTls);
  writer.setUint32(record + VHOST_BUFFER_BYTES_MAX, bufferBytesMax);
  writeMetadataValues(writer, record + VHOST_METADATA, virtualHost.metadata);
  const configs = virtualHost.typedPerFilterConfig;
  writeFilterConfigs(writer, record + VHOST_PER_FILTER, configs, context, path);
  writeMutations(
    writer,
    { request: record + VHOST_REQUEST_MUTATIONS, response: record + VHOST_RESPONSE_MUTATIONS },
    virtualHost,
    context,
    path,
  );
  writeRoutes(writer, record, virtualHost, levelOf(virtualHost, above, path), path);
  return record;
}

function writeRoutes(
  writer: ImageWriter,
  record: number,
  virtualHost: VirtualHost,
  level: RouteLevel,
  path: FieldPath,
): void {
  const routes = virtualHost.routes.map((route, index) =>
    compileRoute(writer, route, level, path.field("routes").item(index)),
  );
  const list = writer.reserve(routes.length * 4);
  routes.forEach(({ offset }, index) => {
    writer.setUint32(list + index * 4, offset);
  });
  writer.setList(record + VHOST_ROUTES, list, routes.length);
  const keys = routes.map(({ key }) => key);
  writePathTable(writer, record, keys);
}

function levelOf(virtualHost: VirtualHost, above: RouteLevel, path: FieldPath): RouteLevel {
  const mirrors = virtualHost.requestMirrorPolicies;
  if (mirrors.length === 0) return above;
  return { ...above, mirrors, mirrorsPath: path.field("request_mirror_policies") };
}

function flagsOf(virtualHost: VirtualHost): number {
  let flags = virtualHost.includeRequestAttemptCount ? VHOST_FLAG_ATTEMPT_COUNT : 0;
  if (virtualHost.includeAttemptCountInResponse) flags |= VHOST_FLAG_ATTEMPT_COUNT_IN_RESPONSE;
  if (virtualHost.includeIsTimeoutRetryHeader) flags |= VHOST_FLAG_TIMEOUT_RETRY;
  return flags;
}
