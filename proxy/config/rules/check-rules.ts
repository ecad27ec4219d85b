import type { DescField, Message } from "@bufbuild/protobuf";
import { isFieldSet } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { isReflectMessage } from "@bufbuild/protobuf/reflect";
import type { Any, Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import {
  AnySchema,
  DurationSchema,
  FeatureSet_FieldPresence,
  isWrapperDesc,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import type { EnumRules, FieldRules } from "../../../api/gen/validate/validate_pb.js";
import {
  BoolRulesSchema,
  EnumRulesSchema,
  MapRulesSchema,
  RepeatedRulesSchema,
} from "../../../api/gen/validate/validate_pb.js";
import type { FieldPath } from "../field-path.ts";
import { checkByteString } from "./bytes-rules.ts";
import type { NumberRules } from "./number-rules.ts";
import { checkNumber } from "./number-rules.ts";
import { checkString } from "./string-rules.ts";
import { checkDuration, checkTimestamp } from "./time-rules.ts";

/** Is told of each rule that is broken. */
export type RuleListener = (path: FieldPath, reason: string) => void;

/**
 * Checks one field of a message against the rules of the .proto file. Messages inside the field are
 * not entered.
 */
export function checkRules(
  message: ReflectMessage,
  field: DescField,
  rules: FieldRules,
  path: FieldPath,
  onBroken: RuleListener,
): void {
  if (field.fieldKind === "list") checkList(message, field, rules, path, onBroken);
  else if (field.fieldKind === "map") checkMap(message, field, rules, path, onBroken);
  else {
    const reason = checkSingular(message, field, rules);
    if (reason !== null) onBroken(path, reason);
  }
}

function checkSingular(
  message: ReflectMessage,
  field: DescField,
  rules: FieldRules,
): string | null {
  // A scalar without presence has a value, the default, even where nobody wrote it.
  const hasValue = message.isSet(field) || field.presence === FeatureSet_FieldPresence.IMPLICIT;
  if (hasValue) return checkValue(field, message.get(field), rules);
  // A member of a oneof is required only in that it may not be chosen and left empty.
  return field.oneof === undefined && isRequired(rules) ? "value is required" : null;
}

function isRequired(rules: FieldRules): boolean {
  if (rules.message?.required) return true;
  const { type } = rules;
  const isTime = type.case === "duration" || type.case === "timestamp" || type.case === "any";
  return isTime && type.value.required;
}

function checkList(
  message: ReflectMessage,
  field: DescField & { fieldKind: "list" },
  rules: FieldRules,
  path: FieldPath,
  onBroken: RuleListener,
): void {
  if (rules.type.case !== "repeated") return;
  const repeated = rules.type.value;
  const list = message.get(field);
  if (repeated.ignoreEmpty && list.size === 0) return;
  const reason = checkCount(list.size, "item", {
    min: isFieldSet(repeated, RepeatedRulesSchema.field.minItems) ? repeated.minItems : null,
    max: isFieldSet(repeated, RepeatedRulesSchema.field.maxItems) ? repeated.maxItems : null,
  });
  if (reason !== null) onBroken(path, reason);
  const items = [...list];
  if (repeated.unique && new Set(items).size < items.length) {
    onBroken(path, "repeated value must contain unique items");
  }
  if (repeated.items === undefined) return;
  for (const [index, item] of items.entries()) {
    const problem = checkValue(field, item, repeated.items);
    if (problem !== null) onBroken(path.item(index), problem);
  }
}

function checkMap(
  message: ReflectMessage,
  field: DescField & { fieldKind: "map" },
  rules: FieldRules,
  path: FieldPath,
  onBroken: RuleListener,
): void {
  if (rules.type.case !== "map") return;
  const pairs = rules.type.value;
  const map = message.get(field);
  if (pairs.ignoreEmpty && map.size === 0) return;
  const reason = checkCount(map.size, "pair", {
    min: isFieldSet(pairs, MapRulesSchema.field.minPairs) ? pairs.minPairs : null,
    max: isFieldSet(pairs, MapRulesSchema.field.maxPairs) ? pairs.maxPairs : null,
  });
  if (reason !== null) onBroken(path, reason);
  for (const [key, value] of map) {
    const at = path.key(String(key));
    const inKey = pairs.keys === undefined ? null : checkValue(field, key, pairs.keys);
    const inValue = pairs.values === undefined ? null : checkValue(field, value, pairs.values);
    if (inKey !== null) onBroken(at, `the key: ${inKey}`);
    if (inValue !== null) onBroken(at, inValue);
  }
}

interface CountBounds {
  readonly min: bigint | null;
  readonly max: bigint | null;
}

function checkCount(count: number, noun: string, { min, max }: CountBounds): string | null {
  const isEnough = min === null || count >= min;
  const isTooMany = max !== null && count > max;
  if (isEnough && !isTooMany) return null;
  if (min !== null && min === max) return `value must contain exactly ${min} ${noun}(s)`;
  if (min !== null && max !== null) {
    return `value must contain between ${min} and ${max} ${noun}s, inclusive`;
  }
  return isEnough
    ? `value must contain no more than ${max} ${noun}(s)`
    : `value must contain at least ${min} ${noun}(s)`;
}

/** Checks one value of any kind: of a singular field, an item, a key or the value of a pair. */
function checkValue(field: DescField, value: unknown, rules: FieldRules): string | null {
  if (isReflectMessage(value)) {
    if (!isWrapperDesc(value.desc)) return checkMessage(value.message, rules);
    return checkScalar(field, value.get(value.desc.fields[0]), rules);
  }
  return checkScalar(field, value, rules);
}

function checkMessage(message: Message, { type }: FieldRules): string | null {
  if (type.case === "duration" && isOfType<Duration>(message, DurationSchema.typeName)) {
    return checkDuration(message, type.value);
  }
  if (type.case === "timestamp" && isOfType<Timestamp>(message, TimestampSchema.typeName)) {
    return checkTimestamp(message, type.value, Date.now());
  }
  if (type.case === "any" && isOfType<Any>(message, AnySchema.typeName)) {
    const { in: allowed, notIn } = type.value;
    const isAllowed = allowed.length === 0 || allowed.includes(message.typeUrl);
    if (!isAllowed) return `type URL must be in list [${allowed.join(", ")}]`;
    if (notIn.includes(message.typeUrl))
      return `type URL must not be in list [${notIn.join(", ")}]`;
  }
  return null;
}

function isOfType<M extends Message>(message: Message, typeName: string): message is M {
  return message.$typeName === typeName;
}

function checkScalar(field: DescField, value: unknown, rules: FieldRules): string | null {
  const { type } = rules;
  if (typeof value === "string") {
    return type.case === "string" ? checkString(value, type.value) : null;
  }
  if (value instanceof Uint8Array) {
    return type.case === "bytes" ? checkByteString(value, type.value) : null;
  }
  if (typeof value === "boolean") {
    if (type.case !== "bool" || !isFieldSet(type.value, BoolRulesSchema.field.const)) return null;
    return value === type.value.const ? null : `value must equal ${type.value.const}`;
  }
  if (typeof value !== "number" && typeof value !== "bigint") return null;
  if (type.case === "enum") return checkEnum(field, Number(value), type.value);
  const numbers = numberRulesOf(rules);
  // Proto2 keeps the default of an unset field on the prototype.
  return numbers === null
    ? null
    : checkNumber(value, numbers, (name) => Object.hasOwn(numbers, name));
}

function numberRulesOf({ type }: FieldRules): NumberRules | null {
  switch (type.case) {
    case "float":
    case "double":
    case "int32":
    case "int64":
    case "uint32":
    case "uint64":
    case "sint32":
    case "sint64":
    case "fixed32":
    case "fixed64":
    case "sfixed32":
    case "sfixed64":
      return type.value;
    default:
      return null;
  }
}

function checkEnum(field: DescField, value: number, rules: EnumRules): string | null {
  if (isFieldSet(rules, EnumRulesSchema.field.const) && value !== rules.const) {
    return `value must equal ${rules.const}`;
  }
  if (rules.definedOnly && field.enum?.value[value] === undefined) {
    return "value must be one of the defined enum values";
  }
  if (rules.in.length > 0 && !rules.in.includes(value)) {
    return `value must be in list [${rules.in.join(", ")}]`;
  }
  return rules.notIn.includes(value)
    ? `value must not be in list [${rules.notIn.join(", ")}]`
    : null;
}
