import type { ByteClasses } from "./byte-class.ts";

/** How large a DFA may become before the engine runs the program itself instead. */
export interface DfaLimits {
  /** Most states. 0 asks for no DFA at all. */
  readonly statesMax: number;
  /** Largest table of moves, in bytes. */
  readonly moveBytesMax: number;
  /** Most instructions looked at while building, a bound on the time that takes. */
  readonly workMax: number;
}

/** A DFA state: a set of instructions, and the kind of the byte read last if that matters. */
export interface Subset {
  /** Ascending. */
  readonly nodes: readonly number[];
  readonly kind: number;
}

/** No instruction at all: nothing can match any more. */
export const EMPTY_SUBSET: Subset = { nodes: [], kind: 0 };

/** A DFA made from a program. */
export interface Dfa {
  /** [state << shift | class] → state. */
  readonly moves: Uint16Array;
  /** The set that each state stands for. State 0 is the empty set. */
  readonly subsets: readonly Subset[];
  readonly start: number;
}

/** Spends the work budget; false once it is used up. */
export type Spend = (amount: number) => boolean;

/**
 * One way to run a program: where from, and, given a set, the set that follows for each byte class.
 * `step` returns null when the work budget is used up.
 */
export interface Stepper {
  readonly start: Subset;
  step(subset: Subset, spend: Spend): readonly Subset[] | null;
}

/** How far a state is shifted to make room for a class. */
export function classShift(classes: ByteClasses): number {
  return Math.ceil(Math.log2(classes.count));
}

/** The subset construction. Returns null when the result would be over the limits. */
export function buildDfa(stepper: Stepper, classes: ByteClasses, limits: DfaLimits): Dfa | null {
  const width = 1 << classShift(classes);
  const statesMax = Math.min(limits.statesMax, Math.floor(limits.moveBytesMax / (2 * width)));
  const subsets: Subset[] = [EMPTY_SUBSET];
  const numbers = new Map<string, number>();
  const numberOf = (subset: Subset): number => {
    if (subset.nodes.length === 0) return 0;
    const key = `${subset.kind}:${subset.nodes.join()}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = subsets.push(subset) - 1;
      numbers.set(key, number);
    }
    return number;
  };
  const start = numberOf(stepper.start);
  const rows: number[][] = [];
  let work = 0;
  const spend = (amount: number) => {
    work += amount;
    return work <= limits.workMax;
  };
  for (let state = 0; state < subsets.length; state++) {
    if (subsets.length > statesMax) return null;
    const targets = stepper.step(subsets[state], spend);
    if (targets === null) return null;
    rows.push(targets.map(numberOf));
  }
  const moves = new Uint16Array(subsets.length * width);
  for (const [state, row] of rows.entries()) moves.set(row, state * width);
  return { moves, subsets, start };
}
