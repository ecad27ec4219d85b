import {
  TEXT_CONTAINS,
  TEXT_EXACT,
  TEXT_IGNORE_CASE,
  TEXT_KIND,
  TEXT_PREFIX,
  TEXT_REGEX,
  TEXT_SUFFIX,
  TEXT_VALUE,
} from "../../../../../api/engine/match-image.ts";
import type { StringMatcher } from "../../../../../api/gen/envoy/type/matcher/v3/string_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import { toAsciiLowerCase } from "../hash-table.ts";
import { writeRegex } from "./regex-blob.ts";
import { refuse } from "../route-setting.ts";

const KINDS = {
  exact: TEXT_EXACT,
  prefix: TEXT_PREFIX,
  suffix: TEXT_SUFFIX,
  contains: TEXT_CONTAINS,
};

/** Writes a string matcher into the text matcher at `record`. */
export function writeStringMatcher(
  writer: ImageWriter,
  record: number,
  matcher: StringMatcher,
  path: FieldPath,
): void {
  const pattern = matcher.matchPattern;
  switch (pattern.case) {
    case "exact":
    case "prefix":
    case "suffix":
    case "contains":
      writePlainMatcher(writer, record, KINDS[pattern.case], pattern.value, matcher.ignoreCase);
      return;
    case "safeRegex":
      writeRegexMatcher(writer, record, pattern.value.regex, path.field("safe_regex"));
      return;
    default:
      refuse(path, "has no kind of match that is implemented");
  }
}

/** Writes a text matcher of a kind that compares. */
export function writePlainMatcher(
  writer: ImageWriter,
  record: number,
  kind: number,
  text: string,
  ignoresCase: boolean,
): void {
  writer.setUint32(record + TEXT_KIND, kind);
  writer.setUint32(record + TEXT_IGNORE_CASE, ignoresCase ? 1 : 0);
  writer.setText(record + TEXT_VALUE, ignoresCase ? toAsciiLowerCase(text) : text);
}

/**
 * Writes a text matcher that is a regular expression.
 *
 * @param path Where the `RegexMatcher` stands.
 */
export function writeRegexMatcher(
  writer: ImageWriter,
  record: number,
  pattern: string,
  path: FieldPath,
): void {
  writer.setUint32(record + TEXT_KIND, TEXT_REGEX);
  writeRegex(writer, record + TEXT_VALUE, pattern, path.field("regex"));
}
