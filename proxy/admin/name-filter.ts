import { LinearRegex } from "../config/regex/linear-regex.ts";
import { AdminProblem } from "./reply.ts";

/** Whether a name is wanted. */
export type NameFilter = (name: string) => boolean;

/**
 * Reads a regular expression that names must contain a match of. Without one, all are wanted.
 *
 * @param toMessage Puts what is wrong with the pattern into Envoy's words for this endpoint.
 * @throws AdminProblem for a bad pattern.
 */
export function parseNameFilter(
  pattern: string | null,
  toMessage: (reason: string) => string = (reason) => `Invalid re2 regex: ${reason}\n`,
): NameFilter {
  if (pattern === null) return () => true;
  try {
    const regex = new LinearRegex(pattern);
    return (name) => regex.isIn(name);
  } catch (error) {
    throw new AdminProblem(toMessage(error instanceof Error ? error.message : String(error)));
  }
}
