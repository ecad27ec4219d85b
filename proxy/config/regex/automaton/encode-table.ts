import {
  REGEX_BACKWARD_ALIVE,
  REGEX_BACKWARD_MOVES,
  REGEX_BACKWARD_START,
  REGEX_BLOCK_COUNT_MAX,
  REGEX_BLOCK_POSITIONS,
  REGEX_BYTE_INSTRUCTION_COUNT,
  REGEX_CLASS_SHIFT,
  REGEX_CLASSES,
  REGEX_FORWARD_ACCEPTS,
  REGEX_FORWARD_MOVES,
  REGEX_FORWARD_START,
  REGEX_GROUP_COUNT,
  REGEX_HEADER_BYTES,
  REGEX_INSTRUCTION_ARGUMENT,
  REGEX_INSTRUCTION_BYTES,
  REGEX_INSTRUCTION_COUNT,
  REGEX_INSTRUCTION_NEXT,
  REGEX_INSTRUCTION_OTHER,
  REGEX_INSTRUCTION_SET,
  REGEX_PREDECESSOR_INDEX,
  REGEX_PREDECESSOR_LIST,
  REGEX_PROGRAM,
  REGEX_ROW_BYTES,
  REGEX_SCRATCH_BYTES,
  REGEX_SCRATCH_MARKS,
  REGEX_SCRATCH_ROWS,
  REGEX_SCRATCH_STACK,
  REGEX_SETS,
  REGEX_START,
  REGEX_TABLE_BYTES,
} from "../../../../api/engine/regex-layout.ts";
import type { ByteClasses } from "./byte-class.ts";
import type { ForwardDfa } from "./forward-dfa.ts";
import type { Predecessors } from "./predecessor.ts";
import type { Instruction, RegexProgram } from "./program.ts";
import { classShift, type Dfa } from "./subset.ts";

/** All that goes into a table. */
export interface TableParts {
  readonly program: RegexProgram;
  readonly predecessors: Predecessors;
  readonly classes: ByteClasses;
  readonly forward: ForwardDfa | null;
  readonly backward: Dfa | null;
}

/** Writes a compiled pattern in the layout of `api/engine/regex-layout.ts`. */
export function encodeTable(parts: TableParts): Uint8Array {
  const { program, predecessors, classes, forward, backward } = parts;
  const rowBytes = Math.ceil((program.byteCount + 1) / 64) * 8;
  const writer = new TableWriter();
  writer.setHeader(REGEX_CLASSES, writer.append(classes.classOf));
  const shift = classShift(classes);
  writer.setHeader(REGEX_CLASS_SHIFT, shift);
  if (forward !== null) {
    // States are written as the index of their first move, which spares the reader a shift.
    const moves = forward.moves.map((state) => state << shift);
    writer.setHeader(REGEX_FORWARD_MOVES, writer.append(toBytes(moves)));
    writer.setHeader(REGEX_FORWARD_ACCEPTS, writer.append(forward.accepts));
    writer.setHeader(REGEX_FORWARD_START, forward.start << shift);
  }
  if (backward !== null) {
    writer.setHeader(REGEX_BACKWARD_MOVES, writer.append(toBytes(backward.moves)));
    writer.setHeader(REGEX_BACKWARD_ALIVE, writer.append(encodeAlive(backward, rowBytes)));
    writer.setHeader(REGEX_BACKWARD_START, backward.start);
  }
  const { instructions } = program;
  writer.setHeader(REGEX_PROGRAM, writer.append(encodeInstructions(instructions)));
  writer.setHeader(REGEX_INSTRUCTION_COUNT, instructions.length);
  writer.setHeader(REGEX_BYTE_INSTRUCTION_COUNT, program.byteCount);
  writer.setHeader(REGEX_START, program.start);
  writer.setHeader(REGEX_PREDECESSOR_INDEX, writer.append(toBytes(predecessors.index)));
  writer.setHeader(REGEX_PREDECESSOR_LIST, writer.append(toBytes(predecessors.list)));
  writer.setHeader(
    REGEX_SETS,
    writer.append(Uint8Array.from(program.sets.flatMap((set) => [...set]))),
  );
  writer.setHeader(REGEX_ROW_BYTES, rowBytes);
  writer.setHeader(REGEX_GROUP_COUNT, program.groupCount);
  const stride = backward === null ? rowBytes : BYTES_PER_STATE;
  // One row more than positions: a block ends where the next one starts.
  const rewriteBytes = stride * (REGEX_BLOCK_COUNT_MAX + REGEX_BLOCK_POSITIONS + 1);
  setScratchSizes(writer, instructions.length, Math.max(rewriteBytes, 2 * rowBytes));
  return writer.finish();
}

/** Bytes in which the engine keeps a state of the backward DFA. */
const BYTES_PER_STATE = 2;

/** Says where the parts of the scratch memory lie and how much of it there must be. */
function setScratchSizes(writer: TableWriter, instructionCount: number, rowsBytes: number): void {
  const stack = align(REGEX_SCRATCH_MARKS + 4 * instructionCount);
  const rows = stack + 8 * (instructionCount + 1);
  writer.setHeader(REGEX_SCRATCH_STACK, stack);
  writer.setHeader(REGEX_SCRATCH_ROWS, rows);
  writer.setHeader(REGEX_SCRATCH_BYTES, align(rows + rowsBytes));
}

function encodeInstructions(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * REGEX_INSTRUCTION_BYTES));
  for (const [index, instruction] of instructions.entries()) {
    const at = index * REGEX_INSTRUCTION_BYTES;
    view.setUint8(at, instruction.operation);
    view.setUint8(at + REGEX_INSTRUCTION_ARGUMENT, instruction.argument);
    view.setUint16(at + REGEX_INSTRUCTION_SET, instruction.set, true);
    view.setUint16(at + REGEX_INSTRUCTION_NEXT, instruction.next, true);
    view.setUint16(at + REGEX_INSTRUCTION_OTHER, instruction.other, true);
  }
  return new Uint8Array(view.buffer);
}

/** A row of bits for each state: the instructions that its set holds. */
function encodeAlive({ subsets }: Dfa, rowBytes: number): Uint8Array {
  const alive = new Uint8Array(subsets.length * rowBytes);
  for (const [state, { nodes }] of subsets.entries()) {
    for (const node of nodes) alive[state * rowBytes + (node >> 3)] |= 1 << (node & 7);
  }
  return alive;
}

/** The elements of an array, little endian on any machine. */
function toBytes(array: Uint16Array | Uint32Array): Uint8Array {
  const size = array.BYTES_PER_ELEMENT;
  const view = new DataView(new ArrayBuffer(array.length * size));
  for (const [index, value] of array.entries()) {
    if (size === 2) view.setUint16(index * size, value, true);
    else view.setUint32(index * size, value, true);
  }
  return new Uint8Array(view.buffer);
}

/** Puts sections one behind the other, each at a multiple of eight. */
class TableWriter {
  private readonly header = new DataView(new ArrayBuffer(REGEX_HEADER_BYTES));
  private readonly sections: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  private length = REGEX_HEADER_BYTES;

  setHeader(field: number, value: number): void {
    this.header.setUint32(field, value, true);
  }

  /** Returns the section's offset. */
  append(bytes: Uint8Array): number {
    const at = this.length;
    this.sections.push({ at, bytes });
    this.length = align(at + bytes.length);
    return at;
  }

  finish(): Uint8Array {
    this.setHeader(REGEX_TABLE_BYTES, this.length);
    const table = new Uint8Array(this.length);
    table.set(new Uint8Array(this.header.buffer));
    for (const { at, bytes } of this.sections) table.set(bytes, at);
    return table;
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
