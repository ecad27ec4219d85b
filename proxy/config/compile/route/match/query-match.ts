import {
  MATCH_FLAG_ABSENT,
  QUERY_MATCH_BYTES,
  QUERY_MATCH_FLAGS,
  QUERY_MATCH_NAME,
  QUERY_MATCH_TEXT,
  TEXT_KIND,
  TEXT_PRESENT,
} from "../../../../../api/engine/match-image.ts";
import type { QueryParameterMatcher } from "../../../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import { writeStringMatcher } from "./text-match.ts";

/** Writes query parameter matchers and the reference to their list at `field`. */
export function writeQueryMatchers(
  writer: ImageWriter,
  field: number,
  matchers: readonly QueryParameterMatcher[],
  path: FieldPath,
): void {
  const list = writer.reserve(matchers.length * QUERY_MATCH_BYTES);
  matchers.forEach((matcher, index) => {
    const record = list + index * QUERY_MATCH_BYTES;
    const specifier = matcher.queryParameterMatchSpecifier;
    writer.setText(record + QUERY_MATCH_NAME, matcher.name);
    if (specifier.case === "stringMatch") {
      const at = path.item(index).field("string_match");
      writeStringMatcher(writer, record + QUERY_MATCH_TEXT, specifier.value, at);
      return;
    }
    writer.setUint32(record + QUERY_MATCH_TEXT + TEXT_KIND, TEXT_PRESENT);
    const isAbsence = specifier.case === "presentMatch" && !specifier.value;
    writer.setUint32(record + QUERY_MATCH_FLAGS, isAbsence ? MATCH_FLAG_ABSENT : 0);
  });
  writer.setList(field, list, matchers.length);
}
