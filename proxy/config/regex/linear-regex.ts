import {
  REGEX_ASSERT,
  REGEX_BYTE,
  REGEX_MATCH,
  REGEX_SAVE,
  REGEX_SPLIT,
} from "../../../api/engine/regex-layout.ts";
import { type ByteClasses, buildByteClasses } from "./automaton/byte-class.ts";
import { byteKind, flagsBetween, KIND_EDGE } from "./automaton/byte-kind.ts";
import { hasByte } from "./automaton/byte-set.ts";
import { buildForwardDfa, type ForwardDfa } from "./automaton/forward-dfa.ts";
import { buildProgram, type RegexProgram } from "./automaton/program.ts";
import { classShift } from "./automaton/subset.ts";
import { DFA_MOVE_BYTES_MAX, DFA_STATES_MAX, DFA_WORK_MAX } from "./compile.ts";
import { parseRegex } from "./syntax/parse.ts";
import { type ParsedRegex, type RegexNode, RUNE_MAX } from "./syntax/syntax-tree.ts";

/**
 * Most instructions of a pattern. Searching a text costs at most so many steps for each of its
 * bytes, and the thread does nothing else meanwhile.
 */
export const INSTRUCTIONS_MAX = 2000;

/** What was found: where it lies in the text, in UTF-16 units, and a value. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/** Where a group matched, in bytes of the text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A regular expression in RE2's syntax that is searched for in TypeScript, in time linear in the
 * text: neither what people write into a query nor the names in a certificate may stop the proxy.
 * The engine has the fast version for traffic.
 */
export class LinearRegex {
  readonly #program: RegexProgram;
  readonly #regex: ParsedRegex;
  #search: SearchDfa | null | undefined;

  /** @throws Error with RE2's text if the pattern is wrong, or larger than `INSTRUCTIONS_MAX`. */
  constructor(pattern: string) {
    this.#regex = parseRegex(pattern);
    this.#program = buildProgram(this.#regex);
    if (this.#program.instructions.length > INSTRUCTIONS_MAX) {
      throw new Error("pattern too large - compile failed");
    }
  }

  /** Whether the pattern matches anywhere in the text. */
  isIn(text: string): boolean {
    if (this.#search === undefined) this.#search = buildSearchDfa(this.#regex);
    const bytes = Buffer.from(text);
    return this.#search === null ? this.#run(bytes) !== null : runSearchDfa(this.#search, bytes);
  }

  /**
   * The leftmost match: where its first group lies, and the text of the second, or of the first if
   * there is no second. Null without a match, or when the first group took no part in it.
   */
  findTag(text: string): TextSpan | null {
    const bytes = Buffer.from(text);
    const slots = this.#run(bytes);
    const outer = slots && toSpan(slots, 1);
    if (!slots || !outer) return null;
    const inner = this.#program.groupCount > 1 ? toSpan(slots, 2) : outer;
    const textUpTo = (end: number) => bytes.toString("utf8", 0, end).length;
    return {
      start: textUpTo(outer.start),
      end: textUpTo(outer.end),
      value: inner === null ? "" : bytes.toString("utf8", inner.start, inner.end),
    };
  }

  /** Pike's machine: all ways through the program at once, in their order of preference. */
  #run(bytes: Uint8Array): Slots | null {
    const machine = new PikeMachine(this.#program);
    let matched: Slots | null = null;
    for (let at = 0; at <= bytes.length; at++) {
      if (matched === null) machine.enter();
      else if (machine.isIdle) break;
      matched = machine.step(bytes, at) ?? matched;
    }
    return matched;
  }
}

/** Positions that `REGEX_SAVE` noted; -1 where it did not come by. */
type Slots = readonly number[];

interface Thread {
  readonly at: number;
  readonly slots: Slots;
}

class PikeMachine {
  readonly #program: RegexProgram;
  /** Instruction → the last position at which it was reached, plus one. */
  readonly #marks: Uint32Array;
  #threads: Thread[] = [];

  constructor(program: RegexProgram) {
    this.#program = program;
    this.#marks = new Uint32Array(program.instructions.length);
  }

  get isIdle(): boolean {
    return this.#threads.length === 0;
  }

  /** Begins one more try at the present position; those begun before are preferred. */
  enter(): void {
    this.#threads.push({ at: this.#program.start, slots: [] });
  }

  /** Takes the byte at a position, or the end. Returns the best match that ends there. */
  step(bytes: Uint8Array, position: number): Slots | null {
    const left = position === 0 ? KIND_EDGE : byteKind(bytes[position - 1]);
    const right = position === bytes.length ? KIND_EDGE : byteKind(bytes[position]);
    const flags = flagsBetween(left, right);
    const following: Thread[] = [];
    const stack = this.#threads.reverse();
    let matched: Slots | null = null;
    for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
      const { at, slots } = thread;
      if (this.#marks[at] === position + 1) continue;
      this.#marks[at] = position + 1;
      const { operation, argument, set, next, other } = this.#program.instructions[at];
      if (operation === REGEX_MATCH) {
        // Whatever is still on the stack is preferred less.
        matched = slots;
        break;
      }
      if (operation === REGEX_BYTE) {
        const isIn = position < bytes.length && hasByte(this.#program.sets[set], bytes[position]);
        if (isIn) following.push({ at: next, slots });
      } else if (operation === REGEX_SPLIT) {
        stack.push({ at: other, slots }, { at: next, slots });
      } else if (operation === REGEX_SAVE) {
        stack.push({ at: next, slots: withSlot(slots, argument, position) });
      } else if (operation === REGEX_ASSERT && (argument & flags) === argument) {
        stack.push({ at: next, slots });
      }
    }
    this.#threads = following;
    return matched;
  }
}

function withSlot(slots: Slots, slot: number, position: number): Slots {
  const copy = [...slots];
  while (copy.length <= slot) copy.push(-1);
  copy[slot] = position;
  return copy;
}

function toSpan(slots: Slots, group: number): Span | null {
  const start = slots[2 * group] ?? -1;
  const end = slots[2 * group + 1] ?? -1;
  return start < 0 || end < 0 ? null : { start, end };
}

const ANYTHING: RegexNode = {
  kind: "repetition",
  body: { kind: "runes", set: [[0, RUNE_MAX]] },
  min: 0,
  max: Infinity,
  isGreedy: true,
};

interface SearchDfa {
  readonly dfa: ForwardDfa;
  readonly classes: ByteClasses;
}

/** A DFA for the pattern with anything around it; null if that would be too large. */
function buildSearchDfa({ root, ...regex }: ParsedRegex): SearchDfa | null {
  const parts = [ANYTHING, root, ANYTHING];
  const program = buildProgram({ ...regex, root: { kind: "concatenation", parts } });
  const classes = buildByteClasses(program);
  const limits = {
    statesMax: DFA_STATES_MAX,
    moveBytesMax: DFA_MOVE_BYTES_MAX,
    workMax: DFA_WORK_MAX,
  };
  const dfa = buildForwardDfa(program, classes, limits);
  return dfa && { dfa, classes };
}

function runSearchDfa({ dfa, classes }: SearchDfa, bytes: Uint8Array): boolean {
  const shift = classShift(classes);
  let current = dfa.start;
  for (const byte of bytes) current = dfa.moves[(current << shift) | classes.classOf[byte]];
  return dfa.accepts[current] === 1;
}
