import {
  DIRECT_BODY,
  DIRECT_BYTES,
  DIRECT_STATUS,
  REDIRECT_BYTES,
  REDIRECT_FLAG_HAS_QUERY,
  REDIRECT_FLAG_HTTPS,
  REDIRECT_FLAG_STRIP_QUERY,
  REDIRECT_FLAGS,
  REDIRECT_HOST,
  REDIRECT_MATCHED_BYTES,
  REDIRECT_PATH,
  REDIRECT_PATH_KIND,
  REDIRECT_PATH_LITERAL,
  REDIRECT_PATH_PREFIX,
  REDIRECT_PATH_REGEX,
  REDIRECT_PORT,
  REDIRECT_REGEX,
  REDIRECT_SCHEME,
  REDIRECT_STATUS,
} from "../../../../../api/engine/route-image.ts";
import {
  type DirectResponseAction,
  type RedirectAction,
  RedirectAction_RedirectResponseCode as RedirectCode,
} from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import type { PathMatch } from "../match/path-match.ts";
import { writeRewrite } from "../match/regex-blob.ts";
import { type RouteSetting, refuse } from "../route-setting.ts";

const REDIRECT_STATUSES = {
  [RedirectCode.MOVED_PERMANENTLY]: 301,
  [RedirectCode.FOUND]: 302,
  [RedirectCode.SEE_OTHER]: 303,
  [RedirectCode.TEMPORARY_REDIRECT]: 307,
  [RedirectCode.PERMANENT_REDIRECT]: 308,
};

/** Writes the record of a `redirect` action, and returns its offset. */
export function compileRedirect(
  writer: ImageWriter,
  action: RedirectAction,
  match: PathMatch,
  path: FieldPath,
): number {
  const record = writer.reserve(REDIRECT_BYTES);
  const scheme = action.schemeRewriteSpecifier;
  writer.setUint32(record + REDIRECT_STATUS, REDIRECT_STATUSES[action.responseCode]);
  writer.setUint32(record + REDIRECT_FLAGS, flagsOf(action));
  writer.setText(record + REDIRECT_SCHEME, scheme.case === "schemeRedirect" ? scheme.value : "");
  writer.setText(record + REDIRECT_HOST, action.hostRedirect);
  const port = action.portRedirect === 0 ? "" : `:${action.portRedirect}`;
  writer.setText(record + REDIRECT_PORT, port);
  writer.setInt32(record + REDIRECT_MATCHED_BYTES, match.matchedBytes);
  writePath(writer, record, action, path);
  return record;
}

function flagsOf(action: RedirectAction): number {
  const scheme = action.schemeRewriteSpecifier;
  const path = action.pathRewriteSpecifier;
  let flags = scheme.case === "httpsRedirect" && scheme.value ? REDIRECT_FLAG_HTTPS : 0;
  if (action.stripQuery) flags |= REDIRECT_FLAG_STRIP_QUERY;
  if (path.case === "pathRedirect" && path.value.includes("?")) flags |= REDIRECT_FLAG_HAS_QUERY;
  return flags;
}

function writePath(
  writer: ImageWriter,
  record: number,
  action: RedirectAction,
  path: FieldPath,
): void {
  const specifier = action.pathRewriteSpecifier;
  if (specifier.case === "regexRewrite") {
    const { pattern, substitution } = specifier.value;
    writer.setUint32(record + REDIRECT_PATH_KIND, REDIRECT_PATH_REGEX);
    const fields = { regex: record + REDIRECT_REGEX, substitution: record + REDIRECT_PATH };
    const at = path.field("regex_rewrite");
    writeRewrite(writer, fields, pattern?.regex ?? "", substitution, at);
    return;
  }
  if (specifier.case === undefined || specifier.value === "") return;
  const isPrefix = specifier.case === "prefixRewrite";
  const kind = isPrefix ? REDIRECT_PATH_PREFIX : REDIRECT_PATH_LITERAL;
  writer.setUint32(record + REDIRECT_PATH_KIND, kind);
  writer.setText(record + REDIRECT_PATH, specifier.value);
}

/**
 * Writes the record of a `direct_response` action, and returns its offset.
 *
 * @param bytesMax Largest body, in bytes.
 */
export function compileDirectResponse(
  writer: ImageWriter,
  action: DirectResponseAction,
  bytesMax: number,
  context: RouteSetting,
  path: FieldPath,
): number {
  const record = writer.reserve(DIRECT_BYTES);
  const at = path.field("body");
  const body = readBody(action, context, at);
  if (body.length > bytesMax) {
    refuse(at, `response body size is ${body.length} bytes; maximum is ${bytesMax}`);
  }
  writer.setUint32(record + DIRECT_STATUS, action.status);
  if (body.length > 0) writer.setBlob(record + DIRECT_BODY, body);
  return record;
}

function readBody(action: DirectResponseAction, context: RouteSetting, path: FieldPath) {
  const source = action.body?.specifier;
  switch (source?.case) {
    case "inlineBytes":
      return source.value;
    case "inlineString":
      return new TextEncoder().encode(source.value);
    case "filename":
      return context.fileContent(source.value, path.field("filename"));
    case "environmentVariable":
      return context.environmentContent(source.value, path.field("environment_variable"));
    default:
      return new Uint8Array();
  }
}
