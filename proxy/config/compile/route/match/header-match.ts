import {
  HEADER_MATCH_BYTES,
  HEADER_MATCH_FLAGS,
  HEADER_MATCH_FROM,
  HEADER_MATCH_ID,
  HEADER_MATCH_NAME,
  HEADER_MATCH_TEXT,
  HEADER_MATCH_TO,
  MATCH_FLAG_ABSENT,
  MATCH_FLAG_INVERT,
  MATCH_FLAG_JOINED,
  MATCH_FLAG_MISSING_IS_EMPTY,
  TEXT_CONTAINS,
  TEXT_EXACT,
  TEXT_KIND,
  TEXT_PREFIX,
  TEXT_PRESENT,
  TEXT_RANGE,
  TEXT_SUFFIX,
} from "../../../../../api/engine/match-image.ts";
import type { HeaderMatcher } from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import { isJoined, writeHeaderName } from "../header-name.ts";
import { writePlainMatcher, writeRegexMatcher, writeStringMatcher } from "./text-match.ts";

/**
 * Writes matchers of request headers and the reference to their list at `field`. All of them must
 * match.
 */
export function writeHeaderMatchers(
  writer: ImageWriter,
  field: number,
  matchers: readonly HeaderMatcher[],
  path: FieldPath,
): void {
  const list = writer.reserve(matchers.length * HEADER_MATCH_BYTES);
  matchers.forEach((matcher, index) => {
    writeHeaderMatcher(writer, list + index * HEADER_MATCH_BYTES, matcher, path.item(index));
  });
  writer.setList(field, list, matchers.length);
}

function writeHeaderMatcher(
  writer: ImageWriter,
  record: number,
  matcher: HeaderMatcher,
  path: FieldPath,
): void {
  writeHeaderName(writer, record + HEADER_MATCH_NAME, record + HEADER_MATCH_ID, matcher.name);
  const isAbsence = writeKind(writer, record, matcher, path);
  let flags = isAbsence ? MATCH_FLAG_ABSENT : 0;
  if (matcher.invertMatch) flags |= MATCH_FLAG_INVERT;
  if (isJoined(matcher.name, "request")) flags |= MATCH_FLAG_JOINED;
  if (matcher.treatMissingHeaderAsEmpty) flags |= MATCH_FLAG_MISSING_IS_EMPTY;
  writer.setUint32(record + HEADER_MATCH_FLAGS, flags);
}

/** Writes what is asked of the value. Returns true when the header is to be absent. */
function writeKind(
  writer: ImageWriter,
  record: number,
  matcher: HeaderMatcher,
  path: FieldPath,
): boolean {
  const text = record + HEADER_MATCH_TEXT;
  const specifier = matcher.headerMatchSpecifier;
  const plain = (kind: number, value: string) => {
    writePlainMatcher(writer, text, kind, value, false);
    return false;
  };
  switch (specifier.case) {
    case "stringMatch":
      writeStringMatcher(writer, text, specifier.value, path.field("string_match"));
      return false;
    case "exactMatch":
      // Envoy takes the old form with nothing in it for any value.
      return plain(specifier.value === "" ? TEXT_PREFIX : TEXT_EXACT, specifier.value);
    case "prefixMatch":
      return plain(TEXT_PREFIX, specifier.value);
    case "suffixMatch":
      return plain(TEXT_SUFFIX, specifier.value);
    case "containsMatch":
      return plain(TEXT_CONTAINS, specifier.value);
    case "safeRegexMatch":
      writeRegexMatcher(writer, text, specifier.value.regex, path.field("safe_regex_match"));
      return false;
    case "rangeMatch":
      writer.setUint32(text + TEXT_KIND, TEXT_RANGE);
      writer.setUint64(record + HEADER_MATCH_FROM, BigInt.asUintN(64, specifier.value.start));
      writer.setUint64(record + HEADER_MATCH_TO, BigInt.asUintN(64, specifier.value.end));
      return false;
    case "presentMatch":
      writer.setUint32(text + TEXT_KIND, TEXT_PRESENT);
      return !specifier.value;
    default:
      writer.setUint32(text + TEXT_KIND, TEXT_PRESENT);
      return false;
  }
}
