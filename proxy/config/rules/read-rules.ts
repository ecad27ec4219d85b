import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { getOption, hasOption } from "@bufbuild/protobuf";
import type { FieldRules } from "../../../api/gen/validate/validate_pb.js";
import { disabled, ignored, required, rules } from "../../../api/gen/validate/validate_pb.js";

/** The protoc-gen-validate rules that the .proto file gives for a field, or `null`. */
export function rulesOf(field: DescField): FieldRules | null {
  return hasOption(field, rules) ? getOption(field, rules) : null;
}

/** Whether one of the members of a oneof must be set. */
export function isRequiredOneof(oneof: DescOneof): boolean {
  return hasOption(oneof, required) && getOption(oneof, required);
}

/** Whether the .proto file switches off the rules of a message's fields. */
export function hasNoRules(desc: DescMessage): boolean {
  return getOption(desc, disabled) || getOption(desc, ignored);
}
