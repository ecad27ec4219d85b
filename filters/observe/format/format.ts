/*
 * Runs format programs: `api/engine/format-image.ts` has their layout. A program writes to one
 * region that is used again for each, so the result must be taken before the next is run.
 */
import {
  FORMAT_OPERATIONS,
  OPERATION_ARGUMENT,
  OPERATION_BYTES,
  OPERATION_CODE,
  OPERATION_LIMIT,
  OPERATION_TEXT,
  OPERATION_WRITE,
  OP_CLOSE,
  OP_KEY,
  OP_LITERAL,
  WRITE_PART,
  WRITE_PART_OR_NOTHING,
  WRITE_TEXT,
  WRITE_VALUE,
  WRITE_VALUE_OR_OMIT,
} from "../../../api/engine/format-image.ts";
import { Stream } from "../../stream/stream.ts";
import { evaluate } from "./format-evaluate.ts";
import {
  beginFormat,
  lastByte,
  rewind,
  writeByte,
  writeBytes,
  writeEscaped,
  writeNumber,
  writtenLength,
} from "./format-output.ts";
import { setWallClock } from "./format-time.ts";
import {
  VALUE_BLANK,
  VALUE_JSON,
  VALUE_NOTHING,
  VALUE_NUMBER,
  limitValue,
  valueBytes,
  valueKind,
  valueLength,
  valueNumber,
} from "./format-value.ts";

const QUOTE: u8 = 34;
const COMMA: u8 = 44;
const DASH: u8 = 45;
const BRACKET_OPEN: u8 = 91;
const BRACE_OPEN: u8 = 123;
const BRACE_CLOSE: u8 = 125;
/** "null" as a little-endian number. */
const NULL: u32 = 0x6c6c756e;

/** Levels of objects: `DEPTH_MAX` of the compiler, and the whole. */
const MARKS: i32 = 40;
/** Where the member that an object of each level belongs to began. */
const marks: usize = memory.data(160);
/** Where the last member began. */
let lastMark: i32 = 0;
const nullText: usize = memory.data(16);

/**
 * Runs a program for a stream and returns how many bytes it wrote; `formatOutput` says where. Hot:
 * allocates nothing once the region has its size.
 */
export function runFormat(program: usize, stream: Stream): i32 {
  beginFormat();
  const image = stream.image;
  let operation = image + <usize>load<u32>(program, FORMAT_OPERATIONS);
  const end = operation + <usize>load<u32>(program, FORMAT_OPERATIONS + 4) * OPERATION_BYTES;
  for (; operation < end; operation += OPERATION_BYTES) {
    const code = load<i32>(operation, OPERATION_CODE);
    if (code == OP_LITERAL) writeOperand(operation, image);
    else if (code == OP_KEY) beginMember(operation, image);
    else if (code == OP_CLOSE) closeObject(operation);
    else {
      evaluate(operation, stream);
      const limit = load<i32>(operation, OPERATION_LIMIT);
      const write = load<i32>(operation, OPERATION_WRITE);
      if (limit >= 0) limitValue(limit, write >= WRITE_VALUE);
      writeValue(write);
    }
  }
  return writtenLength();
}

// @ts-ignore: decorator
@inline
function writeOperand(operation: usize, image: usize): void {
  const text = image + <usize>load<u32>(operation, OPERATION_TEXT);
  writeBytes(text, load<i32>(operation, OPERATION_TEXT + 4));
}

/** A comma is needed unless the list or object has just begun. */
function beginMember(operation: usize, image: usize): void {
  lastMark = writtenLength();
  const depth = load<i32>(operation, OPERATION_ARGUMENT);
  if (depth < MARKS) store<i32>(marks + (<usize>depth << 2), lastMark);
  const last = lastByte();
  if (last != BRACE_OPEN && last != BRACKET_OPEN) writeByte(COMMA);
  writeOperand(operation, image);
}

/** An object without members goes, and so does its key. */
function closeObject(operation: usize): void {
  if (lastByte() != BRACE_OPEN) {
    writeByte(BRACE_CLOSE);
    return;
  }
  rewind(load<i32>(marks + (<usize>load<i32>(operation, OPERATION_ARGUMENT) << 2)));
}

function writeValue(write: i32): void {
  if (valueKind == VALUE_NOTHING) {
    writeNothing(write);
  } else if (valueKind == VALUE_BLANK) {
    if (write >= WRITE_VALUE) writeNothing(write);
  } else if (valueKind == VALUE_NUMBER) {
    writeNumber(valueNumber);
  } else if (write >= WRITE_VALUE && valueKind != VALUE_JSON) {
    writeByte(QUOTE);
    writeEscaped(valueBytes, valueLength);
    writeByte(QUOTE);
  } else if (write == WRITE_PART || write == WRITE_PART_OR_NOTHING) {
    writeEscaped(valueBytes, valueLength);
  } else {
    writeBytes(valueBytes, valueLength);
  }
}

function writeNothing(write: i32): void {
  if (write == WRITE_TEXT || write == WRITE_PART) {
    writeByte(DASH);
  } else if (write == WRITE_VALUE) {
    store<u32>(nullText, NULL);
    writeBytes(nullText, 4);
  } else if (write == WRITE_VALUE_OR_OMIT) {
    rewind(lastMark);
  }
}

/** Wall clock minus monotonic clock, in milliseconds. */
export function setWallOffset(ms: f64): void {
  setWallClock(ms);
}
