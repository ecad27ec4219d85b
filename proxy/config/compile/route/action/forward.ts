import type { Duration } from "@bufbuild/protobuf/wkt";
import { TIMEOUT_MS_MAX } from "../../../../../api/engine/layout.ts";
import {
  FORWARD_BYTES,
  FORWARD_CLUSTER,
  FORWARD_DURATION_MAX_MS,
  FORWARD_FLAG_APPEND_HOST,
  FORWARD_FLAG_AUTO_HOST,
  FORWARD_FLAGS,
  FORWARD_GRPC_TIMEOUT_MAX_MS,
  FORWARD_GRPC_TIMEOUT_OFFSET_MS,
  FORWARD_HEADER,
  FORWARD_HEADER_ID,
  FORWARD_IDLE_TIMEOUT_MS,
  FORWARD_INTERNAL_REDIRECT,
  FORWARD_MAX_GRPC_TIMEOUT_MS,
  FORWARD_MAX_GRPC_TIMEOUT_OFFSET_MS,
  FORWARD_METADATA_MATCH,
  FORWARD_MIRRORS,
  FORWARD_NOT_FOUND_STATUS,
  FORWARD_PRIORITY,
  FORWARD_SPECIFIER,
  FORWARD_TIMEOUT_MS,
  FORWARD_UPGRADES,
  SPECIFIER_CLUSTER,
  SPECIFIER_HEADER,
  SPECIFIER_WEIGHTED,
} from "../../../../../api/engine/route-image.ts";
import {
  type RouteAction,
  type RouteAction_RequestMirrorPolicy as MirrorPolicy,
  RouteAction_ClusterNotFoundResponseCode as NotFoundCode,
} from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import { toMs } from "../../duration.ts";
import { writeUpgrades } from "../../http/upgrades.ts";
import { writeHeaderName } from "../header-name.ts";
import { writeMetadata } from "../metadata.ts";
import { compileInternalRedirect, writeMirrors } from "./policies.ts";
import type { PathMatch } from "../match/path-match.ts";
import { writeRewrites } from "./rewrite.ts";
import { type RouteScope, refuse } from "../route-setting.ts";
import { writeWeightedClusters } from "./weighted-cluster.ts";

/** Envoy's timeout of a route that says nothing, in milliseconds. */
const ROUTE_TIMEOUT_MS = 15_000;
const UNSET = -1;
const NOT_FOUND_STATUSES = {
  [NotFoundCode.SERVICE_UNAVAILABLE]: 503,
  [NotFoundCode.NOT_FOUND]: 404,
  [NotFoundCode.INTERNAL_SERVER_ERROR]: 500,
};

/** A `route` action and what it needs to know of what is around it. */
export interface Forward {
  readonly action: RouteAction;
  readonly match: PathMatch;
  /** Mirror policies for an action that has none of its own, and where they stand. */
  readonly mirrors: readonly MirrorPolicy[];
  readonly mirrorsPath: FieldPath;
}

/**
 * Writes the record of a `route` action, and returns its offset.
 *
 * @param path Where the action stands.
 */
export function compileForward(
  writer: ImageWriter,
  forward: Forward,
  context: RouteScope,
  path: FieldPath,
): number {
  const { action } = forward;
  const record = writer.reserve(FORWARD_BYTES);
  const status = NOT_FOUND_STATUSES[action.clusterNotFoundResponseCode];
  writer.setUint32(record + FORWARD_NOT_FOUND_STATUS, status);
  writer.setUint32(record + FORWARD_PRIORITY, action.priority);
  writer.setUint32(record + FORWARD_FLAGS, flagsOf(action));
  writeSpecifier(writer, record, action, context, path);
  writeTimeouts(writer, record, action);
  const upgrades = writeUpgrades(writer, action.upgradeConfigs, path.field("upgrade_configs"));
  writer.setList(record + FORWARD_UPGRADES, upgrades.offset, upgrades.count);
  writeRewrites(writer, record, action, forward.match, path);
  writeMetadata(writer, record + FORWARD_METADATA_MATCH, action.metadataMatch);
  const redirect = compileInternalRedirect(writer, action.internalRedirectPolicy, path);
  writer.setUint32(record + FORWARD_INTERNAL_REDIRECT, redirect);
  const isOwn = action.requestMirrorPolicies.length > 0;
  const mirrors = isOwn ? action.requestMirrorPolicies : forward.mirrors;
  const mirrorsPath = isOwn ? path.field("request_mirror_policies") : forward.mirrorsPath;
  writeMirrors(writer, record + FORWARD_MIRRORS, mirrors, context, mirrorsPath);
  return record;
}

function flagsOf(action: RouteAction): number {
  const host = action.hostRewriteSpecifier;
  const isAuto = host.case === "autoHostRewrite" && host.value;
  return (
    (isAuto ? FORWARD_FLAG_AUTO_HOST : 0) |
    (action.appendXForwardedHost ? FORWARD_FLAG_APPEND_HOST : 0)
  );
}

function writeSpecifier(
  writer: ImageWriter,
  record: number,
  action: RouteAction,
  context: RouteScope,
  path: FieldPath,
): void {
  const specifier = action.clusterSpecifier;
  const header = (name: string) => {
    writeHeaderName(writer, record + FORWARD_HEADER, record + FORWARD_HEADER_ID, name);
  };
  writer.setInt32(record + FORWARD_CLUSTER, UNSET);
  switch (specifier.case) {
    case "cluster": {
      const index = resolveCluster(specifier.value, context, path.field("cluster"));
      writer.setUint32(record + FORWARD_SPECIFIER, SPECIFIER_CLUSTER);
      writer.setInt32(record + FORWARD_CLUSTER, index);
      return;
    }
    case "clusterHeader":
      writer.setUint32(record + FORWARD_SPECIFIER, SPECIFIER_HEADER);
      header(specifier.value);
      return;
    case "weightedClusters": {
      const random = specifier.value.randomValueSpecifier;
      writer.setUint32(record + FORWARD_SPECIFIER, SPECIFIER_WEIGHTED);
      if (random.case === "headerName" && random.value !== "") header(random.value);
      const at = path.field("weighted_clusters");
      writeWeightedClusters(writer, record, specifier.value, context, at);
      return;
    }
    default:
      refuse(path, `${specifier.case ?? "a route without a cluster"} is not implemented`);
  }
}

/** Index of a cluster, or -1 for one that is not known where that is let through. */
function resolveCluster(name: string, context: RouteScope, path: FieldPath): number {
  const index = context.clusterIndex(name);
  if (index === undefined && context.validatesClusters) {
    refuse(path, `route: unknown cluster '${name}'`);
  }
  return index ?? UNSET;
}

function writeTimeouts(writer: ImageWriter, record: number, action: RouteAction): void {
  const { timeout, idleTimeout, maxStreamDuration: limits } = action;
  const set = (field: number, duration: Duration | undefined, fallback = UNSET) => {
    writer.setInt32(record + field, Math.min(toMs(duration, fallback), TIMEOUT_MS_MAX));
  };
  // Limits on the whole stream take the place of the timeout of the response, as in Envoy: even
  // when none is in the message.
  if (limits === undefined) set(FORWARD_TIMEOUT_MS, timeout, ROUTE_TIMEOUT_MS);
  set(FORWARD_IDLE_TIMEOUT_MS, idleTimeout);
  set(FORWARD_DURATION_MAX_MS, limits?.maxStreamDuration);
  set(FORWARD_GRPC_TIMEOUT_MAX_MS, limits?.grpcTimeoutHeaderMax);
  set(FORWARD_GRPC_TIMEOUT_OFFSET_MS, limits?.grpcTimeoutHeaderOffset);
  // And of what is older and says less, as in Envoy.
  const isOld = limits === undefined;
  set(FORWARD_MAX_GRPC_TIMEOUT_MS, isOld ? action.maxGrpcTimeout : undefined);
  set(FORWARD_MAX_GRPC_TIMEOUT_OFFSET_MS, isOld ? action.grpcTimeoutOffset : undefined);
}
