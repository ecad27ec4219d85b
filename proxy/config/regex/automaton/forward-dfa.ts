import { REGEX_ASSERT, REGEX_BYTE, REGEX_SPLIT } from "../../../../api/engine/regex-layout.ts";
import type { ByteClasses } from "./byte-class.ts";
import { flagsBetween, KIND_EDGE } from "./byte-kind.ts";
import type { RegexProgram } from "./program.ts";
import {
  buildDfa,
  type Dfa,
  type DfaLimits,
  EMPTY_SUBSET,
  type Spend,
  type Subset,
} from "./subset.ts";

/** A DFA that reads a text from its start and says at its end whether all of it matches. */
export interface ForwardDfa extends Dfa {
  /** One byte for each state: 1 if the text may end there. */
  readonly accepts: Uint8Array;
}

/** Builds the DFA for full matches, or returns null if it would be over the limits. */
export function buildForwardDfa(
  program: RegexProgram,
  classes: ByteClasses,
  limits: DfaLimits,
): ForwardDfa | null {
  const walker = new ForwardWalker(program, classes);
  const dfa = buildDfa(walker, classes, limits);
  return (
    dfa && { ...dfa, accepts: Uint8Array.from(dfa.subsets, (subset) => walker.accept(subset)) }
  );
}

/**
 * A set holds the instructions that wait for the next byte: those that consume one, the match, and
 * assertions, which can only be decided when the next byte is known.
 */
class ForwardWalker {
  readonly start: Subset;
  private readonly program: RegexProgram;
  private readonly classes: ByteClasses;
  /** Instruction → the number of the walk that came by last. */
  private readonly marks: Uint32Array;
  private walk = 0;

  constructor(program: RegexProgram, classes: ByteClasses) {
    this.program = program;
    this.classes = classes;
    this.marks = new Uint32Array(program.instructions.length);
    this.start = this.toSubset([program.start], KIND_EDGE);
  }

  step(subset: Subset, spend: Spend): readonly Subset[] | null {
    const { classes, program } = this;
    const targets: number[][] = Array.from({ length: classes.count }, () => []);
    for (const kind of classes.kinds) {
      const nodes = this.decide(subset, kind);
      if (!spend(nodes.length)) return null;
      for (const node of nodes) {
        const { operation, set, next } = program.instructions[node];
        if (operation !== REGEX_BYTE) continue;
        for (const index of classes.ofSet[set]) {
          if (classes.kindOf[index] === kind) targets[index].push(next);
        }
      }
    }
    const subsets: Subset[] = [];
    for (const [index, nodes] of targets.entries()) {
      const target = this.toSubset(nodes, classes.kindOf[index]);
      if (!spend(nodes.length + target.nodes.length)) return null;
      subsets.push(target);
    }
    return subsets;
  }

  accept(subset: Subset): number {
    return this.decide(subset, KIND_EDGE).includes(this.program.byteCount) ? 1 : 0;
  }

  /** The instructions of a set once it is known what kind of byte is on the right. */
  private decide({ nodes, kind }: Subset, right: number): readonly number[] {
    return this.hasAssertion(nodes) ? this.follow(nodes, flagsBetween(kind, right)) : nodes;
  }

  private toSubset(nodes: readonly number[], kind: number): Subset {
    if (nodes.length === 0) return EMPTY_SUBSET;
    const waiting = this.follow(nodes, null).sort((left, right) => left - right);
    return { nodes: waiting, kind: this.hasAssertion(waiting) ? kind : 0 };
  }

  private hasAssertion(nodes: readonly number[]): boolean {
    return nodes.some((node) => this.program.instructions[node].operation === REGEX_ASSERT);
  }

  /** Follows whatever consumes nothing. With null for flags, stops at assertions. */
  private follow(nodes: readonly number[], flags: number | null): number[] {
    const { marks, program } = this;
    const walk = ++this.walk;
    const waiting: number[] = [];
    const stack = [...nodes];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (marks[node] === walk) continue;
      marks[node] = walk;
      const { operation, argument, next, other } = program.instructions[node];
      if (node <= program.byteCount) waiting.push(node);
      else if (operation !== REGEX_ASSERT) stack.push(next);
      else if (flags === null) waiting.push(node);
      else if ((argument & flags) === argument) stack.push(next);
      if (operation === REGEX_SPLIT) stack.push(other);
    }
    return waiting;
  }
}
