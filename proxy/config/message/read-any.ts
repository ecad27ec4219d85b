import type { DescMessage, JsonObject, JsonValue, Message } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { AnySchema, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";
import type { AnyRegistry } from "./any-registry.ts";
import { packAny, typeNameOf } from "./any-registry.ts";
import { wrong } from "./read-scalar.ts";
import { isWellKnown } from "./read-well-known.ts";

/** What `readAny` needs of the reader that calls it. */
export interface AnyReader {
  readonly registry: AnyRegistry;
  readonly problems: Problems;
  read(desc: DescMessage, json: JsonValue, path: FieldPath): Message;
}

/** Messages that carry another one as a Struct, for senders that do not know its type. */
const TYPED_STRUCTS = new Set(["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"]);

/**
 * Reads an `Any`: a JSON object whose "@type" names the type of its other fields. The contents of
 * a type that is not registered are not looked at; the `Any` then has a type URL and no bytes.
 */
export function readAny(reader: AnyReader, json: JsonValue, path: FieldPath): Any {
  if (!isObject(json)) {
    reader.problems.add(path, wrong("a map of fields", json).reason);
    return create(AnySchema);
  }
  const { "@type": typeUrl, ...fields } = json;
  if (typeof typeUrl !== "string" || typeUrl === "") {
    reader.problems.add(path, '"@type" is missing: it names the type of this message');
    return create(AnySchema);
  }
  if (TYPED_STRUCTS.has(typeNameOf(typeUrl))) return readTypedStruct(reader, fields, path);
  const desc = reader.registry.find(typeUrl);
  if (desc === null) return create(AnySchema, { typeUrl });
  if (!isWellKnown(desc) && !isWrapperDesc(desc)) return pack(reader, desc, typeUrl, fields, path);
  // Types with a JSON form of their own stand under "value".
  const { value, ...others } = fields;
  for (const name of Object.keys(others)) reader.problems.add(path.field(name), "unknown field");
  return pack(reader, desc, typeUrl, value ?? null, path);
}

function readTypedStruct(reader: AnyReader, fields: JsonObject, path: FieldPath): Any {
  const { type_url: typeUrl = fields.typeUrl, typeUrl: _, value = {}, ...others } = fields;
  for (const name of Object.keys(others)) reader.problems.add(path.field(name), "unknown field");
  if (typeof typeUrl !== "string" || typeUrl === "") {
    reader.problems.add(path.field("type_url"), "value is required");
    return create(AnySchema);
  }
  const desc = reader.registry.find(typeUrl);
  if (desc === null) return create(AnySchema, { typeUrl });
  return pack(reader, desc, typeUrl, value, path.field("value"));
}

function pack(
  reader: AnyReader,
  desc: DescMessage,
  typeUrl: string,
  json: JsonValue,
  path: FieldPath,
): Any {
  const message: Message = reader.read(desc, json, path);
  const any = packAny(desc, message);
  any.typeUrl = typeUrl;
  return any;
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
