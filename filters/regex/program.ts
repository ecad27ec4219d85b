/*
 * The program of a compiled regular expression while a call runs it: the table and the text that
 * the call was given, unpacked into globals, since calls do not nest. Nothing here allocates.
 */
import {
  REGEX_BYTE_INSTRUCTION_COUNT,
  REGEX_INSTRUCTION_ARGUMENT,
  REGEX_INSTRUCTION_BYTES,
  REGEX_INSTRUCTION_COUNT,
  REGEX_INSTRUCTION_NEXT,
  REGEX_INSTRUCTION_OTHER,
  REGEX_INSTRUCTION_SET,
  REGEX_LINE_END,
  REGEX_LINE_START,
  REGEX_NOT_WORD_BOUNDARY,
  REGEX_PROGRAM,
  REGEX_SCRATCH_MARKS,
  REGEX_SCRATCH_STEPS,
  REGEX_SETS,
  REGEX_TEXT_END,
  REGEX_TEXT_START,
  REGEX_WORD_BOUNDARY,
} from "../../api/engine/regex-layout.ts";

/** The table of this call. */
export let table: usize = 0;
/** The text of this call. */
export let text: usize = 0;
/** Bytes of the text. */
export let textLength: i32 = 0;
/** The scratch memory of this call. */
export let scratch: usize = 0;
/** The index of the instruction that matches; those before it consume a byte. */
export let matchNode: i32 = 0;

let instructions: usize = 0;
let sets: usize = 0;
let marks: usize = 0;
let mark: u32 = 0;

/** Starts a call that runs the program. */
export function openProgram(newTable: usize, bytes: usize, length: i32, newScratch: usize): void {
  table = newTable;
  text = bytes;
  textLength = length;
  scratch = newScratch;
  matchNode = load<i32>(newTable, REGEX_BYTE_INSTRUCTION_COUNT);
  instructions = newTable + load<u32>(newTable, REGEX_PROGRAM);
  sets = newTable + load<u32>(newTable, REGEX_SETS);
  marks = newScratch + REGEX_SCRATCH_MARKS;
  mark = 0;
  memory.fill(marks, 0, (<usize>load<u32>(newTable, REGEX_INSTRUCTION_COUNT)) << 2);
  store<u32>(newScratch, 0, REGEX_SCRATCH_STEPS);
}

/** Adds to the count of edges looked at, which tests read to see that the time is linear. */
export function countSteps(steps: u32): void {
  store<u32>(scratch, load<u32>(scratch, REGEX_SCRATCH_STEPS) + steps, REGEX_SCRATCH_STEPS);
}

/** Forgets which nodes were visited. */
export function startVisit(): void {
  mark++;
}

/** True for a node that was visited since `startVisit`. */
// @ts-ignore: decorator
@inline
export function isVisited(node: i32): bool {
  return load<u32>(marks + ((<usize>node) << 2)) == mark;
}

/** Marks a node as visited. */
// @ts-ignore: decorator
@inline
export function visit(node: i32): void {
  store<u32>(marks + ((<usize>node) << 2), mark);
}

// @ts-ignore: decorator
@inline
function at(node: i32): usize {
  return instructions + <usize>(node * REGEX_INSTRUCTION_BYTES);
}

/** What a node does. */
// @ts-ignore: decorator
@inline
export function operationOf(node: i32): u32 {
  return load<u8>(at(node));
}

/** A save's slot, an assertion's flags. */
// @ts-ignore: decorator
@inline
export function argumentOf(node: i32): u32 {
  return load<u8>(at(node), REGEX_INSTRUCTION_ARGUMENT);
}

/** The node that follows. */
// @ts-ignore: decorator
@inline
export function nextOf(node: i32): i32 {
  return load<u16>(at(node), REGEX_INSTRUCTION_NEXT);
}

/** The second choice of a split. */
// @ts-ignore: decorator
@inline
export function otherOf(node: i32): i32 {
  return load<u16>(at(node), REGEX_INSTRUCTION_OTHER);
}

/** True when the byte node `node` consumes `byte`. */
// @ts-ignore: decorator
@inline
export function consumes(node: i32, byte: u32): bool {
  const set = sets + ((<usize>load<u16>(at(node), REGEX_INSTRUCTION_SET)) << 5);
  return (((<u32>load<u8>(set + (byte >> 3))) >> (byte & 7)) & 1) != 0;
}

/** The flags of the assertions that hold at a position of the text. */
export function flagsAt(position: i32): u32 {
  let flags: u32 = 0;
  let isWordLeft = false;
  let isWordRight = false;
  if (position == 0) {
    flags = REGEX_TEXT_START | REGEX_LINE_START;
  } else {
    const left: u32 = load<u8>(text + position - 1);
    if (left == 10) flags = REGEX_LINE_START;
    isWordLeft = isWordByte(left);
  }
  if (position == textLength) {
    flags |= REGEX_TEXT_END | REGEX_LINE_END;
  } else {
    const right: u32 = load<u8>(text + position);
    if (right == 10) flags |= REGEX_LINE_END;
    isWordRight = isWordByte(right);
  }
  return flags | (isWordLeft == isWordRight ? REGEX_NOT_WORD_BOUNDARY : REGEX_WORD_BOUNDARY);
}

/** ASCII letter, digit or underscore. */
function isWordByte(byte: u32): bool {
  return (byte | 32) - 97 < 26 || byte - 48 < 10 || byte == 95;
}
