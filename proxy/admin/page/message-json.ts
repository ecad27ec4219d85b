import {
  create,
  type DescMessage,
  type JsonWriteOptions,
  type MessageInitShape,
  type Registry,
  toJson,
} from "@bufbuild/protobuf";

/** A message as JSON with the names of the .proto file, as Envoy's admin interface writes them. */
export function toMessageJson<Desc extends DescMessage>(
  desc: Desc,
  init: MessageInitShape<Desc>,
  options: { readonly registry?: Registry; readonly hasDefaults?: boolean } = {},
): unknown {
  const { registry, hasDefaults = false } = options;
  const write: Partial<JsonWriteOptions> & { registry?: Registry } = {
    useProtoFieldName: true,
    alwaysEmitImplicit: hasDefaults,
  };
  if (registry !== undefined) write.registry = registry;
  return toJson(desc, create(desc, init), write);
}
