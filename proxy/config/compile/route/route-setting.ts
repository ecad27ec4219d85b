import type { Any } from "@bufbuild/protobuf/wkt";
import { MeshError } from "../../../../api/errors.ts";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";

/** A share: `numerator` of `denominator`. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** The configuration of one filter at one level of the routes, as it stands in the image. */
export interface FilterConfigRecord {
  /** Number of the filter. */
  readonly kind: number;
  /** Offset of its record, or 0. */
  readonly offset: number;
  readonly isDisabled: boolean;
}

/** What compiles the values of headers. */
export interface FormatCompiler {
  /** Compiles a format string (`%…%`), and returns the offset of its program. */
  compileFormat(writer: ImageWriter, text: string, path: FieldPath): number;
}

/** What compiling routes needs to know of the rest of the configuration. */
export interface RouteSetting extends FormatCompiler {
  /** Names of all clusters; the place of a name is the index of its record in the image. */
  readonly clusterNames: readonly string[];
  /** Index of a cluster by its name. */
  clusterIndex(name: string): number | undefined;
  /** True when routes come over xDS: unknown clusters are let through unless told otherwise. */
  readonly isDynamic?: boolean;
  /** What the static layers of the runtime say of a key, if anything. */
  runtimeFraction(key: string): Fraction | undefined;
  /** The content of a file that a direct response names; it was read before. */
  fileContent(filename: string, path: FieldPath): Uint8Array;
  /** The content of an environment variable that a direct response names. */
  environmentContent(name: string, path: FieldPath): Uint8Array;
  /** Compiles `typed_per_filter_config` of one filter, or returns null when it has no effect. */
  compileFilterConfig(
    writer: ImageWriter,
    name: string,
    config: Any,
    path: FieldPath,
  ): FilterConfigRecord | null;
}

/** The same within one route configuration. */
export interface RouteScope extends RouteSetting {
  /** Whether a cluster that is named has to be there. */
  readonly validatesClusters: boolean;
}

/** Ends the compilation: `path` cannot be compiled. */
export function refuse(path: FieldPath, reason: string): never {
  const at = path.toString();
  throw new MeshError("CONFIG_INVALID", `${at}: ${reason}`, { problems: [{ path: at, reason }] });
}
