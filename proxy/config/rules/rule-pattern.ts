const compiled = new Map<string, RegExp>();

/**
 * A pattern of a .proto file as a regular expression of JavaScript. There are few of them, they
 * come with this program, and none is ambiguous enough to backtrack for long.
 */
export function patternOf(source: string): RegExp {
  let pattern = compiled.get(source);
  if (pattern === undefined) {
    pattern = new RegExp(source, "u");
    compiled.set(source, pattern);
  }
  return pattern;
}
