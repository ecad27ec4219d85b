import {
  REGEX_LINE_END,
  REGEX_LINE_START,
  REGEX_NOT_WORD_BOUNDARY,
  REGEX_TEXT_END,
  REGEX_TEXT_START,
  REGEX_WORD_BOUNDARY,
} from "../../../../api/engine/regex-layout.ts";

// What an assertion sees beside a position: a newline, a word character, another byte, or no byte.
const KIND_OTHER = 0;
const KIND_NEWLINE = 1;
const KIND_WORD = 2;
/** The kind of what is beyond the start or end of the text. */
export const KIND_EDGE = 3;
/** How many kinds there are. */
export const BYTE_KIND_COUNT = 4;

/** The kind of a byte. */
export function byteKind(byte: number): number {
  if (byte === 0x0a) return KIND_NEWLINE;
  return /\w/.test(String.fromCharCode(byte)) ? KIND_WORD : KIND_OTHER;
}

/** The assertion flags that hold between two neighbours. */
export function flagsBetween(left: number, right: number): number {
  let flags = (left === KIND_WORD) === (right === KIND_WORD) ? REGEX_NOT_WORD_BOUNDARY : 0;
  if (flags === 0) flags = REGEX_WORD_BOUNDARY;
  if (left === KIND_EDGE) flags |= REGEX_TEXT_START | REGEX_LINE_START;
  if (left === KIND_NEWLINE) flags |= REGEX_LINE_START;
  if (right === KIND_EDGE) flags |= REGEX_TEXT_END | REGEX_LINE_END;
  if (right === KIND_NEWLINE) flags |= REGEX_LINE_END;
  return flags;
}
