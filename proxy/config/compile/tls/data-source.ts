import type { DataSource } from "../../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { FieldPath } from "../../field-path.ts";
import { refuse } from "../route/route-setting.ts";

/** What reading a data source needs of the machine. */
export interface SourceReader {
  environment(name: string): string | undefined;
  fileContent(filename: string, path: FieldPath): Uint8Array;
}

/** The content of a data source, and what people call it. */
export interface SourceContent {
  readonly bytes: Uint8Array;
  /** The name of the file, or `<inline>`. Envoy's word. */
  readonly origin: string;
}

const INLINE = "<inline>";

/**
 * Reads a data source.
 *
 * @throws MeshError `CONFIG_INVALID` when there is no such file or variable.
 */
export function readSource(
  source: DataSource,
  reader: SourceReader,
  path: FieldPath,
): SourceContent {
  const { specifier } = source;
  switch (specifier.case) {
    case "filename": {
      const at = path.field("filename");
      return { bytes: reader.fileContent(specifier.value, at), origin: specifier.value };
    }
    case "inlineBytes":
      return { bytes: specifier.value, origin: INLINE };
    case "inlineString":
      return { bytes: new TextEncoder().encode(specifier.value), origin: INLINE };
    case "environmentVariable": {
      const value = reader.environment(specifier.value);
      if (value !== undefined) {
        return { bytes: new TextEncoder().encode(value), origin: INLINE };
      }
      const reason = `Environment variable doesn't exist: ${specifier.value}`;
      return refuse(path.field("environment_variable"), reason);
    }
    default:
      return refuse(path, "value is required");
  }
}

/** The folder that a file stands in. */
export function folderOf(filename: string): string {
  const at = filename.lastIndexOf("/");
  if (at < 0) return ".";
  return at === 0 ? "/" : filename.slice(0, at);
}

/** The folders of those data sources that are files. */
export function foldersOf(sources: readonly (DataSource | undefined)[]): readonly string[] {
  return sources.flatMap((source) =>
    source?.specifier.case === "filename" ? [folderOf(source.specifier.value)] : [],
  );
}
