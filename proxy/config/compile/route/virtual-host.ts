import {
  VHOST_BYTES,
  VHOST_NAME,
  VHOST_REQUIRE_TLS,
  VHOST_ROUTES,
  VHOST_ROUTES_CONFIG,
} from "../../../../api/engine/route-image.ts";
import type { VirtualHost } from "../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { writePathTable } from "./path-table.ts";
import { compileRoute } from "./route.ts";
import type { RouteContext } from "./route-context.ts";

/**
 * Writes the record of a virtual host, and returns its offset.
 *
 * @param configuration Offset of the record of the route configuration.
 */
export function compileVirtualHost(
  writer: ImageWriter,
  virtualHost: VirtualHost,
  configuration: number,
  context: RouteContext,
  path: FieldPath,
): number {
  const record = writer.reserve(VHOST_BYTES);
  writer.setText(record + VHOST_NAME, virtualHost.name);
  writer.setUint32(record + VHOST_ROUTES_CONFIG, configuration);
  writer.setUint32(record + VHOST_REQUIRE_TLS, virtualHost.requireTls);
  const routes = virtualHost.routes.map((route, index) =>
    compileRoute(writer, route, context, path.field("routes").item(index)),
  );
  const list = writer.reserve(routes.length * 4);
  routes.forEach(({ offset }, index) => {
    writer.setUint32(list + index * 4, offset);
  });
  writer.setList(record + VHOST_ROUTES, list, routes.length);
  writePathTable(
    writer,
    record,
    routes.map(({ key }) => key),
  );
  return record;
}
