import { parse, YAMLParseError } from "yaml";
import { MeshError } from "../../api/errors.ts";
import type { ConfigSource } from "./source.ts";

/**
 * Merges one configuration over another as protobuf merges messages, which is what Envoy does with
 * `--config-yaml`: single values are replaced, lists grow, messages are merged field by field. A
 * field is the same in both spellings, `node_id` and `nodeId`.
 *
 * Two members of one `oneof` both stay, and the parser refuses them; Envoy takes the later one.
 *
 * @returns JSON.
 * @throws MeshError `CONFIG_INVALID` for text that is not YAML, or is not a message.
 */
export function mergeConfig(under: ConfigSource, over: ConfigSource): string {
  return JSON.stringify(mergeFields(parseFields(under), parseFields(over)), null, 2);
}

type Fields = Readonly<Record<string, unknown>>;

function parseFields({ name, text }: ConfigSource): Fields {
  try {
    const value: unknown = parse(text) ?? {};
    if (isFields(value)) return value;
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw new MeshError("CONFIG_INVALID", `${name}: ${error.message}`, { name }, error);
  }
  throw new MeshError("CONFIG_INVALID", `${name}: must be a mapping of field names`, { name });
}

function mergeFields(under: Fields, over: Fields): Fields {
  const merged: Record<string, unknown> = { ...under };
  const spelling = new Map(Object.keys(under).map((key) => [toCamelCase(key), key]));
  for (const [key, value] of Object.entries(over)) {
    // JSON's null is a field that is not set, and what is not set replaces nothing.
    if (value === null) continue;
    const known = spelling.get(toCamelCase(key));
    merged[known ?? key] = known === undefined ? value : mergeValue(under[known], value);
  }
  return merged;
}

function mergeValue(under: unknown, over: unknown): unknown {
  if (Array.isArray(under) && Array.isArray(over)) return [...under, ...over];
  if (!isFields(under) || !isFields(over)) return over;
  // Any is one value to protobuf: a new one replaces the old whole.
  return "@type" in under || "@type" in over ? over : mergeFields(under, over);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toCamelCase(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
