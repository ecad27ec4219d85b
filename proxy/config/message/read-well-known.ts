import type { DescMessage, JsonValue, Message } from "@bufbuild/protobuf";
import { fromJson } from "@bufbuild/protobuf";
import {
  DurationSchema,
  FieldMaskSchema,
  ListValueSchema,
  StructSchema,
  TimestampSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import type { FieldPath } from "../field-path.ts";
import type { Problems } from "../problems.ts";

/** The types that have a JSON form of their own, and what a value of them looks like. */
const FORMS: ReadonlyMap<string, { readonly desc: DescMessage; readonly form: string }> = new Map([
  [DurationSchema.typeName, { desc: DurationSchema, form: 'a duration such as "0.25s"' }],
  [TimestampSchema.typeName, { desc: TimestampSchema, form: "a time in the format of RFC 3339" }],
  [FieldMaskSchema.typeName, { desc: FieldMaskSchema, form: "paths separated by commas" }],
  [StructSchema.typeName, { desc: StructSchema, form: "a map" }],
  [ValueSchema.typeName, { desc: ValueSchema, form: "a JSON value" }],
  [ListValueSchema.typeName, { desc: ListValueSchema, form: "a list" }],
]);

/** Whether messages of this type are written in JSON in another way than as their fields. */
export function isWellKnown(desc: DescMessage): boolean {
  return FORMS.has(desc.typeName);
}

/** Reads a message for which `isWellKnown` holds, or adds a problem and returns `null`. */
export function readWellKnown(
  desc: DescMessage,
  json: JsonValue,
  path: FieldPath,
  problems: Problems,
): Message | null {
  const known = FORMS.get(desc.typeName);
  if (known === undefined) return null;
  try {
    return fromJson(known.desc, json);
  } catch {
    // The library's sentence names types and not what was expected; ours does.
    const found = typeof json === "string" ? `: ${JSON.stringify(json.slice(0, 40))}` : "";
    problems.add(path, `expected ${known.form}${found}`);
    return null;
  }
}
