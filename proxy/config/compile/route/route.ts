import {
  ACTION_CLUSTER,
  ACTION_DIRECT,
  ACTION_NON_FORWARDING,
  ACTION_REDIRECT,
  ROUTE_ACTION,
  ROUTE_ACTION_KIND,
  ROUTE_BUFFER_BYTES_MAX,
  ROUTE_BYTES,
  ROUTE_DECORATOR,
  ROUTE_FLAG_CONDITIONS,
  ROUTE_FLAG_GRPC,
  ROUTE_FLAG_NOT_PRESENTED,
  ROUTE_FLAG_NOT_VALIDATED,
  ROUTE_FLAG_PRESENTED,
  ROUTE_FLAG_PROPAGATE,
  ROUTE_FLAG_VALIDATED,
  ROUTE_FLAGS,
  ROUTE_FRACTION,
  ROUTE_HEADERS,
  ROUTE_METADATA,
  ROUTE_NAME,
  ROUTE_PER_FILTER,
  ROUTE_QUERIES,
  ROUTE_REQUEST_MUTATIONS,
  ROUTE_RESPONSE_MUTATIONS,
  ROUTE_STAT_PREFIX,
} from "../../../../api/engine/route-image.ts";
import type {
  Route,
  RouteAction_RequestMirrorPolicy as MirrorPolicy,
  RouteMatch,
} from "../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { compileForward } from "./action/forward.ts";
import { compileDirectResponse, compileRedirect } from "./action/redirect.ts";
import { writeMutations } from "./header-mutation.ts";
import { writeFraction } from "./match/fraction.ts";
import { writeHeaderMatchers } from "./match/header-match.ts";
import { compilePathMatch, type PathMatch } from "./match/path-match.ts";
import { writeQueryMatchers } from "./match/query-match.ts";
import { writeMetadataValues } from "../metadata-values.ts";
import type { PathKey } from "./path-table.ts";
import { writeFilterConfigs } from "./per-filter.ts";
import { type RouteScope, refuse } from "./route-setting.ts";

/** What a route inherits from the levels above it. */
export interface RouteLevel {
  readonly context: RouteScope;
  /** Largest body of a direct response, in bytes. */
  readonly directBytesMax: number;
  /** Mirror policies of the virtual host or the configuration, and where they stand. */
  readonly mirrors: readonly MirrorPolicy[];
  readonly mirrorsPath: FieldPath;
}

/** A compiled route. */
export interface CompiledRoute {
  /** Offset of its record. */
  readonly offset: number;
  readonly key: PathKey;
}

/** What `per_request_buffer_limit_bytes` is when it is not set. */
const UNLIMITED = 0xffff_ffff;

/** Writes the record of a route. */
export function compileRoute(
  writer: ImageWriter,
  route: Route,
  level: RouteLevel,
  path: FieldPath,
): CompiledRoute {
  const { context } = level;
  const record = writer.reserve(ROUTE_BYTES);
  writer.setText(record + ROUTE_NAME, route.name);
  if (route.match === undefined) refuse(path.field("match"), "is required");
  const match = writeMatch(writer, record, route.match, context, path.field("match"));
  const decorator = route.decorator;
  const propagates = decorator !== undefined && (decorator.propagate ?? true);
  const flags = match.flags | flagsOf(route.match) | (propagates ? ROUTE_FLAG_PROPAGATE : 0);
  writer.setUint32(record + ROUTE_FLAGS, flags);
  writer.setText(record + ROUTE_DECORATOR, decorator?.operation ?? "");
  writer.setText(record + ROUTE_STAT_PREFIX, route.statPrefix);
  writer.setUint32(record + ROUTE_BUFFER_BYTES_MAX, route.perRequestBufferLimitBytes ?? UNLIMITED);
  writeMetadataValues(writer, record + ROUTE_METADATA, route.metadata);
  writeFilterConfigs(writer, record + ROUTE_PER_FILTER, route.typedPerFilterConfig, context, path);
  writeMutations(
    writer,
    { request: record + ROUTE_REQUEST_MUTATIONS, response: record + ROUTE_RESPONSE_MUTATIONS },
    route,
    context,
    path,
  );
  const [kind, action] = compileAction(writer, route, match, level, path);
  writer.setUint32(record + ROUTE_ACTION_KIND, kind);
  writer.setUint32(record + ROUTE_ACTION, action);
  return { offset: record, key: match.key };
}

function writeMatch(
  writer: ImageWriter,
  record: number,
  match: RouteMatch,
  context: RouteScope,
  path: FieldPath,
): PathMatch {
  if (match.dynamicMetadata.length > 0) refuse(path.field("dynamic_metadata"), "not implemented");
  writeHeaderMatchers(writer, record + ROUTE_HEADERS, match.headers, path.field("headers"));
  const queries = path.field("query_parameters");
  writeQueryMatchers(writer, record + ROUTE_QUERIES, match.queryParameters, queries);
  if (match.runtimeFraction !== undefined) {
    writeFraction(writer, record + ROUTE_FRACTION, match.runtimeFraction, context);
  }
  return compilePathMatch(writer, record, match, path);
}

function flagsOf(match: RouteMatch): number {
  const { presented, validated } = match.tlsContext ?? {};
  let flags = match.grpc === undefined ? 0 : ROUTE_FLAG_GRPC;
  if (presented !== undefined) flags |= presented ? ROUTE_FLAG_PRESENTED : ROUTE_FLAG_NOT_PRESENTED;
  if (validated !== undefined) flags |= validated ? ROUTE_FLAG_VALIDATED : ROUTE_FLAG_NOT_VALIDATED;
  const hasConditions =
    flags !== 0 ||
    match.headers.length > 0 ||
    match.queryParameters.length > 0 ||
    match.runtimeFraction !== undefined;
  return hasConditions ? flags | ROUTE_FLAG_CONDITIONS : flags;
}

/** Writes the record of the action. Returns the kind of action and the offset. */
function compileAction(
  writer: ImageWriter,
  route: Route,
  match: PathMatch,
  level: RouteLevel,
  path: FieldPath,
): readonly [number, number] {
  const { context, directBytesMax, mirrors, mirrorsPath } = level;
  const { action } = route;
  switch (action.case) {
    case "route": {
      const forward = { action: action.value, match, mirrors, mirrorsPath };
      return [ACTION_CLUSTER, compileForward(writer, forward, context, path.field("route"))];
    }
    case "redirect": {
      const at = path.field("redirect");
      return [ACTION_REDIRECT, compileRedirect(writer, action.value, match, at)];
    }
    case "directResponse": {
      const at = path.field("direct_response");
      const { value } = action;
      return [ACTION_DIRECT, compileDirectResponse(writer, value, directBytesMax, context, at)];
    }
    case "nonForwardingAction":
      return [ACTION_NON_FORWARDING, 0];
    default:
      return refuse(path, `${action.case ?? "a route without an action"} is not implemented`);
  }
}
