import type { JsonValue } from "@bufbuild/protobuf";
import type { Problems } from "../problems.ts";
import { DOCUMENT_LIMITS } from "./document-limits.ts";

/**
 * Reads JSON (RFC 8259). Unlike `JSON.parse`, which keeps the last of two equal names, it refuses
 * them: one of the two would be ignored silently.
 *
 * @returns The value, or `null` with at least one problem added.
 */
export function parseJson(text: string, problems: Problems): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // V8's message tells the position, and a part of the text around it.
    problems.add("", `not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
  return checkNames(text, problems) ? value : null;
}

/** Looks for repeated names and for depth in a text that is known to be valid JSON. */
function checkNames(text: string, problems: Problems): boolean {
  const open: (Set<string> | null)[] = [];
  let isFine = true;
  // The tokens that matter: strings, and the brackets outside of them.
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const piece = found[0];
    if (piece === "{") open.push(new Set());
    else if (piece === "[") open.push(null);
    else if (piece === "}" || piece === "]") open.pop();
    else if (isNameAt(text, token.lastIndex)) {
      const name: string = JSON.parse(piece);
      const names = open.at(-1);
      if (names?.has(name)) {
        problems.add("", `${positionOf(text, found.index)}: the name ${piece} is repeated`);
        isFine = false;
      }
      names?.add(name);
    }
    if (open.length > DOCUMENT_LIMITS.depthMax) {
      problems.add("", `nested more than ${DOCUMENT_LIMITS.depthMax} levels deep`);
      return false;
    }
  }
  return isFine;
}

/** Whether the string that ends at `end` is a name, that is, a colon follows. */
function isNameAt(text: string, end: number): boolean {
  let at = end;
  while (" \t\r\n".includes(text.charAt(at)) && at < text.length) at++;
  return text.charAt(at) === ":";
}

function positionOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}
