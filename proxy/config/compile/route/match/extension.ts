import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import type { TypedExtensionConfig } from "../../../../../api/gen/envoy/config/core/v3/extension_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import { refuse } from "../route-setting.ts";

/**
 * Unpacks the configuration of an extension.
 *
 * @param path Where the `TypedExtensionConfig` stands.
 * @throws MeshError `CONFIG_INVALID` if it is of another type.
 */
export function readExtension<Schema extends DescMessage>(
  extension: TypedExtensionConfig,
  schema: Schema,
  path: FieldPath,
): MessageShape<Schema> {
  const config = extension.typedConfig;
  const message = config === undefined ? undefined : anyUnpack(config, schema);
  return message ?? refuse(path, `${config?.typeUrl ?? extension.name}: not implemented`);
}
