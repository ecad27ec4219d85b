/**
 * Matchers and header mutations in the engine image: parts of route configurations that other
 * configuration uses too. Conventions are those of `image.ts`. Untyped constants only, since
 * AssemblyScript reads this file too.
 */

/** A text matcher, part of other records. `TEXT_*` kind. */
export const TEXT_KIND = 0;
export const TEXT_IGNORE_CASE = 4;
/** Text (lower-case when case does not count) or regular expression. */
export const TEXT_VALUE = 8;
export const TEXT_BYTES = 16;

/** Values of TEXT_KIND. Header matchers have RANGE too. */
export const TEXT_EXACT = 0;
export const TEXT_PREFIX = 1;
export const TEXT_SUFFIX = 2;
export const TEXT_CONTAINS = 3;
export const TEXT_REGEX = 4;
export const TEXT_PRESENT = 5;
export const TEXT_RANGE = 6;

/** A header matcher: name, its id, flags, text matcher, and a range of i64. */
export const HEADER_MATCH_NAME = 0;
export const HEADER_MATCH_ID = 8;
/** `MATCH_FLAG_*` bits. */
export const HEADER_MATCH_FLAGS = 12;
export const HEADER_MATCH_TEXT = 16;
export const HEADER_MATCH_FROM = 32;
/** The end does not belong to the range. */
export const HEADER_MATCH_TO = 40;
export const HEADER_MATCH_BYTES = 48;

/** Bits of HEADER_MATCH_FLAGS and QUERY_MATCH_FLAGS. */
export const MATCH_FLAG_INVERT = 1;
/** `treat_missing_header_as_empty`. */
export const MATCH_FLAG_MISSING_IS_EMPTY = 2;
/** `present_match: false`: absence is asked for. */
export const MATCH_FLAG_ABSENT = 4;
/** Several values are one, joined by commas; else each is looked at by itself. */
export const MATCH_FLAG_JOINED = 8;

/** A query parameter matcher. */
export const QUERY_MATCH_NAME = 0;
export const QUERY_MATCH_FLAGS = 8;
export const QUERY_MATCH_TEXT = 16;
export const QUERY_MATCH_BYTES = 32;

/** A list of header mutations: list of ADDITION records, list of REMOVAL records. */
export const MUTATIONS_ADD = 0;
export const MUTATIONS_REMOVE = 8;
export const MUTATIONS_BYTES = 16;
/** Most additions in one list: the rule of the .proto files. */
export const MUTATIONS_ADD_MAX = 1000;

/** A header to add. Texts: name and value; the value of a program is the format as written. */
export const ADDITION_NAME = 0;
export const ADDITION_ID = 8;
/** `APPEND_*`. */
export const ADDITION_ACTION = 12;
export const ADDITION_VALUE = 16;
/** Reference to a format program, or 0: the value is constant. */
export const ADDITION_PROGRAM = 24;
/** `ADDITION_FLAG_*` bits. */
export const ADDITION_FLAGS = 28;
export const ADDITION_BYTES = 32;

/** Bits of ADDITION_FLAGS: an empty value is added too. */
export const ADDITION_FLAG_KEEP_EMPTY = 1;
/** A further value goes behind a comma instead of in a line of its own. */
export const ADDITION_FLAG_JOINED = 2;

/** Values of ADDITION_ACTION, as in Envoy. */
export const APPEND_IF_EXISTS_OR_ADD = 0;
export const ADD_IF_ABSENT = 1;
export const OVERWRITE_IF_EXISTS_OR_ADD = 2;
export const OVERWRITE_IF_EXISTS = 3;

/** A header to remove: name and id. */
export const REMOVAL_NAME = 0;
export const REMOVAL_ID = 8;
export const REMOVAL_BYTES = 16;

/** Configuration of one filter at this level: number of the filter, reference to its record. */
export const PER_FILTER_KIND = 0;
export const PER_FILTER_CONFIG = 4;
/** 1 when the filter is off for this route. */
export const PER_FILTER_DISABLED = 8;
export const PER_FILTER_BYTES = 16;
