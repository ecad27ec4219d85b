/* Does a text contain a match? */
import {
  REGEX_ROW_BYTES,
  REGEX_SCRATCH_ROWS,
  REGEX_START,
} from "../../api/engine/regex-layout.ts";
import { clearRow, stepBack } from "./backward.ts";
import { isVisited, openProgram } from "./program.ts";

/**
 * True when some part of the text matches, as RE2::PartialMatch has it. Runs the program, so it is
 * slower than a full match. The parameters are those of `regexFullMatch`.
 */
export function regexPartialMatch(table: usize, bytes: usize, length: i32, scratch: usize): bool {
  openProgram(table, bytes, length, scratch);
  const start = load<i32>(table, REGEX_START);
  let row = scratch + load<u32>(table, REGEX_SCRATCH_ROWS);
  let before = row + load<u32>(table, REGEX_ROW_BYTES);
  clearRow(row);
  for (let position = length; position >= 0; position--) {
    clearRow(before);
    stepBack(row, before, position);
    if (isVisited(start)) return true;
    const spare = row;
    row = before;
    before = spare;
  }
  return false;
}
