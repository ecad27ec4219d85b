import {
  ACTION_CLUSTER,
  ROUTE_ACTION,
  ROUTE_ACTION_KIND,
  ROUTE_BYTES,
  ROUTE_FLAGS,
  ROUTE_NAME,
} from "../../../../api/engine/route-image.ts";
import type { Route } from "../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { compileForward } from "./forward.ts";
import { compilePathMatch } from "./path-match.ts";
import type { PathKey } from "./path-table.ts";
import { type RouteContext, refuse } from "./route-context.ts";

/** A compiled route. */
export interface CompiledRoute {
  /** Offset of its record. */
  readonly offset: number;
  readonly key: PathKey;
}

/** Writes the record of a route. */
export function compileRoute(
  writer: ImageWriter,
  route: Route,
  context: RouteContext,
  path: FieldPath,
): CompiledRoute {
  const record = writer.reserve(ROUTE_BYTES);
  writer.setText(record + ROUTE_NAME, route.name);
  if (route.match === undefined) refuse(path.field("match"), "is required");
  const { key, flags } = compilePathMatch(writer, record, route.match, path.field("match"));
  writer.setUint32(record + ROUTE_FLAGS, flags);
  if (route.action.case !== "route") refuse(path, "not implemented");
  writer.setUint32(record + ROUTE_ACTION_KIND, ACTION_CLUSTER);
  const action = compileForward(writer, route.action.value, context, path.field("route"));
  writer.setUint32(record + ROUTE_ACTION, action);
  return { offset: record, key };
}
