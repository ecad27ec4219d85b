/** Why a pattern is refused. The text of each is RE2's own. */
const REGEX_ERRORS = {
  badEscape: "invalid escape sequence",
  badCharacterRange: "invalid character class range",
  missingBracket: "missing ]",
  missingParenthesis: "missing )",
  unexpectedParenthesis: "unexpected )",
  trailingBackslash: "trailing \\",
  repeatArgument: "no argument for repetition operator",
  repeatSize: "invalid repetition size",
  repeatOperator: "bad repetition operator",
  badPerlOperator: "invalid perl operator",
  badUtf8: "invalid UTF-8",
  badNamedGroup: "invalid named capture group",
  tooDeep: "expression nests too deeply",
  tooLarge: "pattern too large - compile failed",
} as const;

/** The name of one reason in `REGEX_ERRORS`. */
export type RegexErrorCode = keyof typeof REGEX_ERRORS;

/**
 * A pattern is not RE2 syntax, or is larger than our limits. The message is RE2's: the reason and,
 * where one part of the pattern is to blame, that part.
 */
export class RegexError extends Error {
  /** Which reason. */
  readonly code: RegexErrorCode;
  /** The part of the pattern that is to blame, or "". */
  readonly part: string;

  constructor(code: RegexErrorCode, part: string) {
    super(part === "" ? REGEX_ERRORS[code] : `${REGEX_ERRORS[code]}: ${part}`);
    this.name = "RegexError";
    this.code = code;
    this.part = part;
  }
}
