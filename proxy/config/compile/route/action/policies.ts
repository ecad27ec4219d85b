import { fromBinary } from "@bufbuild/protobuf";
import { anyIs } from "@bufbuild/protobuf/wkt";
import {
  INTERNAL_REDIRECT_ALLOWED_ROUTES,
  INTERNAL_REDIRECT_BYTES,
  INTERNAL_REDIRECT_COPY,
  INTERNAL_REDIRECT_CROSS_SCHEME,
  INTERNAL_REDIRECT_MAX,
  INTERNAL_REDIRECT_PREDICATE_ALLOWED_ROUTES,
  INTERNAL_REDIRECT_PREDICATE_PREVIOUS_ROUTES,
  INTERNAL_REDIRECT_PREDICATE_SAFE_SCHEME,
  INTERNAL_REDIRECT_PREDICATES,
  INTERNAL_REDIRECT_STATUSES,
  MIRROR_BYTES,
  MIRROR_CLUSTER,
  MIRROR_FLAG_KEEP_HOST,
  MIRROR_FLAG_TRACE_SAMPLED,
  MIRROR_FLAG_TRACE_UNSAMPLED,
  MIRROR_FLAGS,
  MIRROR_FRACTION,
  MIRROR_HEADER,
  MIRROR_HEADER_ID,
} from "../../../../../api/engine/route-image.ts";
import type {
  InternalRedirectPolicy,
  RouteAction_RequestMirrorPolicy as MirrorPolicy,
} from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { TypedExtensionConfig } from "../../../../../api/gen/envoy/config/core/v3/extension_pb.js";
import { AllowListedRoutesConfigSchema } from "../../../../../api/gen/envoy/extensions/internal_redirect/allow_listed_routes/v3/allow_listed_routes_config_pb.js";
import { PreviousRoutesConfigSchema } from "../../../../../api/gen/envoy/extensions/internal_redirect/previous_routes/v3/previous_routes_config_pb.js";
import { SafeCrossSchemeConfigSchema } from "../../../../../api/gen/envoy/extensions/internal_redirect/safe_cross_scheme/v3/safe_cross_scheme_config_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import { writeFraction } from "../match/fraction.ts";
import { writeRemovals } from "../header-mutation.ts";
import { writeHeaderName } from "../header-name.ts";
import { type RouteScope, refuse } from "../route-setting.ts";

/** Statuses that an internal redirect policy may name; the place is the bit. */
const REDIRECT_STATUSES = [301, 302, 303, 307, 308];
const UNSET = -1;

/**
 * Writes the record of an internal redirect policy, and returns its offset, 0 without a policy.
 *
 * @param path Where the action stands.
 */
export function compileInternalRedirect(
  writer: ImageWriter,
  policy: InternalRedirectPolicy | undefined,
  path: FieldPath,
): number {
  if (policy === undefined) return 0;
  const at = path.field("internal_redirect_policy");
  const record = writer.reserve(INTERNAL_REDIRECT_BYTES);
  const statuses = policy.redirectResponseCodes;
  // Statuses that are no redirects are left out, as Envoy does; without any, 302 is meant.
  const bits = (statuses.length === 0 ? [302] : statuses)
    .map((status) => REDIRECT_STATUSES.indexOf(status))
    .reduce((sum, bit) => (bit < 0 ? sum : sum | (1 << bit)), 0);
  writer.setUint32(record + INTERNAL_REDIRECT_MAX, policy.maxInternalRedirects ?? 1);
  writer.setUint32(record + INTERNAL_REDIRECT_STATUSES, bits);
  writer.setUint32(
    record + INTERNAL_REDIRECT_CROSS_SCHEME,
    policy.allowCrossSchemeRedirect ? 1 : 0,
  );
  writePredicates(writer, record, policy.predicates, at.field("predicates"));
  const names = policy.responseHeadersToCopy;
  writeRemovals(
    writer,
    record + INTERNAL_REDIRECT_COPY,
    names,
    at.field("response_headers_to_copy"),
  );
  return record;
}

function writePredicates(
  writer: ImageWriter,
  record: number,
  predicates: readonly TypedExtensionConfig[],
  path: FieldPath,
): void {
  let bits = 0;
  let allowed: readonly string[] | null = null;
  for (const [index, { typedConfig }] of predicates.entries()) {
    if (typedConfig !== undefined && anyIs(typedConfig, SafeCrossSchemeConfigSchema)) {
      bits |= INTERNAL_REDIRECT_PREDICATE_SAFE_SCHEME;
    } else if (typedConfig !== undefined && anyIs(typedConfig, PreviousRoutesConfigSchema)) {
      bits |= INTERNAL_REDIRECT_PREDICATE_PREVIOUS_ROUTES;
    } else if (typedConfig !== undefined && anyIs(typedConfig, AllowListedRoutesConfigSchema)) {
      const { value } = typedConfig;
      const names = fromBinary(AllowListedRoutesConfigSchema, value).allowedRouteNames;
      // Each of several lists has to have the route.
      allowed = allowed === null ? names : allowed.filter((name) => names.includes(name));
      bits |= INTERNAL_REDIRECT_PREDICATE_ALLOWED_ROUTES;
    } else {
      refuse(path.item(index), "this predicate is not implemented");
    }
  }
  writer.setUint32(record + INTERNAL_REDIRECT_PREDICATES, bits);
  if (allowed === null) return;
  const list = writer.reserve(allowed.length * 8);
  allowed.forEach((name, index) => {
    writer.setText(list + index * 8, name);
  });
  writer.setList(record + INTERNAL_REDIRECT_ALLOWED_ROUTES, list, allowed.length);
}

/** Writes mirror policies and the reference to their list at `field`. */
export function writeMirrors(
  writer: ImageWriter,
  field: number,
  mirrors: readonly MirrorPolicy[],
  context: RouteScope,
  path: FieldPath,
): void {
  const list = writer.reserve(mirrors.length * MIRROR_BYTES);
  mirrors.forEach((mirror, index) => {
    writeMirror(writer, list + index * MIRROR_BYTES, mirror, context, path.item(index));
  });
  writer.setList(field, list, mirrors.length);
}

function writeMirror(
  writer: ImageWriter,
  record: number,
  mirror: MirrorPolicy,
  context: RouteScope,
  path: FieldPath,
): void {
  const { cluster, clusterHeader } = mirror;
  if ((cluster === "") === (clusterHeader === "")) {
    const rule = "Exactly one of cluster or cluster_header in request mirror policy";
    refuse(path, `${rule} need to be specified`);
  }
  const index = cluster === "" ? undefined : context.clusterIndex(cluster);
  if (cluster !== "" && index === undefined && context.validatesClusters) {
    refuse(path.field("cluster"), `route: unknown shadow cluster '${cluster}'`);
  }
  writer.setInt32(record + MIRROR_CLUSTER, index ?? UNSET);
  if (clusterHeader !== "") {
    writeHeaderName(writer, record + MIRROR_HEADER, record + MIRROR_HEADER_ID, clusterHeader);
  }
  if (mirror.runtimeFraction === undefined) {
    writer.setUint32(record + MIRROR_FRACTION, 100);
    writer.setUint32(record + MIRROR_FRACTION + 4, 100);
  } else {
    writeFraction(writer, record + MIRROR_FRACTION, mirror.runtimeFraction, context);
  }
  writer.setUint32(record + MIRROR_FLAGS, flagsOf(mirror));
}

function flagsOf(mirror: MirrorPolicy): number {
  const host = mirror.disableShadowHostSuffixAppend ? MIRROR_FLAG_KEEP_HOST : 0;
  if (mirror.traceSampled === undefined) return host;
  return host | (mirror.traceSampled ? MIRROR_FLAG_TRACE_SAMPLED : MIRROR_FLAG_TRACE_UNSAMPLED);
}
