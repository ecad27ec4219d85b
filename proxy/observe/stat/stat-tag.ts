import type { StatsConfig } from "../../../api/gen/envoy/config/metrics/v3/stats_pb.js";
import { MeshError } from "../../../api/errors.ts";
import { buildDefaultTags, type TagPattern } from "./stat-tag-defaults.ts";

/** One label of a statistic. */
export interface StatTag {
  readonly name: string;
  readonly value: string;
}

/** A name without its tags, and the tags. */
export interface TaggedName {
  readonly name: string;
  readonly tags: readonly StatTag[];
}

/** Where in a name a tag lies: what to take away, and the value. */
export interface TagSpan {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/** Finds a tag in a name, or returns null. */
export type FindTag = (name: string) => TagSpan | null;

/**
 * Compiles a regular expression of the configuration into a search for a tag: the first group is
 * what to take away, the second, if there is one, the value; it must run in time linear in the
 * name. Throws an Error that says what is wrong with the pattern.
 */
export type CompileTagRegex = (pattern: string) => FindTag;

/** Most names whose tags are remembered. Beyond that all are worked out again. */
const NAMES_MAX = 500_000;

/** Takes the tags out of names, by Envoy's rules and those of the configuration. */
export class TagExtractor {
  readonly #fixed: readonly StatTag[];
  readonly #rules: readonly { readonly tag: string; readonly find: FindTag }[];
  readonly #known = new Map<string, TaggedName>();

  /**
   * @param config The bootstrap's stats_config. Without it, Envoy's own tags.
   * @throws MeshError `CONFIG_INVALID` for a tag without a value, and for a bad pattern.
   */
  constructor(config: StatsConfig | undefined, compile: CompileTagRegex) {
    const defaults = buildDefaultTags();
    const usesDefaults = config?.useAllDefaultTags ?? true;
    const fixed: StatTag[] = [];
    const rules = usesDefaults ? defaults.map(toRule) : [];
    for (const [index, { tagName, tagValue }] of (config?.statsTags ?? []).entries()) {
      if (tagValue.case === "fixedValue") {
        fixed.push({ name: tagName, value: tagValue.value });
        continue;
      }
      const path = `stats_config.stats_tags[${index}]`;
      if (tagValue.value) {
        rules.push({ tag: tagName, find: compileRegex(tagValue.value, compile, path) });
        continue;
      }
      const named = defaults.filter(({ tag }) => tag === tagName);
      if (named.length === 0) {
        const message = `${path}: no regex, and "${tagName}" is not a tag with a default one`;
        throw new MeshError("CONFIG_INVALID", message, { path });
      }
      if (!usesDefaults) rules.push(...named.map(toRule));
    }
    this.#fixed = fixed;
    this.#rules = rules;
  }

  /**
   * Splits a full name. Every rule looks at the full name; what they found is then taken away. A
   * tag that two rules find has the value of the first.
   */
  extract(name: string): TaggedName {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= NAMES_MAX) this.#known.clear();
    const tagged = this.#split(name);
    this.#known.set(name, tagged);
    return tagged;
  }

  #split(name: string): TaggedName {
    const tags = [...this.#fixed];
    const spans: TagSpan[] = [];
    for (const { tag, find } of this.#rules) {
      if (tags.some((found) => found.name === tag)) continue;
      const span = find(name);
      if (span === null) continue;
      spans.push(span);
      tags.push({ name: tag, value: span.value });
    }
    return { name: removeSpans(name, spans), tags };
  }
}

function toRule({ tag, pattern }: TagPattern): { tag: string; find: FindTag } {
  // With the `d` flag a match knows where its groups lie.
  const indexed = new RegExp(pattern, "d");
  const find: FindTag = (name) => {
    const match = indexed.exec(name);
    const span = match?.indices?.[1];
    return match && span ? { start: span[0], end: span[1], value: match[2] } : null;
  };
  return { tag, find };
}

function compileRegex(pattern: string, compile: CompileTagRegex, path: string): FindTag {
  try {
    return compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${path}.regex: ${reason}`;
    throw new MeshError("CONFIG_INVALID", message, { path: `${path}.regex` }, error);
  }
}

function removeSpans(name: string, spans: readonly TagSpan[]): string {
  let rest = "";
  let at = 0;
  for (const { start, end } of [...spans].sort((left, right) => left.start - right.start)) {
    if (start > at) rest += name.slice(at, start);
    at = Math.max(at, end);
  }
  return rest + name.slice(at);
}
