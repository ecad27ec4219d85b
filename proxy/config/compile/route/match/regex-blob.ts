import type { FieldPath } from "../../../field-path.ts";
import type { ImageWriter } from "../../../image/image-writer.ts";
import { compileRegex } from "../../../regex/compile.ts";
import { checkSubstitution, SubstitutionError } from "../../../regex/substitution.ts";
import { RegexError } from "../../../regex/syntax/regex-error.ts";
import { refuse } from "../route-setting.ts";

/**
 * Compiles a pattern and writes the reference to its table at `field`.
 *
 * @param path Where the pattern stands.
 * @throws MeshError `CONFIG_INVALID` with RE2's text for a pattern that is wrong.
 */
export function writeRegex(
  writer: ImageWriter,
  field: number,
  pattern: string,
  path: FieldPath,
): void {
  place(writer, field, pattern, path, false);
}

/** The place of a rewrite in the image: references to its expression and its substitution. */
export interface RewriteFields {
  readonly regex: number;
  readonly substitution: number;
}

/** Compiles a pattern whose matches are replaced, and checks the substitution against it. */
export function writeRewrite(
  writer: ImageWriter,
  fields: RewriteFields,
  pattern: string,
  substitution: string,
  path: FieldPath,
): void {
  const groupCount = place(writer, fields.regex, pattern, path.field("pattern"), true);
  try {
    checkSubstitution(substitution, groupCount);
  } catch (error) {
    if (!(error instanceof SubstitutionError)) throw error;
    refuse(path.field("substitution"), error.message);
  }
  writer.setText(fields.substitution, substitution);
}

function place(
  writer: ImageWriter,
  field: number,
  pattern: string,
  path: FieldPath,
  isRewrite: boolean,
): number {
  try {
    const { table, groupCount } = compileRegex(pattern, { isRewrite });
    writer.setBlob(field, table);
    return groupCount;
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    return refuse(path, error.message);
  }
}

/** The text that whatever matches a pattern begins with, as far as that is plain to see. */
export function literalPrefix(pattern: string): string {
  if (hasOuterAlternative(pattern)) return "";
  const rest = pattern.startsWith("^") ? pattern.slice(1) : pattern;
  const end = rest.search(/[^A-Za-z0-9/_~%&=:@!,;'" -]/);
  if (end < 0) return rest;
  // What may be repeated may be absent.
  return rest.slice(0, /[?*+{]/.test(rest[end]) ? Math.max(end - 1, 0) : end);
}

/** True when a `|` may stand outside all groups, or the pattern is too odd to tell. */
function hasOuterAlternative(pattern: string): boolean {
  if (!pattern.includes("|")) return false;
  // Escapes and sets are taken out first; what a set may hold makes some patterns too odd.
  const bare = pattern.replace(/\\./gsu, "").replace(/\[\^?\]?[^[\]]*\]/g, "");
  if (/[[\]]/.test(bare) || pattern.includes("\\Q")) return true;
  let depth = 0;
  for (const character of bare) {
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (character === "|" && depth === 0) return true;
  }
  return false;
}
