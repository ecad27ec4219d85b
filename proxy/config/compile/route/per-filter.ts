import type { Any } from "@bufbuild/protobuf/wkt";
import {
  PER_FILTER_BYTES,
  PER_FILTER_CONFIG,
  PER_FILTER_DISABLED,
  PER_FILTER_KIND,
} from "../../../../api/engine/match-image.ts";
import type { FieldPath } from "../../field-path.ts";
import type { ImageWriter } from "../../image/image-writer.ts";
import type { FilterConfigRecord, RouteSetting } from "./route-setting.ts";

/**
 * Compiles `typed_per_filter_config` and writes the reference to the list at `field`.
 *
 * @param path Where the level that has it stands.
 */
export function writeFilterConfigs(
  writer: ImageWriter,
  field: number,
  configs: Readonly<Record<string, Any>>,
  context: RouteSetting,
  path: FieldPath,
): void {
  const records: FilterConfigRecord[] = [];
  for (const [name, config] of Object.entries(configs)) {
    const at = path.field("typed_per_filter_config").key(name);
    const record = context.compileFilterConfig(writer, name, config, at);
    if (record !== null) records.push(record);
  }
  const list = writer.reserve(records.length * PER_FILTER_BYTES);
  records.forEach(({ kind, offset, isDisabled }, index) => {
    const entry = list + index * PER_FILTER_BYTES;
    writer.setUint32(entry + PER_FILTER_KIND, kind);
    writer.setUint32(entry + PER_FILTER_CONFIG, offset);
    writer.setUint32(entry + PER_FILTER_DISABLED, isDisabled ? 1 : 0);
  });
  writer.setList(field, list, records.length);
}
