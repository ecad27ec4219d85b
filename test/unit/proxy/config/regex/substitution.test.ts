import assert from "node:assert/strict";
import {
  checkSubstitution,
  SubstitutionError,
} from "../../../../../proxy/config/regex/substitution.ts";

describe("checkSubstitution", () => {
  for (const [substitution, groupCount] of [
    ["", 0],
    ["plain $1 & text", 0],
    ["\\0", 0],
    ["\\\\", 0],
    ["\\\\9", 0],
    ["\\2-\\1", 2],
    ["\\99", 9],
  ] as const) {
    it(`checkSubstitution: "${substitution}" suits ${groupCount} groups`, () => {
      assert.doesNotThrow(() => checkSubstitution(substitution, groupCount));
    });
  }

  for (const [substitution, groupCount, message] of [
    ["a\\", 0, "Rewrite schema error: '\\' not allowed at end."],
    ["\\\\\\", 0, "Rewrite schema error: '\\' not allowed at end."],
    ["\\n", 0, "Rewrite schema error: '\\' must be followed by a digit or '\\'."],
    ["\\\n", 0, "Rewrite schema error: '\\' must be followed by a digit or '\\'."],
    [
      "\\2\\1",
      1,
      "Rewrite schema requests 2 matches, but the regexp only has 1 parenthesized subexpressions.",
    ],
  ] as const) {
    it(`checkSubstitution: ${JSON.stringify(substitution)} is refused in RE2's words`, () => {
      assert.throws(
        () => checkSubstitution(substitution, groupCount),
        (error) => {
          return error instanceof SubstitutionError && error.message === message;
        },
      );
    });
  }
});
