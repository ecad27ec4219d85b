/*
 * Query parameter matchers of routes. Names and values are compared as they stand, without
 * decoding; of a parameter that occurs several times the first counts. Envoy
 * `ConfigUtility::matchQueryParams`.
 */
import {
  MATCH_FLAG_ABSENT,
  QUERY_MATCH_BYTES,
  QUERY_MATCH_FLAGS,
  QUERY_MATCH_NAME,
  QUERY_MATCH_TEXT,
  TEXT_KIND,
  TEXT_PRESENT,
} from "../../../api/engine/match-image.ts";
import { equalBytes, indexOfByte } from "../../memory/bytes.ts";
import { matchText } from "./match-text.ts";

/** Value of the parameter that was looked up last. */
let found: usize = 0;
let foundLength: i32 = 0;

/** True when all the matchers hold. `list` is the address of a list reference. */
export function matchQueries(list: usize, image: usize, path: usize, length: i32): bool {
  const first = image + <usize>load<u32>(list);
  const end = first + <usize>load<u32>(list, 4) * QUERY_MATCH_BYTES;
  if (first == end) return true;
  const mark = indexOfByte(path, length, 63);
  const query = mark < 0 ? path + length : path + mark + 1;
  const queryLength = mark < 0 ? 0 : length - mark - 1;
  for (let matcher = first; matcher < end; matcher += QUERY_MATCH_BYTES) {
    if (!matchQuery(matcher, image, query, queryLength)) return false;
  }
  return true;
}

function matchQuery(matcher: usize, image: usize, query: usize, length: i32): bool {
  const name = image + <usize>load<u32>(matcher, QUERY_MATCH_NAME);
  const isThere = findParameter(query, length, name, load<i32>(matcher, QUERY_MATCH_NAME + 4));
  const text = matcher + QUERY_MATCH_TEXT;
  if (load<i32>(text, TEXT_KIND) == TEXT_PRESENT) {
    return isThere == ((load<u32>(matcher, QUERY_MATCH_FLAGS) & MATCH_FLAG_ABSENT) == 0);
  }
  return isThere && matchText(text, image, found, foundLength);
}

/** Notes the value of the first parameter of that name. */
function findParameter(query: usize, length: i32, name: usize, nameLength: i32): bool {
  let from = 0;
  while (from < length) {
    const at = query + from;
    const ampersand = indexOfByte(at, length - from, 38);
    const partLength = ampersand < 0 ? length - from : ampersand;
    const equals = indexOfByte(at, partLength, 61);
    const keyLength = equals < 0 ? partLength : equals;
    if (keyLength == nameLength && equalBytes(at, name, nameLength)) {
      found = equals < 0 ? at + partLength : at + equals + 1;
      foundLength = equals < 0 ? 0 : partLength - equals - 1;
      return true;
    }
    from += partLength + 1;
  }
  return false;
}
