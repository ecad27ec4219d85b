import { REGEX_ASSERT } from "../../../../api/engine/regex-layout.ts";
import type { ByteClasses } from "./byte-class.ts";
import { flagsBetween, KIND_EDGE } from "./byte-kind.ts";
import type { Predecessors } from "./predecessor.ts";
import type { RegexProgram } from "./program.ts";
import { buildDfa, type Dfa, type DfaLimits, type Spend, type Subset } from "./subset.ts";

/**
 * Builds the DFA that reads a text from its end and tells, for each position, which instructions
 * can still reach a match that ends anywhere. Returns null if it would be over the limits.
 */
export function buildBackwardDfa(
  program: RegexProgram,
  predecessors: Predecessors,
  classes: ByteClasses,
  limits: DfaLimits,
): Dfa | null {
  return buildDfa(new BackwardWalker(program, predecessors, classes), classes, limits);
}

/** A set holds the byte instructions that are alive at a position, and always the match. */
class BackwardWalker {
  readonly start: Subset;
  private readonly program: RegexProgram;
  private readonly predecessors: Predecessors;
  private readonly classes: ByteClasses;
  private readonly hasAssertion: boolean;
  /** Instruction → the number of the walk that came by last. */
  private readonly marks: Uint32Array;
  private walk = 0;

  constructor(program: RegexProgram, predecessors: Predecessors, classes: ByteClasses) {
    this.program = program;
    this.predecessors = predecessors;
    this.classes = classes;
    this.hasAssertion = program.instructions.some(({ operation }) => operation === REGEX_ASSERT);
    this.marks = new Uint32Array(program.instructions.length);
    this.start = { nodes: [program.byteCount], kind: this.hasAssertion ? KIND_EDGE : 0 };
  }

  step({ nodes, kind }: Subset, spend: Spend): readonly Subset[] | null {
    const { classes, program } = this;
    const alive: number[][] = Array.from({ length: classes.count }, () => []);
    for (const left of classes.kinds) {
      const consuming = this.precede(nodes, flagsBetween(left, kind));
      if (!spend(consuming.length + nodes.length)) return null;
      for (const node of consuming) {
        for (const index of classes.ofSet[program.instructions[node].set]) {
          if (classes.kindOf[index] === left) alive[index].push(node);
        }
      }
    }
    let total = 0;
    const subsets = alive.map((live, index): Subset => {
      total += live.length;
      live.push(program.byteCount);
      return { nodes: live.sort((left, right) => left - right), kind: classes.kindOf[index] };
    });
    return spend(total) ? subsets : null;
  }

  /** The byte instructions that lead to `nodes` through whatever consumes nothing. */
  private precede(nodes: readonly number[], flags: number): number[] {
    const { marks, predecessors, program } = this;
    const walk = ++this.walk;
    const consuming: number[] = [];
    const stack = [...nodes];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      for (let at = predecessors.index[node]; at < predecessors.index[node + 1]; at++) {
        const before = predecessors.list[at];
        if (marks[before] === walk) continue;
        marks[before] = walk;
        const { operation, argument } = program.instructions[before];
        if (before < program.byteCount) consuming.push(before);
        else if (operation !== REGEX_ASSERT || (argument & flags) === argument) stack.push(before);
      }
    }
    return consuming;
  }
}
