import {
  REGEX_ASSERT,
  REGEX_BYTE,
  REGEX_LINE_END,
  REGEX_LINE_START,
  REGEX_MATCH,
  REGEX_NOT_WORD_BOUNDARY,
  REGEX_SAVE,
  REGEX_SLOT_COUNT,
  REGEX_SPLIT,
  REGEX_TEXT_END,
  REGEX_TEXT_START,
  REGEX_WORD_BOUNDARY,
} from "../../../../api/engine/regex-layout.ts";
import { ByteSetTable } from "./byte-set.ts";
import { RegexError } from "../syntax/regex-error.ts";
import type { AssertionKind, ParsedRegex, RegexNode, RuneSet } from "../syntax/syntax-tree.ts";
import { type ByteTrie, toByteTrie } from "./utf8-trie.ts";

/** Our limit on the size of a compiled pattern, in instructions. */
const INSTRUCTION_COUNT_MAX = 60_000;

/** One instruction; `api/engine/regex-layout.ts` says what each operation does. */
export interface Instruction {
  readonly operation: number;
  readonly argument: number;
  readonly set: number;
  readonly next: number;
  readonly other: number;
}

/** A pattern as instructions over bytes of UTF-8. Byte instructions first, then the match. */
export interface RegexProgram {
  readonly instructions: readonly Instruction[];
  /** Number of byte instructions, and so the index of the match. */
  readonly byteCount: number;
  readonly start: number;
  readonly sets: readonly Uint8Array[];
  readonly groupCount: number;
}

const ASSERTION_FLAGS: Readonly<Record<AssertionKind, number>> = {
  textStart: REGEX_TEXT_START,
  textEnd: REGEX_TEXT_END,
  lineStart: REGEX_LINE_START,
  lineEnd: REGEX_LINE_END,
  wordBoundary: REGEX_WORD_BOUNDARY,
  notWordBoundary: REGEX_NOT_WORD_BOUNDARY,
};

/**
 * Compiles a syntax tree into a program.
 *
 * @throws RegexError `tooLarge` over `INSTRUCTION_COUNT_MAX`.
 */
export function buildProgram(regex: ParsedRegex): RegexProgram {
  return new ProgramBuilder().build(regex);
}

type MutableInstruction = { -readonly [Key in keyof Instruction]: Instruction[Key] };

/**
 * Works from the end of the pattern to its start: `emit(node, next)` returns the instruction that
 * matches `node` and then goes on at `next`. So only loops have to be patched.
 */
class ProgramBuilder {
  private readonly instructions: MutableInstruction[] = [];
  private readonly sets = new ByteSetTable();

  build({ root, groupCount }: ParsedRegex): RegexProgram {
    const match = this.add(REGEX_MATCH, {});
    const start = this.emitSave(0, this.emit(root, this.emitSave(1, match)));
    const order = [...this.instructions.keys()].sort((left, right) => {
      return this.instructions[left].operation - this.instructions[right].operation || left - right;
    });
    const place = new Int32Array(order.length);
    for (const [to, from] of order.entries()) place[from] = to;
    const instructions = order.map((from) => {
      const instruction = this.instructions[from];
      return { ...instruction, next: place[instruction.next], other: place[instruction.other] };
    });
    const byteCount = place[match];
    return { instructions, byteCount, start: place[start], sets: this.sets.sets, groupCount };
  }

  private emit(node: RegexNode, next: number): number {
    switch (node.kind) {
      case "empty":
        return next;
      case "runes":
        return this.emitRunes(node.set, next);
      case "assertion":
        return this.add(REGEX_ASSERT, { argument: ASSERTION_FLAGS[node.assertion], next });
      case "concatenation":
        return node.parts.reduceRight((after, part) => this.emit(part, after), next);
      case "alternation": {
        const entries = node.choices.map((choice) => this.emit(choice, next));
        return entries.reduceRight((other, entry) => this.add(REGEX_SPLIT, { next: entry, other }));
      }
      case "group": {
        const body = this.emit(node.body, this.emitSave(2 * node.index + 1, next));
        return this.emitSave(2 * node.index, body);
      }
      case "repetition":
        return this.emitRepetition(node, next);
    }
  }

  /** `x{2,4}` is `xx(x(x)?)?`, and `x{2,}` is `xx+`. */
  private emitRepetition(node: RegexNode & { kind: "repetition" }, next: number): number {
    const { body, min, max, isGreedy } = node;
    let entry = next;
    let copies = min;
    if (max === Infinity) {
      entry = this.emitLoop(body, min > 0, isGreedy, next);
      copies = Math.max(min - 1, 0);
    } else {
      for (let count = min; count < max; count++) {
        entry = this.emitSplit(this.emit(body, entry), next, isGreedy);
      }
    }
    for (let count = 0; count < copies; count++) entry = this.emit(body, entry);
    return entry;
  }

  /**
   * `x+`, or `x*`. Where x can match nothing, `x*` is `(x+)?`, as in RE2: the choice to leave the
   * loop would otherwise come too early in the order of preference.
   */
  private emitLoop(body: RegexNode, isPlus: boolean, isGreedy: boolean, next: number): number {
    const split = this.add(REGEX_SPLIT, {});
    const entry = this.emit(body, split);
    const { instructions } = this;
    instructions[split].next = isGreedy ? entry : next;
    instructions[split].other = isGreedy ? next : entry;
    if (isPlus) return entry;
    return canBeEmpty(body) ? this.emitSplit(entry, next, isGreedy) : split;
  }

  private emitSplit(entry: number, exit: number, isGreedy: boolean): number {
    const [next, other] = isGreedy ? [entry, exit] : [exit, entry];
    return this.add(REGEX_SPLIT, { next, other });
  }

  private emitSave(slot: number, next: number): number {
    return slot < REGEX_SLOT_COUNT ? this.add(REGEX_SAVE, { argument: slot, next }) : next;
  }

  private emitRunes(set: RuneSet, next: number): number {
    const emitted = new Map<ByteTrie, number>();
    const emitTrie = (trie: ByteTrie): number => {
      const known = emitted.get(trie);
      if (known !== undefined) return known;
      const entries = trie.edges.map(({ bytes, target }) => {
        const after = target === null ? next : emitTrie(target);
        return this.add(REGEX_BYTE, { set: this.sets.add(bytes), next: after });
      });
      // An empty class is an instruction that no byte satisfies.
      if (entries.length === 0)
        entries.push(this.add(REGEX_BYTE, { set: this.sets.add([]), next }));
      const entry = entries.reduceRight((other, first) => {
        return this.add(REGEX_SPLIT, { next: first, other });
      });
      emitted.set(trie, entry);
      return entry;
    };
    return emitTrie(toByteTrie(set));
  }

  private add(operation: number, fields: Partial<Instruction>): number {
    const { instructions } = this;
    if (instructions.length >= INSTRUCTION_COUNT_MAX) throw new RegexError("tooLarge", "");
    instructions.push({ operation, argument: 0, set: 0, next: 0, other: 0, ...fields });
    return instructions.length - 1;
  }
}

/** Whether `node` can match the empty text. A zero-width condition counts as such, as in RE2. */
function canBeEmpty(node: RegexNode): boolean {
  switch (node.kind) {
    case "empty":
    case "assertion":
      return true;
    case "runes":
      return false;
    case "concatenation":
      return node.parts.every(canBeEmpty);
    case "alternation":
      return node.choices.some(canBeEmpty);
    case "group":
      return canBeEmpty(node.body);
    case "repetition":
      return node.min === 0 || canBeEmpty(node.body);
  }
}
