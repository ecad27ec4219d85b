import {
  PATH_KIND_CONNECT,
  PATH_KIND_EXACT,
  PATH_KIND_PREFIX,
  PATH_KIND_REGEX,
  PATH_KIND_SEPARATED,
  ROUTE_FLAG_IGNORE_CASE,
  ROUTE_FLAG_PARAMETERS,
  ROUTE_PATH,
  ROUTE_PATH_KIND,
} from "../../../../../api/engine/route-image.ts";
import type { RouteMatch } from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { TypedExtensionConfig } from "../../../../../api/gen/envoy/config/core/v3/extension_pb.js";
import { UriTemplateMatchConfigSchema } from "../../../../../api/gen/envoy/extensions/path/match/uri_template/v3/uri_template_match_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import { readExtension } from "./extension.ts";
import { byteLength, toAsciiLowerCase } from "../hash-table.ts";
import type { PathKey } from "../path-table.ts";
import { literalPrefix, writeRegex } from "./regex-blob.ts";
import { refuse } from "../route-setting.ts";
import { parseUriTemplate, type UriTemplate, UriTemplateError } from "./uri-template.ts";

/** What a route asks of the path, as compiled. */
export interface PathMatch {
  readonly key: PathKey;
  /** Bytes that a prefix rewrite replaces; -1 is the whole path. */
  readonly matchedBytes: number;
  /** `ROUTE_FLAG_*` bits. */
  readonly flags: number;
  /** The URI template, if that is how the path is matched. */
  readonly template: UriTemplate | null;
}

const WHOLE_PATH = -1;

/**
 * Writes what a route asks of the path into its record.
 *
 * @param path Where the `match` stands.
 */
export function compilePathMatch(
  writer: ImageWriter,
  record: number,
  match: RouteMatch,
  path: FieldPath,
): PathMatch {
  const specifier = match.pathSpecifier;
  switch (specifier.case) {
    case "prefix":
      return writePlain(writer, record, PATH_KIND_PREFIX, specifier.value, match);
    case "path":
      return writePlain(writer, record, PATH_KIND_EXACT, specifier.value, match);
    case "pathSeparatedPrefix":
      return writePlain(writer, record, PATH_KIND_SEPARATED, specifier.value, match);
    case "safeRegex": {
      const { regex } = specifier.value;
      writer.setUint32(record + ROUTE_PATH_KIND, PATH_KIND_REGEX);
      writeRegex(writer, record + ROUTE_PATH, regex, path.field("safe_regex").field("regex"));
      const key = { text: literalPrefix(regex), isExact: false };
      return { key, matchedBytes: WHOLE_PATH, flags: 0, template: null };
    }
    case "connectMatcher":
      writer.setUint32(record + ROUTE_PATH_KIND, PATH_KIND_CONNECT);
      return {
        key: { text: "", isExact: false },
        matchedBytes: WHOLE_PATH,
        flags: 0,
        template: null,
      };
    case "pathMatchPolicy":
      return writeTemplate(writer, record, specifier.value, path.field("path_match_policy"));
    default:
      return refuse(path, `${specifier.case ?? "a match without a path"} is not implemented`);
  }
}

function writePlain(
  writer: ImageWriter,
  record: number,
  kind: number,
  text: string,
  match: RouteMatch,
): PathMatch {
  const isSensitive = match.caseSensitive ?? true;
  writer.setUint32(record + ROUTE_PATH_KIND, kind);
  writer.setText(record + ROUTE_PATH, isSensitive ? text : toAsciiLowerCase(text));
  return {
    key: { text, isExact: kind === PATH_KIND_EXACT },
    matchedBytes: byteLength(text),
    flags: isSensitive ? 0 : ROUTE_FLAG_IGNORE_CASE,
    template: null,
  };
}

/** A template's literal start is no key where parameters are cut off before the lookup. */
function writeTemplate(
  writer: ImageWriter,
  record: number,
  extension: TypedExtensionConfig,
  path: FieldPath,
): PathMatch {
  const at = path.field("typed_config");
  const { pathTemplate } = readExtension(extension, UriTemplateMatchConfigSchema, path);
  const template = readTemplate(pathTemplate, at.field("path_template"));
  writer.setUint32(record + ROUTE_PATH_KIND, PATH_KIND_REGEX);
  writeRegex(writer, record + ROUTE_PATH, template.pattern, at.field("path_template"));
  return {
    key: { text: template.prefix.split(";", 1)[0], isExact: false },
    matchedBytes: WHOLE_PATH,
    flags: ROUTE_FLAG_PARAMETERS,
    template,
  };
}

function readTemplate(text: string, path: FieldPath): UriTemplate {
  try {
    return parseUriTemplate(text);
  } catch (error) {
    if (!(error instanceof UriTemplateError)) throw error;
    return refuse(path, error.message);
  }
}
