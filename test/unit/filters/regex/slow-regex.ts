import type { RegexNode } from "../../../../proxy/config/regex/syntax/syntax-tree.ts";

/*
 * What a pattern means, said as plainly as possible: the meaning of each kind of node, one after
 * the other, on positions in bytes. Slow, and for tests only.
 */

type Repetition = RegexNode & { readonly kind: "repetition" };

/** Group slots: 2n is the start of group n, 2n + 1 its end. */
type Captures = ReadonlyMap<number, number>;

/** Whether all of `text` matches, by the sets of positions that each node can lead to. */
export function slowFullMatch(root: RegexNode, text: Buffer): boolean {
  return findEnds(root, text, new Set([0])).has(text.length);
}

/** Whether a part of `text` matches. */
export function slowPartialMatch(root: RegexNode, text: Buffer): boolean {
  const starts = new Set(Array.from({ length: text.length + 1 }, (_, position) => position));
  return findEnds(root, text, starts).size > 0;
}

/** The positions where `node` can end if it begins at one of `starts`. */
function findEnds(node: RegexNode, text: Buffer, starts: ReadonlySet<number>): Set<number> {
  switch (node.kind) {
    case "empty":
      return new Set(starts);
    case "runes":
    case "assertion":
      return new Set([...starts].flatMap((start) => leafEnd(node, text, start) ?? []));
    case "concatenation": {
      let ends = new Set(starts);
      for (const part of node.parts) ends = findEnds(part, text, ends);
      return ends;
    }
    case "alternation":
      return new Set(node.choices.flatMap((choice) => [...findEnds(choice, text, starts)]));
    case "group":
      return findEnds(node.body, text, starts);
    case "repetition":
      return findRepetitionEnds(node, text, starts);
  }
}

function findRepetitionEnds(node: Repetition, text: Buffer, starts: ReadonlySet<number>) {
  let ends = new Set(starts);
  for (let count = 0; count < node.min; count++) ends = findEnds(node.body, text, ends);
  const all = new Set(ends);
  for (let count = node.min; count < node.max && ends.size > 0; count++) {
    ends = findEnds(node.body, text, ends);
    ends = new Set([...ends].filter((end) => !all.has(end)));
    for (const end of ends) all.add(end);
  }
  return all;
}

/** Where a node that looks at one place ends, or null if it does not match there. */
function leafEnd(
  node: RegexNode & { readonly kind: "runes" | "assertion" },
  text: Buffer,
  position: number,
): number | null {
  if (node.kind === "assertion") return holds(node.assertion, text, position) ? position : null;
  const found = decodeRune(text, position);
  if (found === null) return null;
  const [rune, length] = found;
  return node.set.some(([low, high]) => low <= rune && rune <= high) ? position + length : null;
}

function holds(
  assertion: (RegexNode & { readonly kind: "assertion" })["assertion"],
  text: Buffer,
  position: number,
): boolean {
  const isAtStart = position === 0;
  const isAtEnd = position === text.length;
  const isWord = (at: number) => /^\w$/.test(String.fromCharCode(text[at] ?? 0));
  const isBoundary = (!isAtStart && isWord(position - 1)) !== (!isAtEnd && isWord(position));
  switch (assertion) {
    case "textStart":
      return isAtStart;
    case "textEnd":
      return isAtEnd;
    case "lineStart":
      return isAtStart || text[position - 1] === 0x0a;
    case "lineEnd":
      return isAtEnd || text[position] === 0x0a;
    case "wordBoundary":
      return isBoundary;
    case "notWordBoundary":
      return !isBoundary;
  }
}

/** The code point at a position and its length, or null inside one or behind the end. */
function decodeRune(text: Buffer, position: number): readonly [number, number] | null {
  for (let length = 1; length <= 4 && position + length <= text.length; length++) {
    const character = text.toString("utf8", position, position + length);
    const rune = character.codePointAt(0) ?? 0;
    if (rune !== 0xfffd && String.fromCodePoint(rune) === character) return [rune, length];
  }
  return null;
}

/** Ways that `slowReplaceAll` tries before it gives up. */
const WALK_COUNT_MAX = 5_000;
let walksLeft = 0;

/**
 * `text` with each match replaced by `<\0|\1|…>`, as RE2::GlobalReplace goes about it, or null if
 * that takes too long. Tries every way to match in order of preference.
 */
export function slowReplaceAll(root: RegexNode, text: Buffer, groupCount: number): string | null {
  walksLeft = WALK_COUNT_MAX;
  const out: Buffer[] = [];
  let position = 0;
  let lastEnd = -1;
  while (position <= text.length) {
    const match = findFirst(root, text, position);
    if (match === null) break;
    const { start, end, captures } = match;
    out.push(text.subarray(position, start));
    if (start === end && start === lastEnd) {
      const length = decodeRune(text, start)?.[1] ?? 1;
      out.push(text.subarray(start, start + length));
      position = start + length;
      continue;
    }
    const groups = Array.from({ length: groupCount + 1 }, (_, index) =>
      text.subarray(captures.get(2 * index) ?? 0, captures.get(2 * index + 1) ?? 0),
    );
    groups[0] = text.subarray(start, end);
    out.push(
      Buffer.from(`<${groups.map((group) => group.toString("latin1")).join("|")}>`, "latin1"),
    );
    position = end;
    lastEnd = end;
  }
  if (walksLeft <= 0) return null;
  out.push(text.subarray(position));
  return Buffer.concat(out).toString();
}

function findFirst(root: RegexNode, text: Buffer, from: number) {
  for (let start = from; start <= text.length; start++) {
    for (const [end, captures] of walk(root, text, start, new Map())) {
      return { start, end, captures };
    }
  }
  return null;
}

type Way = readonly [end: number, captures: Captures];

/** Every way to match from a position on, the preferred one first. */
function* walk(
  node: RegexNode,
  text: Buffer,
  at: number,
  captures: Captures,
): Generator<Way, void, undefined> {
  walksLeft--;
  if (walksLeft <= 0) return;
  switch (node.kind) {
    case "empty":
      yield [at, captures];
      return;
    case "runes":
    case "assertion": {
      const end = leafEnd(node, text, at);
      if (end !== null) yield [end, captures];
      return;
    }
    case "concatenation":
      yield* walkParts(node.parts, text, at, captures);
      return;
    case "alternation":
      for (const choice of node.choices) yield* walk(choice, text, at, captures);
      return;
    case "group": {
      const inside = new Map(captures).set(2 * node.index, at);
      for (const [end, groups] of walk(node.body, text, at, inside)) {
        yield [end, new Map(groups).set(2 * node.index + 1, end)];
      }
      return;
    }
    case "repetition":
      yield* walkRepetition(node, text, at, captures);
  }
}

function* walkParts(
  parts: readonly RegexNode[],
  text: Buffer,
  at: number,
  captures: Captures,
): Generator<Way, void, undefined> {
  if (parts.length === 0) {
    yield [at, captures];
    return;
  }
  for (const [end, groups] of walk(parts[0], text, at, captures)) {
    yield* walkParts(parts.slice(1), text, end, groups);
  }
}

/** Once more, or no more: which comes first is what greed is. */
function* walkRepetition(
  node: Repetition,
  text: Buffer,
  at: number,
  captures: Captures,
): Generator<Way, void, undefined> {
  const { body, min, max, isGreedy } = node;
  if (min === 0 && !isGreedy) yield [at, captures];
  if (max === Infinity && min <= 1) {
    yield* walkLoop(node, text, at, captures, true);
  } else if (max > 0) {
    const rest = { ...node, min: Math.max(min - 1, 0), max: max - 1 };
    for (const [end, groups] of walk(body, text, at, captures)) {
      yield* walkRepetition(rest, text, end, groups);
    }
  }
  if (min === 0 && isGreedy) yield [at, captures];
}

/**
 * One round and then, perhaps, more. A round that consumes nothing counts if it is the first, and
 * is then the last; later it would only lead back to where the loop already is.
 */
function* walkLoop(
  node: Repetition,
  text: Buffer,
  at: number,
  captures: Captures,
  isFirst: boolean,
): Generator<Way, void, undefined> {
  for (const [end, groups] of walk(node.body, text, at, captures)) {
    if (end === at) {
      if (isFirst) yield [end, groups];
      continue;
    }
    if (!node.isGreedy) yield [end, groups];
    yield* walkLoop(node, text, end, groups, false);
    if (node.isGreedy) yield [end, groups];
  }
}
