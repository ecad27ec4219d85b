import type { DescEnum, DescField, DescMessage, JsonValue, Message } from "@bufbuild/protobuf";
import { create, ScalarType } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { reflect } from "@bufbuild/protobuf/reflect";
import { AnySchema, isWrapperDesc } from "@bufbuild/protobuf/wkt";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";
import type { AnyRegistry } from "./any-registry.ts";
import { readAny } from "./read-any.ts";
import { readScalar, wrong } from "./read-scalar.ts";
import { isWellKnown, readWellKnown } from "./read-well-known.ts";

/**
 * Reads proto3 JSON into messages, by descriptor. It differs from the library's `fromJson` in that
 * it goes on after a fault, and says of each fault where it stands.
 */
export class MessageReader {
  readonly registry: AnyRegistry;
  readonly problems: Problems;

  /**
   * @param registry The types that are known inside `Any`. Others stay empty, for a later check
   *   to refuse.
   * @param problems Where faults are told.
   */
  constructor(registry: AnyRegistry, problems: Problems) {
    this.registry = registry;
    this.problems = problems;
  }

  /** Reads one message. What cannot be read is left out, and told. */
  read(desc: DescMessage, json: JsonValue, path: FieldPath): Message {
    if (desc.typeName === AnySchema.typeName) return readAny(this, json, path);
    if (isWellKnown(desc)) return readWellKnown(desc, json, path, this.problems) ?? create(desc);
    const message = reflect(desc, create(desc), false);
    if (isWrapperDesc(desc)) {
      const value = this.#readScalar(desc.fields[0], json, path);
      if (value !== null) message.set(desc.fields[0], value);
    } else if (json === null || typeof json !== "object" || Array.isArray(json)) {
      this.problems.add(path, wrong("a map of fields", json).reason);
    } else {
      for (const name of Object.keys(json)) this.#readMember(message, name, json[name], path);
    }
    return message.message;
  }

  /** Reads what stands under one name of a JSON object. */
  #readMember(message: ReflectMessage, name: string, json: JsonValue, path: FieldPath): void {
    const field = fieldOf(message.desc, name);
    const at = path.field(field?.name ?? name);
    if (field === undefined) {
      this.problems.add(at, "unknown field");
      return;
    }
    // Both spellings of a name may stand side by side, and two members of one oneof.
    const set = field.oneof === undefined ? undefined : message.oneofCase(field.oneof);
    if (message.isSet(field)) this.problems.add(at, "set twice, in two spellings");
    else if (set !== undefined) this.problems.add(at, `cannot be set beside ${set.name}`);
    else if (json !== null || takesNull(field)) this.#readField(message, field, json, at);
  }

  #readField(message: ReflectMessage, field: DescField, json: JsonValue, path: FieldPath): void {
    if (field.fieldKind === "list") this.#readList(message, field, json, path);
    else if (field.fieldKind === "map") this.#readMap(message, field, json, path);
    else {
      const value = this.#readValue(field, json, path);
      if (value !== null) message.set(field, value);
    }
  }

  #readList(
    message: ReflectMessage,
    field: DescField & { fieldKind: "list" },
    json: JsonValue,
    path: FieldPath,
  ): void {
    if (!Array.isArray(json)) {
      this.problems.add(path, wrong("a list", json).reason);
      return;
    }
    const list = message.get(field);
    for (const [index, item] of json.entries()) {
      const value = this.#readValue(field, item, path.item(index));
      if (value !== null) list.add(value);
    }
  }

  #readMap(
    message: ReflectMessage,
    field: DescField & { fieldKind: "map" },
    json: JsonValue,
    path: FieldPath,
  ): void {
    if (json === null || typeof json !== "object" || Array.isArray(json)) {
      this.problems.add(path, wrong("a map", json).reason);
      return;
    }
    const map = message.get(field);
    for (const [name, item] of Object.entries(json)) {
      const at = path.key(name);
      const key = readKey(field.mapKey, name);
      if ("reason" in key) this.problems.add(at, key.reason);
      const value = this.#readValue(field, item, at);
      if ("value" in key && value !== null) map.set(key.value, value);
    }
  }

  /** Reads one value of a singular field, a list or a map. `null` if it cannot be read. */
  #readValue(field: DescField, json: JsonValue, path: FieldPath): unknown {
    if (field.message !== undefined) {
      const value = this.read(field.message, json, path);
      return reflect(field.message, value, false);
    }
    if (field.enum !== undefined) return this.#readEnum(field.enum, json, path);
    return this.#readScalar(field, json, path);
  }

  #readScalar(field: DescField, json: JsonValue, path: FieldPath): unknown {
    const result = readScalar(field.scalar ?? ScalarType.STRING, json);
    if ("value" in result) return result.value;
    this.problems.add(path, result.reason);
    return null;
  }

  #readEnum(desc: DescEnum, json: JsonValue, path: FieldPath): number | null {
    if (typeof json === "string") {
      const named = desc.values.find((value) => value.name === json);
      if (named !== undefined) return named.number;
    }
    const result = readScalar(ScalarType.INT32, json);
    if ("value" in result && typeof result.value === "number") return result.value;
    const names = desc.values.map((value) => value.name).join(", ");
    this.problems.add(path, wrong(`one of ${names}`, json).reason);
    return null;
  }
}

/** JSON null leaves a field unset, except where null is itself a value. */
function takesNull(field: DescField): boolean {
  return field.message?.typeName === "google.protobuf.Value" && field.fieldKind === "message";
}

const fieldsByName = new WeakMap<DescMessage, Map<string, DescField>>();

/** The field with a name as in the .proto file or, as proto3 JSON has it, in camel case. */
function fieldOf(desc: DescMessage, name: string): DescField | undefined {
  let fields = fieldsByName.get(desc);
  if (fields === undefined) {
    fields = new Map(desc.fields.map((field) => [field.jsonName, field]));
    for (const field of desc.fields) fields.set(field.name, field);
    fieldsByName.set(desc, fields);
  }
  return fields.get(name);
}

function readKey(type: ScalarType, name: string): ReturnType<typeof readScalar> {
  if (type !== ScalarType.BOOL) return readScalar(type, name);
  return readScalar(type, name === "true" ? true : name === "false" ? false : name);
}
