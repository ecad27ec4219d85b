/** The text that replaces a match cannot be used. The message is RE2's. */
export class SubstitutionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SubstitutionError";
  }
}

/**
 * Checks the text that replaces a match: `\0` is the match, `\1` to `\9` are groups, `\\` is a
 * backslash, and no other escape exists.
 *
 * @param groupCount The groups that the pattern has.
 * @throws SubstitutionError with the text of RE2's CheckRewriteString.
 */
export function checkSubstitution(substitution: string, groupCount: number): void {
  let groupMax = -1;
  for (const [, escaped] of substitution.matchAll(/\\(.?)/gsu)) {
    if (escaped === "") {
      throw new SubstitutionError("Rewrite schema error: '\\' not allowed at end.");
    }
    if (escaped === "\\") continue;
    if (!/[0-9]/.test(escaped)) {
      const message = "Rewrite schema error: '\\' must be followed by a digit or '\\'.";
      throw new SubstitutionError(message);
    }
    groupMax = Math.max(groupMax, Number(escaped));
  }
  if (groupMax > groupCount) {
    throw new SubstitutionError(
      `Rewrite schema requests ${groupMax} matches, but the regexp only has ${groupCount} ` +
        "parenthesized subexpressions.",
    );
  }
}
