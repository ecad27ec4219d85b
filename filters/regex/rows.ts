/*
 * The rows of a text that is rewritten, for any position in ascending order, in fixed memory.
 *
 * Rows are made from the end of the text to its start and used from its start to its end. To keep
 * all of them would take memory in proportion to the text. So a first pass keeps the row at the
 * start of each block of positions, and the rows of a block are made again, from the row behind it,
 * when the first of them is asked for: twice the work, and always linear.
 *
 * With a backward DFA a row is kept as the u16 of a state.
 */
import {
  REGEX_BACKWARD_ALIVE,
  REGEX_BACKWARD_MOVES,
  REGEX_BACKWARD_START,
  REGEX_BLOCK_COUNT_MAX,
  REGEX_BLOCK_POSITIONS,
  REGEX_CLASSES,
  REGEX_CLASS_SHIFT,
  REGEX_ROW_BYTES,
  REGEX_SCRATCH_ROWS,
} from "../../api/engine/regex-layout.ts";
import { clearRow, stepBack } from "./backward.ts";
import { scratch, table, text, textLength } from "./program.ts";

/** Rows at block starts, by block. */
let firstRows: usize = 0;
/** Rows of the block at hand, by position, and one more. */
let blockRows: usize = 0;
let rowBytes: usize = 0;
/** Bytes from one kept row to the next. */
let stride: usize = 0;
let moves: usize = 0;
/** The first position of the block at hand. */
let blockStart: i32 = 0;

/** Makes ready to ask for rows. Comes after `openProgram`. */
export function openRows(): void {
  const movesOffset: usize = load<u32>(table, REGEX_BACKWARD_MOVES);
  rowBytes = load<u32>(table, REGEX_ROW_BYTES);
  moves = movesOffset == 0 ? 0 : table + movesOffset;
  stride = movesOffset == 0 ? rowBytes : 2;
  firstRows = scratch + load<u32>(table, REGEX_SCRATCH_ROWS);
  blockRows = firstRows + <usize>REGEX_BLOCK_COUNT_MAX * stride;
  const lastBlock = textLength / REGEX_BLOCK_POSITIONS;
  for (let block = lastBlock; block >= 0; block--) {
    fillBlock(block);
    copyRow(firstRows + <usize>block * stride, blockRows);
  }
}

/** The bits of a position's row. Positions must not descend by more than a block. */
export function rowAt(position: i32): usize {
  if (position >= blockStart + REGEX_BLOCK_POSITIONS) fillBlock(position / REGEX_BLOCK_POSITIONS);
  const row = blockRows + <usize>(position - blockStart) * stride;
  if (moves == 0) return row;
  return table + load<u32>(table, REGEX_BACKWARD_ALIVE) + <usize>load<u16>(row) * rowBytes;
}

/** Makes the rows of a block from the first row of the block behind it. */
function fillBlock(block: i32): void {
  blockStart = block * REGEX_BLOCK_POSITIONS;
  let position = min(blockStart + REGEX_BLOCK_POSITIONS, textLength);
  let row = blockRows + <usize>(position - blockStart) * stride;
  if (position == textLength) openLastRow(row);
  else copyRow(row, firstRows + <usize>(block + 1) * stride);
  for (; position > blockStart; position--) {
    const before = row - stride;
    if (moves == 0) {
      clearRow(before);
      stepBack(row, before, position);
    } else {
      store<u16>(before, moveBack(load<u16>(row), position));
    }
    row = before;
  }
}

function openLastRow(row: usize): void {
  if (moves == 0) clearRow(row);
  else store<u16>(row, load<u32>(table, REGEX_BACKWARD_START));
}

/** What `stepBack` does, by the DFA. */
// @ts-ignore: decorator
@inline
function moveBack(state: u32, position: i32): u16 {
  const byteClass = load<u8>(
    table + load<u32>(table, REGEX_CLASSES) + <usize>load<u8>(text + position - 1),
  );
  const move = ((<usize>state) << load<u32>(table, REGEX_CLASS_SHIFT)) | byteClass;
  return load<u16>(moves + (move << 1));
}

function copyRow(target: usize, source: usize): void {
  memory.copy(target, source, stride);
}
