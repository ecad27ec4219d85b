import type { RegexFlags } from "./parse-group.ts";
import { RegexError } from "./regex-error.ts";
import type { AssertionKind, RegexNode, RuneSet } from "./syntax-tree.ts";

/** RE2's limit on the count in `x{n,m}`, and on the product of such counts when they nest. */
const REPEAT_COUNT_MAX = 1000;

/** Our limit on how deep groups and repetitions nest. */
const NESTING_DEPTH_MAX = 1000;

/** A parenthesis that has not been closed. */
export interface OpenGroup {
  /** The capturing group's number, or 0. */
  index: number;
  /** The flags that come back when the group closes. */
  readonly flags: RegexFlags;
}

/** What is read between two parentheses so far. */
interface Level {
  readonly group: OpenGroup;
  readonly choices: RegexNode[];
  parts: RegexNode[];
}

/** What the limits have to know about a node. */
interface NodeFacts {
  readonly depth: number;
  /** How often the innermost thing is written out when counts are expanded. */
  readonly copies: number;
}

const NO_FLAGS: RegexFlags = {
  isFolding: false,
  isMultiline: false,
  hasDotAll: false,
  isUngreedy: false,
};

const LEAF: NodeFacts = { depth: 0, copies: 1 };

/** Puts the nodes of a pattern together while the parser walks it from left to right. */
export class SyntaxStack {
  /** The flags in force. */
  flags: RegexFlags = NO_FLAGS;
  private readonly levels: Level[] = [newLevel({ index: 0, flags: NO_FLAGS })];
  private readonly facts = new WeakMap<RegexNode, NodeFacts>();

  /** How many groups are open. */
  get depth(): number {
    return this.levels.length - 1;
  }

  /** Adds one character out of `set`. */
  pushRunes(set: RuneSet): void {
    this.top.parts.push({ kind: "runes", set });
  }

  /** Adds a zero-width condition. */
  pushAssertion(assertion: AssertionKind): void {
    this.top.parts.push({ kind: "assertion", assertion });
  }

  /** Starts a group. */
  openGroup(group: OpenGroup): void {
    if (this.depth >= NESTING_DEPTH_MAX) throw new RegexError("tooDeep", "");
    this.levels.push(newLevel(group));
  }

  /** Ends the innermost group. There must be one. */
  closeGroup(): void {
    const { index, flags } = this.top.group;
    const body = this.toNode(this.top);
    this.levels.pop();
    this.flags = flags;
    const node = index === 0 ? body : this.wrap({ kind: "group", body, index }, body, 1);
    this.top.parts.push(node);
  }

  /** Ends one choice of an alternation. */
  nextChoice(): void {
    this.top.choices.push(this.toConcatenation(this.top.parts));
    this.top.parts = [];
  }

  /**
   * Repeats what was pushed last.
   *
   * @param operator The operator as written, for messages.
   */
  repeat(min: number, max: number, isGreedy: boolean, operator: string): void {
    const bound = max === Infinity ? min : max;
    if (max < min || bound > REPEAT_COUNT_MAX) throw new RegexError("repeatSize", operator);
    const body = this.top.parts.pop();
    if (body === undefined) throw new RegexError("repeatArgument", operator);
    const isCounted = operator.startsWith("{");
    const copies = isCounted ? Math.max(bound, 1) : 1;
    const node = this.wrap({ kind: "repetition", body, min, max, isGreedy }, body, copies);
    const total = this.facts.get(node)?.copies ?? 1;
    if (bound >= 2 && total > REPEAT_COUNT_MAX) throw new RegexError("repeatSize", operator);
    this.top.parts.push(node);
  }

  /** The whole pattern, when every group is closed. */
  finish(): RegexNode {
    return this.toNode(this.top);
  }

  private get top(): Level {
    return this.levels[this.levels.length - 1];
  }

  private toNode(level: Level): RegexNode {
    const last = this.toConcatenation(level.parts);
    if (level.choices.length === 0) return last;
    const choices = [...level.choices, last];
    return this.gather({ kind: "alternation", choices }, choices);
  }

  private toConcatenation(parts: readonly RegexNode[]): RegexNode {
    if (parts.length === 0) return { kind: "empty" };
    return parts.length === 1 ? parts[0] : this.gather({ kind: "concatenation", parts }, parts);
  }

  private wrap(node: RegexNode, body: RegexNode, copies: number): RegexNode {
    const inner = this.facts.get(body) ?? LEAF;
    return this.remember(node, { depth: inner.depth + 1, copies: inner.copies * copies });
  }

  private gather(node: RegexNode, parts: readonly RegexNode[]): RegexNode {
    let { depth, copies } = LEAF;
    for (const part of parts) {
      const inner = this.facts.get(part) ?? LEAF;
      depth = Math.max(depth, inner.depth);
      copies = Math.max(copies, inner.copies);
    }
    return this.remember(node, { depth: depth + 1, copies });
  }

  private remember(node: RegexNode, facts: NodeFacts): RegexNode {
    // Every walk over the tree recurses, so the depth must be bounded. Alternations and
    // concatenations inside groups count too, hence the factor.
    if (facts.depth > 3 * NESTING_DEPTH_MAX) throw new RegexError("tooDeep", "");
    this.facts.set(node, facts);
    return node;
  }
}

function newLevel(group: OpenGroup): Level {
  return { group, choices: [], parts: [] };
}
