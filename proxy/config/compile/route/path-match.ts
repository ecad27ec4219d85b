import {
  PATH_KIND_EXACT,
  PATH_KIND_PREFIX,
  PATH_KIND_SEPARATED,
  ROUTE_FLAG_IGNORE_CASE,
  ROUTE_PATH,
  ROUTE_PATH_KIND,
} from "../../../../api/engine/route-image.ts";
import type { RouteMatch } from "../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import { toAsciiLowerCase } from "./hash-table.ts";
import type { PathKey } from "./path-table.ts";
import { refuse } from "./route-context.ts";

/** What a route asks of the path, as compiled. */
export interface PathMatch {
  readonly key: PathKey;
  /** Bytes that a prefix rewrite replaces; -1 is the whole path. */
  readonly matchedBytes: number;
  /** `ROUTE_FLAG_*` bits. */
  readonly flags: number;
}

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
    default:
      return refuse(path, "not implemented");
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
    matchedBytes: new TextEncoder().encode(text).length,
    flags: isSensitive ? 0 : ROUTE_FLAG_IGNORE_CASE,
  };
}
