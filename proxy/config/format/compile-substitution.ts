import type { DataSource } from "../../../api/gen/envoy/config/core/v3/base_pb.js";
import type { SubstitutionFormatString } from "../../../api/gen/envoy/config/core/v3/substitution_format_string_pb.js";
import type { FieldPath } from "../field-path.ts";
import type { ImageWriter } from "../image/image-writer.ts";
import { compileFormat, refuseFormat } from "./compile.ts";
import { compileJsonFormat } from "./compile-json.ts";
import type { FormatSetting } from "./format-setting.ts";

/** A compiled `SubstitutionFormatString`. */
export interface CompiledSubstitution {
  /** Offset of the program. */
  readonly program: number;
  /** The content type of what it writes, for bodies. */
  readonly contentType: string;
}

/**
 * Compiles a `SubstitutionFormatString`: text or JSON.
 *
 * @throws MeshError `CONFIG_INVALID` with the path of what is wrong.
 */
export function compileSubstitution(
  writer: ImageWriter,
  substitution: SubstitutionFormatString,
  context: FormatSetting,
  path: FieldPath,
): CompiledSubstitution {
  const { format, contentType, omitEmptyValues: omitsEmpty, formatters } = substitution;
  if (formatters.length > 0) refuseFormat(path.field("formatters"), "not implemented");
  if (format.case === undefined) refuseFormat(path.field("format"), "value is required");
  if (format.case === "jsonFormat") {
    const at = path.field("json_format");
    const program = compileJsonFormat(writer, format.value, context, at, { omitsEmpty });
    return { program, contentType: contentType || "application/json" };
  }
  const isSource = format.case === "textFormatSource";
  const at = path.field(isSource ? "text_format_source" : "text_format");
  const text = isSource ? readSource(format.value, context, at) : format.value;
  const program = compileFormat(writer, text, context, at, { omitsEmpty });
  return { program, contentType: contentType || "text/plain" };
}

/** The text of a data source. */
export function readSource(source: DataSource, context: FormatSetting, path: FieldPath): string {
  const { specifier } = source;
  switch (specifier.case) {
    case "inlineString":
      return specifier.value;
    case "inlineBytes":
      return new TextDecoder().decode(specifier.value);
    case "filename": {
      const content = context.fileContent(specifier.value, path.field("filename"));
      return new TextDecoder().decode(content);
    }
    case "environmentVariable": {
      const value = context.environment(specifier.value);
      if (value !== undefined) return value;
      return refuseFormat(
        path.field("environment_variable"),
        `Environment variable doesn't exist: ${specifier.value}`,
      );
    }
    default:
      return refuseFormat(path, "value is required");
  }
}
