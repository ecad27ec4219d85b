import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Alias, Node, Pair, Scalar, YAMLMap } from "yaml";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Problems } from "../problems.ts";
import { DOCUMENT_LIMITS } from "./document-limits.ts";
import { readPlainScalar } from "./plain-scalar.ts";

/**
 * Reads YAML 1.2 as Envoy does: plain scalars mean what yaml-cpp takes them for, anchors and merge
 * keys are followed. What Envoy would pass over is refused: repeated keys, further documents,
 * tags of other types.
 *
 * @returns The value, or `null` with at least one problem added.
 */
export function parseYaml(text: string, problems: Problems): JsonValue {
  const lines = new LineCounter();
  // All scalars stay text here, so that `readPlainScalar` decides. Repeated keys are looked for
  // below, since the parser's own search takes quadratic time.
  const document = parseDocument(text, {
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  // What follows a first error is mostly its consequence.
  if (document.errors.length > 0) {
    const { message, code, pos } = document.errors[0];
    problems.add("", `${positionOf(lines, pos[0])}: ${SENTENCES[code] ?? message}`);
    return null;
  }
  return new YamlConversion(lines, problems).toValue(document.contents, 0);
}

/** Our own words for errors whose text speaks of the parser's interface. */
const SENTENCES: Readonly<Record<string, string>> = {
  RESOURCE_EXHAUSTION: `nested more than ${DOCUMENT_LIMITS.depthMax} levels deep`,
  MULTIPLE_DOCS: "a second YAML document begins; there may be only one",
};

/** Tags that say no more than the scalar or collection itself. */
const PLAIN_TAGS = new Set(
  ["bool", "float", "int", "map", "null", "seq"].map((name) => `tag:yaml.org,2002:${name}`),
);

const STRING_TAGS = new Set(["!", "tag:yaml.org,2002:str"]);

function positionOf(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

/** Turns the nodes of one document into plain values, within `DOCUMENT_LIMITS`. */
class YamlConversion {
  readonly #lines: LineCounter;
  readonly #problems: Problems;
  readonly #anchors = new Map<string, Node>();
  #valueCount = 0;
  #isOverLimit = false;

  constructor(lines: LineCounter, problems: Problems) {
    this.#lines = lines;
    this.#problems = problems;
  }

  toValue(node: unknown, depth: number): JsonValue {
    if (this.#isOverLimit || !this.#countValue(depth)) return null;
    if (isAlias(node)) return this.toValue(this.#follow(node), depth + 1);
    if (isNode(node)) this.#keepAnchor(node);
    if (isScalar(node)) return this.#toScalar(node);
    if (isSeq(node)) {
      this.#checkTag(node);
      return node.items.map((item) => this.toValue(item, depth + 1));
    }
    if (isMap(node)) return this.#toObject(node, depth);
    return null;
  }

  /** Remembers a node that an alias may name. Nodes come in the order of the text. */
  #keepAnchor(node: Node): void {
    const anchor = "anchor" in node ? node.anchor : undefined;
    if (typeof anchor === "string") this.#anchors.set(anchor, node);
  }

  #follow(alias: Alias): Node | null {
    const node = this.#anchors.get(alias.source);
    if (node !== undefined) return node;
    this.#addProblem(alias, `no anchor &${alias.source} stands before this alias`);
    return null;
  }

  #countValue(depth: number): boolean {
    const { depthMax, valueCountMax } = DOCUMENT_LIMITS;
    this.#valueCount++;
    if (depth <= depthMax && this.#valueCount <= valueCountMax) return true;
    this.#isOverLimit = true;
    const reason =
      depth > depthMax
        ? `nested more than ${depthMax} levels deep`
        : `more than ${valueCountMax} values, counted with aliases followed`;
    this.#problems.add("", reason);
    return false;
  }

  #toScalar(node: Scalar): JsonValue {
    const text = String(node.value ?? "");
    if (node.tag !== undefined && STRING_TAGS.has(node.tag)) return text;
    this.#checkTag(node);
    return node.type === "PLAIN" || node.type === undefined ? readPlainScalar(text) : text;
  }

  #toObject(map: YAMLMap, depth: number): JsonObject {
    this.#checkTag(map);
    const object: JsonObject = Object.create(null);
    const merged: [Pair, JsonValue][] = [];
    for (const pair of map.items) {
      const key = this.#toKey(pair);
      if (key === null) continue;
      if (key === "<<") merged.push([pair, this.toValue(pair.value, depth + 1)]);
      else if (key in object)
        this.#addProblem(pair.key, `the key ${JSON.stringify(key)} is repeated`);
      else object[key] = this.toValue(pair.value, depth + 1);
    }
    for (const [pair, value] of merged) this.#merge(object, pair, value);
    return object;
  }

  /** The text of a key, which is never read as a number or boolean. */
  #toKey(pair: Pair): string | null {
    const key = isAlias(pair.key) ? this.#follow(pair.key) : pair.key;
    if (isNode(key)) this.#keepAnchor(key);
    if (isScalar(key)) return String(key.value ?? "");
    this.#addProblem(pair.key, "a key must be a scalar");
    return null;
  }

  /** Adds what a merge key names, except for keys that the map has itself. */
  #merge(object: JsonObject, pair: Pair, value: JsonValue): void {
    for (const source of Array.isArray(value) ? value : [value]) {
      if (source === null || typeof source !== "object" || Array.isArray(source)) {
        if (!this.#isOverLimit) this.#addProblem(pair.key, "a merge key must name a map or maps");
        return;
      }
      for (const [key, inherited] of Object.entries(source)) {
        if (!(key in object)) object[key] = inherited;
      }
    }
  }

  #checkTag(node: Node): void {
    const tag = "tag" in node ? node.tag : undefined;
    if (typeof tag !== "string" || PLAIN_TAGS.has(tag)) return;
    this.#addProblem(node, `the tag ${tag} has no meaning here`);
  }

  #addProblem(node: unknown, reason: string): void {
    const offset = isNodeWithRange(node) ? node.range[0] : 0;
    this.#problems.add("", `${positionOf(this.#lines, offset)}: ${reason}`);
  }
}

function isNodeWithRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}
