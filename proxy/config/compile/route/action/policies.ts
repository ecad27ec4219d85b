import {
  INTERNAL_REDIRECT_BYTES,
  INTERNAL_REDIRECT_COPY,
  INTERNAL_REDIRECT_CROSS_SCHEME,
  INTERNAL_REDIRECT_MAX,
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
  if (policy.predicates.length > 0) refuse(at.field("predicates"), "not implemented");
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
  const names = policy.responseHeadersToCopy;
  writeRemovals(
    writer,
    record + INTERNAL_REDIRECT_COPY,
    names,
    at.field("response_headers_to_copy"),
  );
  return record;
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
