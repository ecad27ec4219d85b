/*
 * The match that begins at a position, with its groups, preferring what the pattern prefers.
 *
 * The rows tell which instructions can still reach a match. So the program is walked forward along
 * the first way, in order of preference, that ends at an instruction in the row; the byte is
 * consumed, and the walk goes on from there. It never has to take back a byte.
 */
import {
  REGEX_ASSERT,
  REGEX_SAVE,
  REGEX_SCRATCH_CAPTURES,
  REGEX_SCRATCH_STACK,
  REGEX_SLOT_COUNT,
  REGEX_START,
} from "../../api/engine/regex-layout.ts";
import { hasBit } from "./backward.ts";
import {
  argumentOf,
  countSteps,
  flagsAt,
  isVisited,
  matchNode,
  nextOf,
  operationOf,
  otherOf,
  scratch,
  startVisit,
  table,
  visit,
} from "./program.ts";
import { rowAt } from "./rows.ts";

/** On the stack: an entry of this value and up gives a capture slot its old value back. */
const RESTORE: u32 = 0x10000;

/** A capture slot of the last match: a position, or -1 for a group that took no part. */
// @ts-ignore: decorator
@inline
export function captureAt(slot: u32): i32 {
  return load<i32>(captures() + ((<usize>slot) << 2));
}

// @ts-ignore: decorator
@inline
function captures(): usize {
  return scratch + REGEX_SCRATCH_CAPTURES;
}

/** Finds the leftmost match at or after `position`, and says whether there is one. */
export function findMatch(position: i32, textLength: i32): bool {
  for (; position <= textLength; position++) {
    if (matchAt(position)) return true;
  }
  return false;
}

function matchAt(start: i32): bool {
  memory.fill(captures(), 0xff, REGEX_SLOT_COUNT * 4);
  let node = firstAlive(load<i32>(table, REGEX_START), start);
  if (node < 0) return false;
  for (let position = start + 1; node != matchNode; position++) {
    node = firstAlive(nextOf(node), position);
  }
  return true;
}

/**
 * The first node, in order of preference, that `entry` leads to without consuming and that is in
 * the row of `position`; -1 if there is none. Notes the captures on the way.
 */
function firstAlive(entry: i32, position: i32): i32 {
  const row = rowAt(position);
  // Most bytes of a text lead straight to a byte instruction.
  if (entry < matchNode) return hasBit(row, entry) ? entry : -1;
  startVisit();
  const stack = scratch + load<u32>(table, REGEX_SCRATCH_STACK);
  const flags = flagsAt(position);
  let top = stack;
  let node = entry;
  let steps: u32 = 0;
  while (true) {
    steps++;
    if (isVisited(node)) {
      node = -1;
    } else {
      visit(node);
      const operation = operationOf(node);
      if (node <= matchNode) {
        if (hasBit(row, node)) break;
        node = -1;
      } else if (operation == REGEX_SAVE) {
        const slot = captures() + ((<usize>argumentOf(node)) << 2);
        store<u32>(top, RESTORE + argumentOf(node));
        store<i32>(top, load<i32>(slot), 4);
        top += 8;
        store<i32>(slot, position);
        node = nextOf(node);
      } else if (operation == REGEX_ASSERT) {
        const wanted = argumentOf(node);
        node = (wanted & flags) == wanted ? nextOf(node) : -1;
      } else {
        store<u32>(top, otherOf(node));
        top += 8;
        node = nextOf(node);
      }
    }
    while (node < 0 && top > stack) {
      top -= 8;
      const saved = load<u32>(top);
      if (saved < RESTORE) node = saved;
      else store<i32>(captures() + ((<usize>(saved - RESTORE)) << 2), load<i32>(top, 4));
    }
    if (node < 0) break;
  }
  countSteps(steps);
  return node;
}
