import {
  HeaderMatcherSchema,
  QueryParameterMatcherSchema,
} from "../../../api/gen/envoy/config/route/v3/route_components_pb.js";
import {
  RegexMatchAndSubstituteSchema,
  RegexMatcher_GoogleRE2Schema,
  RegexMatcherSchema,
} from "../../../api/gen/envoy/type/matcher/v3/regex_pb.js";
import { StringMatcherSchema } from "../../../api/gen/envoy/type/matcher/v3/string_pb.js";
import type { MessageFields } from "./field-status.ts";
import { fieldsOf, implemented, implementedNote } from "./field-status.ts";

/** What strings, headers and query parameters are compared with. */
export const MATCHER_FIELDS: readonly MessageFields[] = [
  fieldsOf(HeaderMatcherSchema, {
    name: implemented,
    exact_match: implemented,
    safe_regex_match: implemented,
    range_match: implemented,
    present_match: implemented,
    prefix_match: implemented,
    suffix_match: implemented,
    contains_match: implemented,
    string_match: implemented,
    invert_match: implemented,
    treat_missing_header_as_empty: implemented,
  }),
  fieldsOf(QueryParameterMatcherSchema, {
    name: implemented,
    string_match: implemented,
    present_match: implemented,
  }),
  fieldsOf(StringMatcherSchema, {
    exact: implemented,
    prefix: implemented,
    suffix: implemented,
    safe_regex: implemented,
    contains: implemented,
    ignore_case: implemented,
  }),
  fieldsOf(RegexMatcherSchema, {
    google_re2: implementedNote("RE2 is the only engine, named or not."),
    regex: implemented,
  }),
  fieldsOf(RegexMatcher_GoogleRE2Schema, {}),
  fieldsOf(RegexMatchAndSubstituteSchema, { pattern: implemented, substitution: implemented }),
];
