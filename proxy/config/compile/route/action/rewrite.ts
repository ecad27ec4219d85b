import {
  FORWARD_HOST_HEADER_ID,
  FORWARD_HOST_REGEX,
  FORWARD_HOST_REWRITE,
  FORWARD_HOST_TEXT,
  FORWARD_MATCHED_BYTES,
  FORWARD_REWRITE,
  FORWARD_REWRITE_REGEX,
  FORWARD_REWRITE_TEXT,
  HOST_REWRITE_HEADER,
  HOST_REWRITE_LITERAL,
  HOST_REWRITE_NONE,
  HOST_REWRITE_PATH_REGEX,
  REWRITE_PREFIX,
  REWRITE_REGEX,
} from "../../../../../api/engine/route-image.ts";
import type { TypedExtensionConfig } from "../../../../../api/gen/envoy/config/core/v3/extension_pb.js";
import type { RouteAction } from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import { UriTemplateRewriteConfigSchema } from "../../../../../api/gen/envoy/extensions/path/rewrite/uri_template/v3/uri_template_rewrite_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import { readExtension } from "../match/extension.ts";
import { writeHeaderName } from "../header-name.ts";
import type { PathMatch } from "../match/path-match.ts";
import { writeRewrite } from "../match/regex-blob.ts";
import { refuse } from "../route-setting.ts";
import { parseUriRewrite, type UriTemplate, UriTemplateError } from "../match/uri-template.ts";

/**
 * Writes how a `route` action rewrites path and host into its record.
 *
 * @param path Where the action stands.
 */
export function writeRewrites(
  writer: ImageWriter,
  record: number,
  action: RouteAction,
  match: PathMatch,
  path: FieldPath,
): void {
  checkRewrites(action, match, path);
  writer.setInt32(record + FORWARD_MATCHED_BYTES, match.matchedBytes);
  const fields = {
    regex: record + FORWARD_REWRITE_REGEX,
    substitution: record + FORWARD_REWRITE_TEXT,
  };
  if (action.prefixRewrite !== "") {
    writer.setUint32(record + FORWARD_REWRITE, REWRITE_PREFIX);
    writer.setText(record + FORWARD_REWRITE_TEXT, action.prefixRewrite);
  } else if (action.regexRewrite !== undefined) {
    const { pattern, substitution } = action.regexRewrite;
    writer.setUint32(record + FORWARD_REWRITE, REWRITE_REGEX);
    const at = path.field("regex_rewrite");
    writeRewrite(writer, fields, pattern?.regex ?? "", substitution, at);
  } else if (action.pathRewritePolicy !== undefined) {
    const at = path.field("path_rewrite_policy");
    const { template } = match;
    if (template === null) refuse(at, "unable to use path.rewrite extension without path.match");
    const substitution = readRewrite(action.pathRewritePolicy, template, at);
    writer.setUint32(record + FORWARD_REWRITE, REWRITE_REGEX);
    // Anchored, so that it replaces the whole path or nothing.
    writeRewrite(writer, fields, `^${template.pattern}$`, substitution, at);
  }
  writeHostRewrite(writer, record, action, path);
}

function checkRewrites(action: RouteAction, match: PathMatch, path: FieldPath): void {
  const count =
    (action.prefixRewrite === "" ? 0 : 1) +
    (action.regexRewrite === undefined ? 0 : 1) +
    (action.pathRewritePolicy === undefined ? 0 : 1);
  if (count > 1) {
    refuse(path, "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy");
  }
  if (action.prefixRewrite !== "" && match.template !== null) {
    refuse(path.field("prefix_rewrite"), "Cannot use prefix_rewrite with matcher extension");
  }
}

function readRewrite(
  extension: TypedExtensionConfig,
  template: UriTemplate,
  path: FieldPath,
): string {
  const config = readExtension(extension, UriTemplateRewriteConfigSchema, path);
  try {
    return parseUriRewrite(config.pathTemplateRewrite, template.variables);
  } catch (error) {
    if (!(error instanceof UriTemplateError)) throw error;
    return refuse(path.field("typed_config").field("path_template_rewrite"), error.message);
  }
}

function writeHostRewrite(
  writer: ImageWriter,
  record: number,
  action: RouteAction,
  path: FieldPath,
): void {
  const host = action.hostRewriteSpecifier;
  const text = record + FORWARD_HOST_TEXT;
  switch (host.case) {
    case "hostRewriteLiteral": {
      const kind = host.value === "" ? HOST_REWRITE_NONE : HOST_REWRITE_LITERAL;
      writer.setUint32(record + FORWARD_HOST_REWRITE, kind);
      writer.setText(text, host.value);
      return;
    }
    case "hostRewriteHeader":
      if (host.value === "") return;
      writer.setUint32(record + FORWARD_HOST_REWRITE, HOST_REWRITE_HEADER);
      writeHeaderName(writer, text, record + FORWARD_HOST_HEADER_ID, host.value);
      return;
    case "hostRewritePathRegex": {
      const { pattern, substitution } = host.value;
      writer.setUint32(record + FORWARD_HOST_REWRITE, HOST_REWRITE_PATH_REGEX);
      const fields = { regex: record + FORWARD_HOST_REGEX, substitution: text };
      const at = path.field("host_rewrite_path_regex");
      writeRewrite(writer, fields, pattern?.regex ?? "", substitution, at);
      return;
    }
    default:
  }
}
