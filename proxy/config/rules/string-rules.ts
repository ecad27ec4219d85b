import { isFieldSet } from "@bufbuild/protobuf";
import type { StringRules } from "../../../api/gen/validate/validate_pb.js";
import { KnownRegex, StringRulesSchema } from "../../../api/gen/validate/validate_pb.js";
import { patternOf } from "./rule-pattern.ts";
import { WELL_KNOWN_STRINGS } from "./well-known-strings.ts";

/**
 * Checks a string against its rules.
 *
 * @returns What is wrong, in the words of protoc-gen-validate, or `null`.
 */
export function checkString(value: string, rules: StringRules): string | null {
  if (rules.ignoreEmpty && value === "") return null;
  return (
    checkLength(value, rules) ??
    checkBytes(value, rules) ??
    checkText(value, rules) ??
    checkForm(value, rules)
  );
}

function isSet(rules: StringRules, name: keyof typeof StringRulesSchema.field): boolean {
  return isFieldSet(rules, StringRulesSchema.field[name]);
}

/** Lengths in characters, that is, Unicode code points. */
function checkLength(value: string, rules: StringRules): string | null {
  const hasMin = isSet(rules, "minLen");
  const hasMax = isSet(rules, "maxLen");
  if (!hasMin && !hasMax && !isSet(rules, "len")) return null;
  let length = 0;
  for (const _ of value) length++;
  if (isSet(rules, "len") && length !== Number(rules.len)) {
    return `value length must be ${rules.len} characters`;
  }
  const isFine = (!hasMin || length >= rules.minLen) && (!hasMax || length <= rules.maxLen);
  if (isFine) return null;
  if (hasMin && hasMax) {
    return `value length must be between ${rules.minLen} and ${rules.maxLen} characters, inclusive`;
  }
  return hasMin
    ? `value length must be at least ${rules.minLen} characters`
    : `value length must be at most ${rules.maxLen} characters`;
}

/** Lengths in bytes of UTF-8. */
function checkBytes(value: string, rules: StringRules): string | null {
  const hasMin = isSet(rules, "minBytes");
  const hasMax = isSet(rules, "maxBytes");
  if (!hasMin && !hasMax && !isSet(rules, "lenBytes")) return null;
  const bytes = Buffer.byteLength(value);
  if (isSet(rules, "lenBytes") && bytes !== Number(rules.lenBytes)) {
    return `value length must be ${rules.lenBytes} bytes`;
  }
  const isFine = (!hasMin || bytes >= rules.minBytes) && (!hasMax || bytes <= rules.maxBytes);
  if (isFine) return null;
  if (hasMin && hasMax) {
    return `value length must be between ${rules.minBytes} and ${rules.maxBytes} bytes, inclusive`;
  }
  return hasMin
    ? `value length must be at least ${rules.minBytes} bytes`
    : `value length must be at most ${rules.maxBytes} bytes`;
}

function checkText(value: string, rules: StringRules): string | null {
  if (isSet(rules, "const") && value !== rules.const) return `value must equal ${rules.const}`;
  if (!value.startsWith(rules.prefix)) return `value does not have prefix "${rules.prefix}"`;
  if (!value.endsWith(rules.suffix)) return `value does not have suffix "${rules.suffix}"`;
  if (!value.includes(rules.contains))
    return `value does not contain substring "${rules.contains}"`;
  if (rules.notContains !== "" && value.includes(rules.notContains)) {
    return `value contains substring "${rules.notContains}"`;
  }
  if (rules.in.length > 0 && !rules.in.includes(value)) {
    return `value must be in list [${rules.in.join(", ")}]`;
  }
  return rules.notIn.includes(value)
    ? `value must not be in list [${rules.notIn.join(", ")}]`
    : null;
}

function checkForm(value: string, rules: StringRules): string | null {
  if (rules.pattern !== "" && !patternOf(rules.pattern).test(value)) {
    return `value does not match regex pattern ${JSON.stringify(rules.pattern)}`;
  }
  const { case: form, value: wanted } = rules.wellKnown;
  if (form === undefined) return null;
  if (form === "wellKnownRegex") return checkKnownRegex(value, rules);
  if (wanted !== true) return null;
  const known = WELL_KNOWN_STRINGS[form];
  return known.matches(value) ? null : `value must be a valid ${known.noun}`;
}

/** The strict forms follow the grammar of RFC 9110; the lenient one refuses line ends and NUL. */
const HEADER_NAME = "^:?[0-9a-zA-Z!#$%&'*+-.^_|~\\x60]+$";
const HEADER_VALUE = "^[^\\u0000-\\u0008\\u000A-\\u001F\\u007F]*$";
const LENIENT = "^[^\\u0000\\u000A\\u000D]*$";

function checkKnownRegex(value: string, rules: StringRules): string | null {
  const regex = rules.wellKnown.value;
  if (regex !== KnownRegex.HTTP_HEADER_NAME && regex !== KnownRegex.HTTP_HEADER_VALUE) return null;
  const isName = regex === KnownRegex.HTTP_HEADER_NAME;
  const pattern = !rules.strict ? LENIENT : isName ? HEADER_NAME : HEADER_VALUE;
  return patternOf(pattern).test(value) ? null : `value does not match regex pattern "${pattern}"`;
}
