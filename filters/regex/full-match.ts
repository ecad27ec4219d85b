/* Does the whole of a text match? By the DFA if the table has one, else by the program. */
import {
  REGEX_CLASSES,
  REGEX_CLASS_SHIFT,
  REGEX_FORWARD_ACCEPTS,
  REGEX_FORWARD_MOVES,
  REGEX_FORWARD_START,
  REGEX_ROW_BYTES,
  REGEX_SCRATCH_ROWS,
  REGEX_START,
} from "../../api/engine/regex-layout.ts";
import { clearRow, isEmptyRow, stepBack } from "./backward.ts";
import { isVisited, openProgram } from "./program.ts";

/**
 * True when the whole text matches, as RE2::FullMatch has it. Hot; one load for each byte where the
 * table has a DFA.
 *
 * @param table A table of `proxy/config/regex`, at a multiple of eight.
 * @param scratch As many bytes as the table's header asks for, at a multiple of eight.
 */
export function regexFullMatch(table: usize, bytes: usize, length: i32, scratch: usize): bool {
  const offset: usize = load<u32>(table, REGEX_FORWARD_MOVES);
  if (offset == 0) return fullMatchByProgram(table, bytes, length, scratch);
  const moves = table + offset;
  const classes = table + load<u32>(table, REGEX_CLASSES);
  const end = bytes + length;
  let state: usize = load<u32>(table, REGEX_FORWARD_START);
  for (let at = bytes; at < end; at++) {
    const byteClass: usize = load<u8>(classes + <usize>load<u8>(at));
    state = load<u16>(moves + (byteClass << 1) + (state << 1));
    if (state == 0) return false;
  }
  const number = state >> load<u32>(table, REGEX_CLASS_SHIFT);
  return load<u8>(table + load<u32>(table, REGEX_FORWARD_ACCEPTS) + number) != 0;
}

/** Goes back from the end of the text, where alone a match may end, to its start. */
function fullMatchByProgram(table: usize, bytes: usize, length: i32, scratch: usize): bool {
  openProgram(table, bytes, length, scratch);
  const rowBytes: usize = load<u32>(table, REGEX_ROW_BYTES);
  let row = scratch + load<u32>(table, REGEX_SCRATCH_ROWS);
  let before = row + rowBytes;
  clearRow(row);
  for (let position = length; position > 0; position--) {
    memory.fill(before, 0, rowBytes);
    stepBack(row, before, position);
    if (isEmptyRow(before)) return false;
    const spare = row;
    row = before;
    before = spare;
  }
  stepBack(row, before, 0);
  return isVisited(load<i32>(table, REGEX_START));
}
