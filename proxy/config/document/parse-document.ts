import type { JsonValue } from "@bufbuild/protobuf";
import type { Problems } from "../problems.ts";
import { DOCUMENT_LIMITS } from "./document-limits.ts";
import { parseJson } from "./parse-json.ts";
import { parseYaml } from "./parse-yaml.ts";

/**
 * Reads the text of a configuration as plain values. A name that ends in `.json` says that it is
 * JSON; everything else is read as YAML, of which JSON is a part.
 *
 * @returns The value, or `null` with at least one problem added.
 */
export function parseDocument(text: string, name: string, problems: Problems): JsonValue {
  if (text.length > DOCUMENT_LIMITS.lengthMax) {
    const max = DOCUMENT_LIMITS.lengthMax;
    problems.add("", `the text has ${text.length} characters; the limit is ${max}`);
    return null;
  }
  // A byte order mark is no part of either grammar.
  const content = text.startsWith("\ufeff") ? text.slice(1) : text;
  const isJson = name.toLowerCase().endsWith(".json");
  return isJson ? parseJson(content, problems) : parseYaml(content, problems);
}
