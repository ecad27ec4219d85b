import { REGEX_MATCH, REGEX_SPLIT } from "../../../../api/engine/regex-layout.ts";
import type { Instruction } from "./program.ts";

/** Which instructions lead to an instruction: `list[index[i]]` up to `list[index[i + 1] - 1]`. */
export interface Predecessors {
  readonly index: Uint32Array;
  readonly list: Uint16Array;
}

/** Turns the edges of a program around. */
export function findPredecessors(instructions: readonly Instruction[]): Predecessors {
  const before: number[][] = instructions.map(() => []);
  for (const [node, { operation, next, other }] of instructions.entries()) {
    if (operation === REGEX_MATCH) continue;
    before[next].push(node);
    if (operation === REGEX_SPLIT && other !== next) before[other].push(node);
  }
  const index = new Uint32Array(before.length + 1);
  for (const [node, list] of before.entries()) index[node + 1] = index[node] + list.length;
  return { index, list: Uint16Array.from(before.flat()) };
}
