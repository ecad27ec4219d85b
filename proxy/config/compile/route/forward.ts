import {
  FORWARD_BYTES,
  FORWARD_CLUSTER,
  FORWARD_DURATION_MAX_MS,
  FORWARD_GRPC_TIMEOUT_MAX_MS,
  FORWARD_GRPC_TIMEOUT_OFFSET_MS,
  FORWARD_IDLE_TIMEOUT_MS,
  FORWARD_NOT_FOUND_STATUS,
  FORWARD_SPECIFIER,
  FORWARD_TIMEOUT_MS,
  SPECIFIER_CLUSTER,
} from "../../../../api/engine/route-image.ts";
import type { RouteAction } from "../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import { RouteAction_ClusterNotFoundResponseCode as NotFoundCode } from "../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { type RouteContext, refuse } from "./route-context.ts";

/** Envoy's timeout of a route that says nothing, in milliseconds. */
const ROUTE_TIMEOUT_MS = 15_000;
const MILLISECONDS_MAX = 0x7fff_ffff;
const UNSET = -1;
const NOT_FOUND_STATUSES = {
  [NotFoundCode.SERVICE_UNAVAILABLE]: 503,
  [NotFoundCode.NOT_FOUND]: 404,
  [NotFoundCode.INTERNAL_SERVER_ERROR]: 500,
};

/** Writes the record of a `route` action, and returns its offset. */
export function compileForward(
  writer: ImageWriter,
  action: RouteAction,
  context: RouteContext,
  path: FieldPath,
): number {
  const record = writer.reserve(FORWARD_BYTES);
  const status = NOT_FOUND_STATUSES[action.clusterNotFoundResponseCode];
  writer.setUint32(record + FORWARD_NOT_FOUND_STATUS, status);
  writeSpecifier(writer, record, action, context, path);
  writeTimeouts(writer, record, action);
  return record;
}

function writeSpecifier(
  writer: ImageWriter,
  record: number,
  action: RouteAction,
  context: RouteContext,
  path: FieldPath,
): void {
  const specifier = action.clusterSpecifier;
  if (specifier.case !== "cluster") refuse(path, "not implemented");
  writer.setUint32(record + FORWARD_SPECIFIER, SPECIFIER_CLUSTER);
  const index = context.clusterIndex(specifier.value) ?? UNSET;
  writer.setInt32(record + FORWARD_CLUSTER, index);
}

function writeTimeouts(writer: ImageWriter, record: number, action: RouteAction): void {
  const timeout = toMilliseconds(action.timeout) ?? ROUTE_TIMEOUT_MS;
  const duration = action.maxStreamDuration;
  const set = (field: number, value: number | undefined) => {
    writer.setInt32(record + field, value ?? UNSET);
  };
  set(FORWARD_TIMEOUT_MS, timeout);
  set(FORWARD_IDLE_TIMEOUT_MS, toMilliseconds(action.idleTimeout));
  set(FORWARD_DURATION_MAX_MS, toMilliseconds(duration?.maxStreamDuration));
  set(FORWARD_GRPC_TIMEOUT_MAX_MS, toMilliseconds(duration?.grpcTimeoutHeaderMax));
  set(FORWARD_GRPC_TIMEOUT_OFFSET_MS, toMilliseconds(duration?.grpcTimeoutHeaderOffset));
}

/** Whole milliseconds; what is shorter than one, but not 0, is one. */
function toMilliseconds(
  duration: { readonly seconds: bigint; readonly nanos: number } | undefined,
): number | undefined {
  if (duration === undefined) return undefined;
  const exact = Number(duration.seconds) * 1000 + duration.nanos / 1e6;
  if (exact > 0 && exact < 1) return 1;
  return Math.min(Math.floor(exact), MILLISECONDS_MAX);
}
