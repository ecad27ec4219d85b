/*
 * One step of the program from a position of the text to the one before it. What is known at a
 * position is a row: a bit for each byte instruction from which, consuming the byte there, a match
 * can still be reached; and the bit of the match itself, where a match may end.
 *
 * Going backward, a set of instructions needs no order, so a step costs at most the edges of the
 * program, whatever the pattern.
 */
import {
  REGEX_ASSERT,
  REGEX_PREDECESSOR_INDEX,
  REGEX_PREDECESSOR_LIST,
  REGEX_ROW_BYTES,
  REGEX_SCRATCH_STACK,
} from "../../api/engine/regex-layout.ts";
import {
  argumentOf,
  consumes,
  countSteps,
  flagsAt,
  isVisited,
  matchNode,
  operationOf,
  scratch,
  startVisit,
  table,
  text,
  visit,
} from "./program.ts";

/** Makes the row of a position that nothing is known about, but that a match may end there. */
export function clearRow(row: usize): void {
  memory.fill(row, 0, load<u32>(table, REGEX_ROW_BYTES));
  setBit(row, matchNode);
}

/** True when `node` is in the row. */
// @ts-ignore: decorator
@inline
export function hasBit(row: usize, node: i32): bool {
  return (((<u32>load<u8>(row + (node >> 3))) >> (node & 7)) & 1) != 0;
}

// @ts-ignore: decorator
@inline
function setBit(row: usize, node: i32): void {
  const byte = row + (node >> 3);
  store<u8>(byte, <u8>((<u32>load<u8>(byte)) | (1 << (node & 7))));
}

/** True when the row has no bit at all, so that no match can be reached any more. */
export function isEmptyRow(row: usize): bool {
  const rowBytes: usize = load<u32>(table, REGEX_ROW_BYTES);
  for (let at: usize = 0; at < rowBytes; at += 8) {
    if (load<u64>(row + at) != 0) return false;
  }
  return true;
}

/**
 * Visits every node from which the row `from` of `position` can be reached without consuming, and
 * adds to the row `to` those that reach it by consuming the byte before. At position 0 there is no
 * such byte.
 */
export function stepBack(from: usize, to: usize, position: i32): void {
  startVisit();
  const stack = scratch + load<u32>(table, REGEX_SCRATCH_STACK);
  const rowBytes: usize = load<u32>(table, REGEX_ROW_BYTES);
  let top = stack;
  for (let at: usize = 0; at < rowBytes; at += 8) {
    for (let bits = load<u64>(from + at); bits != 0; bits &= bits - 1) {
      const node = <i32>(at << 3) + <i32>ctz(bits);
      visit(node);
      store<u32>(top, node);
      top += 4;
    }
  }
  const index = table + load<u32>(table, REGEX_PREDECESSOR_INDEX);
  const list = table + load<u32>(table, REGEX_PREDECESSOR_LIST);
  const flags = flagsAt(position);
  const byte: u32 = position > 0 ? load<u8>(text + position - 1) : 0;
  let steps: u32 = 0;
  while (top > stack) {
    top -= 4;
    const entry = index + ((<usize>load<u32>(top)) << 2);
    const end = list + ((<usize>load<u32>(entry, 4)) << 1);
    for (let at = list + ((<usize>load<u32>(entry)) << 1); at < end; at += 2) {
      steps++;
      const before: i32 = load<u16>(at);
      if (before < matchNode) {
        if (position > 0 && consumes(before, byte)) setBit(to, before);
        continue;
      }
      if (isVisited(before) || isBarred(before, flags)) continue;
      visit(before);
      store<u32>(top, before);
      top += 4;
    }
  }
  countSteps(steps);
}

/** True for an assertion that does not hold. */
// @ts-ignore: decorator
@inline
function isBarred(node: i32, flags: u32): bool {
  if (operationOf(node) != REGEX_ASSERT) return false;
  const wanted = argumentOf(node);
  return (wanted & flags) != wanted;
}
