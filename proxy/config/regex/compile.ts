import { REGEX_SCRATCH_BYTES } from "../../../api/engine/regex-layout.ts";
import { buildBackwardDfa } from "./automaton/backward-dfa.ts";
import { buildByteClasses } from "./automaton/byte-class.ts";
import { encodeTable } from "./automaton/encode-table.ts";
import { buildForwardDfa } from "./automaton/forward-dfa.ts";
import { findPredecessors } from "./automaton/predecessor.ts";
import { buildProgram } from "./automaton/program.ts";
import type { DfaLimits } from "./automaton/subset.ts";
import { parseRegex } from "./syntax/parse.ts";

/** Most states of a DFA. A pattern that needs more is matched by its program, which is slower. */
export const DFA_STATES_MAX = 2000;
/** Largest table of a DFA's moves, in bytes. A move is named by 16 bits, so it cannot be larger. */
export const DFA_MOVE_BYTES_MAX = 131_072;
/** Most instructions looked at while a DFA is built: some tens of milliseconds. */
export const DFA_WORK_MAX = 2_000_000;

/** How a pattern is compiled. */
export interface RegexOptions {
  /** Whether texts will be rewritten with it. Makes that faster, and the table larger. */
  readonly isRewrite?: boolean;
  /** Most states of a DFA, `DFA_STATES_MAX` unless told; 0 leaves everything to the program. */
  readonly dfaStatesMax?: number;
}

/** A compiled pattern, ready to be placed in the engine's memory. */
export interface CompiledRegex {
  /** The table that `filters/regex` reads. It may be placed at any multiple of eight. */
  readonly table: Uint8Array;
  /** What does a full match: a DFA, or the simulated program (an NFA). */
  readonly kind: "dfa" | "nfa";
  /** Capturing groups, the whole match not counted. */
  readonly groupCount: number;
  /** Scratch memory that a call on this table needs, in bytes. */
  readonly scratchBytes: number;
}

/**
 * Compiles RE2 syntax into a table that the engine matches in time linear in its input. A pure
 * function: the same pattern and options give the same bytes.
 *
 * @throws RegexError with RE2's text if the pattern is wrong, or too large for our limits.
 */
export function compileRegex(pattern: string, options: RegexOptions = {}): CompiledRegex {
  const regex = parseRegex(pattern);
  const program = buildProgram(regex);
  const predecessors = findPredecessors(program.instructions);
  const classes = buildByteClasses(program);
  const limits: DfaLimits = {
    statesMax: options.dfaStatesMax ?? DFA_STATES_MAX,
    moveBytesMax: DFA_MOVE_BYTES_MAX,
    workMax: DFA_WORK_MAX,
  };
  const forward = buildForwardDfa(program, classes, limits);
  const backward = options.isRewrite
    ? buildBackwardDfa(program, predecessors, classes, limits)
    : null;
  const table = encodeTable({ program, predecessors, classes, forward, backward });
  const scratchBytes = new DataView(table.buffer).getUint32(REGEX_SCRATCH_BYTES, true);
  const kind = forward === null ? "nfa" : "dfa";
  return { table, kind, groupCount: regex.groupCount, scratchBytes };
}
