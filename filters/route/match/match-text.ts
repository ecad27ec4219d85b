/* String matchers of `envoy.type.matcher.v3`. */
import {
  TEXT_CONTAINS,
  TEXT_EXACT,
  TEXT_IGNORE_CASE,
  TEXT_KIND,
  TEXT_PREFIX,
  TEXT_REGEX,
  TEXT_SUFFIX,
  TEXT_VALUE,
} from "../../../api/engine/match-image.ts";
import { equalBytes, indexOfBytes } from "../../memory/bytes.ts";
import { equalsLower } from "../hash-search.ts";
import { matchesRegex } from "../scratch.ts";

/** True when a value satisfies the text matcher at that address. */
export function matchText(matcher: usize, image: usize, value: usize, length: i32): bool {
  const kind = load<i32>(matcher, TEXT_KIND);
  const text = image + <usize>load<u32>(matcher, TEXT_VALUE);
  if (kind == TEXT_REGEX) return matchesRegex(text, value, length);
  const textLength = load<i32>(matcher, TEXT_VALUE + 4);
  if (textLength > length) return false;
  const ignoresCase = load<u32>(matcher, TEXT_IGNORE_CASE) != 0;
  if (kind == TEXT_CONTAINS) {
    return ignoresCase
      ? containsLower(value, length, text, textLength)
      : indexOfBytes(value, length, text, textLength) >= 0;
  }
  if (kind == TEXT_EXACT && textLength != length) return false;
  if (kind == TEXT_SUFFIX) value += length - textLength;
  else if (kind != TEXT_EXACT && kind != TEXT_PREFIX) return false;
  return ignoresCase ? equalsLower(value, text, textLength) : equalBytes(value, text, textLength);
}

function containsLower(value: usize, length: i32, text: usize, textLength: i32): bool {
  for (let at = 0; at + textLength <= length; at++) {
    if (equalsLower(value + at, text, textLength)) return true;
  }
  return false;
}
