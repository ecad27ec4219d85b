import { isFieldSet } from "@bufbuild/protobuf";
import type { BytesRules } from "../../../api/gen/validate/validate_pb.js";
import { BytesRulesSchema } from "../../../api/gen/validate/validate_pb.js";
import { patternOf } from "./rule-pattern.ts";

/**
 * Checks bytes against their rules.
 *
 * @returns What is wrong, in the words of protoc-gen-validate, or `null`.
 */
export function checkByteString(value: Uint8Array, rules: BytesRules): string | null {
  if (rules.ignoreEmpty && value.length === 0) return null;
  return checkLength(value, rules) ?? checkContent(Buffer.from(value), rules);
}

function checkLength(value: Uint8Array, rules: BytesRules): string | null {
  const isSet = (name: "len" | "minLen" | "maxLen") =>
    isFieldSet(rules, BytesRulesSchema.field[name]);
  if (isSet("len") && value.length !== Number(rules.len)) {
    return `value length must be ${rules.len} bytes`;
  }
  if (isSet("minLen") && value.length < rules.minLen) {
    return `value length must be at least ${rules.minLen} bytes`;
  }
  if (isSet("maxLen") && value.length > rules.maxLen) {
    return `value length must be at most ${rules.maxLen} bytes`;
  }
  return null;
}

function checkContent(value: Buffer, rules: BytesRules): string | null {
  const isConst = isFieldSet(rules, BytesRulesSchema.field.const);
  if (isConst && !value.equals(rules.const)) return `value must equal ${hex(rules.const)}`;
  const { prefix, suffix, contains } = rules;
  if (!value.subarray(0, prefix.length).equals(prefix)) {
    return `value does not have prefix ${hex(prefix)}`;
  }
  if (suffix.length > 0 && !value.subarray(-suffix.length).equals(suffix)) {
    return `value does not have suffix ${hex(suffix)}`;
  }
  if (value.indexOf(contains) < 0) return `value does not contain ${hex(contains)}`;
  if (rules.in.length > 0 && !rules.in.some((allowed) => value.equals(allowed))) {
    return `value must be in list [${rules.in.map(hex).join(", ")}]`;
  }
  if (rules.notIn.some((refused) => value.equals(refused))) {
    return `value must not be in list [${rules.notIn.map(hex).join(", ")}]`;
  }
  if (rules.pattern !== "" && !patternOf(rules.pattern).test(value.toString("latin1"))) {
    return `value does not match regex pattern ${JSON.stringify(rules.pattern)}`;
  }
  return checkAddress(value.length, rules);
}

/** IP addresses as bytes: 4 for version 4, 16 for version 6. */
function checkAddress(length: number, rules: BytesRules): string | null {
  const { case: form, value: isWanted } = rules.wellKnown;
  if (form === undefined || !isWanted) return null;
  if (form === "ipv4") return length === 4 ? null : "value must be a valid IPv4 address";
  if (form === "ipv6") return length === 16 ? null : "value must be a valid IPv6 address";
  return length === 4 || length === 16 ? null : "value must be a valid IP address";
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}
